"""Lines over a row of losses that grows: what was placed once is not placed again.

At every step of training there is one loss more. To work out all points anew would
cost a tenth of the step, so the points of whole columns of pixels stay.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Size
from .lines import thin, window

Values = Sequence[float] | np.ndarray
Place = Callable[[np.ndarray, np.ndarray], np.ndarray]  # steps, values -> (N, 2)
KEPT = 4  # charts whose trails are remembered


class RunningMean:
    """lines.running_mean of values none above `most`; `means` grows with them."""

    def __init__(self, values: Values, steps: int, most: float):
        self.means = array("d")
        self._values, self._steps, self._most = values, steps, most
        self._sums = array("d", [0.0])

    def grow(self) -> None:
        """Take in what has been added to the values."""
        sums, steps = self._sums, self._steps
        for k in range(len(self.means), len(self._values)):
            value = self._values[k]
            sums.append(sums[k] + (value if value < self._most else self._most))
            before = sums[k + 1 - steps] if k >= steps else 0.0
            self.means.append((sums[k + 1] - before) / min(k + 1, steps))

    def middle(self, k: np.ndarray) -> np.ndarray:
        """The steps where the means number k belong."""
        return (k + np.maximum(k - self._steps + 1, 0)) / 2


class Trail:
    """The points of a line through values that are only added to, thinned out."""

    def __init__(self, values: Values, place: Place, per_column: int):
        self._values, self._place = values, place
        self._per = per_column if per_column > 2 else 1
        self._whole = 0  # values in columns that are placed for good
        self._points: np.ndarray = np.empty((64, 2), np.float32)

    def upto(self, count: int) -> np.ndarray:
        """The line through the first `count` values: (M, 2), as lines.thin has it."""
        per, start = self._per, min(self._whole, count - count % self._per)
        values = np.asarray(self._values[start:count])
        rows = start if per == 1 else start and 1 + 2 * start // per
        if len(values):
            chosen: np.ndarray = np.arange(len(values))
            if len(values) >= per:
                chosen = chosen[thin(values, per)]
                if start and per > 1:
                    chosen = chosen[1:]  # there is a column before
            new = self._place(start + chosen, values[chosen])
            while rows + len(new) > len(self._points):
                self._points = np.concatenate([self._points, self._points])
            self._points[rows : rows + len(new)] = new
            rows += len(new)
        self._whole = count - count % per
        return self._points[:rows].copy()


class Trails(NamedTuple):
    """The lines of a row of losses on one chart."""

    mean: RunningMean
    noise: Trail  # every value
    curve: Trail  # their running mean
    rest: Callable[[int], np.ndarray]  # step -> the same from there on: (N, 2)


_kept: list[tuple[array, tuple, Trails]] = []


def trails(
    losses: Values, chart: str, size: Size, end: int, most: float, per: int, at: Place
) -> Trails:
    """The lines of the losses, none above `most`, on a chart that ends at step end.

    per: values in a column of pixels. Those of these very losses and of a chart known
    by all this are grown; only an array.array is taken for one that grows and else
    never changes.
    """
    key = chart, size, end, most, per
    known = (kept[2] for kept in _kept if kept[0] is losses and kept[1] == key)
    found = next(known, None)
    if found is None:
        found = _made(losses, window(end), most, per, at)
        if isinstance(losses, array):
            _kept.append((losses, key, found))
            del _kept[:-KEPT]
    found.mean.grow()
    return found


def _made(losses: Values, steps: int, most: float, per: int, at: Place) -> Trails:
    mean = RunningMean(losses, steps, most)
    twice = 2 * per  # smooth lines need half as many points, and many cost Firefox dear

    def rest(step: int) -> np.ndarray:
        means = np.asarray(mean.means[step:])
        kept = np.arange(len(means))[thin(means, twice)]
        return at(mean.middle(step + kept), means[kept])

    noise = Trail(losses, lambda k, y: at(k, np.fmin(y, most)), per)
    curve = Trail(mean.means, lambda k, y: at(mean.middle(k), y), twice)
    return Trails(mean, noise, curve, rest)
