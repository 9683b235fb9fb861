"""A head's attention as arcs over the sentence: from the word that looks."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .bars import percent
from .drawing import Circle, Drawing, Line, Mark, Size, Text, fitted, text_width

TYPE = 15.0  # of the words, where there is room
PADDING = 10.0  # between two words
UPRIGHT = 84.0  # height of the words where they stand on end
LEVEL = 46.0  # and where they lie, with the numbers below them
THICK = 11.0  # width of an arc of all attention
FAINT = 0.12  # of other words, only arcs of so much or more are shown
POINTS = 25


def arcs_places(size: Size, words: Sequence[str]) -> tuple[np.ndarray, bool]:
    """The borders of the words' places from left to right (T + 1,), and whether there
    is room for the words to lie; else they stand on end."""
    width = size[0]
    needs = np.array([text_width(word, TYPE, 600) + PADDING for word in words])
    lie = needs.sum() <= width
    if not lie:
        needs = np.ones(len(words))
    spare = (width - needs.sum()) / len(words) if lie else 0.0
    slots = needs + spare if lie else needs * width / len(words)
    return np.concatenate([[0.0], np.cumsum(slots)]), bool(lie)


def arcs_word(size: Size, words: Sequence[str], x: float) -> int:
    """The word over or under which a point lies."""
    borders, _ = arcs_places(size, words)
    return int(np.clip(np.searchsorted(borders, x, "right") - 1, 0, len(words) - 1))


def arcs(
    size: Size,
    words: Sequence[str],
    weights: np.ndarray,
    looking: int,
    column: int,
    lit: str | None = None,
) -> Drawing:
    """Arcs as thick as their weight, from words[looking] to all; thin, those of others.

    weights (T, T), each row sums to 1. column: the word whose weight is explained, its
    number in bold. What a word gives to itself is a ring above it.
    """
    width, height = size
    borders, lie = arcs_places(size, words)
    floor = height - (LEVEL if lie else UPRIGHT)
    middles = [(a + b) / 2 for a, b in pairwise(borders.tolist())]
    reach = max(width - 20, 1.0)
    marks: list[Mark] = []

    def arc(start: int, end: int, colour: str, thick: float) -> Mark:
        x1, x2 = middles[start], middles[end]
        if start == end:
            return Circle(x1, floor - 12, 8, None, colour, thick)
        tall = (floor - 10) * min(1.0, 0.18 + abs(x2 - x1) / reach)
        t = np.linspace(0, np.pi, POINTS)
        x = (x1 + x2) / 2 - np.cos(t) * (x2 - x1) / 2
        xy = np.stack([x, floor - 2 - np.sin(t) * tall], axis=1)
        return Line(xy.astype(np.float32), colour, thick)

    rows = weights.tolist()
    for start, row in enumerate(rows):
        if start != looking:
            for end, weight in enumerate(row):
                if weight >= FAINT:
                    marks.append(arc(start, end, "hair", 0.75 + 2 * weight))
    for end in np.argsort(weights[looking], kind="stable").tolist():
        weight = rows[looking][end]
        colour = "sea" if weight * len(words) >= 1 else "sea-mid"
        marks.append(arc(looking, end, colour, max(0.5, THICK * weight)))
    marks.append(Circle(middles[looking], floor - 2, 4, "coral"))
    for place, word in enumerate(words):
        strong = place == looking or word == lit
        ink, bold = ("ink", 600) if strong else ("ink-2", 400)
        x, slot = middles[place], borders[place + 1] - borders[place]
        share = percent(rows[looking][place])
        opened = ("ink", 600) if place == column else ("ink-2", 400)
        if lie:
            word = fitted(word, slot, TYPE, 600)
            marks.append(
                Text(x, floor + 18, word, ink, TYPE, "sans", bold, False, "center")
            )
            marks.append(
                Text(
                    x,
                    floor + 38,
                    share,
                    opened[0],
                    12,
                    "mono",
                    opened[1],
                    False,
                    "center",
                )
            )
        else:
            word = fitted(word, UPRIGHT - 26, 13, 600)
            marks.append(
                Text(
                    x - 4.5,
                    floor + 6,
                    word,
                    ink,
                    13,
                    "sans",
                    bold,
                    False,
                    "left",
                    False,
                    90,
                )
            )
            marks.append(
                Text(
                    x, height - 3, share.strip("<%"), opened[0], 12, "mono", opened[1],
                    False, "center",
                )
            )  # fmt: skip
    return Drawing(width, height, marks)
