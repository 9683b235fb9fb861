"""Looking something up: one entry or none, or a blend of them all.

Shapes: N entries, each a key of D numbers and a value of one number; any number of
queries at once, as leading axes.
"""

from typing import NamedTuple

import numpy as np

from fishformer.softmax import softmax_forward


class Found(NamedTuple):
    """What a soft dictionary gives for a query, and how it came to that."""

    scores: np.ndarray  # (..., N) how well each key matches
    weights: np.ndarray  # (..., N) shares of one whole
    blend: np.ndarray  # (...)


def hard_lookup(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The value of the key that matches best, and nothing of any other.

    query (..., D), keys (N, D), values (N,) -> (...).
    """
    scores = query @ keys.T
    return values[scores.argmax(axis=-1)]


def soft_lookup(
    query: np.ndarray, keys: np.ndarray, values: np.ndarray, temperature: float
) -> Found:
    """Some of every value, the more the better its key matches the query.

    query (..., D), keys (N, D), values (N,). The lower the temperature, the more of the
    blend is the best match; the higher, the more even it is. Attention's temperature
    is the root of the length of a key.
    """
    scores = query @ keys.T
    weights = softmax_forward(scores / temperature)
    blend = weights @ values
    return Found(scores, weights, blend)


def divided_by_sum(scores: np.ndarray) -> np.ndarray | None:
    """What softmax is not: each score over the sum of the scores, without exp.

    None where the scores add up to nothing.
    """
    total = scores.sum()
    if abs(total) < 1e-9:
        return None
    return scores / total
