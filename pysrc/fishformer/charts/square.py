"""Pairs as an area: double the length, and four times the square is needed."""

import numpy as np

from .drawing import Drawing, Mark, Polygon, Rect, Size, Text, text_width

FILLS = ("seq-2", "seq-3", "seq-4")  # of the largest square, its quarter, and so on
LEAST = 6.0  # px: a square of less is not drawn
ROOM = 46.0  # px a label needs
PAD = 24.0  # below, for the line's label
LINE = 3.0


def square(size: Size, n_words: int) -> Drawing:
    """The pairs of n words, in it those of half as many, and of half of that.

    Along its foot one line: what a network needs that takes one step a word.
    """
    width, height = size
    side = min(width, height - PAD)
    foot = side
    marks: list[Mark] = []
    n, part, level = n_words, side, 0
    while part >= LEAST and n >= 1:
        fill = FILLS[min(level, len(FILLS) - 1)]
        marks.append(Rect(0, foot - part, part, part, fill))
        if level:
            edge = [(0, foot - part), (part, foot - part), (part, foot), (0, foot)]
            marks.append(Polygon(np.array(edge, np.float32), None, "paper", 1.5))
        n, part, level = n // 2, part / 2, level + 1
    n, part, level = n_words, side, 0
    while part / 2 >= ROOM and n >= 2:
        y = foot - part + 20
        said = f"{n:,} words, {n * n:,} pairs"
        short = said if text_width(said, 13) < part - 20 else f"{n * n:,}"
        marks.append(Text(10, y, short, "ink", 13, weight=600 if not level else 400))
        n, part, level = n // 2, part / 2, level + 1
    marks.append(Rect(0, foot, side, LINE, "coral"))
    steps = f"the line above: {n_words:,} steps, one after another"
    marks.append(Text(0, foot + 19, steps, "coral-ink", 12))
    return Drawing(width, height, marks)
