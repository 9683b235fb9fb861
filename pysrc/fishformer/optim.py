"""Adam, with a warm-up of the learning rate and a limit on the gradient's length."""

import numpy as np

from fishformer.config import Config

BETA_1, BETA_2, EPS = 0.9, 0.999, 1e-8


def learning_rate(config: Config, step: int) -> float:
    """The learning rate of update number `step` (from 1): rises, then stays."""
    return config.lr * min(1.0, step / max(1, config.warmup))


def gradient_norm(grads: np.ndarray) -> float:
    """The length of the whole gradient (2-norm)."""
    return float(np.sqrt(np.dot(grads, grads)))


def clip_gradient(grads: np.ndarray, norm: float, limit: float) -> None:
    """Shorten grads, of length `norm`, in place to at most `limit`.

    Source: Pascanu, Mikolov and Bengio 2013.
    """
    if norm > limit:
        grads *= limit / norm


class Adam:
    """Adam over one buffer. Source: Kingma and Ba 2015, algorithm 1."""

    def __init__(self, buffer: np.ndarray):
        self.m = np.zeros_like(buffer)  # running mean of the gradient
        self.v = np.zeros_like(buffer)  # running mean of its square

    def update(self, buffer: np.ndarray, grads: np.ndarray, lr: float, t: int) -> None:
        """Move buffer (N,) one step, in place, down grads (N,); t counts from 1."""
        self.m += (1 - BETA_1) * (grads - self.m)
        self.v += (1 - BETA_2) * (grads * grads - self.v)
        m_hat = self.m / (1 - BETA_1**t)
        v_hat = self.v / (1 - BETA_2**t)
        buffer -= lr * m_hat / (np.sqrt(v_hat) + EPS)
