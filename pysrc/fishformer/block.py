"""One block: look around, then think, each followed by add and normalise.

Post-norm, as in Vaswani et al. 2017, section 3.1:  x = LayerNorm(x + Sublayer(x)).
Pre-norm, as in Xiong et al. 2020:                  x = x + Sublayer(LayerNorm(x)).
A decoder that reads a source has a second attention between the two, to the memory.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fishformer.attention import (
    AttentionCache,
    Weights,
    attention_backward,
    attention_forward,
)
from fishformer.config import Config
from fishformer.layers import (
    FeedForwardCache,
    LayerNormCache,
    feed_forward_backward,
    feed_forward_forward,
    layer_norm_backward,
    layer_norm_forward,
)
from fishformer.params import Shapes


class BlockCache(NamedTuple):
    """Every intermediate of one block; None for what the settings took out."""

    attention: AttentionCache
    ln_1: LayerNormCache | None
    cross: AttentionCache | None
    ln_cross: LayerNormCache | None
    feed_forward: FeedForwardCache | None
    ln_2: LayerNormCache | None
    out: np.ndarray  # (B, T, D)


def block_shapes(config: Config, cross: bool) -> Shapes:
    """The parameters of one block; `cross` for one that attends to a memory."""
    D, F = config.d_model, config.d_ff
    square = {name: (D, D) for name in ("w_q", "w_k", "w_v", "w_o")}
    shapes: Shapes = {**square, **_norm_shapes("ln_1", config)}
    if cross:
        shapes |= {f"cross.{name}": shape for name, shape in square.items()}
        shapes |= _norm_shapes("ln_cross", config)
    if config.feed_forward:
        shapes |= {"w_in": (D, F), "b_in": (F,), "w_out": (F, D), "b_out": (D,)}
        shapes |= _norm_shapes("ln_2", config)
    return shapes


def _norm_shapes(name: str, config: Config) -> Shapes:
    D = config.d_model
    if config.norm == "none":
        return {}
    return {f"{name}.gain": (D,), f"{name}.bias": (D,)}


def add_and_norm_forward(
    x: np.ndarray,
    sublayer: Callable[[np.ndarray], tuple[np.ndarray, Any]],
    p: Weights,
    ln: str,
    config: Config,
) -> tuple[np.ndarray, Any, LayerNormCache | None]:
    """LayerNorm(x + sublayer(x)), or as the settings norm and residual have it.

    Returns the output, the sublayer's cache and that of the layer norm.
    """
    ln_cache = None
    inside = x
    if config.norm == "pre":
        inside, ln_cache = layer_norm_forward(x, p[f"{ln}.gain"], p[f"{ln}.bias"])
    out, cache = sublayer(inside)
    if config.residual:
        out = x + out
    if config.norm == "post":
        out, ln_cache = layer_norm_forward(out, p[f"{ln}.gain"], p[f"{ln}.bias"])
    return out, cache, ln_cache


def add_and_norm_backward(
    dout: np.ndarray,
    sublayer_backward: Callable[[np.ndarray], np.ndarray],
    ln_cache: LayerNormCache | None,
    p: Weights,
    grads: Weights,
    ln: str,
    config: Config,
) -> np.ndarray:
    """Undo add_and_norm_forward; where x went two ways, its two gradients add up."""

    def norm_backward(dy: np.ndarray, cache: LayerNormCache) -> np.ndarray:
        gain, bias = f"{ln}.gain", f"{ln}.bias"
        return layer_norm_backward(dy, cache, p[gain], grads[gain], grads[bias])

    if config.norm == "post" and ln_cache:
        dout = norm_backward(dout, ln_cache)
    dx = sublayer_backward(dout)
    if config.norm == "pre" and ln_cache:
        dx = norm_backward(dx, ln_cache)
    return dout + dx if config.residual else dx


def block_forward(
    x: np.ndarray,
    mask: np.ndarray,
    p: Weights,
    config: Config,
    context: np.ndarray | None = None,
    memory: tuple[np.ndarray, np.ndarray] | None = None,
    keep: np.ndarray | None = None,
) -> tuple[np.ndarray, BlockCache]:
    """(B, T, D) -> (B, T, D): attention, feed-forward, each added and normalised.

    The words look at one another, or at `context` (B, S, D) where x is only some of
    them. memory, with its mask, is what a decoder reads of the source.
    """
    cross = ln_cross = feed_forward = ln_2 = None

    def attend(inside):
        seen = inside if context is None else context
        return attention_forward(inside, seen, mask, p, config, keep)

    x, attention, ln_1 = add_and_norm_forward(x, attend, p, "ln_1", config)
    if memory is not None:

        def attend_to_memory(inside):
            return attention_forward(inside, *memory, cross_part(p), config)

        x, cross, ln_cross = add_and_norm_forward(
            x, attend_to_memory, p, "ln_cross", config
        )
    if config.feed_forward:

        def think(inside):
            return feed_forward_forward(inside, p, config.activation)

        x, feed_forward, ln_2 = add_and_norm_forward(x, think, p, "ln_2", config)
    return x, BlockCache(attention, ln_1, cross, ln_cross, feed_forward, ln_2, x)


class BlockGradients(NamedTuple):
    """The gradients of what block_forward was given; None for what it was not."""

    dx: np.ndarray
    dcontext: np.ndarray | None
    dmemory: np.ndarray | None


def block_backward(
    dx: np.ndarray, cache: BlockCache, p: Weights, grads: Weights, config: Config
) -> BlockGradients:
    """Undo block_forward, last step first, from the gradient dx (B, T, D) of its out.

    The gradients of its parameters are added to grads.
    """
    dcontext = dmemory = None
    attention, cross, feed_forward = cache.attention, cache.cross, cache.feed_forward

    if feed_forward:

        def think_backward(dy):
            return feed_forward_backward(dy, feed_forward, p, grads, config.activation)

        dx = add_and_norm_backward(
            dx, think_backward, cache.ln_2, p, grads, "ln_2", config
        )
    if cross:

        def attend_to_memory_backward(dy):
            nonlocal dmemory
            parts = cross_part(p), cross_part(grads)
            dinside, dmemory = attention_backward(dy, cross, *parts, config)
            return dinside

        dx = add_and_norm_backward(
            dx, attend_to_memory_backward, cache.ln_cross, p, grads, "ln_cross", config
        )

    def attend_backward(dy):
        nonlocal dcontext
        dinside, dseen = attention_backward(dy, attention, p, grads, config)
        dcontext = dseen
        return dinside

    dx = add_and_norm_backward(
        dx, attend_backward, cache.ln_1, p, grads, "ln_1", config
    )
    return BlockGradients(dx, dcontext, dmemory)


def cross_part(weights: Weights) -> Weights:
    """The weights of the attention to the memory, under their plain names."""
    return {name: weights[f"cross.{name}"] for name in ("w_q", "w_k", "w_v", "w_o")}
