"""What lines over training steps need: smoothing, thinning, ticks."""

from math import ceil, floor, log10
from typing import TypeVar

import numpy as np

Numbers = TypeVar("Numbers", float, np.ndarray)


def window(end: int) -> int:
    """Steps in the running mean of a run of `end` steps: odd, 25 of 1,000."""
    return 2 * round(end / 80) + 1


def running_mean(values: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each value and the steps - 1 before it, fewer at the start.

    values (N,) -> middles (N,), means (N,). A mean belongs to the middle of the
    values that it is made of: drawn there, it does not lag behind a falling curve.
    It looks back only, so it never changes when later values arrive.
    """
    sums = np.cumsum(values, dtype=np.float64)
    last = np.arange(len(sums))
    means = sums / np.minimum(last + 1, steps)
    means[steps:] = (sums[steps:] - sums[:-steps]) / steps
    return (last + np.maximum(last - steps + 1, 0)) / 2, means


def thin(values: np.ndarray, per_column: int) -> np.ndarray | slice:
    """Indices, in order, that keep the least and greatest value of every column.

    values (N,) are evenly spaced, per_column of them to a column of pixels. What
    is left looks the same as the whole line and costs no more however long it is.
    """
    count = len(values)
    if per_column <= 2 or not count:
        return slice(None)
    whole = count - count % per_column
    columns = values[:whole].reshape(-1, per_column)
    starts = np.arange(0, whole, per_column)
    low, high = starts + columns.argmin(1), starts + columns.argmax(1)
    extremes = np.stack([np.minimum(low, high), np.maximum(low, high)], 1).ravel()
    return np.concatenate([[0], extremes, np.arange(max(whole, 1), count)])


def points(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x (N,) and y (N,) side by side, as lines want them: (N, 2) float32."""
    xy = np.empty((len(x), 2), np.float32)
    xy[:, 0], xy[:, 1] = x, y
    return xy


def per_column(steps: int, width: float) -> int:
    """How many of steps + 1 points fall into one of width columns, rounded up."""
    return max(1, ceil((steps + 1) / max(width, 1)))


def ticks(end: int) -> list[int]:
    """Some round numbers from 0 up, and end itself: four or five parts if that goes."""
    if end < 5:
        return list(range(max(end, 0) + 1))
    for parts in (4, 5):
        apart, rest = divmod(end, parts)
        if not rest and apart == _round_number(apart):
            return list(range(0, end + 1, apart))
    apart = _round_number(end / 4)
    return [*(tick for tick in range(0, end, apart) if end - tick > apart / 2), end]


def _round_number(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 25, 50, 100, 200, 250 ... not below least."""
    power = 10 ** max(floor(log10(least)), 0)
    steps = (1, 2, 2.5, 5, 10) if power > 1 else (1, 2, 5, 10)
    return int(next(step * power for step in steps if step * power >= least))
