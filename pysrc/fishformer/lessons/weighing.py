"""One row of attention, with every number on the way from two lists to a share.

attention_forward does this for all words and heads at once; here each intermediate
is kept under its own name, for one word that looks in one head.

Shapes: S words to look at, Dh numbers a head.
"""

from typing import NamedTuple

import numpy as np


class Weighing(NamedTuple):
    """How one word's attention comes about, step by step."""

    products: np.ndarray  # (S, Dh) query number times key number
    sums: np.ndarray  # (S,) the dot products
    scores: np.ndarray  # (S,) divided by the root of Dh, if that is on
    largest: float  # of the scores
    exps: np.ndarray  # (S,) e to the score less the largest: from 0 to 1
    total: float  # of the exps
    weights: np.ndarray  # (S,) they sum to 1


def weigh(query: np.ndarray, keys: np.ndarray, divisor: float) -> Weighing:
    """From one query (Dh,) and the keys (S, Dh) to the weights, in float64.

    Taking off the largest score changes no weight, for it divides all exponentials by
    the same number; it keeps them small, and softmax_forward does it too.
    """
    products = keys.astype(np.float64) * query
    sums = products.sum(axis=-1)
    scores = sums / divisor
    largest = float(scores.max())
    exps = np.exp(scores - largest)
    total = float(exps.sum())
    return Weighing(products, sums, scores, largest, exps, total, exps / total)
