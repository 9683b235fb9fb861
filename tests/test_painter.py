"""What the painter hands to the browser, and what draw.mjs makes of it."""

import json
import re
import shutil
import subprocess
import sys
from array import array
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from fishformer.browser import painter as module
from fishformer.charts.drawing import (
    Circle,
    Drawing,
    Heat,
    Line,
    Polygon,
    Rect,
    Rule,
    Text,
)

DRAW = Path(__file__).parents[1] / "site" / "draw.mjs"
TOKENS = {
    "paper": "#fcfaf6",
    "ink": "#141f2b",
    "sea": "#134f76",
    "coral": "#e55a42",
} | {
    f"{ramp}-{n}": f"#{n:02x}{n:02x}{n:02x}"
    for ramp in ("seq", "div")
    for n in range(1, 10)
}
PAPER, INK, SEA, CORAL = range(4)
FONTS = {"sans": "Arial, sans-serif", "serif": "Georgia", "mono": "Menlo"}


class Numbers:
    """A Float32Array as Python sees it: it only takes what has its own length."""

    def __init__(self, length):
        self.values = array("f", bytes(4 * length))

    def assign(self, values):
        assert len(values) == len(self.values)
        self.values = array("f", values)


class Pen:
    """Stands for the Pen of draw.mjs."""

    def resize(self, width, height, dpr):
        self.size = width, height, dpr


class Studio:
    """Stands for the Studio of draw.mjs and keeps what it was told."""

    def __init__(self):
        self.fonts = {}
        self.frames = []

    def theme(self, colours, paper, ramps):
        self.colours, self.paper, self.ramps = colours.split("\n"), paper, ramps
        self.fonts = {}

    def font(self, place, css):
        self.fonts[place] = css

    def pen(self, canvas):
        return Pen()

    def reserve(self, length):
        self.numbers = Numbers(length)
        return self.numbers

    def paint(self, count, texts):
        numbers = self.numbers.values[:count].tolist()
        lines, drawings = texts.split("\n"), []
        while numbers:
            place, layer, length, rows = (int(n) for n in numbers[:4])
            marks, numbers = numbers[4 : 4 + length], numbers[4 + length :]
            drawings.append((place, layer, marks, lines[:rows]))
            lines = lines[rows:]
        self.frames.append(drawings)


@pytest.fixture
def browser(monkeypatch):
    """The modules that only a browser has, with a Studio that can be asked."""
    js, pyodide, ffi = (
        ModuleType("js"),
        ModuleType("pyodide"),
        ModuleType("pyodide.ffi"),
    )
    Studio.new = Studio
    js.fishDraw = SimpleNamespace(Studio=Studio)
    ffi.to_js = lambda values: values.copy()
    for name, fake in (("js", js), ("pyodide", pyodide), ("pyodide.ffi", ffi)):
        monkeypatch.setitem(sys.modules, name, fake)


@pytest.fixture
def studio(browser):
    return module.Studio(TOKENS, FONTS)


@pytest.fixture
def painter(studio):
    return studio.painter("canvas", 40, 30, 2)


def painted(painter, *marks):
    """The numbers and texts of a frame with nothing but these marks."""
    painter.paint(Drawing(40, 30, list(marks)))
    painter.studio.show()
    *_, (_, layer, numbers, texts) = painter.studio.there.frames[-1]
    assert layer == module.ABOVE
    return numbers, texts


POINTS = np.array([[0, 1], [2.5, 3], [4, 5]], np.float32)
FLAT = [0.0, 1.0, 2.5, 3.0, 4.0, 5.0]
TITLE = Text(1, 9, "loss", "ink", 12, "sans", 600, False, "right", True, 90)
MARKS = {
    "rect": (Rect(1, 2, 3, 4, "sea"), [module.RECT, SEA, 1, 2, 3, 4]),
    "rule": (
        Rule(0, 5, 40, 5, "ink", 1.5, (2, 3)),
        [module.RULE, INK, 1.5, 2, 3, 0, 5, 40, 5],
    ),
    "line": (Line(POINTS, "sea", 2), [module.LINE, SEA, 2, 0, 0, 3, *FLAT]),
    "doubles": (
        Line(POINTS.astype(float)[::-1][::-1], "sea"),
        [module.LINE, SEA, 1, 0, 0, 3, *FLAT],
    ),
    "polygon": (
        Polygon(POINTS, None, "coral", 2),
        [module.POLYGON, module.NO_COLOUR, CORAL, 2, 3, *FLAT],
    ),
    "circle": (
        Circle(5, 6, 2, "paper", "ink", 1.5),
        [module.CIRCLE, PAPER, INK, 1.5, 5, 6, 2],
    ),
    "text": (TITLE, [module.TEXT, INK, 0, 2, 1, 90, 1, 9]),
    "heat": (
        Heat(0, 0, 40, 30, np.array([[0, 0.5], [1, 0.25]]), "div", True),
        [module.HEAT, 1, 0, 0, 40, 30, 2, 2, 1, 0, 0.5, 1, 0.25],
    ),
}


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


# ---- draw.mjs itself, in Node, on a context that writes down what it is told --------

HARNESS = """
import { Studio } from "DRAW";
const log = [];
const context = (canvas) => new Proxy({ canvas }, {
  get: (self, name) => name in self ? self[name]
    : (...given) => { log.push([name, ...given.map((x) => x?.image ? "cells" : x)]); },
  set: (self, name, value) => {
    log.push([name, value]);
    self[name] = value;
    return true;
  },
});
globalThis.OffscreenCanvas = class {
  constructor(width, height) { Object.assign(this, { width, height, image: true }); }
  getContext() { return context(this); }
};
globalThis.ImageData = class {
  constructor(width, height) {
    const data = new Uint8ClampedArray(4 * width * height);
    Object.assign(this, { width, height, data });
  }
  toJSON() { return [...this.data]; }
};
const given = JSON.parse(process.argv[1]);
const canvas = { width: 0, height: 0, getContext() { return context(this); } };
const studio = new Studio(), pen = studio.pen(canvas);
pen.resize(...given.size);
studio.theme(given.colours, given.paper, Uint8Array.from(given.ramps));
given.fonts.forEach((font, place) => studio.font(place, font));
const paint = (layer, numbers, texts) => {
  const packed = [0, layer, numbers.length, texts.length, ...numbers];
  studio.reserve(packed.length).set(packed);
  studio.paint(packed.length, texts.join("\\n"));
};
if (given.below) paint(0, ...given.below);
paint(1, ...given.above);
if (given.restored) {
  log.length = 0;
  canvas.oncontextrestored();
}
console.log(JSON.stringify({ log, width: canvas.width, height: canvas.height }));
"""


def drawn(painter, dpr, *marks, below=(), restored=False):
    """The calls that draw.mjs makes on 2D contexts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not on PATH")
    there = painter.studio.there
    given = {
        "size": (40, 30, dpr),
        "below": painted(painter, *below) if below else None,
        "above": painted(painter, *marks),
        "restored": restored,
        "colours": "\n".join(there.colours),
        "paper": there.paper,
        "ramps": there.ramps.tolist(),
        "fonts": list(there.fonts.values()),
    }
    script = HARNESS.replace("DRAW", DRAW.as_uri())
    command = [node, "--input-type=module", "-e", script, "--", json.dumps(given)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def calls(result, name):
    return [call[1:] for call in result["log"] if call[0] == name]


def test_canvas_has_whole_device_pixels_and_is_cleared(painter):
    result = drawn(painter, 1.25)
    assert (result["width"], result["height"]) == (50, 38)
    assert calls(result, "clearRect") == [[0, 0, 50, 38]]
    assert calls(result, "setTransform")[-1] == [1.25, 0, 0, 1.25, 0, 0]


@pytest.mark.parametrize("dpr", [1, 1.25, 1.5, 2, 3])
@pytest.mark.parametrize("width", [1, 1.5])
def test_rules_fill_whole_device_pixels(painter, dpr, width):
    level = Rule(0, 5.3, 40, 5.3, "ink", width)
    upright = Rule(7.7, 0, 7.7, 30, "ink", width)
    result = drawn(painter, dpr, level, upright)
    thick = calls(result, "lineWidth")[0][0] * dpr
    assert thick == pytest.approx(max(1, int(width * dpr + 0.5)))
    (_, y1), (x2, _) = calls(result, "moveTo")
    for at, wanted in ((y1, 5.3), (x2, 7.7)):
        edge = at * dpr - thick / 2
        assert edge == pytest.approx(round(edge), abs=1e-4)
        assert abs(at - wanted) <= 1 / dpr


def test_bars_stand_on_whole_pixels_but_end_where_they_should(painter):
    ((x, y, width, height),) = calls(
        drawn(painter, 1.5, Rect(5.2, 3.1, 10.33, 12, "sea")), "fillRect"
    )
    for edge in (x, y, y + height):
        assert edge * 1.5 == pytest.approx(round(edge * 1.5), abs=1e-4)
    assert x + width == pytest.approx(15.53, abs=1e-4)


@pytest.mark.parametrize(("dpr", "size"), [(1, 40), (1.25, 37), (2, 33), (1.5, 40)])
def test_heat_cells_are_whole_device_pixels_and_as_even_as_can_be(painter, dpr, size):
    values = np.eye(3)
    result = drawn(painter, dpr, Heat(0, 0, size, size, values, "seq", True))
    assert [False] in calls(result, "imageSmoothingEnabled")
    ((_, left, top, wide, tall),) = calls(result, "drawImage")
    assert (left, top) == (0, 0) and wide == tall == pytest.approx(size * dpr, abs=0.5)
    assert float(wide).is_integer()
    gap = round(dpr)
    upright = [c for c in calls(result, "clearRect")[1:] if c[3] == tall]
    ends = [x + width for x, _, width, _ in upright]
    assert [width for _, _, width, _ in upright] == [gap] * 3
    cells = np.diff([0, *ends])
    assert ends[-1] == wide and cells.max() - cells.min() <= 1
    ((image, *_),) = calls(result, "putImageData")
    levels = np.array(image).reshape(3, 3, 4)
    assert levels[0, 0].tolist() == [9, 9, 9, 255]
    assert levels[0, 1].tolist() == [1, 1, 1, 255]


def test_heat_without_gaps_clears_nothing_more(painter):
    result = drawn(painter, 2, Heat(0, 0, 40, 40, np.eye(3), "seq", False))
    assert len(calls(result, "clearRect")) == 1


def test_a_halo_of_paper_comes_before_the_text(painter):
    result = drawn(painter, 1, TITLE)
    names = [call[0] for call in result["log"]]
    assert names.index("strokeText") < names.index("fillText")
    assert calls(result, "strokeStyle") == [["#fcfaf6"]]
    assert calls(result, "fillText") == [["loss", 0, 0]]
    assert calls(result, "translate") == [[1, 9]]
    assert calls(result, "font") == [["600 12px Arial, sans-serif"]]
    assert calls(result, "textAlign") == [["right"]]


def test_dashes_do_not_leak_into_the_next_mark(painter):
    dashed = Line(POINTS, "sea", 1.25, (5, 3))
    result = drawn(painter, 1, dashed, Polygon(POINTS, "coral", "paper"), dashed)
    assert calls(result, "setLineDash") == [[[5, 3]], [[]], [[5, 3]]]
    assert len(calls(result, "closePath")) == 1
    assert [len(calls(result, name)) for name in ("stroke", "fill")] == [3, 1]
    assert [x for x, _ in calls(result, "moveTo")] == [0, 0, 0]


def test_lines_of_one_point_or_none_are_harmless(painter):
    result = drawn(painter, 1, Line(POINTS[:0], "sea"), Line(POINTS[:1], "sea"))
    assert calls(result, "moveTo") == [[0, 1]]


@pytest.mark.parametrize("restored", [False, True])
def test_what_lies_below_comes_first_as_an_image(painter, restored):
    below, above = [MARKS["circle"][0]], [MARKS["rect"][0]]
    result = drawn(painter, 2, *above, below=below, restored=restored)
    painting = ("arc", "clearRect", "drawImage", "fillRect")
    order = [name for name, *_ in result["log"] if name in painting]
    assert order == ["arc", "clearRect", "drawImage", "fillRect"]
    assert calls(result, "drawImage") == [["cells", 0, 0]]
