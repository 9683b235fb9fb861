"""One point becomes two: the uses of a word, layer under layer, by sense."""

from collections.abc import Sequence

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Polygon, Rule, Size, Text

HEAD, FOOT = 30.0, 14.0
SPREAD = 9.0  # px up and down, so that uses at the same place can be told apart
SIDE = 14.0


def fork(
    size: Size,
    places: np.ndarray,
    second: np.ndarray,
    pair: tuple[int, int],
    layers: Sequence[str],
    senses: tuple[str, str],
    reach: float,
) -> Drawing:
    """Where each use stands in each layer, from the first sense to the second.

    places (L + 1, U) from -reach to reach, 0 is half-way and what is beyond is drawn
    at the edge; second (U,) says which uses are of the second sense: open squares, the
    others discs. The two of `pair` are followed from layer to layer.
    """
    width, height = size
    levels = HEAD + (height - HEAD - FOOT) * (np.arange(len(places)) + 0.5) / len(
        places
    )
    middle, half = width / 2, width / 2 - SIDE
    across = middle + np.clip(places / reach, -1, 1) * half
    U = places.shape[1]
    # The same little way up or down for a use in every layer.
    away = SPREAD * (((np.arange(U) * 7) % 5) / 2 - 1)
    marks: list[Mark] = [
        Rule(middle, HEAD - 6, middle, height - FOOT, "ink-3", 1, (2, 3)),
        Circle(SIDE + 4, 12, 4, "sea"),
        Text(SIDE + 14, 16, senses[0], "sea", 13, weight=600),
        _square(width - SIDE - 4, 12, 3.5),
        Text(width - SIDE - 14, 16, senses[1], "ink", 13, weight=600, align="right"),
    ]
    names: list[Mark] = []
    for level, name in zip(levels.tolist(), layers, strict=True):
        marks.append(Rule(0, level, width, level, "hair"))
        names.append(Text(0, level - 16, name, "ink-3", halo=True))
    apart = np.ptp(across, axis=1) > 1  # else all uses are one point
    for layer, level in enumerate(levels.tolist()):
        for use in range(U):
            if use not in pair and apart[layer]:
                x, y = float(across[layer, use]), level + float(away[use])
                marks.append(_dot(x, y, bool(second[use]), 3.0))
    for use in pair:
        xy = np.stack([across[:, use], levels], axis=1).astype(np.float32)
        marks.append(Line(xy, "coral", 2))
    for use in pair:
        for x, y, parted in zip(
            across[:, use].tolist(), levels.tolist(), apart, strict=True
        ):
            marks.append(Circle(x, y, 9, "paper"))
            if parted:
                marks.append(_dot(x, y, bool(second[use]), 6.0))
            else:
                marks.append(Circle(x, y, 7, "coral"))
    return Drawing(width, height, marks + names)


def _dot(x: float, y: float, square: bool, radius: float) -> Mark:
    if square:
        return _square(x, y, radius - 0.5)
    return Circle(x, y, radius, "sea")


def _square(x: float, y: float, r: float) -> Polygon:
    corners = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
    return Polygon(np.array(corners, np.float32), "paper", "ink", 2.5)
