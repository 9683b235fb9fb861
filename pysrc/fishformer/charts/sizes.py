"""How large models are: one row each, on an axis where every mark is ten times more."""

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Rule, Size, Text, text_width

FOOT = 26.0
ROOM = 78.0  # right of the axis, for what is said of the largest
POWERS = (4, 12)  # of ten, from where to where
NAMES = ("10 thousand", "", "a million", "", "", "a billion", "", "", "a trillion")
SHORT = ("10⁴", "", "", "", "10⁸", "", "", "", "10¹²")


class SizeRow(NamedTuple):
    """One model."""

    name: str
    year: str
    parameters: int
    said: str  # its size in words
    lit: bool = False


def row_at(y: float, size: Size, n_rows: int) -> int | None:
    """Which row lies at the height y."""
    row = int(y // ((size[1] - FOOT) / max(n_rows, 1)))
    return row if 0 <= row < n_rows else None


def sizes(size: Size, rows: Sequence[SizeRow], between: str = "") -> Drawing:
    """A dot for each model; two that are lit are joined, with `between` if it fits."""
    width, height = size
    wide = width >= 520
    left = 12 + max(text_width(row.name, 13, 600) for row in rows) + (46 if wide else 0)
    right = width - ROOM
    tall = (height - FOOT) / len(rows)
    low, high = POWERS

    def x(parameters: float) -> float:
        return left + (log10(parameters) - low) / (high - low) * (right - left)

    marks: list[Mark] = []
    names = NAMES if wide else SHORT
    for n, name in enumerate(names):
        at = x(10 ** (low + n))
        marks.append(Rule(at, 0, at, height - FOOT, "hair"))
        align = "left" if not n else "right" if n == len(names) - 1 else "center"
        marks.append(Text(at, height - 8, name, "ink-3", align=align))
    lit = []
    for n, row in enumerate(rows):
        y = (n + 0.5) * tall
        weight, ink = (600, "ink") if row.lit else (400, "ink-2")
        marks.append(Text(0, y + 4.5, row.name, ink, 13, "sans", weight))
        if wide:
            marks.append(Text(left - 44, y + 4.5, row.year, "ink-3", 12))
        at = x(row.parameters)
        marks.append(Rule(left, y, at, y, "hair"))
        marks.append(
            Circle(at, y, 5 if row.lit else 3.5, "coral" if row.lit else "sea")
        )
        marks.append(Text(at + 10, y + 4, row.said, ink, 12, "sans", weight, halo=True))
        if row.lit:
            lit.append((at, y))
    if len(lit) == 2:
        (x1, y1), (x2, y2) = lit
        path = np.array([(x1, y1), (x1, y2), (x2, y2)], np.float32)
        marks.insert(0, Line(path, "coral", 1.5))
        if x1 - left > text_width(between, 13, 600) + 16:
            middle = (y1 + y2) / 2 + 4.5
            marks.append(
                Text(x1 - 8, middle, between, "coral-ink", 13, "sans", 600, False,
                     "right", True)
            )  # fmt: skip
    return Drawing(width, height, marks)
