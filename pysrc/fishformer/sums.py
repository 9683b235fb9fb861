"""The dot product: the one sum that all of attention is made of."""

from typing import NamedTuple

import numpy as np


class Sum(NamedTuple):
    """A dot product, opened: pairs of numbers, what each pair gives, and the total."""

    left: np.ndarray  # (N,)
    right: np.ndarray  # (N,)
    products: np.ndarray  # (N,)
    total: float


def dot(a: np.ndarray, b: np.ndarray) -> Sum:
    """Multiply the numbers of two lists in pairs and add it all up: (N,), (N,)."""
    products = a * b
    return Sum(a, b, products, float(products.sum()))


def length(a: np.ndarray) -> float:
    """How long an arrow with these numbers is: the root of its sum with itself."""
    return float(np.sqrt(dot(a, a).total))


def cosine(a: np.ndarray, b: np.ndarray) -> float | None:
    """The dot product with both lengths divided out, from -1 to 1.

    None where one of them has no length and so no direction.
    """
    lengths = length(a) * length(b)
    if lengths == 0:
        return None
    return min(max(dot(a, b).total / lengths, -1.0), 1.0)
