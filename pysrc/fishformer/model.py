"""The transformers: a reader, a writer, and a reader with a writer beside it.

Encoder: every word sees all others; it fills gaps (BERT). Decoder: no word sees
what comes after it; it writes on (GPT). Encoder-decoder: a decoder whose words also
look at what an encoder made of a source sentence; it translates (the first of them).

Shapes: B sentences, T words, G words that are asked for, D d_model, V vocab_size.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from fishformer.attention import padding_mask
from fishformer.block import BlockCache
from fishformer.cells import CELLS
from fishformer.config import Config
from fishformer.layers import linear_backward, linear_forward
from fishformer.params import Params, Shapes
from fishformer.rnn import Recurrent
from fishformer.stack import Places, Stack, StackTrace, init_params


class Trace(NamedTuple):
    """Every intermediate of one pass, by name: backward and the exhibits read it."""

    stack: StackTrace
    source: StackTrace | None  # what the encoder made of the source sentences
    places: Places  # of the G words that are asked for
    at_places: np.ndarray  # (G, D) the last block's vectors there
    logits: np.ndarray  # (G, V)

    @property
    def blocks(self) -> tuple[BlockCache, ...]:
        """The blocks that the words went through, first to last."""
        return self.stack.blocks


class Transformer:
    """One or two stacks, with one linear layer of word scores on top."""

    def __init__(
        self, config: Config, vocab_size: int, max_len: int, rng: np.random.Generator
    ):
        self.config = config
        self.max_len = max_len
        both = config.model == "encoder-decoder"
        self.stack = Stack(
            config,
            max_len,
            causal=config.model != "encoder",
            cross=both,
            prefix="decoder." if both else "",
        )
        self.reader = None
        shapes: Shapes = {"tok_emb": (vocab_size, config.d_model)}
        if both:
            self.reader = Stack(
                config, max_len, causal=False, cross=False, prefix="encoder."
            )
            shapes |= self.reader.shapes()
        shapes |= self.stack.shapes()
        shapes |= {"w_vocab": (config.d_model, vocab_size), "b_vocab": (vocab_size,)}
        self.params = Params(shapes, config.dtype)
        init_params(self.params, rng)
        self.grads = self.params.zeros_like()
        for stack in filter(None, (self.stack, self.reader)):
            stack.bind(self.params, self.grads)

    def forward(
        self,
        token_ids: np.ndarray,
        places: Places,
        source_ids: np.ndarray | None = None,
        *,
        only_places: bool = False,
        keep: np.ndarray | None = None,
    ) -> tuple[np.ndarray, Trace]:
        """Scores for the words that belong at some places.

        token_ids (B, T) whole numbers, PAD after a sentence's end; places names G
        words as (sentences, positions); source_ids (B, S) is what an encoder-decoder
        reads. only_places: skip what the scores do not need, if there is one place a
        sentence. keep (L, H): 0 switches a head off. Returns logits (G, V) and trace.
        """
        p = self.params
        source = memory = None
        if self.reader is not None:
            if source_ids is None:
                raise ValueError("an encoder-decoder needs source_ids to read")
            source = self.reader.forward(source_ids)
            memory = source.out, padding_mask(source_ids, self.config.dtype)
        # Before a pre-norm block the other words would still have to be normalised.
        chosen = places if only_places and self.config.norm != "pre" else None
        stack = self.stack.forward(token_ids, memory, chosen, keep)
        at_places = stack.out[:, 0] if chosen else stack.out[places]
        logits = linear_forward(at_places, p["w_vocab"], p["b_vocab"])
        return logits, Trace(stack, source, places, at_places, logits)

    def backward(self, dlogits: np.ndarray, trace: Trace) -> Params:
        """The gradient of every parameter, from that of the logits (G, V).

        Returns self.grads, which the next call overwrites.
        """
        p, grads = self.params, self.grads
        grads.buffer[...] = 0
        dat_places = linear_backward(
            dlogits, trace.at_places, p["w_vocab"], grads["w_vocab"], grads["b_vocab"]
        )
        dx = np.zeros_like(trace.stack.out)
        if trace.stack.chosen:
            dx[:, 0] = dat_places
        else:
            np.add.at(dx, trace.places, dat_places)
        dmemory = self.stack.backward(dx, trace.stack)
        if self.reader and trace.source and dmemory is not None:
            self.reader.backward(dmemory, trace.source)
        return grads


class Model(Protocol):
    """What training needs of a model; each kind has a trace of its own."""

    config: Config
    params: Params
    grads: Params
    max_len: int

    def forward(
        self,
        token_ids: np.ndarray,
        places: Places,
        source_ids: np.ndarray | None = None,
        *,
        only_places: bool = False,
        keep: np.ndarray | None = None,
    ) -> tuple[np.ndarray, Any]:
        """Token ids (B, T) -> logits (G, V) of the words at places, and a trace."""

    def backward(self, dlogits: np.ndarray, trace: Any) -> Params:
        """The gradients of everything, from dlogits and the trace of forward."""


def make_model(
    config: Config, vocab_size: int, max_len: int, rng: np.random.Generator
) -> Model:
    """The kind of model that config.model names, at its random start."""
    kind = Recurrent if config.model in CELLS else Transformer
    return kind(config, vocab_size, max_len, rng)
