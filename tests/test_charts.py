"""The charts' geometry: what must hold however the curves run."""

import re
from itertools import combinations, pairwise
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from fishformer.charts import labels, lines, loss
from fishformer.charts.attention import attention_bars, attention_map, word_line
from fishformer.charts.bars import guesses, percent
from fishformer.charts.colour import ramp_table
from fishformer.charts.drawing import (
    Circle,
    Drawing,
    Heat,
    Line,
    Polygon,
    Rect,
    Rule,
    Text,
    fitted,
    text_width,
)
from fishformer.charts.scrubber import MARGIN, scrubber
from fishformer.charts.svg import cells, to_svg

SIZES = ((384, 356), (328, 280))
REFERENCES = (  # training set, grammar, frequency
    (0.19, 0.6, 4.1),
    (0.0, 0.11, 4.36),
    (0.3, 0.32, 4.1),
    (0.87, None, 3.6),
    (1.9, 2.0, 2.05),
    (5.0, None, 5.1),
    (0.1, 4.6, 5.0),
    (1.97, 4.35, 5.0),
)
CURVES = ("training", "held-out")
ALIGNED = {"left": 0.0, "center": 0.5, "right": 1.0}


def references(train_floor, grammar_floor, frequency=4.1, words=172):
    return loss.reference_lines(
        SimpleNamespace(
            uniform=np.log(words),
            frequency=frequency,
            train_floor=train_floor,
            grammar_floor=grammar_floor,
        )
    )


def run(steps=1000, seed=0):
    """Losses and held-out losses that fall as those of a training run do."""
    rng, t = np.random.default_rng(seed), np.arange(steps + 1)
    falling = 0.4 + 4.7 * np.exp(-t / 250)
    noise = rng.normal(size=steps + 1) * 0.3 * np.minimum(1, t / 30)
    every = t[::10]
    return falling + noise, np.stack([every, falling[::10] + every / 4000], 1)


def marks(drawing, kind):
    return [mark for mark in drawing.marks if isinstance(mark, kind)]


def box(text):
    wide = text_width(text.text, text.size, text.weight, text.family)
    left = text.x - wide * ALIGNED[text.align]
    top = text.y - labels.ASCENT
    return labels.Box(left, top, left + wide, top + labels.HEIGHT)


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


# ---- bars and attention -----------------------------------------------------------

WORDS = ("swims", "rests", "hides", "feeds", "sleeps")
PROBS = (0.52, 0.26, 0.07, 0.004, 0.0)


def test_bars_are_proportional_to_the_probability():
    bars = marks(guesses((300, 120), WORDS, PROBS, "rests"), Rect)
    full = marks(guesses((300, 120), ["one"], [1.0], None), Rect)[0].width
    assert [bar.width for bar in bars] == pytest.approx([p * full for p in PROBS])
    assert max(bar.x + full for bar in bars) <= 300 - 44
    assert [bar.fill for bar in bars] == ["sea-mid", "sea", *["sea-mid"] * 3]


def test_the_right_answer_stands_out_and_percents_agree():
    texts = marks(guesses((300, 120), WORDS, PROBS, "rests"), Text)
    numbers = [text.text for text in texts if text.family == "mono"]
    assert numbers == ["52%", "26%", "7%", "<1%", "0%"]
    assert {text.text for text in texts if text.weight == 600} == {"rests", "26%"}
    assert percent(0.995) == "100%" and percent(0.0051) == "1%"


@pytest.mark.parametrize("word", ["mmmmmmmmmmmm", "wawawawawawa", "漁師漁師漁師漁師"])
def test_long_words_are_shortened_to_their_column(word):
    short = marks(guesses((300, 120), [word], [0.5], word), Text)[0]
    assert short.text.endswith("…") and word.startswith(short.text[:-1])
    assert text_width(short.text, 14, 600) <= 84
    assert fitted("eel", 84, 14) == "eel"


def test_heat_keeps_the_weights_and_gaps_only_large_cells():
    weights = np.random.default_rng(0).dirichlet(np.ones(9), 9)
    (large,) = marks(attention_map((144, 144), weights), Heat)
    (small,) = marks(attention_map((72, 72), weights), Heat)
    assert large.values is weights and large.gap and not small.gap


def test_the_chosen_row_is_framed_inside_the_sheet():
    weights = np.full((9, 9), 1 / 9)
    for row in (0, 4, 8):
        (frame,) = marks(attention_map((144, 144), weights, row), Polygon)
        top, bottom = frame.xy[:, 1].min(), frame.xy[:, 1].max()
        assert top == pytest.approx(16 * row, abs=1)
        assert bottom == pytest.approx(16 * row + 16, abs=1)
        assert frame.xy.min() >= 1 and frame.xy.max() <= 143


@pytest.mark.parametrize("width", [680, 328])
def test_row_of_bars(width):
    words = "the clownfish hides in its anemone while the perch ___ a pond".split()
    weights = np.random.default_rng(3).dirichlet(np.ones(len(words)))
    line = word_line((width, 84), words, 9)
    drawing = line.drawing + attention_bars(line, weights)
    bars, texts = marks(drawing, Rect), marks(drawing, Text)
    heights = np.array([bar.height for bar in bars])
    assert np.allclose(heights / heights.sum(), weights)
    assert all(bar.x >= 0 and bar.x + bar.width <= width for bar in bars)
    around = [box(text._replace(weight=400)) for text in texts]
    assert all(a.right <= b.left for a, b in pairwise(around))
    assert [text.weight for text in texts].index(600) == 9


# ---- colour ------------------------------------------------------------------------

TOKENS = {
    f"{ramp}-{n}": f"#{20 * n + shift:02x}{255 - 20 * n:02x}{(n * n) % 256:02x}"
    for ramp, shift in (("seq", 0), ("div", 5))
    for n in range(1, 10)
}


@pytest.mark.parametrize("ramp", ["seq", "div"])
def test_ramp_goes_through_its_stops_and_is_linear_between(ramp):
    table = ramp_table(TOKENS, ramp).astype(float)
    assert table.shape == (256, 4) and (table[:, 3] == 255).all()
    stops = [list(bytes.fromhex(TOKENS[f"{ramp}-{n}"][1:])) for n in range(1, 10)]
    assert table[0, :3].tolist() == stops[0] and table[-1, :3].tolist() == stops[-1]
    at = np.linspace(0, 255, 9)
    for part in range(3):
        straight = np.interp(np.arange(256), at, [stop[part] for stop in stops])
        assert np.abs(table[:, part] - straight).max() <= 0.5


def test_a_colour_that_is_none_is_refused():
    with pytest.raises(ValueError, match="rgb"):
        ramp_table({**TOKENS, "seq-3": "rgb(1, 2, 3)"}, "seq")


# ---- SVG ----------------------------------------------------------------------------


def test_svg_is_well_formed_themed_and_free_of_inline_style():
    losses, held_out = run()
    frame = loss.loss_frame((384, 356), 1000, references(0.19, 0.6))
    chart = frame.drawing + loss.loss_lines(frame, losses, held_out, 700)
    weights = np.random.default_rng(0).dirichlet(np.ones(9), 9)
    for drawing in (chart, attention_map((144, 144), weights, 3)):
        svg = to_svg(drawing, "Loss & <more>")
        root = ElementTree.fromstring(svg)
        assert root.get("class") == "first" and root.get("aria-label")
        assert not re.search(r"#[0-9a-f]{3}|style=|nan|inf\b", svg)
        tokens = set(re.findall(r"var\(--([a-z0-9-]+)\)", svg))
        assert tokens <= {"sea", "sea-soft", "ink-2", "ink-3", "hair", "edge", "coral",
                          "paper", *TOKENS}  # fmt: skip


def test_svg_of_every_mark():
    points = np.array([[0, 0], [3, 4.25], [9, 1]], np.float32)
    drawing = Drawing(
        20,
        10,
        [
            Rect(1, 2, 3, 4, "sea"),
            Rule(0, 5, 20, 5, "hair", dash=(2, 3)),
            Line(points, "sea", 2),
            Polygon(points, None, "coral", 2),
            Circle(5, 5, 2, "paper", "ink", 1.5),
            Text(1, 9, "a <b> & c", "ink-2", 13, "mono", 600, True, "right", True, 90),
        ],
    )
    root = ElementTree.fromstring(to_svg(drawing))
    assert root.get("aria-hidden") == "true"
    rect, rule, line, polygon, circle, text = root
    assert rect.attrib | {"fill": "var(--sea)", "width": "3"} == rect.attrib
    assert rule.get("stroke-dasharray") == "2 3" and rule.get("d") == "M0 5L20 5"
    assert line.get("d") == "M0 0L3 4.2L9 1" and line.get("fill") == "none"
    assert polygon.get("d").endswith("Z") and polygon.get("stroke") == "var(--coral)"
    assert circle.get("r") == "2"
    assert text.text == "a <b> & c" and text.get("class") == "mono"
    assert text.get("text-anchor") == "end" and text.get("font-size") == "13"
    assert text.get("paint-order") == "stroke" and "90" in text.get("transform")


@pytest.mark.parametrize("seed", range(5))
def test_merged_cells_are_the_matrix(seed):
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 3, (rng.integers(1, 9), rng.integers(1, 9)))
    painted = np.full(levels.shape, -1)
    for level, row, column, rows, columns in cells(levels):
        part = painted[row : row + rows, column : column + columns]
        assert part.shape == (rows, columns) and (part == -1).all()
        part[:] = level
    assert np.array_equal(painted, levels)


def test_equal_cells_cost_nothing():
    assert list(cells(np.zeros((11, 11), int))) == [(0, 0, 0, 11, 11)]


def test_a_heat_of_one_half_is_the_middle_stop():
    heat = Heat(0, 0, 8, 8, np.array([[0.5, 1.0]]))
    svg = to_svg(Drawing(8, 8, [heat]))
    assert 'transform="translate(0 0) scale(4 8)"' in svg
    assert 'fill="var(--seq-5)" d="M0 0h1v1h-1"' in svg
    assert 'fill="var(--seq-9)" d="M1 0h1v1h-1"' in svg


def test_cells_too_small_to_see_are_drawn_as_their_mean():
    heat = Heat(0, 0, 8, 5, np.array([[0.0], [1.0], [0.25], [0.75]]))
    svg = to_svg(Drawing(8, 8, [heat]))
    assert "scale(8 2.5)" in svg and 'fill="var(--seq-5)" d="M0 0h1v2h-1"' in svg
    assert "seq-9" in to_svg(Drawing(8, 8, [heat._replace(height=8)]))


def test_a_heat_has_as_many_shades_as_asked():
    heat = Heat(0, 0, 180, 180, np.random.default_rng(0).random((90, 90)))
    paths = to_svg(Drawing(90, 90, [heat]), shades=8).count("<path")
    assert paths == 9
    assert paths < to_svg(Drawing(90, 90, [heat])).count("<path") <= 161
