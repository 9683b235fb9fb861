"""The weights of one block drawn to scale, and where the weights of models are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Mark, Polygon, Rect, Rule, Size, Text, text_width

GAP = 14.0
HEAD, FOOT = 24.0, 16.0
CELL = 6.0  # pixels from which on every weight is a cell of its own
NARROW = 480.0
SQUARES = (("Q", "query"), ("K", "key"), ("V", "value"), ("O", "ink-2"))


def weights_to_scale(size: Size, d_model: int, n_heads: int, d_ff: int) -> Drawing:
    """W_Q W_K W_V W_O, each D × D, then W_in D × F and W_out F × D, on one scale.

    The part of head 1 is in the colour of its matrix; W_out lies on its side. Where
    there is room, every weight is a cell.
    """
    width, height = size
    D, F = d_model, d_ff
    narrow = width < NARROW
    across = (4 * D, 3 * GAP) if narrow else (2 * D + F, 3 * GAP)
    rows = 3 if narrow else 2
    unit = min((width - across[1]) / across[0], width / F,
               (height - rows * (HEAD + FOOT)) / (rows * D))  # fmt: skip
    if unit >= CELL:
        unit = float(int(unit))
    side, wide, below = unit * D, unit * F, HEAD + FOOT
    marks: list[Mark] = []
    for n, (name, ink) in enumerate(SQUARES):
        column, row = (n, 0) if narrow else (n % 2, n // 2)
        x, y = column * (side + GAP), HEAD + row * (side + below)
        marks += _matrix(x, y, (D, D), unit, "sea-soft", name)
        if name != "O":
            marks.append(Rect(x, y, max(side / n_heads, 1), side, ink))
        marks += _lines(x, y, (D, D), unit)
    left = 0.0 if narrow else 2 * side + 3 * GAP
    first = HEAD + (side + below if narrow else 0)
    shapes = f"{D:,} × {F:,}", f"{F:,} × {D:,}, on its side"
    for n, (name, says) in enumerate(zip(("in", "out"), shapes, strict=True)):
        y = first + n * (side + below)
        marks += _matrix(left, y, (D, F), unit, "sea-mid", name, says)
        marks += _lines(left, y, (D, F), unit)
    assert left + wide <= width + 1
    return Drawing(width, height, marks)


def _matrix(
    x: float,
    y: float,
    shape: tuple[int, int],
    unit: float,
    fill: str,
    name: str,
    says: str = "",
) -> list[Mark]:
    """One matrix, W with its name as a subscript above it."""
    rows, columns = shape
    after = x + text_width("W", 13, 600)
    marks: list[Mark] = [
        Text(x, y - 8, "W", "ink", 13, weight=600),
        Text(after, y - 5, name, "ink", 10, weight=600),
        Rect(x, y, columns * unit, rows * unit, fill),
    ]
    if says:
        right = after + text_width(name, 10, 600) + 6
        marks.append(Text(right, y - 8, says, "ink-2", 13))
    return marks


def _lines(x: float, y: float, shape: tuple[int, int], unit: float) -> list[Mark]:
    """Paper between the cells, or else a frame."""
    rows, columns = shape
    right, bottom = x + columns * unit, y + rows * unit
    if unit < CELL:
        corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
        return [Polygon(np.array(corners, np.float32), None, "edge", 1)]
    marks: list[Mark] = []
    for row in range(rows + 1):
        marks.append(Rule(x, y + row * unit, right, y + row * unit, "paper"))
    for column in range(columns + 1):
        at = x + column * unit
        marks.append(Rule(at, y, at, bottom, "paper"))
    return marks


# ---- where the weights of whole models are ------------------------------------------

FILLS = ("sea-soft", "query", "sea-mid", "edge")
LINE, BAR = 46.0, 16.0
GROOVE = 1.5  # between parts: two of the fills are alike in grey
KEY = 30.0


class Shares(NamedTuple):
    """One model: its name, what stands at the right, and parts that sum to 1."""

    name: str
    says: str
    parts: Sequence[float]
    chosen: bool = False


def share_bars(size: Size, kinds: Sequence[str], rows: Sequence[Shares]) -> Drawing:
    """A bar from 0 to 100 % for each model, divided as its weights are."""
    width, height = size
    line = (height - KEY) / len(rows)
    marks: list[Mark] = []
    x = 0.0
    for kind, fill in zip(kinds, FILLS, strict=True):
        marks += (Rect(x, 3, 11, 11, fill), Text(x + 16, 13, kind, "ink-2", 12))
        x += 16 + text_width(kind, 12) + 16
    for n, row in enumerate(rows):
        y = KEY + n * line
        ink, weight = ("ink", 600) if row.chosen else ("ink-2", 400)
        marks += (
            Text(0, y + 13, row.name, ink, 13, weight=weight),
            Text(width, y + 13, row.says, ink, 13, "mono", align="right"),
        )
        if row.chosen:
            marks.append(Rect(-9, y, 3, line - 8, "coral"))
        x = 0.0
        for part, fill in zip(row.parts, FILLS, strict=True):
            marks.append(Rect(x, y + 19, max(part * width - GROOVE, 0), BAR, fill))
            x += part * width
    return Drawing(width, height, marks)
