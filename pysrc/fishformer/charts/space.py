"""Words as points in three dimensions, over a ground that gives them height.

Looked at from a little above; what is nearer is larger and darker, and named first.
Shapes: N points, K places on the way of each.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import cos, radians, sin
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Polygon, Size, Text, text_width
from .labels import ASCENT, DESCENT

FLOOR, EDGE = -0.9, 0.9  # where the ground lies, and how far it reaches
CELLS = 8  # of the ground, each way
PERSPECTIVE = 0.22
MIDDLE = 0.44  # of the sheet's height: the ground needs more room than the sky
REACH = 16.0  # px: how near a pointer must come to a point
ROOM_A_NAME = 13_000  # square px
TRAILING = ("first", "second", "lit")  # kinds whose ways are drawn
MOST_TRAILS = 160
CANDIDATES = 90  # points that may get a name
LINE = 20.0  # px from one line of the key to the next
LOOKS = {  # kind of point: radius, fill when near, when far, colour of its name
    "other": (2.4, "edge", "edge", "ink-3"),
    "first": (3.6, "sea", "sea-mid", "sea"),
    "second": (3.4, "ink", "ink", "ink"),  # an open square
    "a": (3.6, "sea", "sea", "sea"),
    "b": (3.6, "query", "query", "query"),
    "c": (3.6, "key", "key", "key"),
    "d": (3.6, "value", "value", "value"),
    "e": (3.6, "ink-2", "ink-2", "ink-2"),
    "p1": (3.3, "seq-5", "seq-5", "ink-2"),
    "p2": (3.3, "seq-6", "seq-6", "ink-2"),
    "p3": (3.3, "seq-7", "seq-7", "ink-2"),
    "p4": (3.3, "seq-8", "seq-8", "ink-2"),
    "p5": (3.3, "seq-9", "seq-9", "ink-2"),
    "lit": (5.0, "coral", "coral", "coral-ink"),
}
SHAPES = {  # corners of what is no disc: colours alone do not tell words apart
    "b": np.array([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)], np.float32),
    "c": np.array([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)], np.float32),
    "d": np.array([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)], np.float32),
}
RING = "e"


class View(NamedTuple):
    """Where one looks from, in degrees."""

    turn: float
    tilt: float


class Points(NamedTuple):
    """What there is to see; the cube from -1 to 1 fills the sheet."""

    places: np.ndarray  # (N, 3) across, up, towards the visitor
    kinds: Sequence[str]  # (N,) of LOOKS
    names: Sequence[str]  # (N,)
    trails: np.ndarray | None = None  # (N, K, 3) the way that each has come


def seen(size: Size, view: View, places: np.ndarray) -> np.ndarray:
    """Places (..., 3) as seen on the sheet: x, y, and how near, above 0 in front."""
    width, height = size
    turn, tilt = radians(view.turn), radians(view.tilt)
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    across = x * cos(turn) + z * sin(turn)
    ahead = z * cos(turn) - x * sin(turn)
    up = y * cos(tilt) - ahead * sin(tilt)
    near = y * sin(tilt) + ahead * cos(tilt)
    scale = min(width * 0.36, height * 0.37) / (1 - PERSPECTIVE * near)
    found = np.empty(places.shape)
    found[..., 0] = width / 2 + across * scale
    found[..., 1] = height * MIDDLE - up * scale
    found[..., 2] = near
    return found


def space(
    size: Size, points: Points, view: View, key: Sequence[tuple[str, str]] = ()
) -> tuple[Drawing, np.ndarray]:
    """The picture, and where each point is on it: (N, 2).

    One mark a point, from the farthest to the nearest. Names go to those that are lit,
    then to the nearest; one that would lie on another is left out. `key` says what
    kinds mean, at the top.
    """
    width, height = size
    marks = _ground(size, view)
    on_sheet = seen(size, view, points.places)
    order = np.argsort(on_sheet[:, 2])
    named = _named(size, points, on_sheet, order)
    feet = points.places[named].copy()
    feet[:, 1] = FLOOR
    feet_seen = seen(size, view, feet)[:, :2]
    for place, foot in zip(named, feet_seen, strict=True):
        marks.append(Line(np.array([on_sheet[place, :2], foot], np.float32), "hair"))
    marks += _trails(size, points, view, order)
    spots = on_sheet.tolist()
    kinds = points.kinds
    for n in order.tolist():
        x, y, near = spots[n]
        marks.append(_mark(x, y, near, kinds[n]))
    marks += _names(size, points, spots, named)
    marks += _key(size, key)
    return Drawing(width, height, marks), on_sheet[:, :2]


def nearest(on_sheet: np.ndarray, x: float, y: float) -> int | None:
    """Which point a pointer means, if any is near enough."""
    if not len(on_sheet):
        return None
    distances = np.hypot(on_sheet[:, 0] - x, on_sheet[:, 1] - y)
    best = int(distances.argmin())
    return best if distances[best] <= REACH else None


def _ground(size: Size, view: View) -> list[Mark]:
    """The grid as two lines that go to and fro, along its edge from one to the next."""
    ends = np.linspace(-EDGE, EDGE, CELLS + 1)
    path = np.empty((2 * (CELLS + 1), 3))
    path[:, 0] = np.repeat(ends, 2)
    path[:, 1] = FLOOR
    path[:, 2] = np.tile([-EDGE, EDGE, EDGE, -EDGE], CELLS)[: len(path)]
    across = path[:, [2, 1, 0]]
    return [
        Line(seen(size, view, way)[:, :2].astype(np.float32), "hair")
        for way in (path, across)
    ]


def _mark(x: float, y: float, near: float, kind: str) -> Mark:
    radius, front, back, _ = LOOKS[kind]
    r = radius * (1 + 0.28 * min(max(near, -1.0), 1.0))
    if kind == "second":
        r -= 0.6
        corners = ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r))
        return Polygon(np.array(corners, np.float32), "paper", front, 3)
    ink = front if near > -0.35 else back
    if kind in SHAPES:
        return Polygon(np.array((x, y), np.float32) + r * SHAPES[kind], ink)
    if kind == RING:
        return Circle(x, y, r - 0.6, "paper", ink, 1.5)
    return Circle(x, y, r, ink)


def _trails(size: Size, points: Points, view: View, order: np.ndarray) -> list[Mark]:
    """The ways of the points that matter most: those that are lit on top."""
    if points.trails is None or points.trails.shape[1] < 2:
        return []
    kinds = points.kinds
    chosen = [n for n in order.tolist() if kinds[n] in TRAILING][-MOST_TRAILS:]
    chosen.sort(key=lambda n: kinds[n] == "lit")
    ways = seen(size, view, points.trails[chosen])[..., :2].astype(np.float32)
    return [
        Line(way, "coral", 1.5) if kinds[n] == "lit" else Line(way, "hair", 1.25)
        for n, way in zip(chosen, ways, strict=True)
    ]


def _named(
    size: Size, points: Points, on_sheet: np.ndarray, order: np.ndarray
) -> list[int]:
    """Which points get a name: the nearest first, none upon another."""
    kinds = points.kinds
    rank = {"lit": 0, "other": 2}
    nearest_first = order[::-1].tolist()
    nearest_first.sort(key=lambda n: rank.get(kinds[n], 1))
    most = int(size[0] * size[1] / ROOM_A_NAME)
    boxes = np.empty((most, 4))
    named: list[int] = []
    for n in nearest_first[:CANDIDATES]:
        if len(named) == most:
            break
        box = _box(size, on_sheet[n, 0], on_sheet[n, 1], points.names[n], kinds[n])
        taken = boxes[: len(named)]
        over = (
            (taken[:, 0] < box[2]) & (box[0] < taken[:, 2])
            & (taken[:, 1] < box[3]) & (box[1] < taken[:, 3])
        )  # fmt: skip
        if over.any():
            continue
        boxes[len(named)] = box
        named.append(n)
    return named


def _box(
    size: Size, x: float, y: float, name: str, kind: str
) -> tuple[float, float, float, float]:
    """The room of a point and its name, which stands at its right or else its left."""
    away = LOOKS[kind][0] + 5
    wide = _wide(name, 600 if kind == "lit" else 400)
    if x + away + wide > size[0] - 2:
        return x - away - wide, y - ASCENT, x + 5, y + DESCENT + 3
    return x - 5, y - ASCENT, x + away + wide, y + DESCENT + 3


@lru_cache(1000)
def _wide(name: str, weight: int) -> float:
    return text_width(name, weight=weight)


def _names(
    size: Size, points: Points, spots: list[list[float]], named: list[int]
) -> list[Mark]:
    marks: list[Mark] = []
    for n in reversed(named):
        kind, name = points.kinds[n], points.names[n]
        x, y, _ = spots[n]
        _, _, right, _ = _box(size, x, y, name, kind)
        at_left = right < x + 6
        weight = 600 if kind == "lit" else 400
        away = LOOKS[kind][0] + 5
        ink = LOOKS[kind][3]
        place, align = (x - away, "right") if at_left else (x + away, "left")
        marks.append(
            Text(place, y + 4, name, ink, 12, "sans", weight, False, align, True)
        )
    return marks


def _key(size: Size, key: Sequence[tuple[str, str]]) -> list[Mark]:
    marks: list[Mark] = []
    x, y = 8.0, 12.0
    for kind, text in key:
        wide = 14 + text_width(text) + 16
        if x + wide > size[0] and x > 8:
            x, y = 8.0, y + LINE
        marks.append(_mark(x, y - 4, 0.0, kind))
        marks.append(Text(x + 10, y, text, "ink-2", halo=True))
        x += wide
    return marks
