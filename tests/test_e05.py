"""E05: recorded runs are what the study says, and a run in the page is one of them."""

import json

import numpy as np
import pytest

import fishformer.cells
from exhibiting import said, shown
from fishformer.charts.drawing import Circle, Polygon
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.datasets import recall
from fishformer.exhibits.e05_race import Race
from fishformer.grammar import read_data
from fishformer.lessons.race import (
    DISTANCES,
    RACE,
    RACERS,
    SYMBOLS,
    path_length,
    race,
    racer_config,
    recorded,
    steps_in_turn,
)
from studies import remembering

FOUND = json.loads(read_data("findings.json"))


@pytest.fixture
def exhibit():
    return shown(Race(Config(), load_fish()))


# ---- the numbers ------------------------------------------------


@pytest.mark.parametrize("racer", RACERS)
def test_a_run_here_has_the_settings_of_the_recorded_ones(racer):
    for distance in (5, 40):
        data = recall(distance)
        theirs = remembering.racer(RACERS[racer].recorded, data, 3)
        assert racer_config(racer, data, 3) == theirs
    assert (RACE, DISTANCES) == (remembering.RACE, remembering.DISTANCES)


def test_recorded_runs_are_those_of_the_findings():
    runs = recorded()
    assert runs.seeds == FOUND["seeds"]
    measured = FOUND["findings"]["recall"]["measured"]
    assert sum(len(of) for of in runs.accuracy.values()) == len(measured) == 16
    for racer, of_racer in runs.accuracy.items():
        for distance, values in of_racer.items():
            name = RACERS[racer].recorded
            assert values == measured[f"{name}, {distance}"]["values"]
            assert len(values) == len(runs.seeds)


def test_a_run_here_ends_where_the_recorded_one_did():
    """With the same seed; in pieces none of which is more than one step."""
    runs = recorded()
    told = list(race("elman", 5, runs.seeds[0]))
    steps = [t.step for t in told]
    assert max(np.diff(steps)) == 1 and steps[-1] == RACE.steps
    assert told[-1].accuracy == runs.accuracy["elman"][5][0]
    assert told[0].accuracy is None


def test_chance_is_one_in_eight():
    data = recall(20, SYMBOLS)
    answers = [question.answer for question in data.held_out]
    assert len(set(answers)) == SYMBOLS
    assert all(q.words[0] == q.answer for q in data.held_out)


def test_steps_and_hops_are_those_of_the_sources():
    assert steps_in_turn(100) == (100, 1)
    assert path_length(3, 500) == (497, 1) and path_length(1, 1000) == (999, 1)


def test_a_recurrent_layer_takes_a_step_for_each_word(monkeypatch):
    """Counted where it happens: a tanh for each word, each of the state before."""
    calls = []

    class Counting:
        def __getattr__(self, name):
            return getattr(np, name)

        def tanh(self, sums):
            calls.append(sums.shape)
            return np.tanh(sums)

    monkeypatch.setattr(fishformer.cells, "np", Counting())
    x = np.zeros((1, 37, 4))
    p = {"w_xh": np.eye(4), "w_hh": np.eye(4), "b_h": np.zeros(4)}
    fishformer.cells.elman_forward(x, p)
    assert len(calls) == steps_in_turn(37)[0]


# ---- the job ------------------------------------------------


def test_train_it_here_makes_a_run_with_progress(exhibit):
    exhibit.handle("racer", "elman")
    exhibit.handle("distance", "5")
    exhibit.handle("seed", 8)
    exhibit.handle("train", None)
    seen = set()
    while exhibit.busy:
        exhibit.work()
        exhibit.compute(None)
        seen.add(exhibit.view()["state"]["e05.progress"])
        if exhibit.told.step == 450:
            assert "step 450 of 900" in exhibit.texts()["e05.status"]
    assert len(seen) == RACE.steps + 1 and max(seen) == 1
    [(racer, distance, seed, right)] = exhibit.made
    assert (racer, distance, seed) == ("elman", 5, 8) and right > 0.9
    assert exhibit.seed == 9  # the next run is another one
    [item] = exhibit.view()["lists"]["e05.runs"]
    assert item.words == f"Elman, distance 5, seed 8: {right:.0%}"
    assert exhibit.tables()[1].rows == [["Elman", "5", "8", f"{right:.1%}"]]
    diamonds = [
        mark for mark in exhibit.draw("e05.dots", 1120, 300).marks
        if isinstance(mark, Polygon)
    ]  # fmt: skip
    assert len(diamonds) == 1 and diamonds[0].fill == "coral"


def test_a_run_can_be_stopped_and_adds_nothing(exhibit):
    exhibit.handle("stop", None)  # nothing to be stopped
    assert exhibit.texts()["e05.status"] == "Nothing trained in this page yet."
    exhibit.handle("train", None)
    for _ in range(12):
        exhibit.work()
    exhibit.handle("racer", "lstm")  # a choice for the next run, not this one
    exhibit.handle("stop", None)
    assert not exhibit.busy and exhibit.made == []
    assert exhibit.texts()["e05.status"].startswith("Elman, distance 20, seed 6: stop")


def test_the_first_run_here_has_a_seed_of_its_own(exhibit):
    assert exhibit.seed not in FOUND["seeds"]


# ---- what is said ------------------------------------------------


def test_what_it_says_of_the_runs_is_counted(exhibit):
    accuracy = exhibit.recorded.accuracy

    def found(racer, distance=20):
        return sum(right > 0.9 for right in accuracy[racer][distance])

    says = exhibit.texts()["e05.finding"]
    assert f"found it (over 90% right) in {found('transformer')} of 5" in says
    assert f"orthogonal start in {found('orthogonal')} of 5" in says
    assert f"usual start in {found('elman')} of 5" in says
    assert f"an LSTM in {found('lstm')} of 5" in says
    luck = exhibit.texts()["e05.luck"]
    assert f"At 40, {found('elman', 40)} of 5" in luck
    assert luck.endswith(f"orthogonal start {found('orthogonal', 40)}.")


def test_what_the_prose_says_holds():
    """The usual start mostly gets lost, a better one seldom does."""
    accuracy = recorded().accuracy
    far = [right for d in (20, 40) for right in accuracy["elman"][d]]
    assert sum(right > 0.9 for right in far) < len(far) / 2
    better = [right for d in (20, 40) for right in accuracy["orthogonal"][d]]
    assert sum(right > 0.9 for right in better) >= 0.8 * len(better)
    assert min(min(values) for values in accuracy["transformer"].values()) > 0.99
    assert max(max(accuracy["lstm"][d]) for d in (20, 40)) < 0.2


def test_the_slider_counts_steps_and_hops(exhibit):
    exhibit.handle("n", 500)
    texts = exhibit.texts()
    assert said(texts["e05.steps"]).endswith(": 500 against 1.")
    assert said(texts["e05.path"]).endswith("word 500: 499 against 1.")
    assert "497 hops" in texts["e05.far"] and "999 against 1" in texts["e05.far"]
    for n in (2, 60, 1000):
        exhibit.handle("n", n)
        assert exhibit.draw("e05.hops", 328, 150).marks


@pytest.mark.parametrize(
    ("name", "value"),
    [("racer", "gru"), ("distance", 7), ("seed", -1), ("seed", None), ("seed", 1.5),
     ("n", 1), ("n", 1001), ("sing", 1)],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(exhibit, name, value):
    with pytest.raises(ValueError, match="no event"):
        exhibit.handle(name, value)


# ---- what is drawn ------------------------------------------------


@pytest.mark.parametrize("size", [(1120, 300), (688, 300), (328, 470), (288, 470)])
def test_one_dot_a_seed_at_its_height(exhibit, size):
    drawing = exhibit.draw("e05.dots", *size)
    dots = [mark for mark in drawing.marks if isinstance(mark, Circle)]
    assert len(dots) == 4 * 4 * 5
    assert all(0 < dot.x < size[0] and 0 < dot.y < size[1] for dot in dots)
    values = [
        v for of in exhibit.recorded.accuracy.values() for d in of.values() for v in d
    ]
    low, high = (dots[int(pick(values))] for pick in (np.argmin, np.argmax))
    assert low.y > high.y


def test_tables_and_labels(exhibit):
    [table] = exhibit.tables()
    assert len(table.rows) == 16
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert set(exhibit.labels()) == set(exhibit.canvases)
