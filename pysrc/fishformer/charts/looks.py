"""A head's attention with its words: a map large enough to point at."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from .attention import GAP_FROM
from .drawing import Drawing, Heat, Mark, Polygon, Rect, Size, Text, fitted, text_width

LABEL = 13.0  # type size of the words
BESIDE = 8.0  # between a word and the map
MOST = 0.27  # of the width, for the words


class LooksFrame(NamedTuple):
    """Where the map lies on its sheet, in CSS pixels."""

    left: float
    top: float
    cell: float  # width and height of a cell
    n_words: int

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Which (row, column) a point lies in; beside or above the map, none."""
        row, column = (y - self.top) // self.cell, (x - self.left) // self.cell
        inside = 0 <= row < self.n_words and 0 <= column < self.n_words
        return (int(row), int(column)) if inside else None


def looks_frame(size: Size, words: Sequence[str]) -> LooksFrame:
    """The largest square of whole pixels a cell, with room for the words."""
    width, height = size
    longest = max((text_width(word, LABEL, 600) for word in words), default=0.0)
    room = min(longest + BESIDE + 4, MOST * width)
    cell = min(width - room, height - room) / max(len(words), 1)
    return LooksFrame(room, room, max(float(int(cell)), 1.0), len(words))


def looks_map(
    size: Size,
    words: Sequence[str],
    weights: np.ndarray,
    opened: tuple[int, int],
    lit: str | None = None,
) -> Drawing:
    """Rows look, columns are looked at, 0 to 100 % of the ramp.

    weights (T, T), each row sums to 1. opened: (row, column) of the weight that is
    explained; its row is framed. lit: a word that is lit up wherever it stands.
    """
    frame = looks_frame(size, words)
    left, top, cell, count = frame
    side = cell * count
    marks: list[Mark] = [Heat(left, top, side, side, weights, "seq", cell >= GAP_FROM)]
    type_size = LABEL if cell >= LABEL else 12.0
    apart = ceil(type_size / cell)  # with many words, not every one is named
    for place, word in enumerate(words):
        middle = (place + 0.5) * cell
        shown = fitted(word, left - BESIDE + 1, type_size, 600)
        for chosen, across in ((opened[0], False), (opened[1], True)):
            strong = place == chosen or word == lit
            if place % apart and not strong:
                continue
            if not strong and abs(place - chosen) < apart:
                continue
            ink, weight = ("ink", 600) if strong else ("ink-2", 400)
            x, y = left - BESIDE, top + middle + type_size * 0.35
            if across:
                x, y = left + middle + type_size * 0.35, top - BESIDE
            marks.append(
                Text(
                    x, y, shown, ink, type_size, "sans", weight, False,
                    "left" if across else "right", False, -90.0 if across else 0.0,
                )
            )  # fmt: skip
        if word == lit:
            marks.append(Rect(left - 4, top + place * cell, 3, cell - 1, "coral"))
            marks.append(Rect(left + place * cell, top - 4, cell - 1, 3, "coral"))
    row, column = opened
    marks.append(_frame(left, top + row * cell, side, cell, "coral", 1.5))
    marks.append(_frame(left + column * cell, top + row * cell, cell, cell, "ink", 2.0))
    return Drawing(*size, marks)


def _frame(
    x: float, y: float, width: float, height: float, colour: str, line: float
) -> Polygon:
    right, bottom = x + width - 1, y + height - 1
    corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
    return Polygon(np.array(corners, np.float32), None, colour, line)
