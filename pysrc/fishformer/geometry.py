"""Vectors as points: how they lie, how they part by sense, and how to look at them.

Pure functions of arrays. Shapes: N points of D numbers, U uses of a word, and any
leading axes (...), such as layers.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TIE = 1e-9  # similarities nearer than this count as equal


# ---- how alike vectors are -------------------------------------------------------


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Each vector (..., D) at length 1, in float64; a vector of zeros stays one.

    To be done before PCA where lengths differ much: in a deep pre-norm model they
    grow from layer to layer, and PCA would show nothing but that.
    """
    vectors = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def mean_cosine(vectors: np.ndarray) -> np.ndarray:
    """Mean cosine between different points: (..., N, D) -> (...).

    1 means that all point the same way: the cloud has collapsed. Of fewer than two
    points it is NaN.
    """
    N = vectors.shape[-2]
    if N < 2:
        return np.full(vectors.shape[:-2], np.nan)
    units = unit_length(vectors)
    # The square of the sum holds each pair twice and each point's square once.
    total = (units.sum(axis=-2) ** 2).sum(axis=-1) - (units**2).sum(axis=(-2, -1))
    return total / (N * (N - 1))


# ---- one word, several senses ----------------------------------------------------


class SenseSplit(NamedTuple):
    """How far the uses of a word lie apart by sense; NaN where no pair tells."""

    within: np.ndarray  # (...) mean cosine between uses of the same sense
    across: np.ndarray  # (...) mean cosine between uses of different senses
    found: np.ndarray  # (...) share of uses that lie nearest to their own sense
    chance: float  # what `found` would be by guessing

    @property
    def separation(self) -> np.ndarray:
        """Similarity within a sense minus similarity across senses."""
        return self.within - self.across


def sense_split(vectors: np.ndarray, senses: Sequence[str]) -> SenseSplit:
    """Do uses of the same sense lie together? (..., U, D), (U,) -> SenseSplit.

    `found` leaves one out: a use is compared with the others of each sense, by the
    mean cosine, and a tie of n senses counts as 1 / n. A use whose sense has no other
    is not asked about.
    """
    names, sense = np.unique(np.asarray(senses), return_inverse=True)
    member = np.eye(len(names))[sense]  # (U, S)
    units = unit_length(vectors)
    cosines = units @ units.swapaxes(-1, -2)  # (..., U, U)
    others = ~np.eye(len(sense), dtype=bool)
    same = (sense[:, None] == sense) & others
    n_others = member.sum(axis=0) - member  # (U, S) uses of each sense but this one
    nearness = (cosines * others) @ member / np.maximum(n_others, 1)
    nearness = np.where(n_others > 0, nearness, -np.inf)
    asked = same.any(axis=-1)
    best = nearness.max(axis=-1, keepdims=True, initial=-np.inf)
    nearest = nearness >= best - TIE
    right = (nearest & (member > 0)).any(axis=-1) / nearest.sum(axis=-1)
    n_senses = (n_others > 0).sum(axis=-1)[asked]  # to choose from
    return SenseSplit(
        mean_where(cosines, same),
        mean_where(cosines, others & ~same),
        mean_where(right, asked),
        float(mean_where(1 / n_senses, n_senses > 0)),
    )


def mean_where(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The mean over the last axes, where chosen, which has their shape; else NaN."""
    if not chosen.any():
        return np.full(values.shape[: values.ndim - chosen.ndim], np.nan)
    return values[..., chosen].mean(axis=-1)


class SenseAxis(NamedTuple):
    """A line from one sense to another, through the mean of each."""

    direction: np.ndarray  # (..., D) length 1
    middle: np.ndarray  # (..., D) half-way

    def along(self, vectors: np.ndarray) -> np.ndarray:
        """How far each vector is from the middle: below 0 the first sense's side,
        above it the second's. (..., U, D) -> (..., U)."""
        apart = vectors - self.middle[..., None, :]
        return (apart @ self.direction[..., None])[..., 0]


def sense_axis(vectors: np.ndarray, second: np.ndarray) -> SenseAxis:
    """The axis of a word's two senses, from uses of both; `second` (U,) says which.

    Draw on it only uses from other sentences: those that it is made of lie well on
    both sides even of a random cloud. Raises ValueError unless both senses are there.
    """
    if second.all() or not second.any():
        raise ValueError("an axis between two senses needs uses of both")
    vectors = np.asarray(vectors, np.float64)  # exact for a mean of equal float32
    ends = [vectors[..., side, :].mean(axis=-2) for side in (~second, second)]
    return SenseAxis(unit_length(ends[1] - ends[0]), (ends[0] + ends[1]) / 2)


# ---- a view in two or three dimensions -------------------------------------------


class Frame(NamedTuple):
    """Where to look from: a middle, and axes at right angles to one another."""

    mean: np.ndarray  # (D,)
    axes: np.ndarray  # (n, D) each of length 1; of length 0 beyond the D-th
    shares: np.ndarray  # (n,) of the variance, along each axis

    def project(self, points: np.ndarray) -> np.ndarray:
        """The points as seen from here: (..., D) -> (..., n)."""
        return (points - self.mean) @ self.axes.T


def principal_frame(
    points: np.ndarray, n_axes: int, towards: Frame | None = None, lean: float = 0.0
) -> Frame:
    """The frame that shows most of the points' variance: (..., D) -> Frame.

    Without `towards` this is PCA: axes by falling variance, each with its largest
    number positive. With it the axes are turned to be as near to those of `towards`
    as they can, and with `lean` above 0 they may show a little less of the variance
    to be nearer: `lean` is what an axis of `towards` counts for, as a share of it.
    Raises ValueError for no points, and for points that are not finite.
    """
    rows = np.asarray(points, np.float64).reshape(-1, np.shape(points)[-1])
    if not (rows.size and np.isfinite(rows).all()):
        raise ValueError("a view needs points, and finite ones")
    mean = rows.mean(axis=0)
    centred = rows - mean
    centred = centred / (np.abs(centred).max() or 1)  # so that squares stay in range
    covariance = centred.T @ centred  # not divided by N: only its shares matter
    total = np.trace(covariance)
    spread = covariance / (total or 1)
    if towards is not None:
        spread = spread + lean * (towards.axes.T @ towards.axes)
    _, vectors = np.linalg.eigh(spread)  # rising
    axes: np.ndarray = np.zeros((n_axes, len(mean)))
    n = min(axes.shape)
    axes[:n] = vectors[:, ::-1][:, :n].T
    if towards is None:
        largest = np.abs(axes).argmax(axis=1)[:, None]
        axes *= np.where(np.take_along_axis(axes, largest, axis=1) < 0, -1, 1)
    else:
        axes = procrustes(axes.T, towards.axes.T).T @ axes
    shares = ((centred @ axes.T) ** 2).sum(axis=0) / (total or 1)
    return Frame(mean, axes, shares)


def procrustes(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The turn, mirrored if need be, that brings points nearest to target.

    (N, n), (N, n) -> (n, n) orthogonal: points @ turn is near to target.
    Source: Schönemann 1966.
    """
    u, _, vt = np.linalg.svd(points.T @ target)
    return u @ vt


class Projector:
    """A view that stays steady while a model learns, and is the same at every visit.

    PCA anew at each step would jump: axes change sign and places, and where the n-th
    and the next hold about as much of the variance, the plane itself turns over. Three
    choices against that:

    - Each frame leans towards an earlier one and is turned to it (Procrustes).
      Measured over the default run with the words of 12 sentences, the cloud moves by
      over .3 of its size at 137 of 800 steps with PCA alone, at 13 turned to the step
      before, at none with a lean of .2; what is seen stays at .95 of PCA's.
    - The earlier frame is not the last one that was drawn, or a step would look
      different by the way one came. It is the last key frame before the step. Key
      frames are kept once, in order, as training first gets there, and stay.
    - Not one frame for the whole run either, such as that of its end: while the model
      learns, the end is not known, and the start seen from there is nearly a point.

    So `project` depends on its step, its points and the key frames before the step,
    and changes nothing. To show several layers alike, project the points of all of
    them together.
    """

    def __init__(self, n_axes: int, spacing: int = 10, lean: float = 0.2):
        """n_axes 2 or 3; a key frame every `spacing` steps."""
        self.n_axes, self.spacing, self.lean = n_axes, spacing, lean
        self._steps: list[int] = []
        self._frames: list[Frame] = []

    def keep(self, step: int, points: np.ndarray) -> None:
        """To be called wherever training gets for the first time: makes key frames.

        Steps that are skipped do no harm but to steadiness. Steps up to the last key
        frame are let pass.
        """
        if self._steps and step < self._steps[-1] + self.spacing:
            return
        frame = self.frame(step, points)
        self._steps.append(step)
        self._frames.append(frame)

    def frame(self, step: int, points: np.ndarray) -> Frame:
        """Where to look from at a step, of which points (..., D) are shown."""
        n_before = bisect_left(self._steps, step)
        towards = self._frames[n_before - 1] if n_before else None
        return principal_frame(points, self.n_axes, towards, self.lean)

    def project(self, step: int, points: np.ndarray) -> np.ndarray:
        """The points of a step as they are shown: (..., D) -> (..., n_axes)."""
        return self.frame(step, points).project(points)
