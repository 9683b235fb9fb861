"""A stack: words become vectors, and block after block rewrites them.

Shapes: B sentences, T words, D d_model, V vocab_size, M max_len, L n_layers.
"""

from typing import NamedTuple

import numpy as np

from fishformer.attention import causal_mask, padding_mask
from fishformer.block import BlockCache, block_backward, block_forward, block_shapes
from fishformer.config import Config
from fishformer.layers import (
    LayerNormCache,
    embedding_backward,
    embedding_forward,
    layer_norm_backward,
    layer_norm_forward,
)
from fishformer.params import Params, Shapes

Places = tuple[np.ndarray, np.ndarray]  # (sentence, position) of each of G words


class StackTrace(NamedTuple):
    """Every intermediate of one pass, by name: backward and the exhibits read it."""

    token_ids: np.ndarray  # (B, T)
    ln_emb: LayerNormCache
    embedded: np.ndarray  # (B, T, D)
    blocks: tuple[BlockCache, ...]
    ln_final: LayerNormCache | None  # pre-norm only
    chosen: Places | None  # where the last block was computed; None is everywhere
    out: np.ndarray  # (B, T, D), or (B, 1, D) at the chosen places


def sinusoids(length: int, d_model: int, dtype: str) -> np.ndarray:
    """Position vectors that nobody has to learn: (M, D).

    Pairs of sine and cosine whose wavelengths grow from 2 pi to 10,000 times that.
    They are as long as learned ones are at the start, so that both weigh the same
    beside the words. Source: Vaswani et al. 2017, section 3.5.
    """
    pair = np.arange(d_model) // 2
    angles = np.arange(length)[:, None] / 10_000 ** (2 * pair / d_model)
    waves = np.where(np.arange(d_model) % 2, np.cos(angles), np.sin(angles))
    return (np.sqrt(2) * SPREAD["pos_emb"] * waves).astype(dtype)


# Standard deviations of the random start; every other matrix is as in Glorot and
# Bengio 2010. See init_params for the reasons.
SPREAD = {"w_q": 0.05, "w_k": 0.05, "w_vocab": 0.03, "tok_emb": 0.1, "pos_emb": 0.05}


def init_params(params: Params, rng: np.random.Generator) -> None:
    """Fill the buffer with the random start.

    w_q and w_k are small, so that all scores are nearly equal and every word at
    first looks at all others alike: what structure appears later was learned. So is
    w_vocab: at first every word is about as likely as any other. The embeddings are
    small because the layer norm after them makes them long again, and a small step
    turns a short vector further (measured: half the loss at step 1,000).
    """
    for name, view in params.views.items():
        kind = name.split(".")[-1]
        if kind == "gain":
            view[...] = 1
        elif view.ndim == 2:
            std = SPREAD.get(kind, np.sqrt(2 / sum(view.shape)))
            view[...] = std * rng.standard_normal(view.shape)


class Stack:
    """Embedding and n_layers blocks, with views of their parameters and gradients."""

    def __init__(
        self, config: Config, max_len: int, *, causal: bool, cross: bool, prefix: str
    ):
        self.config = config
        self.max_len = max_len
        self.causal = causal
        self.cross = cross
        self.prefix = prefix  # of its parameters' names, where a model has two stacks
        if config.positions == "sinusoidal":
            self.waves = sinusoids(max_len, config.d_model, config.dtype)

    def shapes(self) -> Shapes:
        """The name and the shape of every parameter; tok_emb is the model's."""
        D = self.config.d_model
        shapes: Shapes = {"ln_emb.gain": (D,), "ln_emb.bias": (D,)}
        if self.config.positions == "learned":
            shapes["pos_emb"] = (self.max_len, D)
        for layer in range(1, self.config.n_layers + 1):
            block = block_shapes(self.config, self.cross)
            shapes |= {f"layer_{layer}.{name}": shape for name, shape in block.items()}
        if self.config.norm == "pre":
            shapes |= {"ln_final.gain": (D,), "ln_final.bias": (D,)}
        return {self.prefix + name: shape for name, shape in shapes.items()}

    def bind(self, params: Params, grads: Params) -> None:
        """Take the views of the model's buffers."""
        self.tok_emb, self.dtok_emb = params["tok_emb"], grads["tok_emb"]
        self.p, self.grads = params.part(self.prefix), grads.part(self.prefix)
        names = [
            f"{self.prefix}layer_{layer + 1}." for layer in range(self.config.n_layers)
        ]
        self.blocks = [(params.part(name), grads.part(name)) for name in names]

    def _positions(self, length: int) -> np.ndarray:
        if self.config.positions == "none":
            return np.zeros((length, self.config.d_model), self.config.dtype)
        return (
            self.waves if self.config.positions == "sinusoidal" else self.p["pos_emb"]
        )

    def forward(
        self,
        token_ids: np.ndarray,
        memory: tuple[np.ndarray, np.ndarray] | None = None,
        chosen: Places | None = None,
        keep: np.ndarray | None = None,
    ) -> StackTrace:
        """Vectors in context for token_ids (B, T), PAD after each sentence's end.

        memory is what cross-attention reads, with its mask. With `chosen`, one place
        in each sentence, the last block is computed only there: it costs less, and a
        loss at these places stays the same. keep (L, H) is 0 for a head to switch off.
        """
        p, config = self.p, self.config
        T = token_ids.shape[1]
        mask = padding_mask(token_ids, config.dtype)
        if self.causal:
            mask = mask + causal_mask(T, config.dtype)
        x = embedding_forward(token_ids, self.tok_emb, self._positions(T))
        x, ln_emb = layer_norm_forward(x, p["ln_emb.gain"], p["ln_emb.bias"])
        embedded = x
        blocks = []
        for layer, (weights, _) in enumerate(self.blocks, start=1):
            heads = None if keep is None else keep[layer - 1][:, None, None]
            context = None
            if chosen is not None and layer == config.n_layers:
                context, x = x, x[chosen][:, None]
                if self.causal:
                    mask = mask[chosen[0], :, chosen[1]][:, :, None]
            x, cache = block_forward(x, mask, weights, config, context, memory, heads)
            blocks.append(cache)
        ln_final = None
        if config.norm == "pre":
            x, ln_final = layer_norm_forward(x, p["ln_final.gain"], p["ln_final.bias"])
        return StackTrace(
            token_ids, ln_emb, embedded, tuple(blocks), ln_final, chosen, x
        )

    def backward(self, dx: np.ndarray, trace: StackTrace) -> np.ndarray | None:
        """Add the gradients of every parameter, from that of trace.out.

        Returns the gradient of the memory, if there was one.
        """
        p, grads = self.p, self.grads
        if trace.ln_final:
            gain, bias = "ln_final.gain", "ln_final.bias"
            dx = layer_norm_backward(
                dx, trace.ln_final, p[gain], grads[gain], grads[bias]
            )
        dmemory = None
        for (weights, dweights), cache in zip(
            reversed(self.blocks), reversed(trace.blocks), strict=True
        ):
            back = block_backward(dx, cache, weights, dweights, self.config)
            dx = back.dx
            if back.dcontext is not None and trace.chosen is not None:
                dx = back.dcontext
                dx[trace.chosen] += back.dx[:, 0]
            if back.dmemory is not None:
                dmemory = back.dmemory if dmemory is None else dmemory + back.dmemory
        gain, bias = "ln_emb.gain", "ln_emb.bias"
        dx = layer_norm_backward(dx, trace.ln_emb, p[gain], grads[gain], grads[bias])
        embedding_backward(dx, trace.token_ids, self.dtok_emb, grads.get("pos_emb"))
        return dmemory
