"""Filling the gap in a sentence: read it, let the model look, rank the words."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fishformer.model import Model
from fishformer.softmax import softmax_forward
from fishformer.tokenizer import MASK, PAD, SPECIALS, Tokenizer, split_sentence

GAP = "[mask]"


class GapError(ValueError):
    """A sentence cannot be completed; the message says why and what would do."""


def read_gapped(text: str, tokenizer: Tokenizer, max_len: int) -> tuple[str, ...]:
    """The words of a sentence with one gap, written ___ : "the ___ swims".

    Raises GapError, or UnknownWordError, which names the words.
    """
    words = tuple(split_sentence(text))
    n_gaps = words.count(GAP)
    if n_gaps != 1:
        raise GapError(
            f"A sentence needs one gap, written ___ ; this one has {n_gaps}."
        )
    if len(words) < 2:
        raise GapError("A gap alone says nothing: put a word or more beside it.")
    if len(words) > max_len:
        raise GapError(
            f"This sentence has {len(words)} words; the model has places for {max_len}."
        )
    tokenizer.encode(words)
    return words


def as_typed(words: Iterable[str]) -> str:
    """A sentence as read_gapped() reads it, with ___ for its gap."""
    return " ".join("___" if word == GAP else word for word in words)


def as_named(words: Iterable[str]) -> list[str]:
    """The words of a sentence as labels, with "gap" for its gap."""
    return ["gap" if word == GAP else word for word in words]


def fill_gaps(
    model: Model, tokenizer: Tokenizer, sentences: Sequence[Sequence[str]]
) -> tuple[np.ndarray, Any]:
    """What the model would put in the one gap of each sentence.

    Returns probs (sentences, V) and the model's trace. Changes nothing in the model.
    """
    longest = max(len(words) for words in sentences)
    token_ids = np.full((len(sentences), longest), PAD)
    for row, words in enumerate(sentences):
        token_ids[row, : len(words)] = tokenizer.encode(words)
    rows, places = np.nonzero(token_ids == MASK)
    logits, trace = model.forward(token_ids, (rows, places))
    return softmax_forward(logits), trace


def top_words(
    probs: np.ndarray, tokenizer: Tokenizer, n: int = 5
) -> list[tuple[str, float]]:
    """The n likeliest words of one gap, best first: probs (V,) -> [(word, share)]."""
    best = np.argsort(-probs, kind="stable")
    words = [k for k in best[: n + len(SPECIALS)] if k >= len(SPECIALS)][:n]
    return [(tokenizer.words[k], float(probs[k])) for k in words]
