"""Where words look: a head's attention as a map, and one word's row as bars."""

from collections.abc import Sequence

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


def attention_row(
    size: Size, words: Sequence[str], weights: np.ndarray, looking: int
) -> Drawing:
    """One row of a map as bars on a line of words; words[looking] is the one who looks.

    weights (T,) from 0 to 1; a bar as high as its room would be 100 %. Words share the
    width by their length, so that the line reads as the sentence does.
    """
    width, height = size
    floor = height - 22
    type_size = 14.0
    needs = [text_width(word, type_size) + WORD_PADDING for word in words]
    if sum(needs) > width:
        needs = [need * 12 / type_size for need in needs]
        type_size = 12.0
    slots = _slots(needs, width)
    marks: list[Mark] = []
    left = 0.0
    for place, (weight, need, slot) in enumerate(
        zip(weights.tolist(), needs, slots, strict=True)
    ):
        word, middle, looks = words[place], left + slot / 2, place == looking
        if slot < need:
            word = fitted(word, slot - 2, type_size)
        bar, tall = min(BAR, slot - 2), weight * floor
        marks += (
            Rect(middle - bar / 2, floor - tall, bar, tall, "sea"),
            Rule(middle - bar / 2, floor, middle + bar / 2, floor, "sea"),
            Text(
                middle, height - 5, word, "ink" if looks else "ink-2", type_size,
                "sans", 600 if looks else 400, False, "center",
            ),
        )  # fmt: skip
        left += slot
    return Drawing(width, height, marks)


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
