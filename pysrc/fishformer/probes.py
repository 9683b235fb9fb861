"""Measures of what attention does. They only read: nothing here changes a model.

All are cheap enough for every step of training, with a few sentences; but sense_cues
and cue_places are to be made once for a corpus. More measures: experiments, geometry.

Shapes: B sentences, T words that look, S words to look at, L layers, H heads,
Dh numbers a head.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from fishformer.corpus import Corpus, Words
from fishformer.softmax import softmax_forward
from fishformer.stack import StackTrace
from fishformer.tokenizer import PAD

# ---- attention, by layer and head ------------------------------------------------


class Attention(NamedTuple):
    """Who looks where, in every layer and head of one pass."""

    weights: np.ndarray  # (L, H, B, T, S) each row sums to 1
    q: np.ndarray  # (L, H, B, T, Dh)
    k: np.ndarray  # (L, H, B, S, Dh)
    seen: np.ndarray  # (B, T, S) whom a word may look at; a row of padding nobody


def attention_of(trace: StackTrace, cross: bool = False) -> Attention:
    """The attention of a pass: of words to one another, or (cross) to the source.

    Raises ValueError where the pass has none, or where its last layer was computed
    only at some places.
    """
    caches = [block.cross if cross else block.attention for block in trace.blocks]
    if trace.chosen is not None:
        raise ValueError("made with only_places, a pass does not show all attention")
    found = [cache for cache in caches if cache is not None]
    if not found:
        raise ValueError("there is no source in this pass to look at")
    looks = (trace.token_ids != PAD)[:, :, None]
    return Attention(
        np.stack([cache.attn_weights.swapaxes(0, 1) for cache in found]),
        np.stack([cache.q.swapaxes(0, 1) for cache in found]),
        np.stack([cache.k.swapaxes(0, 1) for cache in found]),
        looks & (found[0].scores[:, 0] > -np.inf),
    )


def attention_entropy(attn_weights: np.ndarray, seen: np.ndarray) -> np.ndarray | None:
    """How spread out attention is: 1 evenly, 0 on one word. (L, H, B, T, S) -> (L, H).

    Entropy over the log of the number of words seen, mean over all words that see two
    or more; None if there are none. Any leading axes; seen has the shape of the rest.
    """
    n_seen = seen.sum(axis=-1)
    asked = n_seen > 1
    if not asked.any():
        return None
    rows = attn_weights[..., asked, :]
    nats = -(rows * np.log(np.where(rows > 0, rows, 1))).sum(axis=-1)
    return (nats / np.log(n_seen[asked])).mean(axis=-1)


class Share(NamedTuple):
    """How much attention goes to some places, and how much would by an even spread."""

    score: np.ndarray  # (L, H)
    even: float


def share_on(
    attn_weights: np.ndarray, wanted: np.ndarray, seen: np.ndarray
) -> Share | None:
    """The share of attention on the wanted words, mean over the words that see any.

    attn_weights (L, H, B, T, S) or with any other leading axes, wanted and seen
    (B, T, S), or (T, S) for all sentences. None where no word sees a wanted one.
    """
    wanted = wanted & seen
    asked = wanted.any(axis=-1)
    if not asked.any():
        return None
    score = (attn_weights * wanted).sum(axis=-1)[..., asked].mean(axis=-1)
    even = wanted.sum(axis=-1)[asked] / seen.sum(axis=-1)[asked]
    return Share(score, float(even.mean()))


def previous_word(length: int) -> np.ndarray:
    """Wanted: the word before. -> (T, T)"""
    return np.eye(length, k=-1, dtype=bool)


def next_word(length: int) -> np.ndarray:
    """Wanted: the word after. -> (T, T)"""
    return np.eye(length, k=1, dtype=bool)


def same_word(token_ids: np.ndarray) -> np.ndarray:
    """Wanted: the same word elsewhere in the sentence. (B, T) -> (B, T, T)"""
    same = token_ids[..., :, None] == token_ids[..., None, :]
    return same & ~np.eye(token_ids.shape[-1], dtype=bool)


def head_scores(attention: Attention, token_ids: np.ndarray) -> dict[str, Share | None]:
    """What each head looks at, in self-attention on token_ids (B, T)."""
    T = token_ids.shape[1]
    wanted = {
        "previous word": previous_word(T),
        "next word": next_word(T),
        "same word": same_word(token_ids),
    }
    weights, seen = attention.weights, attention.seen
    return {name: share_on(weights, places, seen) for name, places in wanted.items()}


class Saturation(NamedTuple):
    """The largest weight of a row, mean over rows: near 1, softmax learns no more."""

    scaled: np.ndarray  # (L, H) scores divided by the root of Dh
    unscaled: np.ndarray  # (L, H) by the same queries and keys


def saturation(q: np.ndarray, k: np.ndarray, seen: np.ndarray) -> Saturation:
    """What dividing by the root of d_k does. (L, H, B, T, Dh), (L, H, B, S, Dh),
    (B, T, S) -> Saturation; with any leading axes, random q and k too.

    Source: Vaswani et al. 2017, section 3.2.1.
    """
    asked = seen.any(axis=-1)
    scores = (q @ k.swapaxes(-1, -2))[..., asked, :]
    hidden = np.where(seen[asked], 0, -np.inf)
    return Saturation(
        *(
            softmax_forward(scores / divisor + hidden).max(axis=-1).mean(axis=-1)
            for divisor in (np.sqrt(q.shape[-1]), 1)
        )
    )


# ---- clauses and sense cues ------------------------------------------------------


def clause_of_words(words: Sequence[str], joins: Collection[str]) -> np.ndarray | None:
    """Which clause each word stands in: 0, 1, or -1 for the word that joins them: (T,).

    None unless exactly one of `joins` stands between two words or more and two.
    """
    places = [i for i, word in enumerate(words) if word in joins]
    if len(places) != 1 or not 2 <= places[0] < len(words) - 2:
        return None
    clauses = (np.arange(len(words)) > places[0]).astype(int)
    clauses[places[0]] = -1
    return clauses


def own_clause(words: Sequence[str], joins: Collection[str]) -> np.ndarray | None:
    """Wanted: the words of the own clause. -> (T, T), or None unless there are two."""
    clauses = clause_of_words(words, joins)
    if clauses is None:
        return None
    return (clauses[:, None] == clauses) & (clauses >= 0)


def own_clause_share(
    attn_weights: np.ndarray, words: Sequence[str], joins: Collection[str]
) -> np.ndarray | None:
    """The share of attention that stays within a word's own clause, mean over words.

    attn_weights (..., T, T) -> (...); None where the sentence is not two clauses.
    """
    wanted = own_clause(words, joins)
    if wanted is None:
        return None
    share = share_on(attn_weights, wanted, np.ones_like(wanted))
    return share.score if share else None


Cues = dict[tuple[str, str], frozenset[str]]  # (word, sense) -> words
CUE_USES = 3  # below that, it may be by chance


def sense_cues(corpus: Corpus) -> Cues:
    """The words that give a sense away: in the training sentences they stand in one
    clause with this sense of the word CUE_USES times or more, and with no other."""
    beside: dict[tuple[str, str], Counter[str]] = {}
    for use in corpus.senses:
        if use.split == "train":
            words = corpus.train[use.sentence]
            places = _beside(words, use.position, corpus.joins)
            seen = beside.setdefault((use.word, use.sense), Counter())
            seen.update({words[place] for place in places})
    cues = {}
    for (word, sense), seen in beside.items():
        often = {other for other, uses in seen.items() if uses >= CUE_USES}
        rivals = (ws for (w, s), ws in beside.items() if w == word and s != sense)
        cues[word, sense] = frozenset(often.difference(*rivals))
    return cues


def _beside(words: Words, position: int, joins: Collection[str]) -> list[int]:
    """Where the other words of a word's clause stand."""
    clauses = clause_of_words(words, joins)
    if clauses is None:
        clauses = np.zeros(len(words), int)
    return [k for k in np.flatnonzero(clauses == clauses[position]) if k != position]


def cue_places(corpus: Corpus, split: str, cues: Cues) -> np.ndarray:
    """Wanted: the cues in the clause of a word of two senses, which alone is asked.

    -> (N, max_len, max_len), for the sentences of corpus.token_ids(split).
    """
    sentences: tuple[Words, ...] = getattr(corpus, split)
    wanted = np.zeros((len(sentences), corpus.max_len, corpus.max_len), bool)
    for use in corpus.senses:
        if use.split != split:
            continue
        words = sentences[use.sentence]
        for place in _beside(words, use.position, corpus.joins):
            if words[place] in cues.get((use.word, use.sense), ()):
                wanted[use.sentence, use.position, place] = True
    return wanted
