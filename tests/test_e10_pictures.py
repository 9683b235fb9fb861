"""E10's map and arcs: what they show, and what a pointer finds on them."""

import numpy as np
import pytest

from exhibiting import do, go_on, shown, told
from fishformer.charts.arcs import arcs, arcs_places, arcs_word
from fishformer.charts.drawing import Circle, Heat, Line, Text
from fishformer.charts.looks import looks_frame, looks_map
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.exhibits.e10_matrix import AttentionMatrix
from fishformer.timeline import Timeline

SIZE = 680.0, 520.0


@pytest.fixture(scope="module")
def timeline(fish):
    return go_on(Timeline(Config(seed=3), fish), 3)


@pytest.fixture
def exhibit(fish, timeline):
    return shown(AttentionMatrix(Config(seed=3), fish), timeline)


def test_pointing_at_the_map(exhibit, timeline):
    exhibit.draw("e10.map", *SIZE)
    frame = looks_frame(SIZE, exhibit.words)
    x, y = frame.left + 8.5 * frame.cell, frame.top + 7.5 * frame.cell
    at = {"canvas": "e10.map", "x": x, "y": y, "kind": "hover"}
    do(exhibit, "at", at, timeline)
    assert exhibit.pointed == (7, 8)
    assert exhibit.lit == "word:singer"
    assert told(exhibit, "e10.look").startswith("singer gives ")
    assert exhibit.opened != (7, 8)
    do(exhibit, "at", {**at, "kind": "press"}, timeline)
    assert exhibit.opened == (7, 8)
    do(exhibit, "at", {**at, "kind": "leave"}, timeline)
    assert (exhibit.pointed, exhibit.lit, exhibit.opened) == (None, None, (7, 8))
    do(exhibit, "at", {**at, "x": 1, "kind": "press"}, timeline)
    assert exhibit.opened == (7, 8)  # beside the map


def test_pointing_at_the_arcs(exhibit, timeline):
    do(exhibit, "view", "arcs", timeline)
    exhibit.draw("e10.arcs", *SIZE)
    borders, lie = arcs_places(SIZE, exhibit.words)
    assert lie
    for place in range(len(exhibit.words)):
        middle = float(borders[place : place + 2].mean())
        assert arcs_word(SIZE, exhibit.words, middle) == place
    at = {"canvas": "e10.arcs", "x": float(borders[5]) + 3, "y": 50, "kind": "press"}
    do(exhibit, "at", at, timeline)
    assert exhibit.row == 5
    assert exhibit.lit == "word:but"


@pytest.mark.parametrize("canvas", ["e10.map", "e10.arcs"])
@pytest.mark.parametrize("size", [SIZE, (328.0, 300.0), (140.0, 90.0)])
def test_drawings_stay_on_their_sheet(exhibit, canvas, size):
    drawing = exhibit.draw(canvas, *size)
    assert (drawing.width, drawing.height) == size
    to_svg(drawing)
    for mark in drawing.marks:
        if isinstance(mark, Heat):
            assert mark.x + mark.width <= size[0] + 0.5
            assert mark.y + mark.height <= size[1] + 0.5
        elif isinstance(mark, Line):
            assert mark.xy[:, 0].min() >= 0 and mark.xy[:, 0].max() <= size[0]


def test_an_arc_is_as_thick_as_its_weight(exhibit):
    drawing = exhibit.draw("e10.arcs", *SIZE)
    drawn = [m for m in drawing.marks if isinstance(m, Line | Circle)]
    widths = sorted(m.width for m in drawn if m.stroke in ("sea", "sea-mid"))
    expected = sorted(np.maximum(0.5, 11 * exhibit.weights[exhibit.row]).tolist())
    np.testing.assert_allclose(widths, expected, rtol=1e-5)


def test_a_lit_word_stands_out_wherever_it_stands(exhibit):
    def bold(canvas):
        marks = exhibit.draw(canvas, *SIZE).marks
        return [m.text for m in marks if isinstance(m, Text) and m.weight == 600]

    exhibit.handle("from", 0)
    before = bold("e10.map").count("bass")  # 1 where the weight that is open has it
    assert before == (exhibit.opened[1] in (2, 10))
    exhibit.lit = "word:bass"
    assert bold("e10.map").count("bass") >= 4  # two rows and two columns
    assert bold("e10.arcs").count("bass") == 2
    exhibit.lit = "word:unicorn"
    assert "unicorn" not in bold("e10.map")


@pytest.mark.parametrize("size", [(328.0, 328.0), SIZE])
def test_a_long_sentence_names_no_two_words_on_one_spot(size):
    words = [f"w{n}" for n in range(32)]
    weights = np.full((32, 32), 1 / 32)
    upright = [m for m in arcs(size, words, weights, 4, 9).marks if isinstance(m, Text)]
    named = [m.x for m in upright if m.angle]
    assert len(named) >= 8
    rows = looks_map(size, words, weights, (4, 9)).marks
    levels = sorted(m.y for m in rows if isinstance(m, Text) and not m.angle)
    assert len(levels) >= 8
    assert np.diff(levels).min() >= 11
    assert {m.text for m in upright} >= {"w4", "w9"}
