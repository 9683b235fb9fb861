"""The vectors of a sentence before and after a shuffle, word tied to word."""

from collections.abc import Sequence

import numpy as np

from .drawing import Drawing, Heat, Line, Mark, Rect, Size, Text, fitted, text_width
from .lines import points

TYPE = 14.0
BESIDE = 8.0
MOST_WORD = 0.19  # of the width, for the words of one side
CHANGE = 100.0  # width of the column of changes, where there is room for it
WIDE = 520.0


def coloured(values: np.ndarray, most: float) -> np.ndarray:
    """Signed numbers on the diverging ramp: -most is 0, zero the middle, most is 1."""
    return np.clip(values / (2 * most) + 0.5, 0, 1)


def shuffled(
    size: Size,
    words: Sequence[str],
    order: Sequence[int],
    outputs: np.ndarray,
    changes: Sequence[str],
    most: float,
    lit: str | None = None,
    chosen: int | None = None,
) -> Drawing:
    """Left the words in their first order with their vectors, right the second.

    order (T,) says which word stands where at the right; outputs (2, T, D), a cell a
    number, from -most to most. changes (T,) stand at the right where there is room.
    chosen: a place at the right.
    """
    width, height = size
    wide = width >= WIDE
    widest = max(text_width(word, TYPE, 600) for word in words) + BESIDE
    side = min(widest, MOST_WORD * width)
    right_edge = width - (CHANGE if wide else 0)
    room = right_edge - 2 * side
    strip = room * (0.36 if wide else 0.35)
    left, right = side, right_edge - side - strip
    line = height / len(words)
    bar = min(line - 4, 26.0)
    marks: list[Mark] = []
    for place, word in enumerate(order):
        above = word * line + line / 2, place * line + line / 2
        strong = words[word] == lit or place == chosen
        x1, x2 = left + strip + 4, right - 4
        bend = (x2 - x1) / 4
        xy = points(np.array([x1, x1 + bend, x2 - bend, x2]),
                    np.array([above[0], above[0], above[1], above[1]]))  # fmt: skip
        marks.append(Line(xy, "ink" if strong else "edge", 2 if strong else 1.25))
    for at, x, places in ((0, left, range(len(words))), (1, right, order)):
        for row, word in enumerate(places):
            middle = row * line + line / 2
            values = coloured(outputs[at, row][None], most)
            marks.append(Heat(x, middle - bar / 2, strip, bar, values, "div"))
            strong = words[word] == lit or (at == 1 and row == chosen)
            ink, weight = ("ink", 600) if strong else ("ink-2", 400)
            shown = fitted(words[word], side - BESIDE + 1, TYPE, weight)
            edge, align = (
                (right + strip + BESIDE, "left") if at else (left - BESIDE, "right")
            )
            marks.append(
                Text(edge, middle + 5, shown, ink, TYPE, "sans", weight, align=align)
            )
            if at == 1 and row == chosen:
                marks.append(Rect(right, middle + bar / 2, strip, 2, "coral"))
    if wide:
        for row, change in enumerate(changes):
            y = row * line + line / 2 + 5
            marks.append(Text(width, y, change, "ink", 13, "mono", align="right"))
    return Drawing(width, height, marks)


def place_at(y: float, height: float, count: int) -> int | None:
    """Which line a pointer means."""
    place = int(y // (height / count))
    return place if 0 <= place < count else None
