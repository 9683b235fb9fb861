"""One dot a run: how each kind of model did, in panels side by side."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Polygon, Rule, Size, Text, fitted

TOP, BOTTOM, LEFT, BETWEEN = 28.0, 34.0, 36.0, 16.0
FOOT = 14.0
NARROW = 520.0  # below that, two panels a row
APART = 5.0  # px between the dots of two runs


class Panel(NamedTuple):
    """One kind of model: its runs at each column."""

    name: str
    runs: Sequence[Sequence[float]]  # of each column, 0 to 1
    here: Sequence[tuple[int, float]] = ()  # (column, value) of runs made in this page


def dots(
    size: Size,
    panels: Sequence[Panel],
    columns: Sequence[str],
    chance: float,
    below: str,
    chosen: tuple[int, int] | None = None,
) -> Drawing:
    """A dot a run at its height from 0 to 100 %, runs of a column beside each other.

    A line joins the means. Runs made in this page are coral diamonds. `below` says
    what the columns are; `chosen` is the (panel, column) to be marked.
    """
    width, height = size
    n_across = len(panels) if width >= NARROW else 2
    n_down = -(-len(panels) // n_across)
    tall = (height - FOOT) / n_down
    wide = (width - LEFT - BETWEEN * (n_across - 1)) / n_across
    marks: list[Mark] = []
    for n, panel in enumerate(panels):
        left = LEFT + (n % n_across) * (wide + BETWEEN)
        top = (n // n_across) * tall
        column = chosen[1] if chosen and chosen[0] == n else None
        first = n % n_across == 0
        marks += _panel(panel, left, top, wide, tall, columns, chance, column, first)
    marks.append(Text(width, height - 4, below, "ink-3", 12, align="right"))
    return Drawing(width, height, marks)


def _panel(
    panel: Panel,
    left: float,
    top: float,
    wide: float,
    tall: float,
    columns: Sequence[str],
    chance: float,
    chosen: int | None,
    first: bool,
) -> list[Mark]:
    roof, floor, right = top + TOP, top + tall - BOTTOM, left + wide

    def y(value: float) -> float:
        return floor - value * (floor - roof)

    slot = wide / len(columns)
    middles = [left + slot * (n + 0.5) for n in range(len(columns))]
    name = fitted(panel.name, wide, 13, 600)
    marks: list[Mark] = [Text(left, top + 12, name, "ink", 13, weight=600)]
    for value in (0.0, 0.5, 1.0):
        marks.append(Rule(left, y(value), right, y(value), "hair" if value else "edge"))
        if first:
            label = f"{value:.0%}"
            marks.append(Text(left - 6, y(value) + 4, label, "ink-3", align="right"))
    marks.append(Rule(left, y(chance), right, y(chance), "ink-3", 1, (2, 3)))
    if first:
        marks.append(Text(left + 2, y(chance) - 5, "chance", "ink-3", halo=True))
    for n, name in enumerate(columns):
        ink, weight = ("ink", 600) if n == chosen else ("ink-3", 400)
        marks.append(
            Text(middles[n], floor + 16, name, ink, weight=weight, align="center")
        )
        if n == chosen:
            x = middles[n]
            marks.append(Rule(x - 9, floor + 21, x + 9, floor + 21, "coral", 2))
    means = [float(np.mean(runs)) for runs in panel.runs]
    line = np.array([(x, y(m)) for x, m in zip(middles, means, strict=True)])
    marks.append(Line(line.astype(np.float32), "sea-mid", 1.25))
    for x, runs in zip(middles, panel.runs, strict=True):
        for n, value in enumerate(runs):
            beside = x + (n - (len(runs) - 1) / 2) * APART
            marks.append(Circle(beside, y(value), 3, "sea", "paper"))
    for column, value in panel.here:
        marks.append(_diamond(middles[column], y(value)))
    return marks


def _diamond(x: float, y: float, r: float = 6.0) -> Polygon:
    corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
    return Polygon(np.array(corners, np.float32), "coral", "paper", 2)
