"""The loss chart and the scrubber: what must hold however the curves run."""

from itertools import combinations

import numpy as np
import pytest

from curves import CURVES, REFERENCES, SIZES, box, marks, references, run
from fishformer.charts import labels, lines, loss
from fishformer.charts.drawing import Line, Polygon, Rule, Text
from fishformer.charts.scrubber import MARGIN, scrubber

# ---- lines over steps -----------------------------------------------------------


def test_thin_keeps_the_extremes_of_every_column():
    values = np.random.default_rng(1).normal(size=1003)
    kept = lines.thin(values, 10)
    assert (np.diff(kept) >= 0).all()
    assert kept[0] == 0 and kept[-1] == 1002
    assert len(kept) <= 2 * 101 + 10
    for start in range(0, 1000, 10):
        inside = values[kept[(kept >= start) & (kept < start + 10)]]
        column = values[start : start + 10]
        assert inside.min() == column.min()
        assert inside.max() == column.max()


def test_thin_does_not_change_what_is_drawn_when_the_line_grows():
    values = np.random.default_rng(2).normal(size=300)
    before, after = lines.thin(values[:250], 8), lines.thin(values, 8)
    assert set(before[before < 248]) == set(after[after < 248])


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_thin_leaves_short_lines_whole_at_their_ends(count):
    kept = lines.thin(np.arange(float(count)), 5)
    assert kept[0] == 0 and kept[-1] == count - 1


def test_thin_leaves_nothing_of_nothing():
    none = np.zeros(0)
    assert none[lines.thin(none, 5)].size == 0


def test_running_mean():
    middles, means = lines.running_mean(np.array([4.0, 2, 0, 6, 3]), 3)
    assert means.tolist() == [4, 3, 2, pytest.approx(8 / 3), 3]
    assert middles.tolist() == [0, 0.5, 1, 2, 3]


def test_running_mean_does_not_lag_behind_a_falling_line():
    falling = 100 - 2.0 * np.arange(80)
    middles, means = lines.running_mean(falling, 25)
    assert np.allclose(means, 100 - 2 * middles)


@pytest.mark.parametrize("end", [1, 3, 7, 20, 50, 123, 400, 500, 1000, 1234, 20_000])
def test_ticks_rise_evenly_from_nothing_to_the_end(end):
    ticks = lines.ticks(end)
    apart = np.diff(ticks)
    assert ticks[0] == 0 and ticks[-1] == end
    assert (apart > 0).all() and len(set(apart[:-1])) <= 1
    assert 2 <= len(ticks) <= 7
    assert all(isinstance(tick, int) for tick in ticks)


# ---- the loss chart -------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("values", REFERENCES)
def test_reference_labels_are_clear_of_each_other_and_inside(size, values):
    frame = loss.loss_frame(size, 1000, references(*values))
    assert len(frame.labels) == 3 + (values[1] is not None)
    boxes = [box(text) for text in frame.labels]
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))
    for one in boxes:
        assert one.left >= loss.LEFT and one.right <= size[0] + 1e-6
        assert one.top >= 0 and one.bottom <= frame.y(0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("values", REFERENCES)
def test_no_reference_line_runs_through_a_label(size, values):
    frame = loss.loss_frame(size, 1000, references(*values))
    levels = [mark.y1 for mark in marks(frame.drawing, Rule) if mark.dash]
    for text in frame.labels:
        middle = text.y - labels.ASCENT / 2
        assert all(abs(level - middle) > 4 for level in levels), text.text


def test_reference_labels_say_the_meaning_first():
    said = [reference.label for reference in references(0.19, 0.6)]
    assert said == [
        "knowing nothing, ln 172 = 5.15",
        "word frequency only, 4.10",
        "best the grammar allows, 0.60",
        "best the training set allows, 0.19",
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [0, 5, 80, 333, 700, 900, 1000])
@pytest.mark.parametrize("last", [None, 1000])
def test_all_labels_of_the_loss_chart_are_clear_of_each_other(size, step, last):
    losses, held_out = run()
    frame = loss.loss_frame(size, 1000, references(0.19, 0.6))
    last = step if last is None else last
    drawing = loss.loss_lines(frame, losses[: last + 1], held_out, step)
    boxes = [box(text) for text in marks(drawing, Text)]
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))
    for one in boxes:
        assert one.left >= loss.LEFT and one.right <= size[0] + 1
        assert one.top >= 0 and one.bottom <= frame.y(0)
    named = {text.text for text in marks(drawing, Text)}
    assert ("training" in named) == ("held-out" in named) == (step >= 80)


def test_end_labels_keep_off_the_curves_near_the_right_edge():
    losses, held_out = run()
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    drawing = loss.loss_lines(frame, losses, held_out, 1000)
    ends = [text for text in marks(drawing, Text) if text.text in CURVES]
    assert len(ends) == 2
    for text in ends:
        around = box(text)
        assert around.right < frame.x(1000)
        for line in marks(drawing, Line):
            x, y = line.xy.T
            near = (x > around.left) & (x < around.right)
            assert not ((y > around.top) & (y < around.bottom) & near).any()


@pytest.mark.parametrize("size", SIZES)
def test_curves_stay_in_the_frame_even_when_the_loss_runs_away(size):
    losses, held_out = run(300)
    losses[100:120] = 40
    losses[120:] = np.nan
    held_out[12:, 1] = np.inf
    frame = loss.loss_frame(size, 1000, references(0.19, 0.6))
    drawing = loss.loss_lines(frame, losses, held_out, 300)
    for line in marks(drawing, Line):
        assert np.isfinite(line.xy).all()
        x, y = line.xy.T
        assert x.min() >= loss.LEFT - 1e-3 and x.max() <= size[0] - loss.RIGHT + 1e-3
        assert y.min() >= loss.TOP - 1e-3 and y.max() <= frame.y(0) + 1e-3


def test_the_loss_axis_does_not_move_with_the_data():
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    assert frame.top == 5.5
    assert loss.loss_frame((328, 280), 50, references(3.0, 4.0)).top == 5.5
    assert frame.y(0) > frame.y(1) > frame.y(5.15) > loss.TOP


def test_the_chart_grows_with_the_screen_and_not_with_the_steps():
    frame = loss.loss_frame((384, 356), 20_000, references(0.19, 0.6))
    losses, held_out = run(20_000)
    drawing = loss.loss_lines(frame, losses, held_out[:0], 20_000)
    columns = 384 - loss.LEFT - loss.RIGHT
    assert all(len(line.xy) < 2.3 * columns for line in marks(drawing, Line))


def test_the_part_wound_back_is_thin_and_joins_the_rest():
    losses, held_out = run()
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    drawing = loss.loss_lines(frame, losses, held_out, 400)
    (curve,) = (line for line in marks(drawing, Line) if line.stroke == "sea")
    (ahead,) = (line for line in marks(drawing, Line) if line.stroke == "edge")
    (dashed,) = (line for line in marks(drawing, Line) if line.dash)
    assert curve.width > ahead.width
    assert np.allclose(curve.xy[-1], ahead.xy[0])
    assert dashed.xy[-1, 0] <= frame.x(400)
    assert ahead.xy[-1, 0] > frame.x(980)
    live = loss.loss_lines(frame, losses[:401], held_out, 400)
    (same,) = (line for line in marks(live, Line) if line.stroke == "sea")
    assert np.array_equal(same.xy, curve.xy)


@pytest.mark.parametrize("end", [1, 2, 10, 300])
def test_short_runs_are_drawn_too(end):
    losses, held_out = run(end)
    frame = loss.loss_frame((384, 356), end, references(0.19, 0.6))
    for step in (0, end):
        drawing = loss.loss_lines(frame, losses[: step + 1], held_out, step)
        (curve,) = (line for line in marks(drawing, Line) if line.stroke == "sea")
        assert len(curve.xy) >= 1 and np.isfinite(curve.xy).all()


@pytest.mark.parametrize("step", [0, 1000])
def test_the_fish_has_room_at_both_ends(step):
    losses, held_out = run()
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    drawing = loss.loss_lines(frame, losses[: step + 1], held_out, step)
    (fish,) = marks(drawing, Polygon)
    numbers = (text for text in marks(frame.drawing, Text) if text.align == "right")
    assert fish.xy[:, 0].min() > min(text.x for text in numbers)
    assert fish.xy[:, 0].max() <= 384


def test_the_playhead_and_its_fish_are_at_the_step():
    losses, held_out = run()
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    drawing = loss.loss_lines(frame, losses, held_out, 250)
    (playhead,) = (rule for rule in marks(drawing, Rule) if rule.stroke == "coral")
    assert playhead.x1 == playhead.x2 == pytest.approx(frame.x(250))
    (fish,) = marks(drawing, Polygon)
    assert np.abs(fish.xy[:, 0] - frame.x(250)).max() < 12
    assert frame.y(losses[200]) - 12 < fish.xy[:, 1].mean() < frame.y(losses[300]) + 12


@pytest.mark.parametrize("last", [-1, 0, 40, 1000])
def test_scrubber_stays_on_its_sheet(last):
    losses, _ = run()
    size = (300, 60)
    drawing = scrubber(size, losses[: last + 1], max(last // 2, 0), 1000, 5.15)
    for mark in marks(drawing, Line) + marks(drawing, Polygon):
        assert mark.xy.min() >= 0
        assert (mark.xy.max(0) <= size).all()
    assert bool(marks(drawing, Polygon)) == (last >= 0)


def test_scrubber_ends_where_a_range_input_does():
    losses, _ = run()
    drawing = scrubber((300, 60), losses, 1000, 1000, 5.15)
    (playhead,) = (rule for rule in marks(drawing, Rule) if rule.stroke == "coral")
    assert playhead.x1 == 300 - MARGIN


def test_nearest_free_takes_the_upper_of_two_and_gives_up_gracefully():
    assert labels.nearest_free(50, [], 0, 100) == 50
    assert labels.nearest_free(50, [(48, 65)], 0, 100) == 48 - 15
    assert labels.nearest_free(50, [(40, 60)], 0, 100) == 62
    assert labels.nearest_free(50, [(0, 100)], 0, 100) == 50
