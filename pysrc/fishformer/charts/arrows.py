"""Two lists of numbers as two arrows: how long each is and how far they point apart."""

from math import cos, hypot, sin

import numpy as np

from .drawing import Drawing, Line, Mark, Polygon, Size, Text

HEAD = 11.0  # length of an arrow's head
ROOM = 26.0  # around the arrows, for their letters


def two_arrows(
    size: Size, lengths: tuple[float, float], angle: float, longest: float
) -> Drawing:
    """Arrows a (a query's colour) and b (a key's) at an angle, in radians, 0 to pi.

    Any two lists lie in one plane, so that lengths and angle are true however many
    numbers they have. longest is the length that just fits. The dashed line drops
    from the tip of a onto the line of b.
    """
    width, height = size
    x, y = width / 2, height - ROOM
    per_one = min(width / 2 - ROOM, height - 2 * ROOM) / longest
    marks: list[Mark] = [
        Line(np.array([(ROOM / 2, y), (width - ROOM / 2, y)], np.float32), "hair")
    ]
    tip = (x + lengths[0] * per_one * cos(angle), y - lengths[0] * per_one * sin(angle))
    shadow = np.array([tip, (tip[0], y)], np.float32)
    if abs(shadow[0, 1] - y) > 2:
        marks.append(Line(shadow, "edge", 1, (3, 3)))
    marks += _arrow((x, y), (x + lengths[1] * per_one, y), "key", "b", below=True)
    marks += _arrow((x, y), tip, "query", "a")
    return Drawing(width, height, marks)


def _arrow(
    start: tuple[float, float],
    end: tuple[float, float],
    tone: str,
    name: str,
    below: bool = False,
) -> list[Mark]:
    dx, dy = end[0] - start[0], end[1] - start[1]
    far = hypot(dx, dy)
    if far < 1:
        return []
    dx, dy = dx / far, dy / far
    head = min(HEAD, far)
    neck = (end[0] - head * dx, end[1] - head * dy)
    sides = [
        (neck[0] - head * 0.42 * dy, neck[1] + head * 0.42 * dx),
        (neck[0] + head * 0.42 * dy, neck[1] - head * 0.42 * dx),
    ]
    at = (end[0] + 12 * dx, end[1] + 17) if below else (end[0], end[1] - 9)
    return [
        Line(np.array([start, neck], np.float32), tone, 2.5),
        Polygon(np.array([end, *sides], np.float32), tone),
        Text(*at, name, tone, 15, "serif", 600, True, "center", True),
    ]
