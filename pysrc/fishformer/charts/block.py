"""A block as a diagram: its boxes from the bottom up, with the vector at each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Heat, Line, Mark, Polygon, Rect, Size, Text
from .lines import points
from .shuffled import coloured

NARROW = 560.0
HEAD = 22.0
MOST = 3.0  # the end of the colour scale


class Box(NamedTuple):
    """One box: its name, its kind, the vector there and how large its gradient is."""

    key: str
    name: str
    kind: str  # place, sublayer, add or norm
    values: np.ndarray  # (D,)
    spread: str
    gradient: float
    says: str  # the gradient, written out


class Skip(NamedTuple):
    """A line that goes around a sublayer, from one box to another."""

    start: int
    end: int


class BlockFrame(NamedTuple):
    """Where the boxes lie."""

    size: Size
    n_boxes: int
    left: float
    right: float  # of the boxes
    row: float
    high: float

    def middle(self, n: int) -> float:
        """The middle of box n; the first is at the bottom."""
        return self.size[1] - (n + 0.5) * self.row

    def at(self, x: float, y: float) -> int | None:
        """Which box's line a point lies in."""
        n = int((self.size[1] - y) // self.row)
        return n if 0 <= n < self.n_boxes and 0 <= x <= self.size[0] else None


def block_frame(size: Size, count: int) -> BlockFrame:
    """The boxes at the left, what stands at them at their right."""
    width, height = size
    left = 34.0 if width < NARROW else 52.0
    right = left + (112.0 if width < NARROW else 190.0)
    row = (height - HEAD) / count
    return BlockFrame(size, count, left, right, row, min(row - 16, 32.0))


def block_diagram(
    size: Size, boxes: Sequence[Box], skips: Sequence[Skip], chosen: int
) -> Drawing:
    """Boxes from the bottom up, skips around them, a strip of cells for each vector.

    At the right the spread of the vector's numbers and the size of the gradient, with a
    bar that compares it with the largest in the block.
    """
    frame = block_frame(size, len(boxes))
    width, narrow = size[0], size[0] < NARROW
    middle = (frame.left + frame.right) / 2
    strip = frame.right + (14 if narrow else 26)
    numbers = 98.0 if narrow else 190.0
    long = width - strip - numbers
    marks: list[Mark] = [
        Text(strip, 13, "the vector" if narrow else "the word’s vector", "ink-3"),
        Text(width - (54 if narrow else 120), 13, "spread", "ink-3", align="right"),
        Text(width, 13, "grad." if narrow else "gradient", "ink-3", align="right"),
    ]
    for n in range(len(boxes) - 1):
        below, above = frame.middle(n) - frame.high / 2, frame.middle(n + 1)
        marks += _arrow(middle, below, above + frame.high / 2)
    for skip in skips:
        y1 = (frame.middle(skip.start) + frame.middle(skip.start + 1)) / 2
        y2 = frame.middle(skip.end)
        x = frame.left - (18 if narrow else 30)
        xy = points(np.array([middle, x, x, frame.left - 7]),
                    np.array([y1, y1, y2, y2]))  # fmt: skip
        marks.append(Line(xy, "ink-2", 1.5))
        marks.append(_head(frame.left, y2, across=True))
    largest = max((box.gradient for box in boxes), default=0) or 1
    for n, box in enumerate(boxes):
        y, high = frame.middle(n), frame.high
        top = y - high / 2
        fill = {"sublayer": "sea-soft", "norm": "sunk"}.get(box.kind, "paper")
        line = ("coral", 2.5) if n == chosen else ("ink-2", 1.0)
        marks.append(_rectangle(frame.left, top, frame.right, top + high, fill, *line))
        weight = 600 if n == chosen else 400
        marks.append(
            Text(middle, y + 4.5, box.name, "ink", 12 if narrow else 13,
                 weight=weight, align="center")
        )  # fmt: skip
        cells = coloured(box.values, MOST)[None]
        marks.append(Heat(strip, y - 8, long, 16, cells, "div"))
        marks.append(
            Text(width - (54 if narrow else 120), y + 4.5, box.spread, "ink-2", 12,
                 "mono", align="right")
        )  # fmt: skip
        if not narrow:
            marks.append(
                Rect(width - 108, y - 5, 50 * box.gradient / largest, 10, "sea-mid")
            )
        marks.append(
            Text(width, y + 4.5, box.says, "ink", 12, "mono", weight, align="right")
        )
    return Drawing(*size, marks)


def _rectangle(
    x1: float, y1: float, x2: float, y2: float, fill: str, stroke: str, width: float
) -> Polygon:
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    return Polygon(np.array(corners, np.float32), fill, stroke, 2 * width)


def _head(x: float, y: float, across: bool = False) -> Polygon:
    """The head of an arrow that ends here, going up or to the right."""
    corners = [(x, y), (x - 4, y + 7), (x + 4, y + 7)]
    if across:
        corners = [(x, y), (x - 7, y - 4), (x - 7, y + 4)]
    return Polygon(np.array(corners, np.float32), "ink-2")


def _arrow(x: float, y1: float, y2: float) -> list[Mark]:
    """Upwards from y1 to y2."""
    xy = points(np.array([x, x]), np.array([y1, y2 + 6]))
    return [Line(xy, "ink-2", 1.5), _head(x, y2)]
