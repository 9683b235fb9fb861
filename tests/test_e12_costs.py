"""E12: what a head costs, measured aside from the run, and what five starts say."""

import re

import numpy as np
import pytest

from exhibiting import finish, go_on, said, shown, told
from fishformer.charts.costs import CostRow, costs
from fishformer.charts.drawing import Rect, Text
from fishformer.config import Config
from fishformer.exhibits.e12_costs import STALE
from fishformer.exhibits.e12_heads import Heads
from fishformer.exhibits.e12_words import five_seeds
from fishformer.experiments import ablation_costs, untrained
from fishformer.lessons.heads import Costing, asked_of, parts_of
from fishformer.timeline import Timeline

SIZE = 680.0, 320.0


@pytest.fixture(scope="module")
def run(fish):
    return go_on(Timeline(Config(seed=3), fish), 28)


@pytest.fixture
def exhibit(fish, run):
    return shown(Heads(Config(seed=3), fish), run)


def test_the_costs_are_those_of_the_probe(exhibit, run):
    exhibit.handle("each", None)
    finish(exhibit, run)
    expected = ablation_costs(run.trainer.model, run.trainer.held_out_batch)
    assert exhibit.costs.each.loss == pytest.approx(expected.loss, abs=1e-5)
    np.testing.assert_allclose(exhibit.costs.each.heads, expected.heads, atol=1e-5)
    np.testing.assert_allclose(exhibit.costs.each.layers, expected.layers, atol=1e-5)
    assert exhibit.costs.each.step == run.step
    said = exhibit.texts()["e12.each"].replace("−", "-")
    step, *numbers = map(float, re.findall(r"[-+]?\d+(?:\.\d+)?", said))
    assert step == run.step
    heads, layers = expected.heads, expected.layers
    among = heads.min(), heads.max(), layers.min(), layers.max()
    assert numbers == pytest.approx([expected.loss, *among], abs=0.006)


def test_switching_heads_off_and_measuring_leaves_the_run_alone(fish):
    alone, watched = (Timeline(Config(seed=5), fish) for _ in range(2))
    exhibit = Heads(Config(seed=5), fish)
    exhibit.compute(watched)
    exhibit.handle("layer", 2)
    exhibit.handle("each", None)
    for _ in range(12):
        alone.advance()
        watched.advance()
        exhibit.work()
        exhibit.compute(watched)
    assert alone.losses == watched.losses
    one, two = (t.trainer.model.params.buffer for t in (alone, watched))
    assert np.array_equal(one, two)


def test_a_cost_belongs_to_the_step_where_it_was_asked_for(fish):
    timeline, exhibit = Timeline(Config(seed=5), fish), Heads(Config(seed=5), fish)
    exhibit.compute(timeline)
    exhibit.handle("switch", "2.3")
    frozen = ablation_costs(timeline.trainer.model, timeline.trainer.held_out_batch)
    for _ in range(9):  # the run goes on while it is measured
        exhibit.work()
        timeline.advance()
        exhibit.compute(timeline)
    assert exhibit.costs.set_cost.step == 0
    with_all, without = exhibit.costs.set_cost.losses
    assert with_all == pytest.approx(frozen.loss, abs=1e-5)
    assert without - with_all == pytest.approx(frozen.heads[1, 2], abs=1e-5)
    text = told(exhibit, "e12.cost")
    assert text.startswith("Without head 2.3, at step 0, the held-out loss is 5.")


def test_a_cost_that_is_old_is_measured_again(fish):
    timeline, exhibit = Timeline(Config(seed=5), fish), Heads(Config(seed=5), fish)
    exhibit.compute(timeline)
    exhibit.handle("switch", "1.2")
    finish(exhibit, timeline)
    for _ in range(STALE):
        timeline.advance()
        exhibit.compute(timeline)
    finish(exhibit, timeline)
    assert exhibit.costs.set_cost.step == STALE


def test_switches(exhibit, run):
    exhibit.handle("switch", "1.2")
    exhibit.handle("layer", "2")
    view = exhibit.view()
    pressed = [item.value for item in view["lists"]["e12.switch"] if item.lit]
    assert pressed == ["1.2", "2.1", "2.2", "2.3", "2.4"]
    assert view["lists"]["e12.switch"][1].words == "1.2 off"
    assert view["lists"]["e12.switch"][1].thing == "head:1.2"
    assert [item.lit for item in view["lists"]["e12.layer"]] == [False, True]
    assert "Without all of layer 2 and head 1.2: measuring" in said(
        exhibit.texts()["e12.cost"]
    )
    exhibit.handle("layer", "2")
    exhibit.handle("switch", "1.4")
    assert "Without heads 1.2 and 1.4:" in told(exhibit, "e12.cost")
    exhibit.handle("all_on", None)
    assert not exhibit.view()["state"]["e12.any_off"]
    assert exhibit.texts()["e12.cost"].startswith("All heads are on")
    finish(exhibit, run)
    assert exhibit.costs.set_cost is None


def test_measuring_shows_its_progress_and_can_be_stopped(exhibit, run):
    finish(exhibit, run)
    exhibit.handle("each", None)
    for _ in range(11):
        exhibit.work()
    assert exhibit.view()["state"]["e12.progress"] == pytest.approx(11 / 44)
    assert exhibit.texts()["e12.each"] == "Measuring, 25% …"
    exhibit.handle("stop", None)
    assert not exhibit.busy and exhibit.costs.each is None


def test_parts_make_up_the_whole(fish):
    batch = asked_of(fish)
    parts = parts_of(batch, 32)
    assert [len(part.targets) for part in parts] == [32, 32, 16]
    assert np.array_equal(np.concatenate([p.token_ids for p in parts]), batch.token_ids)
    for part in parts:
        assert part.places[0].tolist() == list(range(len(part.targets)))


def test_a_costing_keeps_its_own_copy(run, fish):
    params = run.trainer.model.params.buffer.copy()
    costing = Costing(0, params, [np.ones((2, 4))], parts_of(asked_of(fish), 40))
    params[...] = 0
    model = untrained(run.trainer.config, run.trainer.task)
    costing.work(model)
    assert not costing.done
    costing.work(model)
    assert costing.done
    assert costing.progress == 1
    [loss] = costing.losses
    expected = ablation_costs(run.trainer.model, run.trainer.held_out_batch).loss
    assert loss == pytest.approx(expected, abs=1e-5)


def test_five_starts_say_what_the_page_says():
    table = five_seeds()
    numbers = {
        name: [float(v.replace("−", "-").rstrip("%")) for v in row]
        for name, row in zip(table.rows, table.values, strict=True)
    }
    assert table.columns[0] == "mean" and len(table.columns) == 6
    # one head off costs a few tenths at most, a whole layer far more
    assert max(numbers["dearest head"]) < 0.5
    assert max(map(abs, numbers["cheapest head"])) < 0.15
    layers = zip(numbers["all of layer 1"], numbers["all of layer 2"], strict=True)
    for whole, dearest in zip(layers, numbers["dearest head"], strict=True):
        assert min(whole) > 2 * dearest
    # several heads look at the cue: the mean is not far below the best
    best, mean = (
        numbers["cue, best head, at 1,000"],
        numbers["cue, mean, at 1,000"],
    )
    start = numbers["cue, best head, at 0"]
    assert all(s < m < b for s, m, b in zip(start, mean, best, strict=True))


def test_bars_of_costs_share_one_zero_and_one_scale():
    rows = [CostRow("a", 1.0), CostRow("b", -0.5), CostRow("c", 2.0, whole=True)]
    marks = costs((300.0, 90.0), rows).marks
    up, down, whole = (m for m in marks if isinstance(m, Rect))
    assert up.x == down.x + down.width == whole.x
    assert whole.width == pytest.approx(2 * up.width) == pytest.approx(4 * down.width)
    says = [m.text for m in marks if isinstance(m, Text) and m.family == "mono"]
    assert says == ["+1.00", "−0.50", "+2.00"]
