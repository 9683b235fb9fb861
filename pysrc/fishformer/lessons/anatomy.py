"""One block of a trained model, place by place: the vectors there and their gradients.

Both come from the model's own functions, one after another; the model is only read.
Shapes: B sentences, T words, D d_model, F d_ff.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fishformer.attention import Weights, attention_backward
from fishformer.block import BlockCache, block_backward
from fishformer.config import Config
from fishformer.layers import (
    LayerNormCache,
    feed_forward_backward,
    layer_norm_backward,
    layer_norm_forward,
    linear_backward,
    linear_forward,
    project_forward,
)
from fishformer.model import Transformer
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tasks import Batch


class Place(NamedTuple):
    """One place in a block."""

    name: str  # x, attention, add_1, norm_1, think, add_2 or norm_2
    vectors: np.ndarray  # (T, D)
    gradient: np.ndarray  # (T, D) of the loss with respect to each of those numbers


class Anatomy(NamedTuple):
    """A block in the order of its arithmetic, and the loss that gradients are of."""

    places: tuple[Place, ...]
    loss: float


def values_at(
    cache: BlockCache, x: np.ndarray, p: Weights, config: Config
) -> dict[str, np.ndarray]:
    """The vectors at every place of one block, by name, in the order of arithmetic.

    x (B, T, D) is what came in. Layer norms stand after the additions (post), before
    attention and feed-forward (pre), or nowhere, as the settings have it.
    """
    found = {"x": x}

    def norm(n: str, inside: np.ndarray) -> np.ndarray:
        gain, bias = p[f"ln_{n}.gain"], p[f"ln_{n}.bias"]
        found[f"norm_{n}"] = layer_norm_forward(inside, gain, bias)[0]
        return found[f"norm_{n}"]

    def around(n: str, name: str, x: np.ndarray, out: np.ndarray) -> np.ndarray:
        if config.norm == "pre":
            norm(n, x)
        found[name] = out
        if config.residual:
            out = found[f"add_{n}"] = x + out
        return norm(n, out) if config.norm == "post" else out

    x = around("1", "attention", x, project_forward(cache.attention.mixed, p["w_o"]))
    if cache.feed_forward is not None:
        hidden = cache.feed_forward.hidden
        around("2", "think", x, linear_forward(hidden, p["w_out"], p["b_out"]))
    return found


def gradients_at(
    dout: np.ndarray, cache: BlockCache, p: Weights, spare: Weights, config: Config
) -> dict[str, np.ndarray]:
    """The gradient at every place of one block, from that of what goes out.

    As block_backward, but it keeps what it passes: where x went two ways, its two
    gradients add up. `spare` takes the gradients of the parameters, unused.
    """
    found: dict[str, np.ndarray] = {}

    def norm(n: str, dy: np.ndarray, ln: LayerNormCache | None) -> np.ndarray:
        assert ln is not None
        gain, bias = f"ln_{n}.gain", f"ln_{n}.bias"
        found[f"norm_{n}"] = dy
        return layer_norm_backward(dy, ln, p[gain], spare[gain], spare[bias])

    def around(
        n: str, name: str, dout: np.ndarray, ln: LayerNormCache | None,
        sublayer_backward: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:  # fmt: skip
        if config.norm == "post":
            dout = norm(n, dout, ln)
        if config.residual:
            found[f"add_{n}"] = dout
        found[name] = dout
        dinside = sublayer_backward(dout)
        if config.norm == "pre":
            dinside = norm(n, dinside, ln)
        return dout + dinside if config.residual else dinside

    def attend_backward(dy: np.ndarray) -> np.ndarray:
        return attention_backward(dy, cache.attention, p, spare, config)[0]

    feed_forward = cache.feed_forward
    if feed_forward is not None:

        def think_backward(dy: np.ndarray) -> np.ndarray:
            kind = config.activation
            return feed_forward_backward(dy, feed_forward, p, spare, kind)

        dout = around("2", "think", dout, cache.ln_2, think_backward)
    found["x"] = around("1", "attention", dout, cache.ln_1, attend_backward)
    return found


def anatomy(model: Transformer, batch: Batch, layer: int) -> Anatomy:
    """Block number `layer` (from 1) with one sentence in it that asks for one word.

    Model.backward would write into the gradients that the next update is made of; here
    the blocks' own backward adds to some that are thrown away.
    """
    stack, config = model.stack, model.config
    logits, trace = model.forward(batch.token_ids, batch.places)
    loss, probs = cross_entropy_forward(logits, batch.targets)
    dlogits = cross_entropy_backward(probs, batch.targets)
    spare = model.params.zeros_like()
    dx = np.zeros_like(trace.stack.out)
    dx[batch.places] = linear_backward(
        dlogits, trace.at_places, model.params["w_vocab"],
        spare["w_vocab"], spare["b_vocab"],
    )  # fmt: skip
    if trace.stack.ln_final is not None:
        dx = layer_norm_backward(
            dx, trace.stack.ln_final, stack.p["ln_final.gain"],
            spare["ln_final.gain"], spare["ln_final.bias"],
        )  # fmt: skip
    for above in range(config.n_layers, layer, -1):
        weights, dweights = stack.blocks[above - 1][0], spare.part(f"layer_{above}.")
        dx = block_backward(dx, trace.blocks[above - 1], weights, dweights, config).dx
    cache, (weights, _) = trace.blocks[layer - 1], stack.blocks[layer - 1]
    x = trace.stack.embedded if layer == 1 else trace.blocks[layer - 2].out
    vectors = values_at(cache, x, weights, config)
    gradients = gradients_at(dx, cache, weights, spare.part(f"layer_{layer}."), config)
    places = [Place(n, vectors[n][0], gradients[n][0]) for n in vectors]
    return Anatomy(tuple(places), loss)
