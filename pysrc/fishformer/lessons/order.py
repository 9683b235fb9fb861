"""Order: what a model makes of the same words when somebody shuffles them.

Shapes: T words, D numbers a word, M positions.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fishformer.config import Config
from fishformer.geometry import unit_length
from fishformer.model import Transformer
from fishformer.stack import Stack, sinusoids
from fishformer.tokenizer import Tokenizer


def without_positions(model: Transformer) -> Stack:
    """The very weights of a model, read by a stack that adds no position vectors.

    It only reads: forward passes change nothing in the model.
    """
    config = replace(model.config, positions="none")
    stack = Stack(config, model.max_len, causal=False, cross=False, prefix="")
    stack.bind(model.params, model.grads)
    return stack


def outputs_of(stack: Stack, token_ids: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """The last layer's vectors of a sentence as it is, and of the same words shuffled.

    token_ids (T,); order (T,) says which word comes first, second, ... -> (2, T, D)
    """
    both = np.stack([token_ids, token_ids[list(order)]])
    return stack.forward(both).out


def largest_change(outputs: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """How far each word's vector has moved from where it was in the first order.

    outputs (2, T, D) as from outputs_of -> (T,), in the second order: the largest
    difference between any of the word's D numbers and the same number before.
    """
    numbers = outputs.astype(np.float64)
    return np.abs(numbers[1] - numbers[0, list(order)]).max(axis=-1)


def positions_of(model: Transformer) -> dict[str, np.ndarray]:
    """Its position vectors, if it learns any, beside waves: each (M, D)."""
    found = {"sines": sinusoids(model.max_len, model.config.d_model, "float64")}
    if model.config.positions == "learned":
        found["learned"] = model.params["pos_emb"].astype(np.float64)
    return found


def alikeness(positions: np.ndarray) -> np.ndarray:
    """The cosine of every position's vector with every other's: (M, D) -> (M, M)."""
    units = unit_length(positions)
    return units @ units.T


def stranger(config: Config, words: Sequence[str], max_len: int) -> Transformer:
    """An untrained model that knows these words and no others, by the run's seed."""
    vocab_size = len(Tokenizer(sorted(set(words))))
    rng = np.random.default_rng(config.seed)
    return Transformer(config, vocab_size, max_len, rng)
