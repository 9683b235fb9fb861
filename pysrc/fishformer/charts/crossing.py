"""Cross-attention as it writes: a row for each word written, a column for each read."""

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

TYPE = 13.0
HEAD = 20.0  # height of the headings of the two columns of words
BESIDE = 10.0  # between words and the map
NUMBERS_FROM = (34.0, 19.0)  # width and height of a cell that has room for a number
DARK = 0.5  # a cell above that has light numbers
MOST_ACROSS = 64.0  # height of the words on top, when they stand upright


class CrossingFrame(NamedTuple):
    """Where the map lies on its sheet, in CSS pixels."""

    reads: float  # right end of the words that go in
    left: float  # of the map; the words that come out end before it
    top: float
    cell: tuple[float, float]  # width and height
    shape: tuple[int, int]  # rows, columns
    upright: bool  # whether the words on top are turned

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Which (row, column) a point lies in; column 0 for the words beside it."""
        row = (y - self.top) // self.cell[1]
        column = max((x - self.left) // self.cell[0], 0)
        inside = 0 <= row < self.shape[0] and column < self.shape[1]
        return (int(row), int(column)) if inside else None


def crossing_frame(
    size: Size, sources: Sequence[str], reads: Sequence[str], writes: Sequence[str]
) -> CrossingFrame:
    """Room for the words of both sides, and the rest for the cells."""
    width, height = size
    went_in = max(text_width(word, TYPE) for word in (*reads, "reads"))
    came_out = max(text_width(word, TYPE, 600) for word in (*writes, "writes"))
    went_in, came_out = min(went_in, 0.2 * width), min(came_out, 0.22 * width)
    left = float(int(went_in + came_out + 2 * BESIDE + 4))
    columns = max(len(sources), 1)
    across = (width - left) / columns
    longest = max((text_width(word, TYPE, 600) for word in sources), default=0.0)
    upright = longest > across - 4
    top = min(longest, MOST_ACROSS) + BESIDE if upright else HEAD + 4
    rows = max(len(writes), len(sources) + 1)
    down = (height - top) / rows
    cell = (max(float(int(across)), 1.0), max(float(int(down)), 1.0))
    return CrossingFrame(went_in, left, top, cell, (rows, columns), upright)


def crossing(
    size: Size,
    sources: Sequence[str],
    reads: Sequence[str],
    writes: Sequence[str],
    weights: np.ndarray,
    chosen: int | None = None,
    outlined: Sequence[tuple[int, int]] = (),
    lit: str | None = None,
) -> Drawing:
    """Rows look, columns are looked at, 0 to 100 % of the ramp.

    weights (T, S), each row sums to 1; row t is that in which reads[t] goes in and
    writes[t] comes out. chosen: a row that stands out. outlined: cells to be noted.
    lit: a word that is lit up wherever it stands.
    """
    frame = crossing_frame(size, sources, reads, writes)
    (cell_x, cell_y), left, top = frame.cell, frame.left, frame.top
    rows, columns = frame.shape
    right, came_out = left + columns * cell_x, left - BESIDE
    marks: list[Mark] = [
        Text(frame.reads, top - 8, "reads", "ink-3", 12, align="right"),
        Text(came_out, top - 8, "writes", "ink-3", 12, align="right"),
    ]
    marks += _across(frame, sources, lit)
    for row in range(rows + 1):
        y = top + row * cell_y
        marks.append(Rule(0, y, right, y, "hair"))
    if len(weights):
        gap = min(cell_x, cell_y) >= 12
        tall = len(weights) * cell_y
        marks.append(Heat(left, top, columns * cell_x, tall, weights, "seq", gap))
    for row, word in enumerate(writes):
        strong = row == chosen
        y = top + (row + 0.5) * cell_y + 4.5
        weight, ink = (600, "ink") if strong else (400, "ink-2")
        went_in = fitted(reads[row], frame.reads, TYPE)
        out = fitted(word, left - frame.reads - 2 * BESIDE + 4, TYPE, 600)
        marks += (
            Text(frame.reads, y, went_in, "ink-3", TYPE, align="right"),
            Text(came_out, y, out, ink, TYPE, "sans", weight, False, "right"),
        )
        if strong or word == lit:
            y = top + row * cell_y
            marks.append(Rect(left - 5, y + 1, 3, cell_y - 2, "coral"))
    marks += _numbers(frame, weights)
    for row, column in outlined:
        x, y = left + column * cell_x, top + row * cell_y
        corners = [(x, y), (x + cell_x - 1, y), (x + cell_x - 1, y + cell_y - 1)]
        corners.append((x, y + cell_y - 1))
        marks.append(Polygon(np.array(corners, np.float32), None, "coral", 2.0))
    return Drawing(*size, marks)


def _across(
    frame: CrossingFrame, sources: Sequence[str], lit: str | None
) -> list[Mark]:
    """The words that are read, above their columns."""
    marks: list[Mark] = []
    for column, word in enumerate(sources):
        middle = frame.left + (column + 0.5) * frame.cell[0]
        ink, weight = ("ink", 600) if word == lit else ("ink-2", 400)
        if frame.upright:
            shown = fitted(word, MOST_ACROSS, TYPE, 600)
            mark = Text(
                middle + TYPE * 0.35, frame.top - 6, shown, ink, TYPE, "sans", weight,
                False, "left", False, -90.0,
            )  # fmt: skip
        else:
            mark = Text(
                middle, frame.top - 8, word, ink, TYPE, "sans", weight, False, "center"
            )
        marks.append(mark)
        if word == lit:
            x = frame.left + column * frame.cell[0]
            marks.append(Rect(x, frame.top - 4, frame.cell[0] - 1, 3, "coral"))
    return marks


def _numbers(frame: CrossingFrame, weights: np.ndarray) -> list[Mark]:
    """The shares in the cells, in per cent, where there is room."""
    if frame.cell[0] < NUMBERS_FROM[0] or frame.cell[1] < NUMBERS_FROM[1]:
        return []
    return [
        Text(
            frame.left + (column + 0.5) * frame.cell[0],
            frame.top + (row + 0.5) * frame.cell[1] + 4,
            f"{100 * share:.0f}", "paper" if share > DARK else "ink", 12, "mono",
            400, False, "center",
        )
        for row, shares in enumerate(weights.tolist())
        for column, share in enumerate(shares)
        if share >= 0.005
    ]  # fmt: skip
