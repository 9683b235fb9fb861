"""E03: how the live model tells two senses apart, without being touched by it."""

import json

import numpy as np
import pytest

from exhibiting import finish, go_on, shown
from fishformer.charts.drawing import Circle, Line
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e03_context import EVERY, ContextSplits
from fishformer.experiments import sense_vectors
from fishformer.geometry import sense_split
from fishformer.grammar import read_data
from fishformer.lessons.senses import sides, uses_of, vectors_of
from fishformer.timeline import Timeline

FOUND = json.loads(read_data("findings.json"))
SEED = FOUND["seeds"][0]


def exhibit_of(timeline):
    return shown(
        ContextSplits(timeline.trainer.config, timeline.trainer.data), timeline
    )


@pytest.fixture(scope="module")
def run():
    """A whole run of a seed that the study has measured."""
    timeline = go_on(Timeline(Config(seed=SEED), load_fish()), 1000)
    return timeline, finish(exhibit_of(timeline), timeline)


@pytest.fixture
def start():
    timeline = Timeline(Config(), load_fish())
    return timeline, exhibit_of(timeline)


# ---- the numbers ------------------------------------------------


def test_vectors_of_uses_are_those_of_the_study(run):
    timeline, exhibit = run
    model, corpus = timeline.trainer.model, timeline.trainer.data
    for word in exhibit.words:
        uses = [u for u in corpus.senses if (u.split, u.word) == ("held_out", word)]
        ours, theirs = uses_of(corpus, uses), sense_vectors(
            model, corpus, word, ("held_out",)
        )  # fmt: skip
        assert ours.senses == theirs.senses
        assert np.allclose(vectors_of(model, ours), theirs.vectors, atol=1e-4)


def test_the_difference_over_all_words_is_what_the_study_measured(run):
    """At both ends of the run, in every layer."""
    timeline, exhibit = run
    model, uses = timeline.trainer.model, exhibit._all.values()
    now = [sense_split(vectors_of(model, of), of.senses).separation for of in uses]
    measured = FOUND["findings"]["senses"]["measured"]
    start = list(exhibit.history[0].values())
    for separations, when in ((start, "untrained"), (now, "trained")):
        mean = np.mean(separations, axis=0)
        for layer, value in enumerate(mean):
            label = f"{when}, separation, layer {layer}"
            seeds = measured[label]["values"]
            margin = 0.005 + np.ptp(seeds) / 2  # another processor, another run
            assert min(seeds) - margin < value < max(seeds) + margin, label


def test_it_shows_the_numbers_of_the_chosen_word(run):
    timeline, exhibit = run
    theirs = sense_vectors(
        timeline.trainer.model, timeline.trainer.data, exhibit.word, ("held_out",)
    )
    split = sense_split(*theirs)
    assert np.allclose(exhibit.split.separation, split.separation, atol=1e-5)
    matrix = exhibit.view()["matrices"]["e03.numbers"]
    assert matrix.values[-1][0] == f"{split.within[-1]:.2f}".replace("-", "−")
    assert matrix.values[0] == ["1.00", "1.00", "0.00"]


def test_the_history_is_what_it_showed_at_that_step(run):
    timeline, exhibit = run
    last = max(exhibit.history)
    assert last == 1000 - 1000 % EVERY
    list(timeline.seek(last))
    then = exhibit_of(timeline).split.separation
    list(timeline.seek(1000))
    assert np.allclose(exhibit.history[last][exhibit.word], then, atol=1e-5)


def test_most_uses_lie_on_the_side_of_their_sense_and_it_says_how_many(run):
    timeline, exhibit = run
    right = total = 0
    for word in exhibit.words:
        exhibit.handle("word", word)
        exhibit.compute(timeline)
        n = int(exhibit._right().sum())
        assert (
            f"{n} of {len(exhibit._second)} held-out uses of {word}"
            in (exhibit.texts()["e03.sides"])
        )
        right, total = right + n, total + len(exhibit._second)
    exhibit.handle("word", "bass")
    exhibit.compute(timeline)
    assert total == 147 and right / total > 0.7


def test_sides_are_measured_on_an_axis_of_other_sentences():
    rng = np.random.default_rng(3)
    ends = np.array([[-1.0, 0, 0], [1.0, 0, 0]])
    senses = ["a", "b"] * 3
    vectors = np.stack([ends[n % 2] + [0, 5, 0] for n in range(6)])[None]
    vectors = np.repeat(vectors, 2, axis=0) + 0.0
    vectors[1] += 0.01 * rng.standard_normal((6, 3))
    found = sides(vectors, senses, 4)
    assert found.shape == (2, 2)
    assert np.allclose(found[0], np.array([-1, 1]) / np.sqrt(26))
    vectors[:, 5] = ends[0] + [0, 5, 0]  # a use that looks like the other sense
    assert sides(vectors, senses, 4)[0, 1] < 0


def test_layer_0_is_one_point(run):
    _, exhibit = run
    assert np.abs(exhibit.places[0]).max() < 1e-6
    assert np.ptp(exhibit.places[-1]) > 0.1


# ---- the live model ------------------------------------------------


def test_it_looks_and_changes_nothing(start):
    timeline, exhibit = start
    other = Timeline(Config(), load_fish())
    for _ in range(25):
        timeline.advance()
        other.advance()
        finish(shown(exhibit, timeline), timeline)
    assert timeline.losses == other.losses
    ours, theirs = (t.trainer.model.params.buffer for t in (timeline, other))
    assert np.array_equal(ours, theirs)


def test_compute_does_nothing_when_nothing_changed(start):
    timeline, exhibit = start
    split = exhibit.split
    exhibit.compute(timeline)
    assert exhibit.split is split
    timeline.advance()
    exhibit.compute(timeline)
    assert exhibit.split is not split


def test_off_the_screen_it_has_nothing_to_do(start):
    timeline, exhibit = start
    finish(exhibit, timeline)
    assert list(exhibit.history) == [0]
    for _ in range(2 * EVERY):
        timeline.advance()
    assert not exhibit.busy  # nobody looked
    finish(shown(exhibit, timeline), timeline)
    assert sorted(exhibit.history) == [0, EVERY, 2 * EVERY]


def test_a_new_run_forgets_the_old_one(start):
    timeline, exhibit = start
    finish(exhibit, timeline)
    exhibit.compute(Timeline(Config(seed=8), load_fish()))
    assert exhibit.history == {} and exhibit.busy


# ---- the visitor ------------------------------------------------


def test_two_sentences_have_the_word_in_its_two_senses(run):
    timeline, exhibit = run
    corpus = timeline.trainer.data
    seen = set()
    for _ in range(30):
        texts = exhibit.texts()
        for key, sense in (("e03.first", "fish"), ("e03.second", "music")):
            said = "".join(text for text, _ in texts[key])
            assert [t for t, c in texts[key] if c == "strong"] == ["bass"]
            words = tuple(said.split())
            assert words in corpus.held_out
            place = len(texts[key][0][0].split())
            use = next(
                u for u in corpus.senses
                if u.split == "held_out" and corpus.held_out[u.sentence] == words
                and u.position == place
            )  # fmt: skip
            assert use.sense == sense
        seen.add(exhibit.pair)
        assert f"{exhibit.cosines[-1]:.2f}".replace("-", "−") in exhibit._pair()
        exhibit.handle("pair", None)
    assert len(seen) >= 10
    exhibit.handle("word", "bass")
    first = exhibit.pair
    uses = exhibit._tested["bass"]
    assert uses[first[0]].sentence != uses[first[1]].sentence


def test_what_it_cannot_do_is_refused(run):
    _, exhibit = run
    for name, value in (("word", "trout"), ("sing", None)):
        with pytest.raises(ValueError, match="no event"):
            exhibit.handle(name, value)


# ---- what is drawn ------------------------------------------------


@pytest.mark.parametrize("size", [(680, 330), (328, 300)])
def test_one_point_becomes_two(run, size):
    _, exhibit = run
    drawing = exhibit.draw("e03.fork", *size)
    lines = [mark for mark in drawing.marks if isinstance(mark, Line)]
    assert len(lines) == 2
    assert np.allclose(lines[0].xy[0], lines[1].xy[0], atol=0.5)
    assert lines[0].xy[-1, 0] < size[0] / 2 < lines[1].xy[-1, 0] + size[0] * 0.2
    dots = [mark for mark in drawing.marks if isinstance(mark, Circle)]
    assert all(0 <= dot.x <= size[0] and 0 <= dot.y <= size[1] for dot in dots)


def test_the_history_is_drawn_as_far_as_it_is_known(run, start):
    _, exhibit = run
    lines = [
        m for m in exhibit.draw("e03.history", 384, 260).marks if isinstance(m, Line)
    ]
    assert [len(line.xy) for line in lines] == [1000 // EVERY + 1] * 3
    _, fresh = start
    assert not any(
        isinstance(m, Line) for m in fresh.draw("e03.history", 384, 260).marks
    )


def test_tables_and_labels(run):
    _, exhibit = run
    cosines, uses, past = exhibit.tables()
    assert len(cosines.rows) == 3 and len(uses.rows) == 19
    assert len(past.rows) == len(exhibit.history)
    for table in (cosines, uses, past):
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert set(exhibit.labels()) == set(exhibit.canvases)


@pytest.mark.parametrize("settings", [{"n_layers": 1}, {"n_layers": 3, "norm": "pre"}])
def test_other_shapes_of_model(settings):
    timeline = Timeline(Config(**settings), load_fish())
    exhibit = exhibit_of(timeline)
    exhibit.work()
    assert len(exhibit.places) == settings["n_layers"] + 1
    assert exhibit.draw("e03.fork", 680, 330).marks
    exhibit.draw("e03.history", 384, 260)
    exhibit.texts()


def test_sentences_without_senses_have_nothing_to_compare(small):
    timeline = Timeline(Config(), small)
    exhibit = exhibit_of(timeline)
    assert not exhibit.busy and exhibit.view()["state"]["e03.senses"] is False
    assert "nothing to compare" in exhibit.texts()["e03.finding"]
    assert exhibit.draw("e03.fork", 680, 330).marks == [] == exhibit.tables()
    with pytest.raises(ValueError, match="no event"):
        exhibit.handle("pair", None)
