"""E13's scales, and its chart of how alike positions are."""

from collections.abc import Mapping

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.series import Axis, Curve, series

SIZES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, 100)


def scale_for(values: np.ndarray) -> float:
    """The end of a scale that holds all values, and seldom changes."""
    most = float(np.abs(values).max(initial=0))
    return next((size for size in SIZES if size >= most), most)


def alike_chart(size: Size, alike: Mapping[str, np.ndarray], position: int) -> Drawing:
    """The cosine of one position with every other: alike (P, P), by "sines" ..."""
    last = max(len(found) for found in alike.values())
    places = np.arange(1.0, last + 1)
    looks = {"sines": ("ink-2", 1.25, (5.0, 3.0)), "learned": ("sea", 2.0, ())}
    curves = [
        Curve(places, found[position], name, *looks[name])
        for name, found in alike.items()
    ]
    marked = sorted({1, *range(5, last - 1, 5), last})
    x_axis = Axis(1, last, [(n, str(n)) for n in marked])
    ticks = [(-1, "−1"), (0, "0"), (1, "1")]
    return series(size, x_axis, Axis(-1, 1, ticks), curves, position + 1)
