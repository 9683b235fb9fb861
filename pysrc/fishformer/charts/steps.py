"""Shares over the steps of training: a few lines, each with its name at its end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Line, Mark, Rule, Size, Text, text_width
from .fish import fish
from .lines import points, ticks

LEFT, TOP, BOTTOM = 40.0, 12.0, 28.0
LINE = 14.0  # height of a name
NAMES = 14.0  # between the end of a line and its name


class Curve(NamedTuple):
    """One line of the chart."""

    name: str
    steps: np.ndarray  # (N,)
    values: np.ndarray  # (N,) from 0 to 1
    stroke: str = "sea"
    width: float = 2.0
    dash: tuple[float, ...] = ()


class Level(NamedTuple):
    """A value to compare with, as a dotted line."""

    value: float
    label: str
    above: bool = False  # where the label stands


class StepAxes(NamedTuple):
    """Where steps and shares lie on the sheet."""

    left: float
    right: float
    top: float
    floor: float
    end: int
    most: float  # the greatest share of the axis

    def x(self, step: np.ndarray) -> np.ndarray:
        """Steps as pixels across."""
        return self.left + step / self.end * (self.right - self.left)

    def y(self, share: np.ndarray) -> np.ndarray:
        """Shares as pixels down."""
        share = np.minimum(share, self.most)
        return self.floor - share / self.most * (self.floor - self.top)


def step_lines(
    size: Size,
    curves: Sequence[Curve],
    end: int,
    step: int,
    levels: Sequence[Level] = (),
    most: float = 1.0,
) -> Drawing:
    """The curves from step 0 to end, on a scale from 0 to `most` that never moves.

    step: where the playhead stands, on the last of the curves.
    """
    width, height = size
    room = max((text_width(curve.name, 13, 600) for curve in curves), default=0.0)
    right, floor = width - room - NAMES, height - BOTTOM
    axes = StepAxes(LEFT, right, TOP, floor, max(end, 1), most)
    marks = _frame(axes, width, height)
    heights = [float(axes.y(np.array(level.value))) for level in levels]
    for y in heights:
        marks.append(Rule(LEFT, y, axes.right, y, "ink-3", dash=(2, 3)))
    for curve in curves:
        if len(curve.steps):
            xy = points(axes.x(curve.steps), axes.y(curve.values))
            marks.append(Line(xy, curve.stroke, curve.width, curve.dash))
    begun = [curve for curve in curves if len(curve.steps)]
    marks += _names(begun, axes)
    if not begun:
        middle = (axes.left + axes.right) / 2
        free = float(axes.y(np.array(axes.most * 3 / 8))) + 4  # of the level at a half
        said = "no step measured yet"
        marks.append(Text(middle, free, said, "ink-2", align="center"))
    x = float(axes.x(np.array(step)))
    under_way = bool(curves and len(curves[-1].steps))
    if under_way:
        marks.append(Rule(x, TOP, x, axes.floor, "coral", 1.5))
    for level, y in zip(levels, heights, strict=True):  # on all lines, below the fish
        y += -6 if level.above else 15
        right = axes.right - 14
        marks.append(Text(right, y, level.label, "ink-2", align="right", halo=True))
    if under_way:
        now = float(np.interp(step, curves[-1].steps, curves[-1].values))
        marks.append(fish(x, float(axes.y(np.array(now)))))
    return Drawing(width, height, marks)


def _names(curves: Sequence[Curve], axes: StepAxes) -> list[Mark]:
    """Each curve's name where it ends, from the highest down, none on another."""
    curves = sorted(curves, key=lambda curve: -float(curve.values[-1]))
    ends = [float(axes.y(curve.values[-1])) for curve in curves]
    stacks: list[list[float]] = []  # of names that would touch: about their own middle
    for end in ends:
        stacks.append([end])
        while len(stacks) > 1 and _top(stacks[-1]) < _top(stacks[-2], below=True):
            touching = stacks.pop()
            stacks[-1] += touching
    ends = [_top(stack) + n * LINE for stack in stacks for n in range(len(stack))]
    lowest = axes.floor + LINE / 2
    for place in reversed(range(len(ends))):
        limit = ends[place + 1] - LINE if place + 1 < len(ends) else lowest
        ends[place] = min(ends[place], limit)
    for place in range(len(ends)):  # and down again what would be above the sheet
        limit = ends[place - 1] + LINE if place else LINE / 2
        ends[place] = max(ends[place], limit)
    return [
        Text(
            float(axes.x(curve.steps[-1])) + NAMES, end + 4, curve.name,
            "ink-2" if curve.stroke == "edge" else curve.stroke, 12, "sans",
            600 if curve.width >= 2 else 400, halo=True,
        )
        for curve, end in zip(curves, ends, strict=True)
    ]  # fmt: skip


def _top(stack: list[float], below: bool = False) -> float:
    """The first line of a stack of names, or the first line free below it."""
    top = sum(stack) / len(stack) - LINE * (len(stack) - 1) / 2
    return top + LINE * len(stack) if below else top


def _frame(axes: StepAxes, width: float, height: float) -> list[Mark]:
    """Grid, axis and ticks."""
    marks: list[Mark] = []
    parts = 4 if axes.most == 1 else 5
    for part in range(parts + 1):
        share = axes.most * part / parts
        y = float(axes.y(np.array(share)))
        marks.append(Rule(LEFT, y, axes.right, y, "hair" if part else "edge"))
        marks.append(Text(LEFT - 8, y + 4, f"{share:.0%}", "ink-3", align="right"))
    *inner, last = ticks(axes.end)
    for tick in (*inner, last):
        x = float(axes.x(np.array(tick)))
        text = f"step {tick:,}" if tick == last else f"{tick:,}"
        marks.append(Rule(x, axes.floor, x, axes.floor + 4, "edge"))
        align = "center" if tick else "left"
        if tick == last:
            align = "right"
            x = min(x + text_width(text) / 2, width)
        marks.append(Text(x, height - 7, text, "ink-3", align=align))
    return marks
