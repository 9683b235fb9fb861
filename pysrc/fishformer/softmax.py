"""Softmax and the loss that reads it: scores become shares of one whole."""

import numpy as np

from fishformer.layers import dot_of_row, largest_of_row, sum_of_row


def softmax_forward(scores: np.ndarray) -> np.ndarray:
    """exp(s) / sum exp(s) over the last axis; the largest is taken off first.

    Taking a constant off every score changes nothing but keeps exp in range.
    """
    exps = np.exp(scores - largest_of_row(scores))
    return exps / sum_of_row(exps)


def softmax_backward(dprobs: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """From probs = softmax(scores): p (dp - sum p dp)."""
    return probs * (dprobs - dot_of_row(probs, dprobs))


def cross_entropy_forward(
    logits: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Mean surprise -log p(target) in nats, and the probabilities.

    (B, V), (B,) whole numbers -> loss, probs (B, V).
    """
    shifted = logits - largest_of_row(logits)
    exps = np.exp(shifted)
    totals = exps.sum(axis=-1, keepdims=True)
    picked = shifted[np.arange(len(targets)), targets]
    return float((np.log(totals[:, 0]) - picked).mean()), exps / totals


def cross_entropy_backward(probs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """From the mean of -log p(target): dlogits = (p - 1 at the target) / B."""
    dlogits = probs.copy()
    dlogits[np.arange(len(targets)), targets] -= 1
    return dlogits / len(targets)
