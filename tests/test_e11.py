"""E11: what "it" looks at, and what no training can make layer 1 do."""

import numpy as np
import pytest

from exhibiting import do, draw_all, finish, shown, told
from fishformer.charts.drawing import Line, Rect, Text
from fishformer.config import Config
from fishformer.datasets import load_it
from fishformer.exhibits.e11_it import WhatIsIt
from fishformer.exhibits.e11_words import PRINTED, SAME
from fishformer.lessons.pronoun import (
    IT,
    PLACE,
    SIZE,
    STEPS,
    THING,
    answers,
    looks_of_it,
    thing_to_place,
)

BOTH = 680.0, 420.0


@pytest.fixture
def fresh(fish):
    return shown(WhatIsIt(Config(), fish))


@pytest.fixture(scope="module")
def _trained(fish):
    exhibit = WhatIsIt(Config(), fish)
    exhibit.handle("train", None)
    return finish(exhibit)


@pytest.fixture
def trained(_trained):
    for name, value in (("kind", "two"), ("thing", "trophy"), ("place", "bag")):
        _trained.handle(name, value)
    _trained.heads = [1, 1]
    _trained.lit = None
    _trained.compute(None)
    return _trained


# ---- the sentences ---------------------------------------------------------------


def test_the_places_are_those_of_the_sentences():
    for question in load_it().held_out:
        words = question.words
        assert (words[IT], question.position) == ("it", IT)
        meant = {"big": words[THING], "small": words[PLACE]}
        assert meant[words[SIZE]] == question.answer


def test_only_pairs_that_were_never_trained_on_can_be_chosen(fresh):
    train = {frozenset((q.words[THING], q.words[PLACE])) for q in load_it().train}
    assert len(fresh.partners) == 24
    for thing, others in fresh.partners.items():
        for place in others:
            assert frozenset((thing, place)) not in train


def test_choosing_things(fresh):
    do(fresh, "thing", "bag")
    assert fresh.things == ("bag", "trophy")
    do(fresh, "swap")
    assert fresh.things == ("trophy", "bag")
    other = fresh.partners["trophy"][1]
    do(fresh, "place", other)
    assert told(fresh, "e11.small") == (
        f"the trophy did not fit in the {other} because it was too small"
    )
    thing = next(t for t, o in fresh.partners.items() if not {"trophy", other} & set(o))
    do(fresh, "thing", thing)
    assert fresh.things[1] in fresh.partners[thing]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thing", "piano"),
        ("place", "trophy"),
        ("kind", "three"),
        ("row", ["ratios", 8]),
        ("step", 101),
        ("more", None),
        ("jump", None),
    ],
)
def test_events_that_make_no_sense_are_refused(fresh, name, value):
    with pytest.raises(ValueError, match=r"E11|There is no row|not a share"):
        fresh.handle(name, value)


# ---- what is learnt --------------------------------------------------------------


def test_it_is_learnt_by_step_200(trained):
    run = trained.run
    assert run.accuracy[0] < 0.15
    assert run.accuracy[200] == run.accuracy[STEPS] == 1
    assert list(run.accuracy) == list(range(0, STEPS + 1, 10))
    assert list(run.kept) == list(run.accuracy)
    assert not trained.busy


def test_a_look_in_pieces_is_a_look_at_all_of_them(trained):
    model = trained.run.model_at(STEPS)
    best = answers(model, trained.run.asked).argmax(axis=-1)
    assert (best == trained.run.right).mean() == trained.run.accuracy[STEPS]


def test_earlier_steps_can_be_looked_at(trained):
    do(trained, "step", 0)
    assert trained.step == 0 and "Not trained" not in trained.texts()["e11.status"]
    untrained = trained.looks.copy()
    do(trained, "step", 50)
    assert trained.step == 150
    assert trained.texts()["e11.shown"] == "step 150"
    assert trained.view()["state"]["e11.step"] == 50
    assert not np.array_equal(trained.looks, untrained)
    do(trained, "step", 100)
    assert (trained.step, trained.chosen) == (STEPS, None)


# ---- what layer 1 cannot do ------------------------------------------------------


@pytest.mark.parametrize("step", [0, 50, 100])
def test_layer_1_cannot_switch_and_layer_2_does(trained, step):
    do(trained, "step", step)
    looks = looks_of_it(trained.run.model_at(trained.step), trained.run.asked)
    ratios = thing_to_place(looks)  # a sentence with big, then the same with small
    change = np.abs(ratios[..., ::2] - ratios[..., 1::2])
    assert change[0].max() < SAME
    if step == 100:
        assert change[1].max(axis=0).min() > 1
        assert (ratios[1].mean(axis=0)[::2] > 0).all()  # the thing, with big
        assert (ratios[1].mean(axis=0)[1::2] < 0).all()  # the place, with small


def test_the_proportion_is_a_difference_of_scores(trained):
    encode = trained.run.tokenizer.encode
    token_ids = np.array([encode(trained.sentence("big"))])
    model = trained.run.model_at(STEPS)
    _, trace = model.forward(token_ids, (np.array([0]), np.array([IT])))
    ratios = thing_to_place(looks_of_it(model, token_ids))[:, :, 0]
    for layer, block in enumerate(trace.blocks):
        cache = block.attention
        keys = cache.k[0, :, THING] - cache.k[0, :, PLACE]
        scores = (cache.q[0, :, IT] * keys).sum(axis=-1) / np.sqrt(8)
        np.testing.assert_allclose(ratios[layer], scores, rtol=1e-3, atol=1e-3)


def test_the_matrix_says_so(trained):
    ratios = trained.view()["matrices"]["e11.ratios"]
    assert [row[2] for row in ratios.marks] == ["same"] * 4 + ["differs"] * 4
    for big, small, _ in ratios.values[:4]:
        assert big == small
    assert ratios.rows[5] == "head 2.2"
    do(trained, "row", ["ratios", 5])
    assert trained.heads == [1, 2]
    assert "Layer 2, head 2: " in told(trained, "e11.switch")
    assert "the same." in told(trained, "e11.switch")


def test_both_answers_are_right_after_training(trained):
    assert told(trained, "e11.answer.big").startswith("trophy ")
    assert told(trained, "e11.answer.small").startswith("bag ")
    for size in ("big", "small"):
        assert told(trained, f"e11.answer.{size}").endswith("= right")


def test_one_layer_has_one_pair_of_columns(trained):
    do(trained, "kind", "one")
    assert trained.looks.shape[0] == 1
    assert len(trained.view()["matrices"]["e11.ratios"].rows) == 4
    assert "ours, layer 2" not in trained.view()["matrices"]["e11.beside"].columns
    trained.handle("train", None)
    finish(trained)
    assert trained.run.accuracy[STEPS] < 0.6
    chart = trained.draw("e11.accuracy", 384, 300)
    names = [m.text for m in chart.marks if isinstance(m, Text)]
    assert "two layers" in names and "one layer" in names
    assert "cannot turn its look" in trained.texts()["e11.finding"]


# ---- the drawing of the article --------------------------------------------------


def test_the_drawn_weights_sum_to_one_and_leave_words_out(trained):
    beside = trained.view()["matrices"]["e11.beside"]
    assert [row[0] for row in beside.values] == [
        "0.54", "0.24", "0.12", "0.07", "0.03", "–", "1.00",
    ]  # fmt: skip
    words = trained.sentence("big", ("trophy", "bag"))
    for phrase, (_, places) in PRINTED.items():
        assert " ".join(words[place] for place in places) == phrase.lower()
    named = {place for _, places in PRINTED.values() for place in places}
    left = [word for place, word in enumerate(words) if place not in named]
    assert " ".join(left) == "because it was"
    for column in (1, 2):
        parts = [float(row[column]) for row in beside.values]
        assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=0.03)
        assert parts[-1] == pytest.approx(1)


# ---- drawings and words ----------------------------------------------------------


@pytest.mark.parametrize("size", [BOTH, (328.0, 420.0)])
def test_drawings(trained, size):
    draw_all(trained, size)
    bars = [m for m in trained.draw("e11.looks", *size).marks if isinstance(m, Rect)]
    assert all(bar.x + bar.width <= size[0] + 1 for bar in bars)
    curve = [
        m for m in trained.draw("e11.accuracy", *size).marks if isinstance(m, Line)
    ]
    assert len(curve[-1].xy) == STEPS // 10 + 1


def test_words_and_tables(trained):
    texts = trained.texts()
    assert texts["e11.finding"].startswith(
        "At step 300 the answer is right in 100% of 276"
    )
    looks, accuracy, ratios = trained.tables()
    assert len(looks.rows) == 13 and len(looks.columns) == 5
    assert len(accuracy.rows) == 31
    assert len(ratios.rows) == 8


def test_before_training_it_says_so(fresh):
    assert fresh.texts()["e11.status"] == "Not trained yet, two layers"
    assert fresh.texts()["e11.finding"].startswith("Not trained yet")
    draw_all(fresh, BOTH)
    assert len(fresh.tables()) == 2


def test_the_page_says_how_many_sentences_there_are(fresh):
    texts = fresh.texts()
    things = int(texts["e11.things"])
    assert (things, texts["e11.sentences"]) == (24, f"{things * (things - 1) * 2:,}")
