"""E13: a shuffle without positions changes nothing, with positions it does."""

import itertools

import numpy as np
import pytest

from exhibiting import do, go_on, shown
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e13_shuffle import Shuffle, changed, scale_for
from fishformer.lessons.order import (
    alikeness,
    largest_change,
    outputs_of,
    without_positions,
)
from fishformer.stack import sinusoids
from fishformer.timeline import Timeline

FISH = load_fish()
ROUNDING = 1e-5


@pytest.fixture
def timeline():
    return Timeline(Config(), FISH)


@pytest.fixture
def shuffle(timeline):
    return shown(Shuffle(Config(), FISH), timeline)


def test_without_positions_every_order_gives_the_same_vectors(timeline):
    go_on(timeline, 3)
    model = timeline.trainer.model
    token_ids = np.array(FISH.tokenizer.encode("the dog bites the boy".split()))
    stack = without_positions(model)
    for order in itertools.permutations(range(5)):
        change = largest_change(outputs_of(stack, token_ids, order), order)
        assert change.shape == (5,)
        assert change.max() < ROUNDING
    order = (3, 4, 2, 0, 1)
    assert largest_change(outputs_of(model.stack, token_ids, order), order).max() > 0.1


@pytest.mark.parametrize("norm", ["post", "pre", "none"])
def test_so_it_is_in_double_precision_and_with_any_norm(norm):
    config = Config(dtype="float64", norm=norm)
    model = Timeline(config, FISH).trainer.model
    token_ids = np.array(FISH.tokenizer.encode("the dog bites the boy".split()))
    order = (4, 3, 2, 1, 0)
    outputs = outputs_of(without_positions(model), token_ids, order)
    assert largest_change(outputs, order).max() < 1e-12


def test_to_read_without_positions_changes_nothing_in_the_model(timeline):
    model = timeline.trainer.model
    before = model.params.buffer.copy(), model.grads.buffer.copy()
    outputs_of(without_positions(model), np.array([5, 6, 7]), (2, 1, 0))
    np.testing.assert_array_equal(model.params.buffer, before[0])
    np.testing.assert_array_equal(model.grads.buffer, before[1])


def test_the_page_starts_with_two_sentences_of_the_same_words(shuffle):
    texts = shuffle.texts()
    assert texts["e13.first"] == "the dog bites the boy"
    assert texts["e13.second"] == "the boy bites the dog"
    assert texts["e13.status"] == "The live model, step 0"
    assert "10⁻" in texts["e13.without"]
    assert float(texts["e13.with"]) > 0.5
    assert shuffle.changes["without"].max() < ROUNDING
    assert "same to" in texts["e13.twice"]


def test_dog_bites_man_is_read_by_an_untrained_model(shuffle, timeline):
    texts = do(shuffle, "sentence", 1, timeline).texts()
    assert (texts["e13.first"], texts["e13.second"]) == (
        "dog bites man", "man bites dog",
    )  # fmt: skip
    assert texts["e13.status"] == "An untrained model, seed 7"
    assert shuffle.changes["without"].max() < ROUNDING
    assert shuffle.changes["with"].max() > 0.5
    before = shuffle.outputs["with"]
    timeline.advance()
    shuffle.compute(timeline)
    assert shuffle.outputs["with"] is before  # it is not trained


def test_it_follows_the_live_model(shuffle, timeline):
    first, learned = shuffle.outputs["with"], shuffle.positions["learned"]
    go_on(timeline, 2)
    shuffle.compute(timeline)
    assert not np.array_equal(shuffle.outputs["with"], first)
    assert not np.array_equal(shuffle.positions["learned"], learned)
    assert shuffle.changes["without"].max() < ROUNDING
    np.testing.assert_allclose(
        shuffle.positions["learned"],
        timeline.trainer.model.params["pos_emb"],
        rtol=1e-6,
    )


def test_shuffling_and_moving_words(shuffle, timeline):
    seen = set()
    for _ in range(6):
        do(shuffle, "shuffle", timeline=timeline)
        assert sorted(shuffle.order) == list(range(5))
        assert shuffle.order != tuple(range(5))
        seen.add(shuffle.order)
    assert len(seen) > 3
    texts = do(shuffle, "restore", timeline=timeline).texts()
    assert texts["e13.second"] == texts["e13.first"]
    assert "shuffle them" in texts["e13.finding"]
    do(shuffle, "word", 1, timeline)
    texts = do(shuffle, "later", timeline=timeline).texts()
    assert texts["e13.second"] == "the bites dog the boy"
    assert shuffle.shuffled.chosen == 2
    texts = do(shuffle, "earlier", timeline=timeline).texts()
    assert texts["e13.second"] == texts["e13.first"]
    do(shuffle, "earlier", timeline=timeline)
    do(shuffle, "earlier", timeline=timeline)  # the first word stays the first
    assert shuffle.shuffled.chosen == 0
    state = shuffle.view()["state"]
    assert state["e13.earlier.off"] and not state["e13.later.off"]


def test_everybody_gets_the_same_shuffles(timeline):
    orders = []
    for _ in range(2):
        made = Shuffle(Config(), FISH)
        made.handle("shuffle", None)
        orders.append(made.order)
    assert orders[0] == orders[1]


def test_a_sentence_in_any_words(shuffle, timeline):
    texts = do(shuffle, "typed", "Mon chat est roi", timeline).texts()
    assert texts["e13.first"] == "mon chat est roi"
    assert shuffle.strange
    for text, said in {
        "fish": "two words or more",
        "": "two words or more",
        "the " * 17: "17 words; the model has places for 16",
    }.items():
        texts = do(shuffle, "typed", text, timeline).texts()
        assert said in texts["e13.error"]
        assert texts["e13.first"] == "mon chat est roi"
    texts = do(shuffle, "typed", "the singer ___ a song", timeline).texts()
    assert texts["e13.error"] == ""
    assert texts["e13.first"] == "the singer gap a song"
    assert not shuffle.strange


def test_a_blank_among_strange_words(shuffle, timeline):
    texts = do(shuffle, "typed", "mon ___ est roi", timeline).texts()
    assert shuffle.strange
    assert texts["e13.first"] == "mon gap est roi"


def test_sines_are_alike_by_distance_alone():
    alike = alikeness(sinusoids(16, 32, "float64"))
    for apart in range(16):
        diagonal = np.diagonal(alike, apart)
        np.testing.assert_allclose(diagonal, diagonal[0], atol=1e-12)
    near = [alike[0, 0], alike[0, 1], alike[0, 2]]
    assert near == sorted(near, reverse=True)


def test_positions_are_chosen_by_range_and_pointer(shuffle, timeline):
    do(shuffle, "position", 4, timeline)
    assert shuffle.position == 3
    shuffle.draw("e13.sines", 328, 244)
    at = {"canvas": "e13.sines", "x": 100, "y": 14 * 6 + 3, "kind": "hover"}
    do(shuffle, "at", at, timeline)
    assert shuffle.position == 6
    assert shuffle.texts()["e13.place"] == "position 7"
    with pytest.raises(ValueError, match="1 to 16"):
        shuffle.handle("position", 17)


def test_pointing_at_a_word_lights_it_and_choosing_it_marks_it(shuffle, timeline):
    shuffle.draw("e13.with", 680, 220)
    at = {"canvas": "e13.with", "x": 60, "y": 60, "kind": "press"}
    do(shuffle, "at", at, timeline)
    assert shuffle.lit == "word:dog"
    assert shuffle.order[shuffle.shuffled.chosen] == 1
    do(shuffle, "at", {**at, "kind": "leave"}, timeline)
    assert shuffle.lit is None


def test_charts_labels_and_tables(shuffle):
    for canvas in shuffle.canvases:
        for width in (328, 680):
            assert shuffle.draw(canvas, width, 220).marks
        assert canvas in shuffle.labels()
    changes, sines, learned = shuffle.tables()
    assert [row[1] for row in changes.rows] == "the boy bites the dog".split()
    assert len(sines.rows) == len(learned.rows) == 16
    assert sines.rows[2][3] == "1.00"


@pytest.mark.parametrize("positions", ["sinusoidal", "none"])
def test_runs_that_learn_no_positions(positions):
    config = Config(positions=positions)
    made = Shuffle(config, FISH)
    made.compute(Timeline(config, FISH))
    assert not made.view()["state"]["e13.has_learned"]
    assert (made.changes["with"].max() < ROUNDING) == (positions == "none")
    assert made.draw("e13.learned", 328, 244).marks == []
    assert made.texts()["e13.finding"] and made.labels() and made.tables()


def test_somebody_elses_sentences(cats):
    made = Shuffle(Config(), cats)
    made.compute(Timeline(Config(), cats))
    assert "cats" in made.texts()["e13.first"]
    assert made.changes["without"].max() < ROUNDING
    assert [item.words for item in made.view()["lists"]["e13.sentence"]][-1] == (
        "dog bites man"
    )


def test_unknown_events_are_refused(shuffle):
    with pytest.raises(ValueError, match="no event 'fly'"):
        shuffle.handle("fly", None)
    with pytest.raises(ValueError, match="no 9 here"):
        shuffle.handle("word", 9)
    shuffle.handle("term", "word")


def test_numbers_are_written_as_one_reads_them():
    assert changed(2.314) == "2.31"
    assert changed(4.8e-7).split() == ["4.8", "×", "10⁻⁷"]
    assert changed(0) == "0"
    assert scale_for(np.array([0.04, -0.12])) == pytest.approx(0.2)
    assert scale_for(np.array([500.0])) == 500
