"""Softmax written out: one line a score, from the score to its share of the whole."""

from collections.abc import Sequence

import numpy as np

from .bars import percent
from .drawing import Drawing, Mark, Rect, Rule, Size, Text, fitted
from .products import minus

TYPE = 14.0
HEAD = 24.0  # height of the line of headings
BAR = 12.0
NARROW = 420.0  # px: with less there is a shorter form
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def compact(number: float) -> str:
    """Two decimals; a power of ten where that would be long: 1.2·10⁸."""
    if abs(number) < 10_000:
        return minus(number, 2)
    tens, power = f"{number:.1e}".split("e")
    return f"{tens}·10{str(int(power)).translate(RAISED)}"


def softmax_lines(
    size: Size,
    words: Sequence[str],
    scores: np.ndarray,
    divisor: float,
    shares: np.ndarray,
    chosen: int | None = None,
    decimals: int = 1,
) -> Drawing:
    """score, score / divisor, e to that, and the share as a bar from 0 to 100 %.

    scores (N,), shares (N,) which add up to 1. Where the divisor is 1, its column is
    left out. chosen stands out. decimals: of the shares.
    """
    width, height = size
    line = (height - HEAD) / max(len(words), 1)
    divided = scores / divisor
    narrow = width < NARROW
    kind = 13.0 if narrow else TYPE
    columns = [("score", scores), ("exp" if narrow else "e to that", np.exp(divided))]
    if divisor != 1:
        columns.insert(1, (f"÷ {minus(divisor, 2).removesuffix('.00')}", divided))
    names, column = (74.0, 44.0) if narrow else (110.0, 84.0)
    left = names + column * len(columns) + (10 if narrow else 16)
    right = width - 52 - 8 * (decimals - 1)
    marks: list[Mark] = []
    for place, (title, _) in enumerate(columns, 1):
        end = names + place * column
        marks.append(Text(end, 14, title, "ink-3", 12, align="right"))
    marks.append(Text(width, 14, "share", "ink-3", 12, align="right"))
    for n, word in enumerate(words):
        top = HEAD + n * line
        y, weight = top + line / 2 + 5, 600 if n == chosen else 400
        ink = "ink" if n == chosen else "ink-2"
        marks += (
            Rule(0, top, width, top, "hair"),
            Text(0, y, fitted(word, names, kind, weight), ink, kind, "sans", weight),
        )
        for place, (_, numbers) in enumerate(columns, 1):
            end, text = names + place * column, compact(float(numbers[n]))
            marks.append(Text(end, y, text, ink, kind, "mono", weight, False, "right"))
        bar = shares[n] * (right - left)
        middle = top + line / 2
        fill = "sea" if chosen is None or n == chosen else "sea-mid"
        share = (
            f"{100 * shares[n]:.{decimals}f}%"
            if shares[n] >= 0.0005
            else percent(shares[n])
        )
        marks += (
            Rule(left, middle - BAR / 2, left, middle + BAR / 2, "edge"),
            Rect(left + 1, middle - BAR / 2, bar, BAR, fill),
            Text(width, y, share, ink, kind, "mono", weight, False, "right"),
        )
    return Drawing(width, height, marks)
