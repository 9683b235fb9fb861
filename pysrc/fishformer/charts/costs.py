"""What it costs to take out heads: one bar a head, and one a whole layer."""

from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Mark, Rect, Rule, Size, Text, text_width

BAR = 12.0
NUMBER = 50.0  # width of a number
TITLE = "all of layer 2"


class CostRow(NamedTuple):
    """One bar: how much the loss rises, in nats; below zero it falls."""

    label: str
    cost: float
    whole: bool = False  # a whole layer
    lit: bool = False


def costs(size: Size, rows: list[CostRow]) -> Drawing:
    """All bars from one zero, on one scale; a rule above each first head of a layer."""
    width, height = size
    left = text_width(TITLE, 13, 600) + 12
    row = height / max(len(rows), 1)
    values = np.array([cost for _, cost, _, _ in rows])
    low, high = min(0.0, float(values.min())), max(0.1, float(values.max()))
    room = width - left - 2 * NUMBER if low < 0 else width - left - NUMBER
    start = left + NUMBER if low < 0 else left
    scale = room / (high - low)
    zero = start - low * scale
    marks: list[Mark] = []
    for place, (label, cost, whole, lit) in enumerate(rows):
        y = (place + 0.5) * row
        weight, ink = (600, "ink") if whole or lit else (400, "ink-2")
        long = cost * scale
        marks.append(Text(0, y + 4.5, label, ink, 13, "sans", weight))
        if lit:
            marks.append(Rect(left - 9, y - row / 2 + 2, 3, row - 4, "coral"))
        marks.append(
            Rect(
                zero + min(long, 0), y - BAR / 2, abs(long), BAR,
                "sea" if whole else "sea-mid",
            )
        )  # fmt: skip
        said = f"{cost:+.2f}".replace("-", "−")
        falls = cost < 0
        marks.append(
            Text(
                zero + long + (-5 if falls else 5), y + 4.5, said, "ink", 12, "mono",
                weight, False, "right" if falls else "left",
            )
        )  # fmt: skip
        if whole and place + 1 < len(rows):
            marks.append(Rule(0, y + row / 2, width, y + row / 2, "hair"))
    marks.append(Rule(zero, 0, zero, height, "edge"))
    return Drawing(width, height, marks)
