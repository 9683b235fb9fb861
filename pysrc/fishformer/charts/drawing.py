"""What a chart is made of: a few kinds of marks, in the order they are painted.

Lengths are CSS pixels, y runs downwards, and a colour is the name of a token of
the page ("sea", "ink-2"), so that one drawing serves both themes, the canvas
(browser/painter.py) and the first frame of the page (charts/svg.py).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, east_asian_width

import numpy as np

Size = tuple[float, float]  # width, height


class Rect(NamedTuple):
    """A filled rectangle; all but its right edge lie on whole device pixels."""

    x: float
    y: float
    width: float
    height: float
    fill: str


class Rule(NamedTuple):
    """A level or upright straight line on whole device pixels: grid, axis, tick."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str
    width: float = 1.0
    dash: tuple[float, ...] = ()  # (on, off), or nothing


class Line(NamedTuple):
    """An open line through points; joins are round in lines thicker than 1."""

    xy: np.ndarray  # (N, 2)
    stroke: str
    width: float = 1.0
    dash: tuple[float, ...] = ()  # (on, off), or nothing


class Polygon(NamedTuple):
    """A closed shape; its outline is painted first, so that half of it shows."""

    xy: np.ndarray  # (N, 2)
    fill: str | None
    stroke: str | None = None
    width: float = 1.0


class Circle(NamedTuple):
    """A disc or, without fill, a ring."""

    x: float
    y: float
    radius: float
    fill: str | None
    stroke: str | None = None
    width: float = 1.0


class Text(NamedTuple):
    """One line of text; y is its baseline, x its left end, middle or right end."""

    x: float
    y: float
    text: str
    fill: str
    size: float = 12.0
    family: str = "sans"  # sans, serif, mono
    weight: int = 400
    italic: bool = False
    align: str = "left"  # left, center, right
    halo: bool = False  # an edge of paper that keeps it legible on lines
    angle: float = 0.0  # degrees, clockwise, about (x, y)


class Heat(NamedTuple):
    """A matrix as coloured cells on whole device pixels, never smoothed."""

    x: float
    y: float
    width: float
    height: float
    values: np.ndarray  # (R, C), from 0 to 1 along the ramp
    ramp: str = "seq"  # seq, div
    gap: bool = False  # one pixel of paper right of and below each cell


Mark = Rect | Rule | Line | Polygon | Circle | Text | Heat


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks on a sheet of width x height; `first + second` paints second on top."""

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)

    def __add__(self, other: "Drawing") -> "Drawing":
        return Drawing(self.width, self.height, [*self.marks, *other.marks])


# Widths of Helvetica's letters, in thousandths of the type size. The page's other
# fonts come close enough to decide what fits.
_WIDTHS = {
    letter: width
    for width, letters in (
        (222, "ijl'"),
        (278, "ftI .,:;/!|"),
        (333, "r()-[]"),
        (500, "ckvxyzsJ"),
        (611, "FTZ"),
        (667, "ABEKPSVXY"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "mM"),
        (889, "%"),
        (944, "W"),
    )
    for letter in letters
}
_BOLD = 1.07
_MONO = 602
_OTHER = 556
_WIDE = 1000


@lru_cache(4096)  # charts that move have the same words at every step
def text_width(
    text: str, size: float = 12, weight: int = 400, family: str = "sans"
) -> float:
    """Estimate how wide text will be, in CSS pixels (good to about a tenth)."""
    total = 0
    for letter in text:
        if letter in _WIDTHS:
            total += _MONO if family == "mono" else _WIDTHS[letter]
        elif east_asian_width(letter) in "WF":
            total += _WIDE
        elif not combining(letter):
            total += _MONO if family == "mono" else _OTHER
    return total * size / 1000 * (_BOLD if weight > 400 else 1)


def fitted(text: str, width: float, size: float = 12, weight: int = 400) -> str:
    """Shorten text with an ellipsis where it would be wider than width pixels."""
    if len(text) * size <= width or text_width(text, size, weight) <= width:
        return text
    while text and text_width(text + "…", size, weight) > width:
        text = text[:-1]
    return text.rstrip() + "…"
