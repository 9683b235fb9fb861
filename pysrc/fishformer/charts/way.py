"""How long a gradient is at each stop of its way back, from the loss downwards."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Mark, Polygon, Rect, Rule, Size, Text, fitted, text_width

NAMES, NUMBERS, FOOT = 0.36, 78.0, 22.0
LEAST_LINE = 13.0  # height of a row with words
MOST_LINE = 30.0


class Stop(NamedTuple):
    """One place on the way."""

    name: str
    length: float  # of the gradient of all numbers there
    own: float  # size of the gradient of the one number on the way
    says: str


class WayFrame(NamedTuple):
    """Where the stops lie."""

    line: float
    stops: int

    def at(self, y: float) -> int | None:
        """The stop at a height."""
        n = int(y // self.line)
        return n if 0 <= n < self.stops else None


def way_frame(size: Size, count: int) -> WayFrame:
    """As much room for each as there is, within measure."""
    line = (size[1] - FOOT) / max(count, 1)
    return WayFrame(min(max(line, 1.0), MOST_LINE), count)


def way(size: Size, stops: Sequence[Stop], chosen: int) -> Drawing:
    """A bar a stop on a scale of powers of ten, and a mark for the number itself."""
    width, _ = size
    frame = way_frame(size, len(stops))
    longest = max((text_width(stop.name, 12, 600) for stop in stops), default=0.0) + 8
    left, right = max(NAMES * width, min(longest, width / 2)), width - NUMBERS
    lengths = [value for stop in stops for value in (stop.length, stop.own) if value]
    low, high = _decades(lengths)
    foot = frame.line * len(stops)

    def x(value: float) -> float:
        part = (log10(value) - low) / (high - low)
        return left + min(max(part, 0.0), 1.0) * (right - left)

    marks: list[Mark] = []
    every = max(1, ceil((high - low) * 34 / (right - left)))
    for decade in range(low, high + 1, every):
        at = x(10.0**decade)
        marks.append(Rule(at, 0, at, foot, "hair"))
        said = f"{10.0**decade:g}" if -3 <= decade <= 3 else f"1e{decade}"
        said = said.replace("-", "−")
        marks.append(Text(at, foot + 15, said, "ink-3", 12, align="center"))
    bar = max(min(frame.line - 5, 12.0), 2.0)
    apart = ceil(LEAST_LINE / frame.line)
    for n, stop in enumerate(stops):
        middle = (n + 0.5) * frame.line
        strong = n == chosen
        if stop.length:
            reach = x(stop.length) - left
            fill = "sea" if strong else "sea-mid"
            marks.append(Rect(left, middle - bar / 2, max(reach, 1), bar, fill))
        if stop.own:
            marks.append(_mark(x(stop.own), middle, bar / 2 + 2))
        if not strong and (n % apart or abs(chosen - n) < apart):
            continue
        ink, weight = ("ink", 600) if strong else ("ink-2", 400)
        name = fitted(stop.name, left - 8, 12, weight)
        marks.append(Text(0, middle + 4, name, ink, 12, weight=weight))
        marks.append(
            Text(width, middle + 4, stop.says, ink, 12, "mono", weight, align="right")
        )
    return Drawing(*size, marks)


def _decades(lengths: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that hold all of them; at most twelve, the largest."""
    if not lengths:
        return -1, 0
    high = ceil(log10(max(lengths)))
    low = max(floor(log10(min(lengths))), high - 12)
    return (low, high) if low < high else (low - 1, high)


def _mark(x: float, y: float, reach: float) -> Polygon:
    """A small diamond."""
    corners = [(x, y - reach), (x + 4, y), (x, y + reach), (x - 4, y)]
    return Polygon(np.array(corners, np.float32), "coral", "paper", 2.0)
