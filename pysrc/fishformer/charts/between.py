"""Where something lies on its way from one end to another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Mark, Polygon, Rule, Size, Text, text_width

ROW = 28.0
HEAD = 22.0
BEYOND = 0.25  # of the way, shown at either side
GAP = 10.0


class Way(NamedTuple):
    """One thing, the two ends it lies between, and where it does: 0 to 1."""

    name: str
    first: str
    second: str
    place: float
    start: float | None = None  # where it lay before


def ways(size: Size, rows: Sequence[Way], chosen: str = "", lit: str = "") -> Drawing:
    """A line a row from the first end to the second, a dot where the thing lies.

    A ring says where it lay before. What lies further out than the line is drawn at
    its end. The rows are ROW high, below a line of HEAD that says what 0 and 1 are.
    """
    width, height = size

    def widest(texts: Sequence[str]) -> float:
        return max((text_width(text, 13, 600) for text in texts), default=0) + GAP

    names = widest([row.name for row in rows])
    left = names + widest([row.first for row in rows])
    right = width - widest([row.second for row in rows])

    def x(place: float) -> float:
        part = (min(max(place, -BEYOND), 1 + BEYOND) + BEYOND) / (1 + 2 * BEYOND)
        return left + part * (right - left)

    marks: list[Mark] = []
    foot = HEAD + ROW * len(rows)
    for place, text in ((0.0, "0"), (0.5, "½"), (1.0, "1")):
        marks.append(Rule(x(place), HEAD, x(place), foot, "hair"))
        marks.append(Text(x(place), HEAD - 8, text, "ink-3", align="center"))
    for n, row in enumerate(rows):
        middle = HEAD + ROW * (n + 0.5)
        here = row.name == chosen
        ink, weight = ("ink", 600) if here or row.name == lit else ("ink-2", 400)
        if here:
            wide = text_width(row.name, 13, 600)
            marks.append(Rule(0, middle + 9, wide, middle + 9, "coral", 2))
        marks += (
            Text(0, middle + 4.5, row.name, ink, 13, weight=weight),
            Text(left - GAP, middle + 4.5, row.first, "sea", 12, align="right"),
            Text(right + GAP, middle + 4.5, row.second, "ink", 12),
            Rule(x(0), middle, x(1), middle, "edge"),
            Circle(x(0), middle, 3, "sea"),
            _square(x(1), middle),
        )
        if row.start is not None:
            marks.append(Circle(x(row.start), middle, 4.5, "paper", "ink-3"))
        marks.append(Circle(x(row.place), middle, 5.5, "coral", "paper", 1.5))
    return Drawing(width, height, marks)


def row_at(y: float, n_rows: int) -> int | None:
    """Which row a pointer means."""
    row = int((y - HEAD) // ROW)
    return row if 0 <= row < n_rows else None


def _square(x: float, y: float, r: float = 3.0) -> Polygon:
    corners = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
    return Polygon(np.array(corners, np.float32), "paper", "ink", 2.5)
