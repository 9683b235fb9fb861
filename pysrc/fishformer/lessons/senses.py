"""Words of two senses: between them in a static vector, apart in context.

Shapes: D numbers a word, n and m words, L layers, U uses of a word.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fishformer.corpus import Corpus, SenseUse
from fishformer.corpus_text import Words
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import sense_axis, unit_length
from fishformer.model import Transformer
from fishformer.tasks import padded

# ---- one vector a word ---------------------------------------------------------------


def centred(vectors: np.ndarray) -> np.ndarray:
    """Every word's direction, seen from the middle of all of them: (V, D) -> (V, D).

    Without this all words point much the same way: what they share is no news.
    """
    units = unit_length(vectors)
    return units - units.mean(axis=0)


def place_between(word: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Where a word lies on the way from the middle of some words to that of others.

    word (D,), first (n, D), second (m, D) -> 0 beside the first, 1 beside the second,
    and one half at equal distance from both.
    """
    start, end = first.mean(axis=0), second.mean(axis=0)
    way = end - start
    return float((word - start) @ way / (way @ way))


def mean_cosine_with(word: np.ndarray, others: np.ndarray) -> float:
    """The mean cosine of a word's vector (D,) with those of others (n, D)."""
    return float((unit_length(others) @ unit_length(word)).mean())


# ---- one vector a use ---------------------------------------------------------------


class Uses(NamedTuple):
    """Some uses of words, ready for one pass of a model."""

    token_ids: np.ndarray  # (B, T) each sentence once
    rows: np.ndarray  # (U,) which sentence
    positions: np.ndarray  # (U,)
    senses: tuple[str, ...]  # (U,)


def uses_of(corpus: Corpus, uses: Sequence[SenseUse]) -> Uses:
    """The sentences of some uses, none of them twice."""
    keys = [(use.split, use.sentence) for use in uses]
    order = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    encode = corpus.tokenizer.encode
    return Uses(
        padded([encode(sentence_of(corpus, *key)) for key in order]),
        np.array([order[key] for key in keys]),
        np.array([use.position for use in uses]),
        tuple(use.sense for use in uses),
    )


def sentence_of(corpus: Corpus, split: str, number: int) -> Words:
    """One sentence of a split."""
    return getattr(corpus, split)[number]


def vectors_of(model: Transformer, uses: Uses) -> np.ndarray:
    """Each use as each layer has it: (L + 1, U, D).

    Layer 0 is the word's own vector without its position, which might give the sense
    away: it is the same in all uses of a word.
    """
    own = model.params["tok_emb"][uses.token_ids[uses.rows, uses.positions]]
    trace = model.stack.forward(uses.token_ids)
    in_context = vectors_by_layer(trace)[1:, uses.rows, uses.positions]
    return np.concatenate([own[None], in_context])


def sides(vectors: np.ndarray, senses: Sequence[str], n_axis: int) -> np.ndarray:
    """Where uses stand between the two senses: (L + 1, U, D) -> (L + 1, U - n_axis).

    The first n_axis uses, from other sentences, make the axis; the others are seen on
    it. 0 is half-way, below it is the side of the first sense in alphabetical order,
    1 is as far as a vector is long.
    """
    names = sorted(set(senses))
    second = np.array(senses) == names[1]
    axis = sense_axis(vectors[:, :n_axis], second[:n_axis])
    shown = vectors[:, n_axis:]
    lengths = np.linalg.norm(shown, axis=-1).mean(axis=-1, keepdims=True)
    return axis.along(shown) / lengths


def pairs_of(uses: Sequence[SenseUse], n_first: int) -> list[tuple[int, int]]:
    """Uses of either sense side by side: those of two sentences, then those of one.

    Those of the first sense come first; there are n_first of them.
    """
    n_second = len(uses) - n_first
    sentence = [use.sentence for use in uses]
    every = [(a, n_first + b) for a in range(n_first) for b in range(n_second)]
    apart = [
        (n % n_first, n_first + n % n_second) for n in range(max(n_first, n_second))
    ]
    apart = [(a, b) for a, b in apart if sentence[a] != sentence[b]]
    return apart + [(a, b) for a, b in every if sentence[a] == sentence[b]] or every


def cosines_of(vectors: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """The cosine of two uses in every layer: (L + 1, U, D) -> (L + 1,)."""
    layers = vectors[:, list(pair)].astype(np.float64)
    return np.array([_cosine(one, other) for one, other in layers])


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
