"""Attention: the only place where words see one another.

Shapes: B sentences, T words, D d_model, H heads, Dh = D / H numbers a head.
"""

from typing import NamedTuple

import numpy as np

from fishformer.layers import (
    project_backward,
    project_forward,
    softmax_backward,
    softmax_forward,
)

Weights = dict[str, np.ndarray]


class AttentionCache(NamedTuple):
    """Every intermediate of one attention step."""

    x: np.ndarray  # (B, T, D)
    q: np.ndarray  # (B, H, T, Dh) what each word asks
    k: np.ndarray  # (B, H, T, Dh) what each word answers to
    v: np.ndarray  # (B, H, T, Dh) what each word hands over
    scores: np.ndarray  # (B, H, T, T) rows look, columns are looked at
    attn_weights: np.ndarray  # (B, H, T, T) each row sums to 1
    mixed: np.ndarray  # (B, T, D) the heads' blends of v, side by side


def split_heads(x: np.ndarray, n_heads: int) -> np.ndarray:
    """Give each head its share of the numbers: (B, T, D) -> (B, H, T, Dh)."""
    B, T, D = x.shape
    return x.reshape(B, T, n_heads, D // n_heads).transpose(0, 2, 1, 3)


def merge_heads(x: np.ndarray) -> np.ndarray:
    """Put the heads side by side again: (B, H, T, Dh) -> (B, T, D)."""
    B, H, T, Dh = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * Dh)


def attention_forward(
    x: np.ndarray, is_word: np.ndarray, p: Weights, n_heads: int
) -> tuple[np.ndarray, AttentionCache]:
    """softmax(q k^T / sqrt(Dh)) v in every head, then w_o.

    x (B, T, D); is_word (B, T) is False on padding, which nobody looks at.
    Returns attn_out (B, T, D). Source: Vaswani et al. 2017, section 3.2.
    """
    q = split_heads(project_forward(x, p["w_q"]), n_heads)
    k = split_heads(project_forward(x, p["w_k"]), n_heads)
    v = split_heads(project_forward(x, p["w_v"]), n_heads)
    d_head = q.shape[-1]
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d_head, dtype=x.dtype)
    scores = np.where(is_word[:, None, None, :], scores, -np.inf)
    attn_weights = softmax_forward(scores)
    mixed = merge_heads(attn_weights @ v)
    attn_out = project_forward(mixed, p["w_o"])
    return attn_out, AttentionCache(x, q, k, v, scores, attn_weights, mixed)


def attention_backward(
    dattn_out: np.ndarray, cache: AttentionCache, p: Weights, grads: Weights
) -> np.ndarray:
    """Undo attention_forward from its last line to its first; returns dx (B, T, D)."""
    x, q, k, v, _, attn_weights, mixed = cache
    H, d_head = q.shape[1], q.shape[-1]
    # attn_out = mixed w_o
    dmixed = project_backward(dattn_out, mixed, p["w_o"], grads["w_o"])
    # mixed = attn_weights v
    dmixed = split_heads(dmixed, H)
    dattn_weights = dmixed @ v.transpose(0, 1, 3, 2)
    dv = attn_weights.transpose(0, 1, 3, 2) @ dmixed
    # attn_weights = softmax(scores)
    dscores = softmax_backward(dattn_weights, attn_weights)
    # scores = q k^T / sqrt(Dh)
    dscores = dscores / np.sqrt(d_head, dtype=x.dtype)
    dq = dscores @ k
    dk = dscores.transpose(0, 1, 3, 2) @ q
    # q = x w_q, k = x w_k, v = x w_v: x feeds all three, so three gradients add up
    dx = project_backward(merge_heads(dq), x, p["w_q"], grads["w_q"])
    dx += project_backward(merge_heads(dk), x, p["w_k"], grads["w_k"])
    dx += project_backward(merge_heads(dv), x, p["w_v"], grads["w_v"])
    return dx
