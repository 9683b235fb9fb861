"""Bars, maps, colours and SVG: the other charts' geometry."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from curves import box, marks, references, run
from fishformer.charts import loss
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
from fishformer.charts.labels import ASCENT, DESCENT
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.charts.svg import cells, to_svg
from fishformer.charts.way import way_frame

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


def test_a_chart_that_has_no_step_yet_says_so():
    said = "no step measured yet"
    empty = Curve("right", np.array([]), np.array([]))
    begun = Curve("right", np.array([0, 25]), np.array([0.0, 0.5]))
    for curves, is_said in (([], True), ([empty], True), ([empty, begun], False)):
        drawn = to_svg(step_lines((384, 260), curves, 300, 0))
        assert (said in drawn) == is_said
    half = [Level(0.5, "a toss of a coin", above=True)]
    texts = marks(step_lines((328, 260), [], 300, 0, half), Text)
    heights = {text.text: text.y for text in texts}
    assert abs(heights[said] - heights["a toss of a coin"]) > ASCENT + DESCENT


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_names_at_either_end_of_the_scale_stay_on_the_sheet(value):
    names = "translate", "classify", "reverse"
    curves = [Curve(name, np.array([0, 800]), np.full(2, value)) for name in names]
    drawn = marks(step_lines((384, 280), curves, 800, 800), Text)
    ends = [text.y for text in drawn if text.text in names]
    assert len(ends) == 3 and min(ends) > ASCENT and max(ends) < 280 - DESCENT
    assert np.diff(ends).min() >= 13.9


@pytest.mark.parametrize(("height", "line"), [(112, 30), (82, 20), (9, 1)])
def test_a_point_meets_the_stop_of_its_line(height, line):
    frame = way_frame((300, height), 3)
    ys = [-5.0, 0.5 * line, 2.5 * line, 3.5 * line]
    assert [frame.at(y) for y in ys] == [None, 0, 2, None]
