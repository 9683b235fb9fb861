"""The same words in several columns of bars, so that each row compares across."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .bars import percent
from .drawing import Drawing, Mark, Rect, Rule, Size, Text, fitted, text_width

HEAD = 42.0  # height of the titles
GAP = 16.0  # between two columns; where there is little room, half of it
NARROW = 500.0
BAR = 0.5  # of a row's height
TYPE = 13.0
LEAST = 0.005  # a share below that has no number


class Column(NamedTuple):
    """How one word looks at all words, in one layer and one sentence."""

    group: str  # the title of this column and of its neighbours in the same group
    title: str
    weights: np.ndarray  # (T,) from 0 to 1
    marked: tuple[int, ...]  # the words that stand out
    words: Sequence[str]  # of its sentence


def twins(
    size: Size,
    words: Sequence[str],
    columns: Sequence[Column],
    looking: int,
    lit: str | None = None,
) -> Drawing:
    """One row a word, one column of bars each; a bar as wide as its column is 100 %.

    words[looking] is the one who looks. lit: a word that is lit up wherever it stands.
    """
    width, height = size
    left = max(text_width(word, TYPE, 600) for word in words) + 10
    row = (height - HEAD) / len(words)
    gap = GAP if width > NARROW else GAP / 2
    wide = (width - left - gap * (len(columns) - 1)) / len(columns)
    marks: list[Mark] = []
    for place, word in enumerate(words):
        y = HEAD + (place + 0.5) * row
        strong = place == looking or any(place in column.marked for column in columns)
        ink, weight = ("ink", 600) if strong else ("ink-2", 400)
        marks.append(Rule(0, y - row / 2, width, y - row / 2, "hair"))
        marks.append(Text(0, y + 4.5, word, ink, TYPE, "sans", weight))
        if place == looking or word == lit:
            marks.append(Rect(left - 7, y - row / 2 + 2, 3, row - 4, "coral"))
    group = ""
    for number, column in enumerate(columns):
        x = left + number * (wide + gap)
        if column.group != group:
            group = column.group
            across = sum(other.group == group for other in columns) * (wide + gap)
            title = fitted(group, across - gap, TYPE, 600)
            marks.append(Text(x, 13, title, "ink", TYPE, "sans", 600))
        marks.append(Text(x, 31, fitted(column.title, wide + gap - 2), "ink-2"))
        marks.append(Rule(x, HEAD, x, height, "edge"))
        for place, weight in enumerate(column.weights.tolist()):
            y = HEAD + (place + 0.5) * row
            word = column.words[place] if column.words[place] != words[place] else ""
            said = f"{word} {percent(weight)}" if width > NARROW else percent(weight)
            stands = place in column.marked
            marks += _bar(x, y, wide, row * BAR, weight, said.strip(), stands)
    return Drawing(width, height, marks)


def _bar(
    x: float, y: float, wide: float, tall: float, weight: float, said: str, bold: bool
) -> list[Mark]:
    """A bar with its number after it, or in it where there is no room."""
    long, type_weight = weight * (wide - 1), 600 if bold else 400
    marks: list[Mark] = [
        Rect(x + 1, y - tall / 2, long, tall, "sea" if bold else "sea-mid")
    ]
    if weight >= LEAST:
        inside = long + text_width(said, 12, type_weight, "mono") + 6 > wide
        at, align = (x + long - 4, "right") if inside else (x + long + 5, "left")
        ink = "paper" if inside else "ink"
        marks.append(
            Text(at, y + 4.5, said, ink, 12, "mono", type_weight, False, align)
        )
    return marks
