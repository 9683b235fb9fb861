"""Which words lie together in the stack: namesakes, or those of one sentence?

Shapes: N words in some sentences, L layers, D d_model.
"""

from typing import NamedTuple

import numpy as np

from fishformer.corpus import Corpus
from fishformer.geometry import mean_cosine, unit_length
from fishformer.tokenizer import PAD

WATERSIDE = ("bait", "fish", "river", "water")  # senses of the fish sentences


class Cloud(NamedTuple):
    """The words of some sentences, each one a point in every layer."""

    token_ids: np.ndarray  # (B, T) the sentences
    words: tuple[str, ...]  # (N,) in the order of reading
    sentence: np.ndarray  # (N,) which one it stands in
    place: np.ndarray  # (N,) its place there, from 0
    senses: tuple[str, ...]  # (N,) "" where there is but one

    @property
    def here(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the words stand: takes (..., B, T, D) to (..., N, D)."""
        return self.sentence, self.place


def telling_sentences(corpus: Corpus, n: int) -> list[int]:
    """Which held-out sentences to show: first one for each word of two senses.

    Of those one is taken that has the word in both. Then the others in their order.
    Somebody's own sentences may be too few to hold any out: then of the training ones.
    """
    split = "held_out" if corpus.held_out else "train"
    found: dict[tuple[str, int], set[str]] = {}
    for use in corpus.senses:
        if use.split == split:
            found.setdefault((use.word, use.sentence), set()).add(use.sense)
    first: dict[str, int] = {}
    for (word, sentence), senses in found.items():
        if len(senses) > 1:
            first.setdefault(word, sentence)
    chosen = list(dict.fromkeys(first.values()))
    rest = (k for k in range(len(getattr(corpus, split))) if k not in chosen)
    return [*chosen, *rest][:n]


def cloud_of(corpus: Corpus, n: int) -> Cloud:
    """The words of the n most telling sentences."""
    split = "held_out" if corpus.held_out else "train"
    rows = telling_sentences(corpus, n)
    token_ids = corpus.token_ids(split)[rows]
    sentence, place = np.nonzero(token_ids != PAD)
    sense = {
        (use.sentence, use.position): use.sense
        for use in corpus.senses
        if use.split == split
    }
    known = corpus.tokenizer.words
    return Cloud(
        token_ids,
        tuple(known[k] for k in token_ids[sentence, place]),
        sentence,
        place,
        tuple(
            sense.get((rows[s], p), "") for s, p in zip(sentence, place, strict=True)
        ),
    )


class Kinship(NamedTuple):
    """Mean cosines after each layer; NaN where there are no such pairs."""

    namesakes: np.ndarray  # (L + 1,) the same word in two sentences
    neighbours: np.ndarray  # (L + 1,) two words of one sentence
    everyone: np.ndarray  # (L + 1,) any two words


def kinship(vectors: np.ndarray, cloud: Cloud) -> Kinship:
    """How nearly words point the same way, by what they share: (L + 1, N, D)."""
    units = unit_length(vectors)
    token = cloud.token_ids[cloud.here]
    words = np.unique(token, return_inverse=True)[1]
    S = int(cloud.sentence.max()) + 1
    both = np.unique(words * S + cloud.sentence, return_inverse=True)[1]
    by_word, n_word = _pairs(units, words)
    by_sentence, n_sentence = _pairs(units, cloud.sentence)
    by_both, n_both = _pairs(units, both)
    return Kinship(
        _mean(by_word - by_both, n_word - n_both),
        _mean(by_sentence, n_sentence),
        mean_cosine(units),
    )


def _mean(total: np.ndarray, count: int) -> np.ndarray:
    return total / count if count else np.full(total.shape, np.nan)


def _pairs(units: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, int]:
    """The cosines of all pairs within a group, added up, and how many pairs.

    (..., N, D), (N,) -> (...); groups are numbered from 0, and none is empty. The
    square of a group's sum holds each pair twice and each point's own square once: no
    need to look at the pairs one by one.
    """
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    starts = np.cumsum(sizes) - sizes
    sums = np.add.reduceat(units[..., order, :], starts, axis=-2)  # (..., G, D)
    own = (units**2).sum(axis=(-1, -2))
    return (sums**2).sum(axis=(-1, -2)) - own, int((sizes * (sizes - 1)).sum())
