"""A few numbers before and after a layer norm, as dots on two lines."""

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Rule, Size, Text
from .lines import points
from .products import minus

LEFT, RIGHT = 4.0, 4.0
TOP, LOW = 34.0, 34.0


def normed_dots(
    size: Size, before: np.ndarray, after: np.ndarray, chosen: int | None
) -> Drawing:
    """The upper line has the numbers before, the lower one those after.

    Each line has its own scale: the upper is centred on the mean of the numbers, and
    both have room for three standard deviations to either side. `chosen` stands out.
    """
    width, height = size
    mean, std = float(before.mean()), float(before.std())
    std = std or 1.0
    top, low = TOP, height - LOW

    def upper(value: np.ndarray | float) -> np.ndarray:
        return np.asarray(width / 2 + (value - mean) / std * width / 6.4)

    def lower(value: np.ndarray | float) -> np.ndarray:
        return np.asarray(width / 2 + np.asarray(value) * width / 6.4)

    marks: list[Mark] = [
        Rule(0, top, width, top, "edge"),
        Rule(0, low, width, low, "edge"),
        Rule(width / 2, top - 8, width / 2, low + 8, "hair"),
    ]
    for deviations in (-2, -1, 1, 2):
        x = float(lower(deviations))
        marks += (
            Rule(x, top, x, top + 5, "edge"),
            Rule(x, low - 5, x, low, "edge"),
            Text(x, low + 24, minus(deviations, 0), "ink-3", align="center"),
        )
        at = mean + deviations * std
        if width > 420 or abs(deviations) == 2:
            marks.append(Text(x, top - 18, _short(at), "ink-3", align="center"))
    marks += (
        Text(width / 2, top - 18, f"mean {_short(mean)}", "ink-2", align="center"),
        Text(width / 2, low + 24, "0", "ink-2", align="center"),
        Text(0, top + 18, "before", "ink-2", 12),
        Text(0, low - 10, "after", "ink-2", 12),
    )
    for n in range(len(before)):
        x1, x2 = float(upper(before[n])), float(lower(after[n]))
        strong = n == chosen
        line = points(np.array([x1, x2]), np.array([top, low]))
        marks.append(Line(line, "coral" if strong else "edge", 2 if strong else 1))
        marks += (
            Circle(x1, top, 4.5, "sea-mid", "paper", 1.5),
            Circle(x2, low, 4.5, "coral" if strong else "sea", "paper", 1.5),
        )
    return Drawing(width, height, marks)


def _short(value: float) -> str:
    return minus(value, 2 if abs(value) < 100 else 0)
