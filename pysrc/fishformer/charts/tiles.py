"""A part of a model as small pictures of its matrices, to look at and to press."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Heat, Mark, Polygon, Rule, Size, Text, fitted

NAME, GAP, CAPTION = 15.0, 12.0, 18.0
TILE = 76.0  # at least so wide, with its gap
MOST_CELLS = 40  # of a matrix, across and down; of a larger one, every so many
TONES = {"query": "query", "key": "key", "value": "value"}


class Tile(NamedTuple):
    """One matrix: its name and its numbers, from 0 to 1 along the ramp."""

    key: str
    name: str
    values: np.ndarray  # (R, C)
    ramp: str = "div"
    tone: str = ""
    marked: bool = False  # lies on the way that is shown


class TileFrame(NamedTuple):
    """Where each tile lies: its box with its name, from left and top."""

    boxes: tuple[tuple[str, float, float, float, float], ...]
    captions: tuple[float, ...]  # their baselines
    high: float  # of a picture

    def at(self, x: float, y: float) -> str | None:
        """The tile at a point."""
        for key, left, top, wide, high in self.boxes:
            if left <= x <= left + wide and top <= y <= top + high:
                return key
        return None


def tile_frame(size: Size, groups: Sequence[Sequence[str]]) -> TileFrame:
    """Tiles in rows from left to right, each group with a caption of its own."""
    width, height = size
    across = max(int((width + GAP) // (TILE + GAP)), 1)
    lines = sum(-(-len(group) // across) for group in groups)
    line = (height - CAPTION * len(groups)) / max(lines, 1)
    wide = (width + GAP) / across - GAP
    high = max(min(line - NAME - GAP, 56.0), 4.0)
    boxes, captions = [], []
    top = 0.0
    for group in groups:
        captions.append(top + 12)
        top += CAPTION
        for n, key in enumerate(group):
            row, column = divmod(n, across)
            left = column * (wide + GAP)
            boxes.append((key, left, top + row * line, wide, NAME + high))
        top += -(-len(group) // across) * line
    return TileFrame(tuple(boxes), tuple(captions), high)


def thinned(values: np.ndarray) -> np.ndarray:
    """Every so many rows and columns of (R, C), for at most MOST_CELLS of each."""
    rows, columns = (-(-n // MOST_CELLS) for n in values.shape)
    return values[::rows, ::columns]


def tiles(
    size: Size, groups: Sequence[tuple[str, Sequence[Tile]]], chosen: str
) -> Drawing:
    """Groups of tiles, each with its caption; the chosen tile is framed in coral."""
    frame = tile_frame(size, [[tile.key for tile in group] for _, group in groups])
    marks: list[Mark] = [
        Text(0, y, caption, "ink-2", 12, weight=600)
        for (caption, _), y in zip(groups, frame.captions, strict=True)
    ]
    places = {key: box for key, *box in frame.boxes}
    for tile in (tile for _, group in groups for tile in group):
        left, top, wide, _ = places[tile.key]
        picture = top + NAME
        strong = tile.key == chosen
        ink = tile.tone or ("ink" if strong else "ink-2")
        name = fitted(tile.name, wide, 12, 600 if strong else 400)
        marks.append(Text(left, top + 11, name, ink, 12, weight=600 if strong else 400))
        edge = ("coral", 6.0) if strong else ("hair", 2.0)
        marks.append(_frame(left, picture, wide, frame.high, *edge))
        marks.append(
            Heat(left, picture, wide, frame.high, thinned(tile.values), tile.ramp)
        )
        if tile.marked:
            below = picture + frame.high + 4
            marks.append(Rule(left, below, left + wide, below, "coral", 2.0))
    return Drawing(*size, marks)


def _frame(
    left: float, top: float, wide: float, high: float, stroke: str, width: float
) -> Polygon:
    corners = [(left, top), (left + wide, top), (left + wide, top + high),
               (left, top + high)]  # fmt: skip
    return Polygon(np.array(corners, np.float32), "paper", stroke, width)
