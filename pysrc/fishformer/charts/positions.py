"""Position vectors as a picture: a row a position, a column a number."""

import numpy as np

from .drawing import Drawing, Heat, Mark, Polygon, Size, Text
from .shuffled import coloured

LEFT, FOOT = 26.0, 20.0


def positions_picture(
    size: Size, vectors: np.ndarray, most: float, chosen: int
) -> Drawing:
    """vectors (M, D) from -most to most on the diverging ramp; `chosen` is framed."""
    width, height = size
    M, D = vectors.shape
    row = max(float(int((height - FOOT) / M)), 1.0)
    wide = width - LEFT
    gap = wide / D >= 8 and row >= 8
    marks: list[Mark] = [
        Heat(LEFT, 0, wide, row * M, coloured(vectors, most), "div", gap)
    ]
    every = 1 if row >= 14 else 5
    for place in range(M):
        if place == chosen or (place % every == 0 and abs(place - chosen) * row > 12):
            ink, weight = ("ink", 600) if place == chosen else ("ink-3", 400)
            y = (place + 0.5) * row + 4
            marks.append(
                Text(LEFT - 7, y, str(place + 1), ink, weight=weight, align="right")
            )
    foot = row * M + 15
    marks.append(Text(LEFT, foot, "number 1", "ink-3"))
    marks.append(Text(width, foot, str(D), "ink-3", align="right"))
    top, bottom = chosen * row, (chosen + 1) * row - 1
    corners = [(LEFT, top), (width - 1, top), (width - 1, bottom), (LEFT, bottom)]
    marks.append(Polygon(np.array(corners, np.float32), None, "coral", 2))
    return Drawing(width, height, marks)


def position_at(size: Size, count: int, y: float) -> int | None:
    """Which row a pointer means."""
    row = max(float(int((size[1] - FOOT) / count)), 1.0)
    place = int(y // row)
    return place if 0 <= place < count else None
