"""Where words look: a head's attention as a map, and one word's row as bars."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import (
    Drawing,
    Heat,
    Mark,
    Polygon,
    Rect,
    Rule,
    Size,
    Text,
    fitted,
    text_width,
)

GAP_FROM = 12.0  # px: cells at least so large have paper between them
TYPE_FROM = 11.0  # px: rows at least so high have room for a word
BAR = 26.0  # width of a bar above a word
WORD_PADDING = 8.0


def attention_map(size: Size, weights: np.ndarray, row: int | None = None) -> Drawing:
    """Attention as a map: rows look, columns are looked at, 0 to 100 % of the ramp.

    weights (T, T), each row sums to 1. row: the word whose row is framed in coral.
    """
    width, height = size
    cell = height / max(len(weights), 1)
    gap = cell >= GAP_FROM
    marks: list[Mark] = [Heat(0, 0, width, height, weights, "seq", gap)]
    if row is not None:
        line = 2.0 if gap else 1.0
        left, right = line / 2, width - line / 2  # all of the line on the sheet
        top, bottom = max(row * cell, left), min((row + 1) * cell, height - left)
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        marks.append(Polygon(np.array(corners, np.float32), None, "coral", line))
    return Drawing(width, height, marks)


def labelled_map(size: Size, words: Sequence[str], weights: np.ndarray) -> Drawing:
    """A map with the words that look at its left, as large as the sheet allows."""
    width, height = size
    wide = min(max((text_width(word) for word in words), default=0) + 8, width / 3)
    side = min(width - wide, height)
    cell = side / max(len(words), 1)
    marks: list[Mark] = [
        Text(
            wide - 6, (row + 0.5) * cell + 4, fitted(word, wide - 6), "ink-2",
            align="right",
        )
        for row, word in enumerate(words)
        if cell >= TYPE_FROM
    ]  # fmt: skip
    marks.append(Heat(wide, 0, side, side, weights, "seq", cell >= GAP_FROM))
    return Drawing(width, height, marks)


class WordLine(NamedTuple):
    """A line of words, and above each of them the place of a bar."""

    size: Size
    drawing: Drawing  # the words, each below a rule: painted below the bars
    bars: list[tuple[float, float]]  # left end and width

    @property
    def floor(self) -> float:
        """Where bars stand."""
        return self.size[1] - 22


def word_line(size: Size, words: Sequence[str], looking: int) -> WordLine:
    """Words share the width by their length, so that it reads as the sentence does.

    words[looking] is the one who looks.
    """
    width, height = size
    type_size = 14.0
    needs = [text_width(word, type_size) + WORD_PADDING for word in words]
    if sum(needs) > width:
        needs = [need * 12 / type_size for need in needs]
        type_size = 12.0
    marks: list[Mark] = []
    line = WordLine(size, Drawing(width, height, marks), [])
    left = 0.0
    for place, (need, slot) in enumerate(zip(needs, _slots(needs, width), strict=True)):
        word, middle, looks = words[place], left + slot / 2, place == looking
        if slot < need:
            word = fitted(word, slot - 2, type_size)
        bar = min(BAR, slot - 2)
        line.bars.append((middle - bar / 2, bar))
        marks += (
            Rule(middle - bar / 2, line.floor, middle + bar / 2, line.floor, "sea"),
            Text(
                middle, height - 5, word, "ink" if looks else "ink-2", type_size,
                "sans", 600 if looks else 400, False, "center",
            ),
        )  # fmt: skip
        left += slot
    return line


def attention_bars(line: WordLine, weights: np.ndarray) -> Drawing:
    """One row of a map as bars on a line of words; painted above it.

    weights (T,) from 0 to 1; a bar as high as its room would be 100 %.
    """
    marks: list[Mark] = [
        Rect(left, line.floor * (1 - weight), width, weight * line.floor, "sea")
        for (left, width), weight in zip(line.bars, weights.tolist(), strict=True)
    ]
    return Drawing(*line.size, marks)


def _slots(needs: Sequence[float], width: float) -> list[float]:
    """Share out the width: more for each if there is enough, else less for the long."""
    spare = (width - sum(needs)) / max(len(needs), 1)
    if spare >= 0:
        return [need + spare for need in needs]
    left, most = width, 0.0
    for place, need in enumerate(sorted(needs)):
        most = left / (len(needs) - place)
        if need > most:
            break
        left -= need
    return [min(need, most) for need in needs]
