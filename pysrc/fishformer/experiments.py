"""Measures that ask more of a model than training does: layer by layer, without a
head, backwards to its words. They only read: nothing here changes a model.

logit_lens is cheap enough for every step of training, with a few places. The others
are for on demand: they take many passes, or one over much of a corpus.

Shapes: B sentences, T words, L layers, H heads, D d_model, V vocab_size, G places,
U uses of a word.
"""

from typing import NamedTuple

import numpy as np

from fishformer.attention import padding_mask
from fishformer.block import block_backward
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.layers import layer_norm_backward, layer_norm_forward, linear_forward
from fishformer.model import Model, Transformer, make_model
from fishformer.rnn import Recurrent
from fishformer.rnn import state_input_gradient as recurrent_gradient
from fishformer.softmax import cross_entropy_forward, softmax_forward
from fishformer.stack import Places, StackTrace
from fishformer.tasks import Batch, Task, continued


def untrained(config: Config, task: Task) -> Model:
    """A new model, as that of a run was at step 0: what the trained one is held to."""
    rng = np.random.default_rng(config.seed)
    return make_model(config, len(task.tokenizer), task.max_len, rng)


# ---- layer by layer --------------------------------------------------------------


def vectors_by_layer(trace: StackTrace) -> np.ndarray:
    """Each word's vector before the first block and after each: (L + 1, B, T, D).

    Raises ValueError where the last layer was computed only at some places.
    """
    if trace.chosen is not None:
        raise ValueError("made with only_places, a pass has not all vectors")
    return np.stack([trace.embedded, *(block.out for block in trace.blocks)])


def logit_lens(model: Transformer, trace: StackTrace, places: Places) -> np.ndarray:
    """What the model would say if it ended after each layer: (L + 1, G, V).

    The vectors at some places are read as the last layer's are: through the last layer
    norm, if the model has one, and w_vocab. The last row is what it does say.
    Source: nostalgebraist 2020, "Interpreting GPT: the logit lens".
    """
    p = model.params
    vectors = vectors_by_layer(trace)[:, *places]
    if trace.ln_final is not None:
        ln = model.stack.p
        vectors, _ = layer_norm_forward(
            vectors, ln["ln_final.gain"], ln["ln_final.bias"]
        )
    return softmax_forward(linear_forward(vectors, p["w_vocab"], p["b_vocab"]))


class SenseVectors(NamedTuple):
    """One word in all its uses, as each layer has it."""

    vectors: np.ndarray  # (L + 1, U, D)
    senses: tuple[str, ...]  # (U,)


def sense_vectors(
    model: Transformer, corpus: Corpus, word: str, splits: tuple[str, ...]
) -> SenseVectors:
    """The vectors of a word of two senses, for geometry.sense_split and sense_axis.

    Layer 0 is the word's own vector, without its position, which may give the sense
    away: it is the same in all uses. A writer reads up to the word and no further.
    Raises ValueError where these splits have no use of it with its sense.
    """
    uses = [use for use in corpus.senses if use.word == word and use.split in splits]
    if not uses:
        raise ValueError(f"no sense of {word!r} is marked in {', '.join(splits)}")
    of_split = {split: corpus.token_ids(split) for split in splits}
    token_ids = np.stack([of_split[use.split][use.sentence] for use in uses])
    places = np.arange(len(uses)), np.array([use.position for use in uses])
    own = model.params["tok_emb"][token_ids[places]]
    if model.config.model == "decoder":  # there, START stands in front
        token_ids, places = continued(token_ids).token_ids, (places[0], places[1] + 1)
    in_context = vectors_by_layer(model.stack.forward(token_ids))[1:, *places]
    return SenseVectors(
        np.concatenate([own[None], in_context]), tuple(use.sense for use in uses)
    )


# ---- without a head --------------------------------------------------------------


class Ablation(NamedTuple):
    """What it costs to take out heads, each alone or a whole layer's: nats of loss."""

    loss: float  # with all of them
    heads: np.ndarray  # (L, H) what the loss rises by
    layers: np.ndarray  # (L,)


def ablation_costs(model: Transformer, batch: Batch) -> Ablation:
    """The loss on a batch without each head, in L H + L + 1 passes."""
    L, H = model.config.n_layers, model.config.n_heads
    loss = loss_without(model, batch, np.ones((L, H)))
    heads, layers = np.empty((L, H)), np.empty(L)
    for layer in range(L):
        for head in range(H):
            keep = np.ones((L, H))
            keep[layer, head] = 0
            heads[layer, head] = loss_without(model, batch, keep) - loss
        keep = np.ones((L, H))
        keep[layer] = 0
        layers[layer] = loss_without(model, batch, keep) - loss
    return Ablation(loss, heads, layers)


def loss_without(model: Transformer, batch: Batch, keep: np.ndarray) -> float:
    """The loss on a batch with only some heads: keep (L, H) is 0 for one to take out.

    Of an encoder-decoder, the heads by which the written words look at one another.
    """
    token_ids, places, targets, source_ids = batch
    keep = keep.astype(model.config.dtype)
    logits, _ = model.forward(token_ids, places, source_ids, keep=keep)
    return cross_entropy_forward(logits, targets)[0]


# ---- backwards, to the words -----------------------------------------------------


def state_input_gradient(
    model: Transformer | Recurrent,
    token_ids: np.ndarray,
    place: int,
    source_ids: np.ndarray | None = None,
) -> np.ndarray:
    """How much of each word is left in the last layer's vector at one place.

    token_ids (T,) -> (T,): the length (Frobenius norm) of the matrix of derivatives
    of the vector's D numbers by the D numbers of each word as it enters the first
    layer. There they are of size 1 in a transformer, after its first layer norm, as
    they are in a recurrent model, so that the two compare. Exact: each number is
    followed back in a copy of the sentence. source_ids (S,) for an encoder-decoder.

    Transformer.backward would write into model.grads, of which the next update is
    made; here the blocks' own backward adds to gradients that are thrown away.
    """
    if isinstance(model, Recurrent):
        return recurrent_gradient(model, token_ids, place)
    stack, D = model.stack, model.config.d_model
    memory = None
    if model.reader is not None:
        if source_ids is None:
            raise ValueError("an encoder-decoder needs source_ids to read")
        sources = np.tile(source_ids, (D, 1))
        read = model.reader.forward(sources)
        memory = read.out, padding_mask(sources, model.config.dtype)
    trace = stack.forward(np.tile(token_ids, (D, 1)), memory)
    dx = np.zeros_like(trace.out)  # (D, T, D)
    dx[:, place] = np.eye(D)
    thrown_away = model.params.zeros_like()
    if trace.ln_final is not None:
        gain, dbias = stack.p["ln_final.gain"], np.zeros(D)
        dx = layer_norm_backward(dx, trace.ln_final, gain, np.zeros(D), dbias)
    for layer in reversed(range(model.config.n_layers)):
        weights, _ = stack.blocks[layer]
        dweights = thrown_away.part(f"{stack.prefix}layer_{layer + 1}.")
        cache = trace.blocks[layer]
        dx = block_backward(dx, cache, weights, dweights, model.config).dx
    return np.sqrt((dx.astype(np.float64) ** 2).sum(axis=(0, 2)))
