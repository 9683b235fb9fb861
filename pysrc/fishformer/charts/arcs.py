"""A head's attention as arcs over the sentence: from the word that looks."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

import numpy as np

from .bars import percent
from .drawing import Circle, Drawing, Line, Mark, Size, Text, fitted, text_width

TYPE = 15.0  # of the words, where there is room
PADDING = 10.0  # between two words
UPRIGHT = 84.0  # height of the words where they stand on end
LEVEL = 46.0  # and where they lie, with the numbers below them
THICK = 11.0  # width of an arc of all attention
FAINT = 0.12  # of other words, only arcs of so much or more are shown
CLOSE = 17.0  # between two words on end, at least
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
        left, right = float(borders[place]), float(borders[place + 1])
        strong = place == looking or word == lit
        share = percent(rows[looking][place])
        if lie:
            word = fitted(word, right - left, TYPE, 600)
            marks += _lying(word, share, middles[place], floor, strong, place == column)
        elif _named(place, (looking, column), right - left) or word == lit:
            word = fitted(word, UPRIGHT - 26, 13, 600)
            share = share.strip("<%")
            marks += _upright(
                word, share, middles[place], size, strong, place == column
            )
    return Drawing(width, height, marks)


def _named(place: int, chosen: tuple[int, int], slot: float) -> bool:
    """Whether a word on end gets its name: with many of them, some go without."""
    apart = ceil(CLOSE / slot)
    free = all(abs(place - other) >= apart for other in chosen)
    return place in chosen or (free and place % apart == 0)


def _lying(
    word: str, share: str, x: float, floor: float, strong: bool, opened: bool
) -> list[Mark]:
    """A word below the line, and its number below it."""
    (ink, bold), (number_ink, number_bold) = _look(strong), _look(opened)
    return [
        Text(x, floor + 18, word, ink, TYPE, "sans", bold, False, "center"),
        Text(
            x, floor + 38, share, number_ink, 12, "mono", number_bold, False, "center"
        ),
    ]


def _upright(
    word: str, share: str, x: float, size: Size, strong: bool, opened: bool
) -> list[Mark]:
    """A word on end, and its number at the foot of the sheet."""
    (ink, bold), (number_ink, number_bold) = _look(strong), _look(opened)
    top, foot = size[1] - UPRIGHT + 6, size[1] - 3
    return [
        Text(x - 4.5, top, word, ink, 13, "sans", bold, False, "left", False, 90.0),
        Text(x, foot, share, number_ink, 12, "mono", number_bold, False, "center"),
    ]


def _look(strong: bool) -> tuple[str, int]:
    return ("ink", 600) if strong else ("ink-2", 400)
