"""Recurrent networks: they read word by word, and remember in one state.

Shapes: B sentences, T words, G words that are asked for, D d_model, which is the
length of a state too, V vocab_size, K sums for each number of a state.
"""

import math
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np

from fishformer.cells import CELLS, Layers
from fishformer.config import Config
from fishformer.layers import embedding_backward, linear_backward, linear_forward
from fishformer.params import Params, Shapes
from fishformer.stack import SPREAD, Places


class RecurrentTrace(NamedTuple):
    """Every intermediate of one pass, by name: backward and the exhibits read it."""

    token_ids: np.ndarray  # (B, T)
    layers: Layers  # first to last
    places: Places  # of the G words that are asked for
    at_places: np.ndarray  # (G, D) the last layer's states there
    logits: np.ndarray  # (G, V)


def recurrent_shapes(config: Config, vocab_size: int) -> Shapes:
    """The name and the shape of every parameter."""
    V, D, K = vocab_size, config.d_model, CELLS[config.model].K
    shapes: Shapes = {"tok_emb": (V, D)}
    for layer in range(1, config.n_layers + 1):
        shapes[f"layer_{layer}.w_xh"] = shapes[f"layer_{layer}.w_hh"] = (D, K * D)
        shapes[f"layer_{layer}.b_h"] = (K * D,)
    return shapes | {"w_vocab": (D, V), "b_vocab": (V,)}


def matched_config(config: Config, vocab_size: int, n_params: int) -> Config:
    """config with the d_model that brings its model nearest to n_params numbers.

    For a fair race: n_params is the size of a transformer's params.buffer.
    """

    def distance(candidate: Config) -> int:
        sizes = map(math.prod, recurrent_shapes(candidate, vocab_size).values())
        return abs(sum(sizes) - n_params)

    bounds = {f.name: f.metadata for f in fields(Config)}["d_model"]
    widths = range(bounds["low"], bounds["high"] + 1)
    return min((replace(config, d_model=D, n_heads=1) for D in widths), key=distance)


def init_recurrent(params: Params, config: Config, rng: np.random.Generator) -> None:
    """Fill the buffer with the random start: matrices evenly within 1 / sqrt(D) of 0.

    That is the custom, in PyTorch too. config.orthogonal makes w_hh a rotation (and
    perhaps a reflection), which neither lengthens nor shortens what goes through it.
    Biases are zero and words as short as a transformer's: so the sums stay where tanh
    is straight and does not shorten it either (measured after 22 words: a gradient
    500 times as long as with words of length 1). Source: Saxe et al. 2014, section 3.
    """
    bound = 1 / np.sqrt(config.d_model)
    for name, view in params.views.items():
        if name == "tok_emb":
            view[...] = SPREAD[name] * rng.standard_normal(view.shape)
        elif config.orthogonal and config.model == "elman" and name.endswith("w_hh"):
            view[...] = orthogonal(len(view), rng)
        elif view.ndim == 2:
            view[...] = rng.uniform(-bound, bound, view.shape)


def orthogonal(size: int, rng: np.random.Generator) -> np.ndarray:
    """A random orthogonal matrix (size, size), all equally likely.

    Source: Mezzadri 2007, section 5, which gives the reason for the signs.
    """
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


class Recurrent:
    """Layers of Elman or LSTM cells, with one linear layer of word scores on top.

    Of the settings it heeds those of every model, and `orthogonal` in elman. It
    ignores those of a transformer's blocks (heads, d_ff, norm, positions, ...), so
    that one Config, with another `model`, sets up both sides of a comparison.
    """

    def __init__(
        self, config: Config, vocab_size: int, max_len: int, rng: np.random.Generator
    ):
        self.config = config
        self.max_len = max_len  # of the data: the model itself knows no limit
        self.cell = CELLS[config.model]
        self.params = Params(recurrent_shapes(config, vocab_size), config.dtype)
        init_recurrent(self.params, config, rng)
        self.grads = self.params.zeros_like()

    def forward(
        self,
        token_ids: np.ndarray,
        places: Places,
        source_ids: np.ndarray | None = None,
        *,
        only_places: bool = False,
        keep: np.ndarray | None = None,
    ) -> tuple[np.ndarray, RecurrentTrace]:
        """Scores for the words that belong at some places, from the words up to there.

        token_ids (B, T) whole numbers, PAD after a sentence's end; places names G
        different words as (sentences, positions). Returns logits (G, V) and trace.
        only_places saves nothing here. Raises ValueError for source_ids or keep,
        which belong to other models.
        """
        if source_ids is not None or keep is not None:
            raise ValueError("a recurrent model has no source to read and no heads")
        p = self.params
        layers = self.read(token_ids)
        at_places = layers[-1].states[places]
        logits = linear_forward(at_places, p["w_vocab"], p["b_vocab"])
        return logits, RecurrentTrace(token_ids, layers, places, at_places, logits)

    def read(self, token_ids: np.ndarray) -> Layers:
        """The states of every layer, first to last, for token_ids (B, T).

        Padding needs no mask: no state depends on a word that comes later.
        """
        x, layers = self.params["tok_emb"][token_ids], []
        for layer in range(1, self.config.n_layers + 1):
            x, cache = self.cell.forward(x, self.params.part(f"layer_{layer}."))
            layers.append(cache)
        return tuple(layers)

    def backward(self, dlogits: np.ndarray, trace: RecurrentTrace) -> Params:
        """The gradient of every parameter, from that of the logits (G, V).

        Returns self.grads, which the next call overwrites.
        """
        p, grads = self.params, self.grads
        grads.buffer[...] = 0
        dat_places = linear_backward(
            dlogits, trace.at_places, p["w_vocab"], grads["w_vocab"], grads["b_vocab"]
        )
        dstates = np.zeros_like(trace.layers[-1].states)
        dstates[trace.places] = dat_places
        dx = self.read_backward(dstates, trace.layers, grads)
        embedding_backward(dx, trace.token_ids, grads["tok_emb"], None)
        return grads

    def read_backward(
        self, dstates: np.ndarray, layers: Layers, grads: Params
    ) -> np.ndarray:
        """Undo read, from the gradient of the last layer's states; returns that of
        the embedded words (B, T, D) and adds those of the cells to grads."""
        for layer in reversed(range(1, self.config.n_layers + 1)):
            parts = (params.part(f"layer_{layer}.") for params in (self.params, grads))
            dstates = self.cell.backward(dstates, layers[layer - 1], *parts)
        return dstates


def state_input_gradient(
    model: Recurrent, token_ids: np.ndarray, place: int
) -> np.ndarray:
    """How much of each word is left in the last layer's state at one place.

    token_ids (T,) -> (T,): the length (Frobenius norm) of the matrix of derivatives
    of the state's D numbers by the D numbers of each embedded word. Exact: each
    number of the state is followed back in a copy of the sentence. Changes nothing.
    """
    D = model.config.d_model
    layers = model.read(np.tile(token_ids, (D, 1)))
    dstates = np.zeros_like(layers[-1].states)  # (D, T, D)
    dstates[:, place] = np.eye(D)
    dx = model.read_backward(dstates, layers, model.params.zeros_like())
    return np.sqrt((dx.astype(np.float64) ** 2).sum(axis=(0, 2)))
