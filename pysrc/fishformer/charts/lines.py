"""What lines over training steps need: smoothing, thinning, ticks."""

from math import ceil, floor, log10

import numpy as np

WINDOW = 15  # steps in the running mean that stands for the training loss


def running_mean(values: np.ndarray, window: int = WINDOW) -> np.ndarray:
    """Mean of each value and the window - 1 before it; fewer at the start. (N,)

    It looks back only, so a point never changes when later steps arrive.
    """
    sums = np.cumsum(values, dtype=np.float64)
    means = sums / np.minimum(np.arange(1, len(sums) + 1), window)
    means[window:] = (sums[window:] - sums[:-window]) / window
    return means


def thin(values: np.ndarray, per_column: int) -> np.ndarray:
    """Indices, in order, that keep the least and greatest value of every column.

    values (N,) are evenly spaced, per_column of them to a column of pixels. What
    is left looks the same as the whole line and costs no more however long it is.
    """
    count = len(values)
    if per_column <= 2:
        return np.arange(count)
    whole = count - count % per_column
    columns = values[:whole].reshape(-1, per_column)
    starts = np.arange(0, whole, per_column)
    low, high = starts + columns.argmin(1), starts + columns.argmax(1)
    extremes = np.stack([np.minimum(low, high), np.maximum(low, high)], 1).ravel()
    return np.concatenate([[0], extremes, np.arange(max(whole, 1), count)])


def per_column(steps: int, width: float) -> int:
    """How many of steps + 1 points fall into one of width columns, rounded up."""
    return max(1, ceil((steps + 1) / max(width, 1)))


def ticks(end: int, most: int = 5) -> list[int]:
    """Round numbers from 0 to end, at most `most` steps apart, always with end."""
    if end < 1:
        return [0]
    rough = end / most
    power = 10 ** floor(log10(rough)) if rough > 1 else 1
    apart = next(n * power for n in (1, 2, 5, 10) if n * power >= rough)
    inner = [tick for tick in range(0, end, int(apart)) if end - tick > apart * 0.6]
    return [*inner, end]
