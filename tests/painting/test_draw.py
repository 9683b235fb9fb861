"""What draw.mjs makes of a frame, in Node, on contexts that note what they get."""

import json
import subprocess

import numpy as np
import pytest
from easel import DRAW, MARKS, POINTS, TITLE, painted

import downloads
from fishformer.charts.drawing import Circle, Heat, Line, Polygon, Rect, Rule, Text

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
const theme = [given.colours, given.paper, Uint8Array.from(given.ramps)];
pen.resize(...given.size);
studio.theme(...theme);
given.fonts.forEach((font, place) => studio.font(place, font));
const packed = given.layers.flatMap(([layer, numbers, texts]) =>
  [0, layer, numbers.length, texts.length, ...numbers]);
studio.reserve(packed.length).set(packed);
studio.paint(packed.length, given.layers.flatMap(([, , texts]) => texts).join("\\n"));
if (given.then) {
  log.length = 0;
  ({
    restored: () => canvas.oncontextrestored(),
    resized: () => pen.resize(10, 15, 2),
    hidden: () => {
      pen.resize(0, 0, 2);
      canvas.oncontextrestored();
      studio.theme(...theme);
    },
    themed: () => studio.theme(...theme),
  })[given.then]();
}
console.log(JSON.stringify({ log, width: canvas.width, height: canvas.height }));
"""


def drawn(painter, dpr, *marks, below=(), then=None):
    """The calls that draw.mjs makes on 2D contexts; or what is done `then` makes."""
    there = painter.studio.there
    given = {
        "size": (40, 30, dpr),
        "layers": [(0, *painted(painter, *below))] if below else [],
        "then": then,
        "colours": "\n".join(there.colours),
        "paper": there.paper,
        "ramps": there.ramps.tolist(),
    }
    given["layers"].append((1, *painted(painter, *marks)))
    given["fonts"] = list(there.fonts.values())
    script = HARNESS.replace("DRAW", DRAW.as_uri())
    command = [downloads.node(), "--input-type=module", "-e", script, "--"]
    command.append(json.dumps(given))
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
@pytest.mark.parametrize("width", [0.3, 1, 1.5])
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
    assert calls(result, "lineWidth") == [[4]]
    assert calls(result, "fillText") == [["loss", 0, 0]]
    assert calls(result, "translate") == [[1, 9]]
    assert calls(result, "rotate") == [[pytest.approx(np.pi / 2)]]
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


@pytest.mark.parametrize("then", [None, "restored", "themed"])
def test_what_lies_below_comes_first_as_an_image(painter, then):
    below, above = [MARKS["circle"][0]], [MARKS["rect"][0]]
    result = drawn(painter, 2, *above, below=below, then=then)
    painting = ("arc", "clearRect", "drawImage", "fillRect")
    order = [name for name, *_ in result["log"] if name in painting]
    assert order == ["arc", "clearRect", "drawImage", "fillRect"]
    assert calls(result, "drawImage") == [["cells", 0, 0]]


def test_each_layer_has_its_own_texts(painter):
    one, two, three = (Text(0, 0, text, "ink") for text in ("one", "two", "three"))
    result = drawn(painter, 2, two, three, below=[one])
    texts = [text for text, *_ in calls(result, "fillText")]
    assert texts == ["one", "two", "three"]


def test_another_size_keeps_the_picture_until_the_next_paint(painter):
    result = drawn(painter, 1, MARKS["rect"][0], then="resized")
    assert (result["width"], result["height"]) == (20, 30)
    assert calls(result, "drawImage")[-1] == ["cells", 0, 0, 20, 30]
    assert calls(drawn(painter, 1, then="resized"), "drawImage") == []


def test_a_hidden_canvas_is_not_painted_anew(painter):
    """To draw what is kept below it, without a pixel, is an error in browsers."""
    below, above = [MARKS["circle"][0]], [MARKS["rect"][0]]
    result = drawn(painter, 1, *above, below=below, then="hidden")
    assert not calls(result, "clearRect") and not calls(result, "fillRect")


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_ends_where_the_next_begins(painter, name):
    bar = Rect(7, 8, 9, 10, "coral")
    result = drawn(painter, 2, MARKS[name][0], bar, TITLE)
    assert calls(result, "fillRect")[-1] == [7, 8, 9, 10]
    assert calls(result, "setTransform")[-1] == [2, 0, 0, 2, 0, 0]
    assert calls(result, "fillText")[-1] == ["loss", 0, 0]
    saved, restored = (len(calls(result, name)) for name in ("save", "restore"))
    assert saved == restored


def test_fills_and_edges_have_each_their_colour(painter):
    for mark in (Circle(5, 6, 2, "sea", "coral", 1.5), Polygon(POINTS, "sea", "coral")):
        result = drawn(painter, 1, mark)
        assert calls(result, "fillStyle") == [["#134f76"]]
        assert calls(result, "strokeStyle") == [["#e55a42"]]


def test_what_lies_outside_a_ramp_has_the_colour_of_its_end(painter):
    values = np.array([[-0.5, 0, 1, 1.5]])
    ((image, *_),) = calls(
        drawn(painter, 1, Heat(0, 0, 40, 10, values, "seq", False)), "putImageData"
    )
    low, zero, one, high = np.array(image).reshape(4, 4).tolist()
    assert low == zero != one == high
