"""What a dictionary gives for every query, from an exact match to a blend of all."""

from collections.abc import Sequence

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Rule, Size, Text, text_width
from .lines import points

TURN = 360
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 26.0, 30.0


def place_of(size: Size, heading: float) -> float:
    """The x of a heading in degrees."""
    return LEFT + (size[0] - LEFT - RIGHT) * heading / TURN


def heading_at(size: Size, x: float) -> float:
    """The heading in degrees at an x, from 0 to 360."""
    heading = TURN * (x - LEFT) / max(size[0] - LEFT - RIGHT, 1)
    return min(max(heading, 0.0), float(TURN))


def blends(
    size: Size,
    curve: np.ndarray,
    hard: np.ndarray,
    entries: Sequence[tuple[str, float, float, float]],
    query: tuple[float, float],
    top: float,
) -> Drawing:
    """The blend against the query's heading; the best match alone is a dashed line.

    curve, hard (N,): values at N headings from 0 to 360 degrees. entries: name,
    heading, value, weight from 0 to 1, which is the area of its dot. query: its
    heading and the blend there. top: the end of the scale of values.
    """
    width, height = size
    floor = height - BOTTOM

    def y_of(values: np.ndarray) -> np.ndarray:
        return floor - (floor - TOP) * values / top

    marks: list[Mark] = [
        Text(0, 12, "depth, m", "ink-3"),
        Text(width - RIGHT, height - 4, "heading", "ink-3", align="right"),
    ]
    for level in range(0, int(top) + 1, 20):
        y = float(y_of(np.array(level)))
        marks.append(Rule(LEFT, y, width - RIGHT, y, "hair" if level else "edge"))
        marks.append(
            Text(LEFT - 8, y + 4, str(level), "ink-3", 12, "mono", align="right")
        )
    for degrees in (0, 90, 180, 270):
        tick = place_of(size, degrees)
        marks.append(Rule(tick, floor, tick, floor + 4, "edge"))
        align = "center" if degrees else "left"
        text = Text(tick, floor + 17, f"{degrees}°", "ink-3", 12, "mono", align=align)
        marks.append(text)
    x = np.linspace(place_of(size, 0), place_of(size, TURN), len(curve))
    lines = y_of(curve), y_of(hard)
    marks += (
        Line(points(x, lines[1]), "ink-2", 1.25, (5, 3)),
        Line(points(x, lines[0]), "value", 2),
    )
    at, given = place_of(size, query[0]), float(y_of(np.array(query[1])))
    marks.append(Line(points(np.array([at, at]), np.array([TOP, floor])), "query", 1.5))

    def crossed(left: float, wide: float, baseline: float) -> int:
        """How many points of the lines lie where a label would."""
        near = (x > left - 2) & (x < left + wide + 2)
        rise = [baseline - y[near] for y in lines]
        return sum(int(((up > -5) & (up < 12)).sum()) for up in rise)

    for name, heading, value, weight in entries:
        dot = place_of(size, heading), float(y_of(np.array(value)))
        marks.append(Circle(*dot, 3 + 9 * weight**0.5, "key", "paper", 1.5))
        wide = text_width(name, 12, 600)
        left, down = max(dot[0] - wide / 2, LEFT + 2), -16
        if left - 8 < at < left + wide + 8:  # beside the query's line, not across it
            before = dot[0] < at and at - wide - 8 > LEFT  # not over the scale
            left = at - wide - 8 if before else at + 8
            down = -16 if before or dot[0] >= at else 4  # as high as its dot
        below = 24 if dot[1] + 28 < floor else down
        down = min((down, below), key=lambda by: crossed(left, wide, dot[1] + by))
        marks.append(
            Text(left, dot[1] + down, name, "key", 12, "sans", 600, False, "left", True)
        )
    marks.append(Circle(at, given, 6, "value", "paper", 1.5))
    end = "right" if at > width / 2 else "left"
    marks.append(
        Text(
            at + (-6 if end == "right" else 6), 12, "query", "query", 12, "sans", 600,
            False, end, True,
        )
    )  # fmt: skip
    return Drawing(width, height, marks)
