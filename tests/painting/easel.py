"""What the tests here draw with: stand-ins for draw.mjs, colours, one of each mark."""

from array import array
from pathlib import Path

import numpy as np

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

DRAW = Path(__file__).parents[2] / "site" / "draw.mjs"
TOKENS = {
    "ink": "#141f2b",
    "paper": "#fcfaf6",
    "sea": "#134f76",
    "coral": "#e55a42",
} | {
    f"{ramp}-{n}": f"#{n:02x}{n:02x}{n:02x}"
    for ramp in ("seq", "div")
    for n in range(1, 10)
}
INK, PAPER, SEA, CORAL = range(4)
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
        assert not any(lines)
        self.frames.append(drawings)


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
