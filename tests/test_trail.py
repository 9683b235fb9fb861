"""A line that grows is the line that would be drawn anew."""

from array import array

import numpy as np
import pytest

from fishformer.charts import lines, loss
from fishformer.charts.drawing import Line
from fishformer.charts.scrubber import scrubber
from fishformer.charts.trail import RunningMean, Trail


def noisy(count):
    rng = np.random.default_rng(3)
    return array("d", 5 * np.exp(-np.arange(count) / 90) + 0.3 * rng.random(count))


def place(steps, values):
    return lines.points(2.0 * steps, 7 - values)


@pytest.mark.parametrize("steps", [1, 3, 25])
def test_the_running_mean_grows(steps):
    values = noisy(0)
    mean = RunningMean(values, steps, 4.0)
    for value in [*noisy(80), float("nan")]:
        values.append(value)
        mean.grow()
    clipped = np.fmin(np.array(values), 4.0)
    middles, means = lines.running_mean(clipped, steps)
    np.testing.assert_allclose(mean.means, means, rtol=1e-12)
    np.testing.assert_array_equal(mean.middle(np.arange(81)), middles)


@pytest.mark.parametrize("per_column", [1, 2, 3, 8])
def test_a_trail_is_the_line_drawn_anew_wherever_it_ends(per_column):
    values = noisy(0)
    trail = Trail(values, place, per_column)
    whole = noisy(300)
    ends = [*range(1, 60), 300, 17, 16, 24, 1, 299, 300]
    for count in ends:
        values.extend(whole[len(values) : count])
        now = np.array(values[:count])
        kept = np.arange(count)[lines.thin(now, per_column)]
        np.testing.assert_array_equal(trail.upto(count), place(kept, now[kept]))


@pytest.mark.parametrize("end", [300, 4000])
def test_both_charts_draw_the_same_from_losses_that_grow(end):
    losses, whole = array("d"), noisy(end + 1)
    frame = loss.loss_frame((500, 300), end, [loss.Reference(5.1, "nothing")])
    apart = np.empty((0, 2))
    for step in [*range(40), end // 2, end, 33, end - 1]:
        losses.extend(whole[len(losses) : step + 1])
        anew = np.array(losses)
        for ours, theirs in (
            (
                loss.loss_lines(frame, losses, apart, step),
                loss.loss_lines(frame, anew, apart, step),
            ),
            (
                scrubber((700, 40), losses, step, end, 5.1),
                scrubber((700, 40), anew, step, end, 5.1),
            ),
        ):
            pairs = zip(ours.marks, theirs.marks, strict=True)
            for mark, other in pairs:
                if isinstance(mark, Line):
                    np.testing.assert_array_equal(mark.xy, other.xy)
                assert type(mark) is type(other)


def test_another_run_of_the_same_length_has_its_own_lines():
    end = 100
    frame = loss.loss_frame((500, 300), end, [loss.Reference(5.1, "nothing")])
    first, second = noisy(50), array("d", [2.0] * 50)
    drawings = [
        loss.loss_lines(frame, losses, np.empty((0, 2)), 49)
        for losses in (first, second, first)
    ]
    shapes = [next(m.xy for m in d.marks if isinstance(m, Line)) for d in drawings]
    np.testing.assert_array_equal(shapes[0], shapes[2])
    assert not np.array_equal(shapes[0], shapes[1])
