"""Sentences to learn from: the fish, or somebody's own.

Held-out sentences are never trained on. Each of their words also stands in a training
sentence; for the fish, so do most of their clauses, in other company: what held-out
loss tests is new combinations of known clauses. No training sentence is made of the
same clauses as a held-out one, in either order or with another word between them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import NamedTuple

import numpy as np

from fishformer.corpus_text import CorpusError, Skipped, Words, read_sentences
from fishformer.grammar import JOINS, plain, read_data, unmark
from fishformer.references import References, floor_of_recall, frequency_loss
from fishformer.tokenizer import MASK, PAD, SPECIALS, Tokenizer, is_spaceless

__all__ = ["Corpus", "CorpusError", "CorpusReport", "load_corpus", "load_fish"]

HELD_OUT_EVERY = 10  # about every tenth sentence
HELD_OUT_FROM = 50  # sentences; with fewer, all are needed for training
# Below either, a model this small learns the sentences by heart and little else:
# measured on grammars of 160 to 1,600 sentences and on sentences written by hand.
GENERALISES_FROM = 300  # sentences
USES_A_WORD = 20  # on average


class SenseUse(NamedTuple):
    """A word of two senses where the sense is known."""

    split: str  # "train" or "held_out"
    sentence: int  # its index in that split
    position: int
    word: str
    sense: str


class Blanked(NamedTuple):
    """A sentence with one word taken out."""

    words: Words  # with "[mask]" in the gap
    position: int
    answer: str


@dataclass(frozen=True)
class CorpusReport:
    """What became of a text."""

    n_sentences: int
    n_words: int  # in all sentences together
    skipped: tuple[Skipped, ...] = ()
    memorises: bool = False  # too small to learn more than the sentences themselves
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Sentences, split in two, and the vocabulary that they share."""

    name: str
    train: tuple[Words, ...]
    held_out: tuple[Words, ...]
    report: CorpusReport
    senses: tuple[SenseUse, ...] = ()
    featured: tuple[Blanked, ...] = ()
    grammar_floor: float | None = None
    joins: tuple[str, ...] = ()  # words that join two clauses, where that is known

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """All words of the training sentences, in alphabetical order."""
        return Tokenizer(sorted({word for words in self.train for word in words}))

    @cached_property
    def max_len(self) -> int:
        """Words in the longest sentence."""
        return max(len(words) for words in self.train + self.held_out)

    @cached_property
    def references(self) -> References:
        """What to compare a loss with."""
        return References(
            uniform=log(len(self.tokenizer)),
            frequency=frequency_loss(self.train),
            train_floor=floor_of_recall(self.train),
            grammar_floor=self.grammar_floor,
        )

    def token_ids(self, split: str) -> np.ndarray:
        """The sentences of "train" or "held_out" as ids (N, max_len), PAD after each."""
        sentences = {"train": self.train, "held_out": self.held_out}[split]
        token_ids = np.full((len(sentences), self.max_len), PAD)
        for row, words in enumerate(sentences):
            token_ids[row, : len(words)] = self.tokenizer.encode(words)
        return token_ids


def load_fish() -> Corpus:
    """The fish sentences: by the grammar, and by hand."""
    lines = _data_lines("fish_sentences.txt") + _data_lines("fish_by_hand.txt")
    marked = [tuple(line.split()) for line in lines]
    sentences = [plain(tokens) for tokens in marked]
    featured = tuple(_blanked(line) for line in _data_lines("fish_featured.txt"))
    kept = {(*b.words[: b.position], b.answer, *b.words[b.position + 1 :]) for b in featured}
    held_out = _choose_held_out(sentences, kept)
    splits = {
        "train": [k for k in range(len(marked)) if k not in held_out],
        "held_out": sorted(held_out),
    }
    senses = tuple(
        SenseUse(split, row, position, *unmark(token))
        for split, members in splits.items()
        for row, k in enumerate(members)
        for position, token in enumerate(marked[k])
        if "/" in token
    )
    return Corpus(
        "fish",
        *(tuple(sentences[k] for k in members) for members in splits.values()),
        CorpusReport(len(sentences), sum(map(len, sentences))),
        senses,
        featured,
        float(_data_lines("fish_floor.txt")[0]),
        JOINS,
    )


def load_corpus(text: str, name: str = "yours") -> Corpus:
    """Somebody's sentences, one a line, in any language.

    Lines that cannot be used are left out and reported. Raises CorpusError where a limit
    is passed, where too little is left, or where the text is not text.
    """
    sentences, skipped = read_sentences(text)
    held_out: set[int] = set()
    if len(sentences) >= HELD_OUT_FROM:
        held_out = _choose_held_out(sentences)
    n_words = sum(map(len, sentences))
    n_different = len({word for words in sentences for word in words})
    often = n_words / n_different
    memorises = len(sentences) < GENERALISES_FROM or often < USES_A_WORD
    notes = []
    if memorises:
        notes.append(
            f"{len(sentences):,} sentences, each word used {often:.1f} times on average: "
            "the model can only learn them by heart. To find rules it needs "
            f"{GENERALISES_FROM} sentences or more and each word some {USES_A_WORD} times."
        )
    if not held_out:
        notes.append(
            "No sentence is held out, so there is no held-out loss: "
            + (
                f"that takes {HELD_OUT_FROM} sentences."
                if len(sentences) < HELD_OUT_FROM
                else "each has a word that no other sentence has."
            )
        )
    if any(is_spaceless(word) for words in sentences for word in words):
        notes.append(
            "In scripts without spaces between words, each character counts as a word."
        )
    return Corpus(
        name,
        tuple(words for k, words in enumerate(sentences) if k not in held_out),
        tuple(words for k, words in enumerate(sentences) if k in held_out),
        CorpusReport(
            len(sentences), n_words, tuple(skipped), memorises, tuple(notes)
        ),
    )


def _data_lines(name: str) -> list[str]:
    """The lines of a data file, without comments and empty ones."""
    lines = read_data(name).splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _blanked(line: str) -> Blanked:
    """"the [bass] swims" as a sentence without its bracketed word."""
    words = line.split()
    position = next(k for k, word in enumerate(words) if word.startswith("["))
    answer = words[position].strip("[]")
    words[position] = SPECIALS[MASK]
    return Blanked(tuple(words), position, answer)


def _choose_held_out(
    sentences: Sequence[Words], first: frozenset[Words] | set[Words] = frozenset()
) -> set[int]:
    """Indices of about a tenth: `first`, then every tenth sentence.

    Where a word of a sentence would be lost to training, the next one takes its place.
    """
    left = Counter(word for words in sentences for word in set(words))
    held_out = {k for k, words in enumerate(sentences) if words in first}
    for k in held_out:
        left.subtract(set(sentences[k]))
    for k, words in enumerate(sentences, start=1):
        due = len(held_out) < k // HELD_OUT_EVERY
        if due and k - 1 not in held_out and all(left[word] > 1 for word in words):
            held_out.add(k - 1)
            left.subtract(set(words))
    return held_out
