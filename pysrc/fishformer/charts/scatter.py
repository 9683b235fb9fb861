"""Words as points on a map: those that matter have names, as far as there is room."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Mark, Polygon, Rule, Size, Text, text_width
from .labels import ASCENT, DESCENT, Box

MARGIN = 26.0
REACH = 18.0  # px: how near a pointer must come to a point
LOOKS = {  # kind of point: radius, fill, colour and weight of its name
    "word": (5.5, "coral", "coral-ink", 600),
    "first": (4.0, "sea", "sea", 400),
    "second": (4.0, None, "ink", 400),
    "near": (3.5, "ink-2", "ink-2", 400),
    "other": (2.0, "edge", "ink-3", 400),
    "lit": (5.0, "coral", "coral-ink", 600),
}


class Dot(NamedTuple):
    """One word of a map."""

    label: str
    kind: str = "other"  # one of LOOKS; "second" is an open square
    named: bool = False


class Guide(NamedTuple):
    """An upright line across the map, with what it means at its top."""

    x: float
    label: str
    ink: str = "ink-3"


def fitted_to(size: Size, xy: np.ndarray) -> np.ndarray:
    """Points (N, 2) on a sheet: one scale for both axes, y upwards, all inside."""
    width, height = size
    room = np.array([width, height]) - 2 * MARGIN
    low, high = xy.min(axis=0), xy.max(axis=0)
    scale = float((room / np.maximum(high - low, 1e-9)).min())
    return np.array([width, height]) / 2 + (xy - (low + high) / 2) * [scale, -scale]


def nearest_to(places: np.ndarray, x: float, y: float) -> int | None:
    """Which point a pointer means, if any is near enough."""
    if not len(places):
        return None
    distances = np.hypot(places[:, 0] - x, places[:, 1] - y)
    best = int(distances.argmin())
    return best if distances[best] <= REACH else None


def scatter(
    size: Size, places: np.ndarray, dots: Sequence[Dot], guides: Sequence[Guide] = ()
) -> Drawing:
    """Dots at places (N, 2), those of other words below, the chosen word on top.

    A name that would lie on another name, or on a dot with one, is left out.
    """
    width, height = size
    corners = np.array([(0.5, 0.5), (width - 0.5, 0.5), (width - 0.5, height - 0.5),
                        (0.5, height - 0.5)], np.float32)  # fmt: skip
    marks: list[Mark] = [Polygon(corners, None, "hair")]
    boxes: list[Box] = []
    for guide in guides:
        wide = text_width(guide.label, 12, 600)
        left = min(max(guide.x - wide / 2, 6), width - wide - 6)
        marks.append(Rule(guide.x, 24, guide.x, height, "ink-3", 1, (2, 3)))
        marks.append(Text(left, 17, guide.label, guide.ink, weight=600))
        boxes.append(Box(left - 4, 0, left + wide + 4, 24))
    rank = {kind: n for n, kind in enumerate(LOOKS)}
    # "lit" comes last of LOOKS but is to be seen above all others.
    order = sorted(range(len(dots)), key=lambda k: -(rank[dots[k].kind] % 5))
    for k in order:
        x, y = (float(v) for v in places[k])
        marks.append(_mark(x, y, dots[k].kind))
        if dots[k].named:
            r = LOOKS[dots[k].kind][0] + 1
            boxes.append(Box(x - r, y - r, x + r, y + r))
    for k in reversed(order):
        if dots[k].named:
            label = _label(size, places[k], dots[k], boxes)
            if label:
                marks.append(label)
    return Drawing(width, height, marks)


def _mark(x: float, y: float, kind: str) -> Mark:
    radius, fill, ink, _ = LOOKS[kind]
    if kind != "second":
        return Circle(x, y, radius, fill, "paper" if radius > 2 else None, 1.0)
    r = radius - 0.5
    corners = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
    return Polygon(np.array(corners, np.float32), "paper", ink, 3)


def _label(size: Size, place: np.ndarray, dot: Dot, boxes: list[Box]) -> Text | None:
    """The name beside its dot where it is free, and boxes with it."""
    radius, _, ink, weight = LOOKS[dot.kind]
    x, y, away = float(place[0]), float(place[1]), radius + 4
    wide = text_width(dot.label, weight=weight)
    for left, base in (
        (x + away, y + 4),
        (x - away - wide, y + 4),
        (x - wide / 2, y - away),
        (x - wide / 2, y + away + 9),
    ):
        box = Box(left, base - ASCENT, left + wide, base + DESCENT)
        inside = box.left > 2 and box.right < size[0] - 2 and box.top > 2
        inside = inside and box.bottom < size[1] - 2
        if inside and not any(box.overlaps(other) for other in boxes):
            boxes.append(box)
            return Text(left, base, dot.label, ink, weight=weight, halo=True)
    return None
