"""The transport's timeline: the loss curve small, under a range input."""

import numpy as np

from .drawing import Drawing, Line, Mark, Rule, Size
from .fish import fish
from .lines import Numbers, per_column, points
from .trail import Values, trails

MARGIN = 11.0  # half of the thumb of a range input


def scrubber(
    size: Size, losses: Values, step: int, end: int, uniform: float
) -> Drawing:
    """The transport's timeline: the loss curve small, with the playhead on it.

    losses (N,), one a step, as far as training has come, or none before it starts.
    Step 0 and step `end` lie MARGIN from the sides, as the thumb of a range
    input does. uniform: ln(vocabulary size), the dotted line.
    """
    width, height = size
    wide, top = width - 2 * MARGIN, uniform + 0.15
    end = max(end, 1)

    def y(loss: Numbers) -> Numbers:
        return 8 + (1 - loss / top) * (height - 14)

    def x(steps: Numbers) -> Numbers:
        return MARGIN + steps / end * wide

    def place(steps: np.ndarray, values: np.ndarray) -> np.ndarray:
        return points(x(steps), y(values))

    marks: list[Mark] = [
        Rule(0, y(0), width, y(0), "hair"),
        Rule(0, y(uniform), width, y(uniform), "ink-3", dash=(2, 3)),
    ]
    if len(losses):
        per = per_column(end, wide)
        lines = trails(losses, "scrubber", size, end, top, per, place)
        mean = lines.mean.means
        if step < len(mean) - 1:
            marks.append(Line(lines.rest(step), "edge", 1.25))
        marks.append(Line(lines.curve.upto(step + 1), "sea", 2))
        marks.append(Rule(x(step), 2, x(step), height - 2, "coral", 1.5))
        marks.append(fish(x(step), y(mean[step]), edge=2))
    return Drawing(width, height, marks)
