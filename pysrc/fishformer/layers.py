"""The layers between which attention sits, each forward step beside its backward.

Shapes: B sentences, T words, D d_model, F d_ff, V vocab_size; N = any leading axes.
A backward takes the gradient of its output, adds the gradients of the parameters
to `grads` and returns the gradient of its input.
"""

import sys
from typing import NamedTuple

import numpy as np

IN_WEBASSEMBLY = sys.platform == "emscripten"
SMALL = 4096  # numbers of a matrix that WebAssembly reads fast enough in any order
EPS = 1e-5  # keeps a layer norm from dividing by zero


def contract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b for two matrices: (N, I), (I, O) -> (N, O).

    WebAssembly has no BLAS. There einsum is faster, unless b is small and not tall. It
    is fastest when its innermost loop is a long one along memory: over i if I is at
    least O, else over o.
    """
    small = b.size <= SMALL and b.shape[0] <= b.shape[1]
    if small or not IN_WEBASSEMBLY:
        return a @ b
    if a.shape[1] >= b.shape[1]:
        rows, columns = np.ascontiguousarray(a), np.ascontiguousarray(b.T)
        return np.einsum("ni,oi->no", rows, columns)
    return np.einsum("ni,io->no", np.ascontiguousarray(a), np.ascontiguousarray(b))


def sum_of_row(x: np.ndarray) -> np.ndarray:
    """The sum over the last axis, which stays: (..., D) -> (..., 1)."""
    if IN_WEBASSEMBLY:  # there einsum takes a third of the time
        return np.einsum("...d->...", x)[..., None]
    return x.sum(axis=-1, keepdims=True)


def largest_of_row(x: np.ndarray) -> np.ndarray:
    """The largest over the last axis, which stays: (..., D) -> (..., 1)."""
    if IN_WEBASSEMBLY:  # there it takes a third of the time down long columns
        columns = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).T)
        return columns.max(axis=0).reshape(*x.shape[:-1], 1)
    return x.max(axis=-1, keepdims=True)


def dot_of_row(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The sum over the last axis of x y: (..., D), (..., D) -> (..., 1)."""
    if IN_WEBASSEMBLY:
        return np.einsum("...d,...d->...", x, y)[..., None]
    return (x * y).sum(axis=-1, keepdims=True)


def sum_over_words(x: np.ndarray) -> np.ndarray:
    """All words added up: (..., D) -> (D,)."""
    flat_x = x.reshape(-1, x.shape[-1])
    if IN_WEBASSEMBLY:  # there einsum takes half the time
        return np.einsum("nd->d", flat_x)
    return flat_x.sum(axis=0)


# ---- projection and linear: the same weighted sums for every word ------------


def project_forward(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """y = x w: (..., I), (I, O) -> (..., O)."""
    flat_x = x.reshape(-1, w.shape[0])
    return contract(flat_x, w).reshape(*x.shape[:-1], w.shape[1])


def project_backward(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, dw: np.ndarray
) -> np.ndarray:
    """From y = x w: dw += x^T dy and dx = dy w^T."""
    flat_dy = dy.reshape(-1, w.shape[1])
    flat_x = x.reshape(-1, w.shape[0])
    dw += contract(flat_x.T, flat_dy)
    return contract(flat_dy, w.T).reshape(x.shape)


def project_each_forward(x: np.ndarray, *weights: np.ndarray) -> list[np.ndarray]:
    """[x w for each w]: (..., I), some (I, O) -> as many (..., O).

    WebAssembly is faster at one product with all of them side by side.
    """
    if not IN_WEBASSEMBLY:
        return [project_forward(x, w) for w in weights]
    y = project_forward(x, np.concatenate(weights, axis=1))
    width = weights[0].shape[1]
    return [y[..., n * width : (n + 1) * width] for n in range(len(weights))]


def project_each_backward(
    dys: list[np.ndarray],
    x: np.ndarray,
    weights: list[np.ndarray],
    dweights: list[np.ndarray],
) -> np.ndarray:
    """From [x w for each w]: each dw += x^T dy, and dx = the sum of all dy w^T."""
    if not IN_WEBASSEMBLY:
        parts = zip(dys, weights, dweights, strict=True)
        dx, *others = (project_backward(dy, x, w, dw) for dy, w, dw in parts)
        return dx + sum(others) if others else dx
    side_by_side = np.concatenate(weights, axis=1)
    dside_by_side = np.zeros_like(side_by_side)
    dy = np.concatenate(dys, axis=-1)
    dx = project_backward(dy, x, side_by_side, dside_by_side)
    width = dys[0].shape[-1]
    for n, dw in enumerate(dweights):
        dw += dside_by_side[:, n * width : (n + 1) * width]
    return dx


def linear_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y = x w + b: (..., I), (I, O), (O) -> (..., O)."""
    y = project_forward(x, w)
    y += b
    return y


def linear_backward(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, dw: np.ndarray, db: np.ndarray
) -> np.ndarray:
    """From y = x w + b: as project_backward, and db += dy over all words."""
    db += sum_over_words(dy)
    return project_backward(dy, x, w, dw)


# ---- embedding: each word and each position has a vector to look up ---------


def embedding_forward(
    token_ids: np.ndarray, tok_emb: np.ndarray, pos_emb: np.ndarray
) -> np.ndarray:
    """x = tok_emb[word] + pos_emb[position]: (B, T), (V, D), (M, D) -> (B, T, D)."""
    return tok_emb[token_ids] + pos_emb[: token_ids.shape[1]]


def embedding_backward(
    dx: np.ndarray,
    token_ids: np.ndarray,
    dtok_emb: np.ndarray,
    dpos_emb: np.ndarray | None,
) -> None:
    """From x = tok_emb[word] + pos_emb[position]: each row gets all its uses."""
    B, T, D = dx.shape
    if dpos_emb is not None:  # None where positions are not learned
        dpos_emb[:T] += dx.sum(axis=0)
    # Sort the uses by word and add up each run: np.add.at does it five times slower.
    flat_ids, flat_dx = token_ids.reshape(B * T), dx.reshape(B * T, D)
    order = np.argsort(flat_ids, kind="stable")
    words, starts = np.unique(flat_ids[order], return_index=True)
    dtok_emb[words] += np.add.reduceat(flat_dx[order], starts, axis=0)


# ---- layer norm: each word's vector to mean 0 and variance 1 ----------------


class LayerNormCache(NamedTuple):
    """What layer_norm_backward needs."""

    normed: np.ndarray  # (..., D) mean 0, variance 1
    inv_std: np.ndarray  # (..., 1)


def layer_norm_forward(
    x: np.ndarray, gain: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, LayerNormCache]:
    """y = gain (x - mean) / std + bias, over the last axis: (..., D) -> (..., D).

    Source: Ba, Kiros and Hinton 2016, "Layer normalization".
    """
    D = x.shape[-1]
    centred = x - sum_of_row(x) / D
    variance = dot_of_row(centred, centred) / D
    inv_std = 1 / np.sqrt(variance + EPS)
    normed = centred * inv_std
    return gain * normed + bias, LayerNormCache(normed, inv_std)


def layer_norm_backward(
    dy: np.ndarray,
    cache: LayerNormCache,
    gain: np.ndarray,
    dgain: np.ndarray,
    dbias: np.ndarray,
) -> np.ndarray:
    """From y = gain normed + bias, where normed has lost its mean and its length."""
    normed, inv_std = cache
    dgain += sum_over_words(dy * normed)
    dbias += sum_over_words(dy)
    dnormed = dy * gain
    D = dy.shape[-1]
    along_mean = sum_of_row(dnormed) / D
    along_length = normed * (dot_of_row(dnormed, normed) / D)
    return inv_std * (dnormed - along_mean - along_length)


# ---- feed-forward: each word thinks on its own ------------------------------


def relu_forward(x: np.ndarray) -> np.ndarray:
    """max(x, 0), number by number."""
    if IN_WEBASSEMBLY and x.dtype == np.float32:
        # A negative float32 has its sign bit set and so is a negative int32:
        # there this is six times faster, and the same to the bit.
        return np.maximum(x.view(np.int32), 0).view(np.float32)
    return np.maximum(x, 0)


def relu_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """From y = max(x, 0): the gradient passes where the number did."""
    if IN_WEBASSEMBLY:  # there it takes less time than a product
        return np.where(x > 0, dy, 0)
    return dy * (x > 0)


GELU_SCALE, GELU_CUBE = np.sqrt(2 / np.pi), 0.044715


def gelu_forward(x: np.ndarray) -> np.ndarray:
    """x times the normal distribution's share below x, nearly: a smooth ReLU.

    Source: Hendrycks and Gimpel 2016, section 2, the approximation by tanh.
    """
    return 0.5 * x * (1 + np.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x)))


def gelu_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """From y = x (1 + t) / 2 with t = tanh(s (x + c x^3)): dt = (1 - t^2) s (...)."""
    t = np.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x))
    dt = (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBE * x * x)
    return dy * 0.5 * (1 + t + x * dt)


ACTIVATIONS = {
    "relu": (relu_forward, relu_backward),
    "gelu": (gelu_forward, gelu_backward),
}


class FeedForwardCache(NamedTuple):
    """Every intermediate of one feed-forward step."""

    x: np.ndarray  # (B, T, D)
    before: np.ndarray  # (B, T, F) before the activation
    hidden: np.ndarray  # (B, T, F) after it


def feed_forward_forward(
    x: np.ndarray, p: dict[str, np.ndarray], activation: str
) -> tuple[np.ndarray, FeedForwardCache]:
    """y = activation(x w_in + b_in) w_out + b_out: (B, T, D) -> (B, T, D).

    Source: Vaswani et al. 2017, section 3.3.
    """
    before = linear_forward(x, p["w_in"], p["b_in"])
    hidden = ACTIVATIONS[activation][0](before)
    y = linear_forward(hidden, p["w_out"], p["b_out"])
    return y, FeedForwardCache(x, before, hidden)


def feed_forward_backward(
    dy: np.ndarray,
    cache: FeedForwardCache,
    p: dict[str, np.ndarray],
    grads: dict[str, np.ndarray],
    activation: str,
) -> np.ndarray:
    """From y = activation(x w_in + b_in) w_out + b_out, last step first."""
    x, before, hidden = cache
    dhidden = linear_backward(dy, hidden, p["w_out"], grads["w_out"], grads["b_out"])
    dbefore = ACTIVATIONS[activation][1](dhidden, before)
    return linear_backward(dbefore, x, p["w_in"], grads["w_in"], grads["b_in"])
