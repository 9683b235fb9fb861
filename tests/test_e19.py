"""E19: it learns to translate, and its last layer looks at the word to translate."""

import numpy as np
import pytest

from exhibiting import do, finish, shown, told, work
from fishformer.charts.crossing import crossing, crossing_frame
from fishformer.charts.drawing import Heat, Polygon, Text
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.datasets import KING, load_french
from fishformer.exhibits.e19_translate import END_STEP, EXAMPLES, Translate
from fishformer.exhibits.rewrite import Rewrite
from fishformer.sampling import translate

BLACK = "le lapin noir mange le gâteau doré"


@pytest.fixture
def fresh(fish):
    return shown(Translate(Config(), fish))


@pytest.fixture(scope="module")
def _trained(fish):
    return finish(do(shown(Translate(Config(), fish)), "train"))


@pytest.fixture
def trained(_trained):
    """After 300 steps, with the king's sentence."""
    for name, value in (
        ("step", END_STEP), ("layer", 2), ("head", "mean"), ("halt", None),
        ("sentence", " ".join(KING.source)),
    ):  # fmt: skip
        do(_trained, name, value)
    _trained.still = False
    return finish(_trained)


def test_the_cat_is_king(trained):
    assert KING in trained.pairs.held_out
    assert trained.rewrite.words == ("my", "cat", "is", "king")
    assert trained.texts()["e19.kind"] == "held out"
    assert told(trained, "e19.verdict") == "= right"


def test_nearly_all_held_out_sentences_come_out_right(trained):
    shares = trained.run.right[""]
    assert list(shares) == list(range(0, END_STEP + 1, 25))
    assert shares[0] == 0 and shares[END_STEP] > 0.9  # .98 over five seeds
    wrong = 0
    for pair in trained.pairs.held_out:
        found = translate(
            trained.run.model_at(END_STEP), trained.run.tokenizer, pair.source
        )
        wrong += found.words != pair.target
    assert 1 - wrong / 60 == pytest.approx(shares[END_STEP])


def test_the_last_layer_looks_at_the_word_to_translate(trained):
    hits = total = moved = 0
    for pair in trained.pairs.held_out[:30]:
        trained.rewrite = Rewrite(trained.run, END_STEP, pair.source).write_all()
        places = trained.aligned()
        if trained.rewrite.words == pair.target:
            moved += sum(t != place for t, place in enumerate(places))
            hits += trained.hits()[1]
            total += len(places)
    assert moved > 20 and total > 120
    assert hits / total > 0.9


def test_the_row_that_writes_a_word_has_the_word_before_as_input(trained):
    do(trained, "sentence", BLACK)
    finish(trained)
    rewrite = trained.rewrite
    assert rewrite.writes[:3] == ["the", "black", "rabbit"]
    assert rewrite.reads[:3] == ["(start)", "the", "black"]
    assert rewrite.writes[-1] == "(end)" and len(rewrite.reads) == len(rewrite.writes)
    assert trained.aligned() == (0, 2, 1, 3, 4, 6, 5)
    assert trained.chosen_row == 1  # the first whose word moved
    row = told(trained, "e19.row")
    assert row.startswith("In goes the, out comes black.")
    assert "noir, which is the word to translate" in row
    do(trained, "layer", 1)
    assert trained.looks().shape == (8, 7)
    do(trained, "head", "3")
    np.testing.assert_array_equal(trained.looks(), rewrite.looks()[0, 2])
    np.testing.assert_allclose(trained.looks().sum(axis=-1), 1, rtol=1e-5)


def test_what_it_writes_word_by_word_is_what_it_writes_at_once(trained):
    for text in EXAMPLES:
        source = tuple(text.split())
        assert source in trained.held_out
        step_by_step = Rewrite(trained.run, END_STEP, source)
        assert step_by_step.looks().shape == (2, 4, 0, len(source))
        step_by_step.write_all()
        found = translate(trained.run.model_at(END_STEP), trained.run.tokenizer, source)
        assert step_by_step.words == found.words
        np.testing.assert_allclose(step_by_step.looks(), found.attn_weights, atol=1e-6)


def test_one_may_watch_it_stop_it_and_go_on(trained):
    do(trained, "watch")
    assert trained.moving and trained.rewrite.words == ()
    assert told(trained, "e19.row") == "Nothing is written yet."
    while len(trained.rewrite.words) < 2:
        trained.tick(0.5)
    assert told(trained, "e19.verdict") == "…"
    do(trained, "halt")
    assert not trained.moving
    do(trained, "next")
    assert trained.rewrite.words == ("my", "cat", "is")
    assert trained.chosen_row == 2
    for _ in range(2):
        do(trained, "next")
    assert trained.rewrite.ended and trained.rewrite.words[-1] == "king"
    do(trained, "next")  # once more from the start
    assert trained.rewrite.words == ("my",)
    trained.tick(0.8)
    do(trained, "watch")
    trained.still = True  # from now on
    assert not trained.moving and trained.busy
    finish(trained)
    assert trained.rewrite.ended and trained.view()["state"]["e19.resting"]


def test_a_typed_sentence_is_translated_and_unknown_words_are_named(trained):
    do(trained, "typed", "Mon chat noir est fatigué!")
    finish(trained)
    assert trained.texts()["e19.kind"] in ("yours", "a training sentence")
    assert trained.rewrite.words == ("my", "black", "cat", "is", "tired")
    before = trained.sentence
    for text, reason in {
        "mon chat mange une baguette": "baguette",
        "": "1 to 9 words",
        "mon " * 12: "this one has 12",
        "mon ___ est roi": "leave out the ___",
    }.items():
        do(trained, "typed", text)
        assert reason in trained.texts()["e19.error"]
        assert trained.sentence == before
    do(trained, "another")
    assert trained.sentence == trained.held_out[0] and not trained.error
    do(trained, "another")
    assert trained.sentence == trained.held_out[1]


def test_it_trains_in_pieces_shows_progress_and_keeps_what_it_had(fresh):
    assert fresh.view()["state"]["e19.idle"] and not fresh.busy
    assert len(fresh.rewrite.words) >= 1  # an untrained model writes, too
    np.testing.assert_allclose(fresh.looks(), 1 / 4, atol=0.05)  # and looks evenly
    do(fresh, "train")
    work(fresh, 80)
    state = fresh.view()["state"]
    assert state["e19.training"] and 0 < state["e19.progress"] < 1
    assert "s to go" in fresh.texts()["e19.left"]
    do(fresh, "stop")
    finish(fresh)
    assert fresh.step == 50 and fresh.rewrite.step == 50
    do(fresh, "step", 30)
    finish(fresh)
    assert fresh.step == 25 and fresh.rewrite.step == 25
    do(fresh, "again")
    assert fresh.seed == 8 and fresh.run.step == 0 and fresh.training


def test_it_refuses_what_it_does_not_know(fresh):
    for name, value in (("layer", 3), ("head", 5), ("look", 99), ("fly", None)):
        with pytest.raises(ValueError, match=f"{name}|{value}"):
            fresh.handle(name, value)
    with pytest.raises(ValueError, match="vocabulary"):
        fresh.handle("sentence", "le zèbre")


def test_every_word_that_it_may_write_can_be_laid_beside_the_french(trained):
    for pair in load_french().held_out:
        trained.rewrite = Rewrite(trained.run, END_STEP, pair.source).write_all()
        if trained.rewrite.words == pair.target:
            assert len(trained.aligned()) == len(pair.target)


# ---- the map ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [(328, 360), (680, 360)])
def test_the_map_has_a_cell_for_each_pair_of_words(trained, size):
    do(trained, "sentence", BLACK)
    finish(trained)
    rewrite = trained.rewrite
    words = rewrite.source, rewrite.reads, rewrite.writes
    frame = crossing_frame(size, *words)
    drawing = trained.draw("e19.cross", *size)
    [heat] = [mark for mark in drawing.marks if isinstance(mark, Heat)]
    assert heat.values.shape == (8, 7)
    assert heat.x + heat.width <= size[0] and heat.y + heat.height <= size[1]
    outlined = [mark for mark in drawing.marks if isinstance(mark, Polygon)]
    assert len(outlined) == 7
    texts = [mark.text for mark in drawing.marks if isinstance(mark, Text)]
    assert {"reads", "writes", "noir", "black", "(start)", "(end)"} <= set(texts)
    at = frame.at(frame.left + 2.5 * frame.cell[0], frame.top + 1.5 * frame.cell[1])
    assert at == (1, 2)
    assert frame.at(5, 1) is None
    to_svg(drawing)


def test_pointing_lights_a_word_and_pressing_chooses_a_row(trained):
    do(trained, "sentence", BLACK)
    finish(trained)
    trained.draw("e19.cross", 680, 360)
    rewrite = trained.rewrite
    frame = crossing_frame((680, 360), rewrite.source, rewrite.reads, rewrite.writes)
    x, y = frame.left + 1.5 * frame.cell[0], frame.top + 5.5 * frame.cell[1]
    do(trained, "at", {"canvas": "e19.cross", "x": x, "y": y, "kind": "hover"})
    assert trained.lit == "word:lapin" and trained.chosen_row == 1
    do(trained, "at", {"canvas": "e19.cross", "x": x, "y": y, "kind": "press"})
    assert trained.chosen_row == 5
    do(trained, "at", {"canvas": "e19.cross", "x": x, "y": y, "kind": "leave"})
    assert trained.lit is None


def test_an_empty_map_is_drawn_too():
    drawing = crossing((328, 300), ["mon", "chat"], [], [], np.zeros((0, 2)))
    assert not any(isinstance(mark, Heat) for mark in drawing.marks)
    to_svg(drawing)


def test_all_charts_and_tables(trained, fresh):
    for exhibit in (trained, fresh):
        for name in exhibit.canvases:
            to_svg(exhibit.draw(name, 384, 260))
        assert set(exhibit.labels()) == set(exhibit.canvases)
        [first, *_] = exhibit.tables()
        assert len(first.rows) == len(exhibit.rewrite.writes)


def test_the_page_says_how_many_sentences_there_are(fresh):
    assert fresh.texts()["e19.sentences"] == "600"
