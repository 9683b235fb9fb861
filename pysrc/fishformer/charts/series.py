"""Lines over numbers that are not steps of the live run, each labelled at its end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Rule, Size, Text, text_width
from .labels import ASCENT, HEIGHT, nearest_free
from .lines import points
from .loss import stop_tick

TOP, BOTTOM = 10.0, 26.0


class Axis(NamedTuple):
    """From where to where an axis runs, and what is written on it."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]

    def part(self, values: np.ndarray) -> np.ndarray:
        """How far along the axis each value lies, kept on it: 0 to 1."""
        return np.clip((values - self.low) / (self.high - self.low), 0, 1)


class Curve(NamedTuple):
    """One line: its points and its look."""

    x: np.ndarray  # (N,)
    y: np.ndarray  # (N,)
    label: str
    stroke: str = "sea"
    width: float = 2.0
    dash: tuple[float, ...] = ()
    stops: Sequence[float] = ()  # the x of each tick that crosses it


class Plot(NamedTuple):
    """Where the plot lies on the sheet."""

    size: Size
    x_axis: Axis
    y_axis: Axis
    left: float
    right: float

    def x(self, values: np.ndarray | float) -> np.ndarray:
        """Values as pixels across."""
        part = self.x_axis.part(np.asarray(values, np.float64))
        return self.left + part * (self.right - self.left)

    def y(self, values: np.ndarray | float) -> np.ndarray:
        """Values as pixels down."""
        part = self.y_axis.part(np.asarray(values, np.float64))
        return TOP + (1 - part) * (self.size[1] - TOP - BOTTOM)


def plot_of(size: Size, x_axis: Axis, y_axis: Axis, curves: Sequence[Curve]) -> Plot:
    """The plot with room for the numbers at its left and the labels at its right."""
    left = 8 + max((text_width(text) for _, text in y_axis.ticks), default=0)
    labels = (text_width(c.label, weight=600) for c in curves)
    return Plot(size, x_axis, y_axis, left, size[0] - 10 - max(labels, default=0))


def series(
    size: Size,
    x_axis: Axis,
    y_axis: Axis,
    curves: Sequence[Curve],
    at: float | None = None,
) -> Drawing:
    """The curves over a level grid, and a playhead at the x `at`, with a dot on each.

    Values beyond an axis are drawn at its end; points that are not numbers are left
    out.
    """
    plot = plot_of(size, x_axis, y_axis, curves)
    (_, height), right = size, plot.right
    marks: list[Mark] = []
    for value, text in y_axis.ticks:
        y = float(plot.y(value))
        lowest = value == y_axis.low
        marks.append(Rule(plot.left, y, right, y, "edge" if lowest else "hair"))
        marks.append(Text(plot.left - 6, y + 4, text, "ink-3", align="right"))
    floor = height - BOTTOM
    for value, text in x_axis.ticks:
        x = float(plot.x(value))
        align = "right" if value == x_axis.high else "center"
        marks.append(Rule(x, floor, x, floor + 4, "edge"))
        marks.append(Text(x, height - 7, text, "ink-3", align=align))
    if at is not None:
        x = float(plot.x(at))
        marks.append(Rule(x, TOP, x, floor, "coral", 1.5))
    spans: list[tuple[float, float]] = []
    for curve in curves:
        there = np.isfinite(curve.y)
        if not there.any():
            continue
        xy = points(plot.x(curve.x[there]), plot.y(curve.y[there]))
        marks.append(Line(xy, curve.stroke, curve.width, curve.dash))
        for stop in curve.stops:
            y = float(np.interp(stop, curve.x[there], xy[:, 1]))
            marks.append(stop_tick(float(plot.x(stop)), y))
        if len(xy) == 1:
            x, y = (float(place) for place in xy[0])
            marks.append(Circle(x, y, 2.5, curve.stroke))
        if at is not None and curve.x[there][0] <= at <= curve.x[there][-1]:
            y = float(np.interp(at, curve.x[there], xy[:, 1]))
            marks.append(Circle(float(plot.x(at)), y, 3.5, curve.stroke, "paper", 2))
        wanted = float(xy[-1, 1]) - HEIGHT / 2
        top = nearest_free(wanted, spans, 0, floor + HEIGHT)
        spans.append((top, top + HEIGHT))
        ahead = min(float(xy[-1, 0]), right)
        ink = "ink-3" if curve.stroke in ("edge", "sea-mid") else curve.stroke
        marks.append(
            Text(ahead + 8, top + ASCENT, curve.label, ink, weight=_weight(curve),
                 halo=True)
        )  # fmt: skip
    return Drawing(*size, marks)


def _weight(curve: Curve) -> int:
    return 600 if curve.width >= 2 else 400
