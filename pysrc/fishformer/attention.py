"""Attention: the only place where words see one another.

Shapes: B sentences, T words that look, S words to look at, D d_model, H heads,
Dh = D / H numbers a head. In self-attention the two are the same words.
"""

from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.layers import (
    project_backward,
    project_each_backward,
    project_each_forward,
    project_forward,
)
from fishformer.softmax import softmax_backward, softmax_forward
from fishformer.tokenizer import PAD

Weights = dict[str, np.ndarray]


class AttentionCache(NamedTuple):
    """Every intermediate of one attention step."""

    x: np.ndarray  # (B, T, D) the words that look
    context: np.ndarray  # (B, S, D) the words looked at
    q: np.ndarray  # (B, H, T, Dh) what each word asks
    k: np.ndarray  # (B, H, S, Dh) what each word answers to
    v: np.ndarray  # (B, H, S, Dh) what each word hands over
    scores: np.ndarray  # (B, H, T, S) rows look, columns are looked at
    attn_weights: np.ndarray  # (B, H, T, S) each row sums to 1
    keep: np.ndarray | None  # (H, 1, 1) 0 where a head is switched off
    mixed: np.ndarray  # (B, T, D) the heads' blends of v, side by side


def padding_mask(token_ids: np.ndarray, dtype: str) -> np.ndarray:
    """Nobody looks at padding: (B, S) ids -> (B, 1, 1, S), 0 or minus infinity."""
    return np.where(token_ids == PAD, -np.inf, 0).astype(dtype)[:, None, None, :]


def causal_mask(length: int, dtype: str) -> np.ndarray:
    """No word sees what comes after it: (T, T), 0 or minus infinity."""
    return np.triu(np.full((length, length), -np.inf, dtype), k=1)


def split_heads(x: np.ndarray, n_heads: int) -> np.ndarray:
    """Give each head its share of the numbers: (B, T, D) -> (B, H, T, Dh)."""
    B, T, D = x.shape
    return x.reshape(B, T, n_heads, D // n_heads).transpose(0, 2, 1, 3)


def merge_heads(x: np.ndarray) -> np.ndarray:
    """Put the heads side by side again: (B, H, T, Dh) -> (B, T, D)."""
    B, H, T, Dh = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * Dh)


def attention_forward(
    x: np.ndarray,
    context: np.ndarray,
    mask: np.ndarray,
    p: Weights,
    config: Config,
    keep: np.ndarray | None = None,
) -> tuple[np.ndarray, AttentionCache]:
    """softmax(q k^T / sqrt(Dh)) v in every head, then w_o.

    x (B, T, D) looks at context (B, S, D); mask is added to the scores and is minus
    infinity where nobody may look. Returns attn_out (B, T, D).
    Source: Vaswani et al. 2017, section 3.2.
    """
    H = config.n_heads
    if context is x:
        qkv = project_each_forward(x, p["w_q"], p["w_k"], p["w_v"])
    else:
        qkv = [project_forward(x, p["w_q"])]
        qkv += project_each_forward(context, p["w_k"], p["w_v"])
    q, k, v = (split_heads(y, H) for y in qkv)
    scores = q @ k.transpose(0, 1, 3, 2)
    if config.scale_scores:
        scores /= np.sqrt(config.d_head, dtype=x.dtype)
    scores += mask
    attn_weights = softmax_forward(scores)
    heads = attn_weights @ v
    if keep is not None:
        heads = heads * keep
    mixed = merge_heads(heads)
    attn_out = project_forward(mixed, p["w_o"])
    cache = AttentionCache(x, context, q, k, v, scores, attn_weights, keep, mixed)
    return attn_out, cache


def attention_backward(
    dattn_out: np.ndarray,
    cache: AttentionCache,
    p: Weights,
    grads: Weights,
    config: Config,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Undo attention_forward, last line first; returns dx and dcontext.

    Where the words looked at one another dx is all of it and dcontext is None.
    """
    x, context, q, k, v, _, attn_weights, keep, mixed = cache
    # attn_out = mixed w_o
    dmixed = project_backward(dattn_out, mixed, p["w_o"], grads["w_o"])
    # mixed = heads, side by side; heads = attn_weights v
    dheads = split_heads(dmixed, config.n_heads)
    if keep is not None:
        dheads = dheads * keep
    dattn_weights = dheads @ v.transpose(0, 1, 3, 2)
    dv = attn_weights.transpose(0, 1, 3, 2) @ dheads
    # attn_weights = softmax(scores)
    dscores = softmax_backward(dattn_weights, attn_weights)
    # scores = q k^T / sqrt(Dh)
    if config.scale_scores:
        dscores /= np.sqrt(config.d_head, dtype=x.dtype)
    dq = dscores @ k
    dk = dscores.transpose(0, 1, 3, 2) @ q
    # q = x w_q, k = context w_k, v = context w_v
    dqkv = [merge_heads(dy) for dy in (dq, dk, dv)]
    weights = [p[name] for name in ("w_q", "w_k", "w_v")]
    dweights = [grads[name] for name in ("w_q", "w_k", "w_v")]
    if context is x:
        return project_each_backward(dqkv, x, weights, dweights), None
    dx = project_backward(dqkv[0], x, weights[0], dweights[0])
    return dx, project_each_backward(dqkv[1:], context, weights[1:], dweights[1:])
