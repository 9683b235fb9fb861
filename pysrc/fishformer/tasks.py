"""What a model is asked in training: from sentences to batches of places and targets.

Shapes: B sentences, T words, S words of a source, G words that are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from fishformer.config import Config, ConfigError
from fishformer.corpus import Corpus
from fishformer.stack import Places
from fishformer.tokenizer import END, MASK, PAD, START, Tokenizer

Words = tuple[str, ...]


class Batch(NamedTuple):
    """Sentences, the places where the model is asked, and the right words there."""

    token_ids: np.ndarray  # (B, T)
    places: Places  # (sentence, position) of each of G words
    targets: np.ndarray  # (G,)
    source_ids: np.ndarray | None = None  # (B, S) what an encoder-decoder reads


class Task(Protocol):
    """A supply of batches. `one_place` says that each sentence is asked once."""

    one_place: bool

    @property
    def tokenizer(self) -> Tokenizer:
        """Words to ids and back."""

    @property
    def max_len(self) -> int:
        """The most words of a sentence."""

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """A random batch to train on."""

    def held_out(self) -> Batch | None:
        """All that is never trained on, if there is any."""


def padded(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Rows of ids as one array (B, T), PAD after the end of each."""
    token_ids = np.full((len(rows), max(map(len, rows), default=0)), PAD)
    for place, row in enumerate(rows):
        token_ids[place, : len(row)] = row
    return token_ids


def trimmed(token_ids: np.ndarray) -> np.ndarray:
    """Without the columns that hold nothing but padding: (B, T) -> (B, up to T)."""
    return token_ids[:, : int((token_ids != PAD).sum(axis=1).max())]


def some(rng: np.random.Generator, n: int, batch_size: int) -> np.ndarray:
    """Which of n sentences make a batch: each at most once."""
    return rng.permutation(n)[:batch_size]


# ---- fill the gap (encoder) ------------------------------------------------------


def hide(token_ids: np.ndarray, positions: np.ndarray) -> Batch:
    """Put MASK at one position of each sentence: (B, T), (B,) -> Batch."""
    places = (np.arange(len(token_ids)), positions)
    masked = token_ids.copy()
    masked[places] = MASK
    return Batch(masked, places, token_ids[places])


def random_positions(rng: np.random.Generator, token_ids: np.ndarray) -> np.ndarray:
    """One word of each sentence, all equally likely: (B, T) -> (B,)."""
    lengths = (token_ids != PAD).sum(axis=1)
    return (rng.random(len(token_ids)) * lengths).astype(np.int64)


class MaskedWords:
    """Hide one word of each sentence and ask for it. Source: Devlin et al. 2018."""

    one_place = True

    def __init__(self, corpus: Corpus):
        self.tokenizer = corpus.tokenizer
        self.max_len = corpus.max_len
        self._train = corpus.token_ids("train")
        self._apart = corpus.token_ids("held_out")

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """Random sentences, a random word of each hidden."""
        token_ids = trimmed(self._train[some(rng, len(self._train), batch_size)])
        return hide(token_ids, random_positions(rng, token_ids))

    def held_out(self) -> Batch | None:
        """The same gaps at every look and for every seed, so that looks compare."""
        if len(self._apart) == 0:
            return None
        positions = random_positions(np.random.default_rng(0), self._apart)
        return hide(self._apart, positions)


# ---- write on (decoder) ----------------------------------------------------------


def continued(token_ids: np.ndarray, source_ids: np.ndarray | None = None) -> Batch:
    """Ask for every word and for the end, each from the words before it.

    (B, T) -> a Batch of (B, T + 1): START goes in front, END comes after the last.
    """
    B, T = token_ids.shape
    lengths = (token_ids != PAD).sum(axis=1)
    shifted = np.full((B, T + 1), START)
    shifted[:, 1:] = token_ids
    following = np.full((B, T + 1), PAD)
    following[:, :T] = token_ids
    following[np.arange(B), lengths] = END
    rows, positions = np.nonzero(following != PAD)
    places = rows, positions
    return Batch(shifted, places, following[places], source_ids)


class NextWords:
    """Ask for each word of a sentence, given those before it, and for its end."""

    one_place = False

    def __init__(self, corpus: Corpus):
        self.tokenizer = corpus.tokenizer
        self.max_len = corpus.max_len + 1
        self._train = corpus.token_ids("train")
        self._apart = corpus.token_ids("held_out")

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """Random sentences."""
        chosen = some(rng, len(self._train), batch_size)
        return continued(trimmed(self._train[chosen]))

    def held_out(self) -> Batch | None:
        """All held-out sentences."""
        return continued(self._apart) if len(self._apart) else None


# ---- rewrite (encoder-decoder) ---------------------------------------------------


class Pair(NamedTuple):
    """A sentence and what it should become."""

    source: Words
    target: Words


@dataclass(frozen=True)
class Pairs:
    """Sentences with what they should become; one vocabulary for both sides."""

    name: str
    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...] = ()

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """All words of both sides of the training pairs, in alphabetical order."""
        return Tokenizer(sorted({w for pair in self.train for ws in pair for w in ws}))


class Rewriting:
    """Ask for a pair's target word by word, given its source (teacher forcing)."""

    one_place = False

    def __init__(self, pairs: Pairs):
        self.tokenizer = pairs.tokenizer
        both = pairs.train + pairs.held_out
        self.max_len = max(len(words) for pair in both for words in pair) + 1
        self._train = self._encoded(pairs.train)
        self._apart = self._encoded(pairs.held_out)

    def _encoded(self, pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
        encode = self.tokenizer.encode
        return (
            padded([encode(pair.source) for pair in pairs]),
            padded([encode(pair.target) for pair in pairs]),
        )

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """Random pairs."""
        sources, targets = self._train
        chosen = some(rng, len(sources), batch_size)
        return continued(trimmed(targets[chosen]), trimmed(sources[chosen]))

    def held_out(self) -> Batch | None:
        """All held-out pairs."""
        sources, targets = self._apart
        return continued(targets, sources) if len(sources) else None


# ---- answer (one question a sentence) --------------------------------------------


class Question(NamedTuple):
    """A sentence, the place where the model is asked, and the right word there."""

    words: Words
    position: int
    answer: str


@dataclass(frozen=True)
class Questions:
    """Sentences that each ask one thing."""

    name: str
    train: tuple[Question, ...]
    held_out: tuple[Question, ...] = ()

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """All words of the training questions and answers, in alphabetical order."""
        words = {word for q in self.train for word in (*q.words, q.answer)}
        return Tokenizer(sorted(words))


class Answering:
    """Ask for the answer at the place of the question; nothing is hidden."""

    one_place = True

    def __init__(self, questions: Questions):
        self.tokenizer = questions.tokenizer
        both = questions.train + questions.held_out
        self.max_len = max(len(question.words) for question in both)
        self._train = self._encoded(questions.train)
        self._apart = self._encoded(questions.held_out)

    def _encoded(self, questions: Sequence[Question]) -> tuple[np.ndarray, ...]:
        encode = self.tokenizer.encode
        return (
            padded([encode(question.words) for question in questions]),
            np.array([question.position for question in questions], int),
            np.array(encode(question.answer for question in questions), int),
        )

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """Random questions."""
        token_ids, positions, answers = self._train
        chosen = some(rng, len(token_ids), batch_size)
        places = (np.arange(len(chosen)), positions[chosen])
        return Batch(trimmed(token_ids[chosen]), places, answers[chosen])

    def held_out(self) -> Batch | None:
        """All held-out questions."""
        token_ids, positions, answers = self._apart
        if len(answers) == 0:
            return None
        return Batch(token_ids, (np.arange(len(answers)), positions), answers)


Data = Corpus | Pairs | Questions


def task_for(config: Config, data: Data) -> Task:
    """What a kind of model is asked about some data.

    Raises ConfigError for a model that cannot learn from them.
    """
    both = config.model == "encoder-decoder"
    if isinstance(data, Pairs) == both:
        if isinstance(data, Pairs):
            return Rewriting(data)
        if isinstance(data, Questions):
            return Answering(data)
        return MaskedWords(data) if config.model == "encoder" else NextWords(data)
    kind = "an encoder-decoder" if isinstance(data, Pairs) else "any other model"
    raise ConfigError(
        f"model = {config.model} cannot learn from {data.name!r}: it takes {kind}."
    )
