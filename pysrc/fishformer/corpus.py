"""Sentences to learn from: the fish, or somebody's own.

Held-out sentences are never trained on. Each of their words also stands in a training
sentence; for the fish, so do most of their clauses, in other company: what held-out
loss tests is new combinations of known clauses. No training sentence is made of the
same clauses as a held-out one, in either order or with another word between them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import NamedTuple

import numpy as np

from fishformer.grammar import plain, read_data, unmark
from fishformer.references import References, floor_of_recall, frequency_loss
from fishformer.tokenizer import MASK, PAD, SPECIALS, Tokenizer, is_spaceless
from fishformer.tokenizer import split_sentence

Words = tuple[str, ...]

MIN_SENTENCES, MAX_SENTENCES = 5, 2_000
MIN_WORDS, MAX_WORDS = 2, 32  # of a sentence
MAX_CHARACTERS = 400_000
MAX_VOCABULARY = 2_000
HELD_OUT_SHARE = 0.1
HELD_OUT_FROM = 50  # sentences; with fewer, all are needed for training
# Below either, a model this small learns the sentences by heart and little else:
# measured on grammars of 160 to 1,600 sentences and on sentences written by hand.
GENERALISES_FROM = 300  # sentences
USES_A_WORD = 20  # on average


class CorpusError(ValueError):
    """A text that cannot be a corpus; the message says why and what would do."""


class Skipped(NamedTuple):
    """A line that was left out."""

    line_number: int  # from 1
    text: str
    reason: str


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
    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    grammar_floor: float | None = None

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
