"""What the painter hands to the browser."""

import json
import re

import numpy as np
import pytest
from easel import DRAW, FONTS, MARKS, SEA, TITLE, TOKENS, painted

from fishformer.browser import painter as module
from fishformer.charts.drawing import Drawing, Line, Rect, Text


@pytest.mark.parametrize("name", MARKS)
def test_each_mark_is_packed_whole(painter, name):
    mark, numbers = MARKS[name]
    assert painted(painter, mark)[0] == numbers


def test_marks_follow_one_another_in_order(painter):
    marks, numbers = zip(*MARKS.values(), strict=True)
    got, texts = painted(painter, *marks)
    assert got == [number for part in numbers for number in part]
    assert texts == ["loss"]


def test_texts_stay_one_a_line(painter):
    lines = [Text(0, 0, text, "ink") for text in ("one\ntwo", "", "three")]
    assert painted(painter, *lines)[1] == ["one two", "", "three"]


@pytest.mark.parametrize(
    "change",
    [
        {"fill": "sea"},
        {"size": 13},
        {"family": "mono"},
        {"weight": 400},
        {"italic": True},
        {"align": "left"},
        {"halo": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_no_part_of_a_texts_style_is_lost(painter, change):
    numbers, _ = painted(painter, TITLE, TITLE._replace(**change), TITLE)
    one, other, again = (numbers[k : k + 8] for k in (0, 8, 16))
    assert one == again
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 1


def test_an_empty_drawing_clears_the_canvas(painter):
    assert painted(painter) == ([], [])


def test_a_longer_and_then_a_shorter_drawing(painter):
    long = Line(np.arange(4000, dtype=np.float32).reshape(-1, 2), "sea")
    assert len(painted(painter, long)[0]) == 4006
    assert painted(painter, MARKS["rect"][0])[0] == MARKS["rect"][1]


def test_a_frame_has_all_drawings_of_all_canvases(studio):
    for place, text in enumerate(("one", "two")):
        painter = studio.painter("canvas", 40, 30, 2)
        painter.paint(Drawing(40, 30, [MARKS["rect"][0], Text(0, place, text, "ink")]))
    studio.show()
    (frame,) = studio.there.frames
    frame = [drawing for drawing in frame if drawing[1] == module.ABOVE]
    assert [(place, texts) for place, _, _, texts in frame] == [
        (0, ["one"]),
        (1, ["two"]),
    ]
    assert all(numbers[:6] == MARKS["rect"][1] for *_, numbers, _ in frame)
    studio.show()
    assert studio.there.frames[-1] == []


def test_what_lies_below_goes_over_once(studio, painter):
    below, above = Drawing(40, 30, [TITLE]), Drawing(40, 30, [MARKS["rect"][0]])
    goes = (0, module.BELOW, MARKS["text"][1], ["loss"])
    then = (0, module.ABOVE, MARKS["rect"][1], [])

    def frame(below):
        painter.paint(above, below)
        studio.show()
        return studio.there.frames[-1]

    assert frame(below) == [goes, then]
    assert frame(below) == [then]
    painter.resize(40, 30, 1)  # it was kept as an image of that size
    assert frame(below) == [goes, then]
    studio.set_theme(TOKENS, FONTS)  # and in those colours
    assert frame(below) == [goes, then]
    assert frame(Drawing(40, 30, [TITLE])) == [goes, then]
    assert frame(None) == [(0, module.BELOW, [], []), then]
    assert frame(None) == [then]


def test_fonts_are_named_once_and_again_after_a_theme(painter):
    bold = Text(0, 0, "b", "ink", 13, "mono", 600, True)
    for _ in range(2):
        painted(painter, bold, TITLE, bold._replace(fill="sea"))
        assert painter.studio.there.fonts == {
            0: "italic 600 13px Menlo",
            1: "600 12px Arial, sans-serif",
        }
        painter.studio.set_theme(TOKENS, FONTS)


def test_theme_sends_palette_and_ramps(studio):
    there = studio.there
    assert there.colours[SEA] == "#134f76" and there.colours[there.paper] == "#fcfaf6"
    ramps = there.ramps.reshape(2, 256, 4)
    assert ramps[0, 0].tolist() == [1, 1, 1, 255]
    assert ramps[1, 255].tolist() == [9, 9, 9, 255]
    studio.set_theme({**TOKENS, "sea": "#7ec1e5"}, FONTS)
    assert there.colours[SEA] == "#7ec1e5"


def test_size_is_told_in_css_pixels(painter):
    assert painter.pen.size == (40, 30, 2)
    painter.resize(20, 10, 1.5)
    assert painter.pen.size == (20, 10, 1.5)


def test_a_colour_that_is_no_token_is_refused(painter):
    with pytest.raises(KeyError, match="teal"):
        painted(painter, Rect(0, 0, 1, 1, "teal"))


def test_both_sides_agree_on_the_numbers_of_the_marks():
    text = DRAW.read_text(encoding="utf-8")
    there = dict(re.findall(r"\b([A-Z]+) = (\d+)[,;]", text))
    for name in ("RECT", "RULE", "LINE", "POLYGON", "CIRCLE", "TEXT", "HEAT", "BELOW"):
        assert int(there[name]) == getattr(module, name), name
    aligns = json.loads(re.search(r"ALIGNS = (\[.*?\])", text)[1])
    assert {name: place for place, name in enumerate(aligns)} == module.ALIGNS
