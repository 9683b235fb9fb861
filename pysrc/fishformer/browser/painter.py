"""Paints drawings on an OffscreenCanvas: packs the marks, then one call does them all.

A call from Python into the browser costs some microseconds and a chart has dozens of
marks, so all numbers of a drawing go over in one Float32Array and all its texts in
one string; site/draw.mjs reads them in the order in which they are packed here.
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
        x, y, text, fill, *_, align, halo, angle = mark
        self.texts.append(text.replace("\n", " "))
        colour, font = self._colours[fill], self._font(mark)
        self.numbers.extend((TEXT, colour, font, ALIGNS[align], halo, angle, x, y))

    def _heat(self, mark: Heat) -> None:
        x, y, width, height, values, ramp, gap = mark
        rows, columns = values.shape
        place = RAMPS.index(ramp)
        self.numbers.extend((HEAT, place, x, y, width, height, rows, columns, gap))
        self._floats(values)

    def _floats(self, values: np.ndarray) -> None:
        self.numbers.frombytes(np.asarray(values, np.float32).tobytes())


class Painter:
    """One canvas of the page and what was last painted on it."""

    def __init__(
        self,
        canvas: object,
        width: float,
        height: float,
        dpr: float,
        tokens: Mapping[str, str],
        fonts: Mapping[str, str],
    ) -> None:
        """canvas: an OffscreenCanvas, width x height CSS pixels of dpr device pixels.

        tokens: the page's colours by name. fonts: CSS families of sans, serif, mono.
        """
        import js

        self._pen = js.fishDraw.Pen.new(canvas)
        self._run = self._pen.run
        self._fonts: dict[tuple[float, str, int, bool], int] = {}
        self._padding = array("f")
        self.resize(width, height, dpr)
        self.set_theme(tokens, fonts)

    def resize(self, width: float, height: float, dpr: float) -> None:
        """Give the canvas another size; it is empty until the next paint."""
        self._pen.resize(width, height, dpr)

    def set_theme(self, tokens: Mapping[str, str], fonts: Mapping[str, str]) -> None:
        """Take other colours and fonts; what is on the canvas stays till paint."""
        from pyodide.ffi import to_js

        self._families = dict(fonts)
        self._fonts.clear()
        self._packer = Packer(tokens, self._font)
        ramps = np.concatenate([ramp_table(tokens, ramp) for ramp in RAMPS])
        palette, paper = "\n".join(tokens.values()), list(tokens).index("paper")
        self._pen.theme(palette, paper, to_js(ramps.ravel()))
        self._under: Drawing | None = None
        self._packed: tuple[array, list[str]] = array("f"), []

    def paint(self, drawing: Drawing, under: Drawing | None = None) -> None:
        """Replace what is on the canvas by the drawing, on top of `under` if given.

        under is for what seldom changes, such as axes. It is packed once, and again
        when another object is given: pass the same one from step to step.
        """
        if under is not self._under:
            self._under = under
            self._packed = self._packer.pack(under) if under else (array("f"), [])
        numbers, texts = self._packer.pack(drawing)
        numbers = self._packed[0] + numbers
        count = len(numbers)
        if count >= len(self._padding):
            self._padding = array("f", bytes(8 * count))
            self._numbers = self._pen.reserve(2 * count)
        numbers.extend(self._padding[count:])  # assign wants the same length
        self._numbers.assign(numbers)
        self._run(count, "\n".join(self._packed[1] + texts))

    def _font(self, mark: Text) -> int:
        key = mark[4:8]  # size, family, weight, italic
        place = self._fonts.get(key)
        if place is None:
            place = self._fonts[key] = len(self._fonts)
            style = "italic " if mark.italic else ""
            family = self._families[mark.family]
            self._pen.font(place, f"{style}{mark.weight} {mark.size}px {family}")
        return place
