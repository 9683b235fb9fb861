"""The encoder: reads a sentence with gaps and says what belongs in them.

Embedding, then n_layers blocks, then one score for each word of the vocabulary.
Shapes: B sentences, T words, D d_model, V vocab_size.
"""

from typing import NamedTuple

import numpy as np

from fishformer.attention import (
    AttentionCache,
    attention_backward,
    attention_forward,
)
from fishformer.config import Config
from fishformer.layers import (
    FeedForwardCache,
    LayerNormCache,
    embedding_backward,
    embedding_forward,
    feed_forward_backward,
    feed_forward_forward,
    layer_norm_backward,
    layer_norm_forward,
    linear_backward,
    linear_forward,
)
from fishformer.params import Params, Shapes
from fishformer.tokenizer import PAD

Weights = dict[str, np.ndarray]


class BlockCache(NamedTuple):
    """Every intermediate of one block."""

    attention: AttentionCache
    ln_1: LayerNormCache
    feed_forward: FeedForwardCache
    ln_2: LayerNormCache
    out: np.ndarray  # (B, T, D)


class Trace(NamedTuple):
    """Every intermediate of one pass, by name: backward and the exhibits read it."""

    token_ids: np.ndarray  # (B, T)
    ln_emb: LayerNormCache
    embedded: np.ndarray  # (B, T, D)
    blocks: tuple[BlockCache, ...]
    gaps: tuple[np.ndarray, np.ndarray]  # (sentence, position) of each gap
    at_gaps: np.ndarray  # (G, D) the last block's vectors there
    logits: np.ndarray  # (G, V)


# ---- one block: look around, then think, each followed by add and normalise --


def block_forward(
    x: np.ndarray, is_word: np.ndarray, p: Weights, n_heads: int
) -> tuple[np.ndarray, BlockCache]:
    """x = LayerNorm(x + Attention(x)); x = LayerNorm(x + FeedForward(x)).

    (B, T, D) -> (B, T, D): "post-norm", as in Vaswani et al. 2017, section 3.1.
    """
    attn_out, attention = attention_forward(x, is_word, p, n_heads)
    x, ln_1 = layer_norm_forward(x + attn_out, p["ln_1.gain"], p["ln_1.bias"])
    ff_out, feed_forward = feed_forward_forward(x, p)
    x, ln_2 = layer_norm_forward(x + ff_out, p["ln_2.gain"], p["ln_2.bias"])
    return x, BlockCache(attention, ln_1, feed_forward, ln_2, x)


def block_backward(
    dx: np.ndarray, cache: BlockCache, p: Weights, grads: Weights
) -> np.ndarray:
    """Undo block_forward; where x went two ways, its two gradients add up."""
    dx = layer_norm_backward(
        dx, cache.ln_2, p["ln_2.gain"], grads["ln_2.gain"], grads["ln_2.bias"]
    )
    dx = dx + feed_forward_backward(dx, cache.feed_forward, p, grads)
    dx = layer_norm_backward(
        dx, cache.ln_1, p["ln_1.gain"], grads["ln_1.gain"], grads["ln_1.bias"]
    )
    return dx + attention_backward(dx, cache.attention, p, grads)


# ---- the whole ----------------------------------------------------------------


def encoder_shapes(config: Config, vocab_size: int, max_len: int) -> Shapes:
    """The name and the shape of every parameter, in the order of the buffer."""
    D, F = config.d_model, config.d_ff
    shapes: Shapes = {
        "tok_emb": (vocab_size, D),
        "pos_emb": (max_len, D),
        "ln_emb.gain": (D,),
        "ln_emb.bias": (D,),
    }
    for layer in range(1, config.n_layers + 1):
        block: Shapes = {name: (D, D) for name in ("w_q", "w_k", "w_v", "w_o")}
        block |= {"ln_1.gain": (D,), "ln_1.bias": (D,)}
        block |= {"w_in": (D, F), "b_in": (F,), "w_out": (F, D), "b_out": (D,)}
        block |= {"ln_2.gain": (D,), "ln_2.bias": (D,)}
        shapes |= {f"layer_{layer}.{name}": shape for name, shape in block.items()}
    return shapes | {"w_vocab": (D, vocab_size), "b_vocab": (vocab_size,)}


def init_params(params: Params, rng: np.random.Generator) -> None:
    """Fill the buffer with the random start.

    w_q and w_k are small, so that all scores are nearly equal and every word at
    first looks at all others alike: what structure appears later was learned. So is
    w_vocab: at first every word is about as likely as any other. The embeddings are
    small because the layer norm after them makes them long again, and a small step
    turns a short vector further (measured: half the loss at step 1,000).
    """
    spread = {
        "w_q": 0.05,
        "w_k": 0.05,
        "w_vocab": 0.03,
        "tok_emb": 0.1,
        "pos_emb": 0.05,
    }
    for name, view in params.views.items():
        kind = name.split(".")[-1]
        if kind == "gain":
            view[...] = 1
        elif view.ndim == 2:  # the others as in Glorot and Bengio 2010
            std = spread.get(kind, np.sqrt(2 / sum(view.shape)))
            view[...] = std * rng.standard_normal(view.shape)


class Encoder:
    """A transformer encoder with one linear layer of word scores on top."""

    def __init__(
        self, config: Config, vocab_size: int, max_len: int, rng: np.random.Generator
    ):
        self.config = config
        self.max_len = max_len
        self.params = Params(encoder_shapes(config, vocab_size, max_len), config.dtype)
        init_params(self.params, rng)
        self.grads = self.params.zeros_like()
        layers = [f"layer_{layer}" for layer in range(1, config.n_layers + 1)]
        self._blocks = [(self.params.part(n), self.grads.part(n)) for n in layers]

    def forward(
        self, token_ids: np.ndarray, gaps: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, Trace]:
        """Scores for the word in each gap.

        token_ids (B, T) whole numbers, PAD after a sentence's end; gaps names G
        places as (sentences, positions). Returns logits (G, V) and the trace.
        """
        p = self.params
        is_word = token_ids != PAD
        x = embedding_forward(token_ids, p["tok_emb"], p["pos_emb"])
        x, ln_emb = layer_norm_forward(x, p["ln_emb.gain"], p["ln_emb.bias"])
        embedded = x
        blocks = []
        for weights, _ in self._blocks:
            x, cache = block_forward(x, is_word, weights, self.config.n_heads)
            blocks.append(cache)
        at_gaps = x[gaps]
        logits = linear_forward(at_gaps, p["w_vocab"], p["b_vocab"])
        trace = Trace(token_ids, ln_emb, embedded, tuple(blocks), gaps, at_gaps, logits)
        return logits, trace

    def backward(self, dlogits: np.ndarray, trace: Trace) -> Params:
        """The gradient of every parameter, from that of the logits (G, V).

        Returns self.grads, which the next call overwrites.
        """
        p, grads = self.params, self.grads
        grads.buffer[...] = 0
        dat_gaps = linear_backward(
            dlogits, trace.at_gaps, p["w_vocab"], grads["w_vocab"], grads["b_vocab"]
        )
        dx = np.zeros_like(trace.embedded)
        np.add.at(dx, trace.gaps, dat_gaps)
        for (weights, dweights), cache in zip(
            reversed(self._blocks), reversed(trace.blocks), strict=True
        ):
            dx = block_backward(dx, cache, weights, dweights)
        dx = layer_norm_backward(
            dx,
            trace.ln_emb,
            p["ln_emb.gain"],
            grads["ln_emb.gain"],
            grads["ln_emb.bias"],
        )
        embedding_backward(dx, trace.token_ids, grads["tok_emb"], grads["pos_emb"])
        return grads
