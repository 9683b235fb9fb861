"""Paints drawings on OffscreenCanvases: packs them, then one call paints them all.

A call from Python into the browser costs some microseconds and a chart has dozens of
marks, so all numbers of a frame go over in one Float32Array and all its texts in one
string; site/draw.mjs reads them in the order in which they are packed here.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

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
)

# The first number of each mark, as in site/draw.mjs.
RECT, RULE, LINE, POLYGON, CIRCLE, TEXT, HEAT = range(1, 8)
BELOW, ABOVE = range(2)  # what a drawing is: kept below those that follow, or one
RAMPS = ("seq", "div")
ALIGNS = {"left": 0, "center": 1, "right": 2}
NO_COLOUR = -1


class Packer:
    """Turns drawings into one row of numbers and a list of texts."""

    def __init__(self, colours: Iterable[str], font: Callable[[Text], int]) -> None:
        """colours: the tokens of the palette, in order. font: a number for a font."""
        self._colours: dict[str | None, int] = {
            name: place for place, name in enumerate(colours)
        }
        self._colours[None] = NO_COLOUR
        self._font = font
        self._looks: dict[tuple, tuple[float, ...]] = {}  # of texts
        self._packers: dict[type, Callable[[Any], None]] = {
            Rect: self._rect,
            Rule: self._rule,
            Line: self._line,
            Polygon: self._polygon,
            Circle: self._circle,
            Text: self._text,
            Heat: self._heat,
        }

    def pack(self, drawing: Drawing) -> tuple[array, list[str]]:
        """All numbers of the drawing and all its texts, in the order of painting.

        Raises KeyError for a colour that is no token and for an unknown kind of mark.
        """
        self.numbers = array("f")
        self.texts: list[str] = []
        packers = self._packers
        for mark in drawing.marks:
            packers[type(mark)](mark)
        return self.numbers, self.texts

    def _rect(self, mark: Rect) -> None:
        x, y, width, height, fill = mark
        self.numbers.extend((RECT, self._colours[fill], x, y, width, height))

    def _rule(self, mark: Rule) -> None:
        x1, y1, x2, y2, stroke, width, dash = mark
        on, off = dash or (0, 0)
        colour = self._colours[stroke]
        self.numbers.extend((RULE, colour, width, on, off, x1, y1, x2, y2))

    def _line(self, mark: Line) -> None:
        xy, stroke, width, dash = mark
        on, off = dash or (0, 0)
        self.numbers.extend((LINE, self._colours[stroke], width, on, off, len(xy)))
        self._floats(xy)

    def _polygon(self, mark: Polygon) -> None:
        xy, fill, stroke, width = mark
        colours = self._colours
        self.numbers.extend((POLYGON, colours[fill], colours[stroke], width, len(xy)))
        self._floats(xy)

    def _circle(self, mark: Circle) -> None:
        x, y, radius, fill, stroke, width = mark
        colours = self._colours
        self.numbers.extend(
            (CIRCLE, colours[fill], colours[stroke], width, x, y, radius)
        )

    def _text(self, mark: Text) -> None:
        x, y, text, *_, angle = mark
        self.texts.append(text.replace("\n", " "))
        style = mark[3:10]  # from fill to halo
        look = self._looks.get(style)
        if look is None:
            colour, font = self._colours[mark.fill], self._font(mark)
            look = TEXT, colour, font, ALIGNS[mark.align], mark.halo
            self._looks[style] = look
        self.numbers.extend(look)
        self.numbers.extend((angle, x, y))

    def _heat(self, mark: Heat) -> None:
        x, y, width, height, values, ramp, gap = mark
        rows, columns = values.shape
        place = RAMPS.index(ramp)
        self.numbers.extend((HEAT, place, x, y, width, height, rows, columns, gap))
        self._floats(values)

    def _floats(self, values: np.ndarray) -> None:
        self.numbers.frombytes(np.asarray(values, np.float32).tobytes())


class Studio:
    """All canvases of a page: they share colours and fonts, and one call a frame."""

    def __init__(self, tokens: Mapping[str, str], fonts: Mapping[str, str]) -> None:
        """tokens: the page's colours by name. fonts: families of sans, serif, mono."""
        import js

        # What of it is in draw.mjs.
        self.there = js.fishDraw.Studio.new()
        self._paint = self.there.paint
        self._fonts: dict[tuple[float, str, int, bool], int] = {}
        self._painters = 0
        self._padding = array("f")
        self._numbers = array("f")
        self._texts: list[str] = []
        self.set_theme(tokens, fonts)

    def set_theme(self, tokens: Mapping[str, str], fonts: Mapping[str, str]) -> None:
        """Take other colours and fonts; what is on the canvases stays till paint."""
        from pyodide.ffi import to_js

        self._families = dict(fonts)
        self._fonts.clear()
        self.packer = Packer(tokens, self._font)
        ramps = np.concatenate([ramp_table(tokens, ramp) for ramp in RAMPS])
        palette, paper = "\n".join(tokens.values()), list(tokens).index("paper")
        self.there.theme(palette, paper, to_js(ramps.ravel()))

    def painter(
        self, canvas: object, width: float, height: float, dpr: float
    ) -> "Painter":
        """Of an OffscreenCanvas, width x height CSS pixels of dpr device pixels."""
        painter = Painter(self, self._painters, self.there.pen(canvas))
        self._painters += 1
        painter.resize(width, height, dpr)
        return painter

    def add(self, painter: int, layer: int, drawing: Drawing) -> None:
        """Have the next frame paint this, BELOW or ABOVE."""
        numbers, texts = self.packer.pack(drawing)
        self._numbers.extend((painter, layer, len(numbers), len(texts)))
        self._numbers.extend(numbers)
        self._texts += texts

    def show(self) -> None:
        """Paint all that was added since the last frame."""
        numbers, count = self._numbers, len(self._numbers)
        if count >= len(self._padding):
            self._padding = array("f", bytes(8 * count))
            self._reserved = self.there.reserve(2 * count)
        numbers.extend(self._padding[count:])  # assign wants the same length
        self._reserved.assign(numbers)
        self._paint(count, "\n".join(self._texts))
        self._numbers, self._texts = array("f"), []

    def _font(self, mark: Text) -> int:
        key = mark[4:8]  # size, family, weight, italic
        place = self._fonts.get(key)
        if place is None:
            place = self._fonts[key] = len(self._fonts)
            style = "italic " if mark.italic else ""
            family = self._families[mark.family]
            self.there.font(place, f"{style}{mark.weight} {mark.size}px {family}")
        return place


class Painter:
    """One canvas of a studio, and what lies below its drawings."""

    def __init__(self, studio: Studio, place: int, pen: Any) -> None:
        self.studio, self.pen, self._place = studio, pen, place
        self._below: tuple[Drawing | None, Packer | None] = None, None

    def resize(self, width: float, height: float, dpr: float) -> None:
        """Give the canvas another size; it is empty until the next paint."""
        self.pen.resize(width, height, dpr)
        self._below = None, None

    def paint(self, drawing: Drawing, below: Drawing | None = None) -> None:
        """Let the next frame show the drawing, on top of `below` if given.

        below is for what seldom changes, such as axes. It is painted once and kept as
        an image, until another object is given: pass the same one from step to step.
        """
        studio = self.studio
        if below is not self._below[0] or studio.packer is not self._below[1]:
            self._below = below, studio.packer
            studio.add(self._place, BELOW, below or Drawing(0, 0))
        studio.add(self._place, ABOVE, drawing)
