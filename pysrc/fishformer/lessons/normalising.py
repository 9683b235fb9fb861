"""Add and normalise, one step at a time, and what the root of d_k is for.

Shapes: D numbers of one word; queries and keys are of d_k numbers.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from fishformer.layers import EPS, layer_norm_forward
from fishformer.probes import Saturation, saturation
from fishformer.softmax import softmax_forward

SENTENCES, WORDS = 32, 10  # of random queries and keys
D_KS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Normalising(NamedTuple):
    """LayerNorm(x + y) of one word, with every number on the way."""

    added: np.ndarray  # (D,) x + y
    mean: float
    centred: np.ndarray  # (D,) less the mean
    variance: float  # the mean of the squares of those
    std: float  # its root
    normed: np.ndarray  # (D,)


def add_and_normalise(
    x: np.ndarray, y: np.ndarray, factor: float = 1.0, shift: float = 0.0
) -> Normalising:
    """x and what a sublayer made of it, y: (D,), (D,) -> mean 0 and variance 1.

    The sum may be stretched and shifted before it is normalised. Gain and bias are
    those of a model that has learnt nothing yet: 1 and 0.
    """
    added = (x + y) * factor + shift
    normed, cache = layer_norm_forward(added, np.ones_like(x), np.zeros_like(x))
    mean = added.mean()
    centred = added - mean
    std = float(1 / cache.inv_std[0])
    return Normalising(added, float(mean), centred, std * std - EPS, std, normed)


class RandomRows(NamedTuple):
    """Softmax over the scores of random queries and keys of d_k numbers."""

    mean: Saturation  # the largest weight, mean over all rows
    plain: np.ndarray  # (10,) the weights of one row, from the largest down
    divided: np.ndarray  # (10,) the same row, its scores divided by the root of d_k


@cache
def random_rows(d_k: int) -> RandomRows:
    """What the size of d_k does, before anything is learnt: numbers of variance 1."""
    rng = np.random.default_rng(d_k)
    q, k = rng.standard_normal((2, 1, 1, SENTENCES, WORDS, d_k), np.float32)
    seen = np.ones((SENTENCES, WORDS, WORDS), bool)
    scores = q[0, 0, 0] @ k[0, 0, 0].T  # (10, 10)
    rows = [softmax_forward(scores / by) for by in (1, np.sqrt(d_k))]
    found = saturation(q, k, seen)
    largest = np.argsort(-scores[0])
    return RandomRows(found, rows[0][0][largest], rows[1][0][largest])
