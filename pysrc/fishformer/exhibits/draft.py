"""A sentence that a writer writes, a word at a time, and counts of many of them.

Shapes: T words so far with the sign of the start, H heads, V vocab_size.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fishformer.corpus import Words
from fishformer.lessons.runs import WriterRun
from fishformer.lessons.verdict import Judge, Verdict
from fishformer.model import Transformer
from fishformer.sampling import (
    AS_IT_IS,
    Sampling,
    WritingError,
    choose,
    distribution,
    encoded,
    write,
)
from fishformer.tokenizer import (
    END,
    MASK,
    SPECIALS,
    START,
    UnknownWordError,
    split_sentence,
)

ALL_WORDS = 30  # the end of the slider of top_k: no limit
A_WORD = 0.5  # seconds, while it writes


def shown(word: str) -> str:
    """A word as one reads it; the model's own signs have a name."""
    names = {SPECIALS[END]: "(end)", SPECIALS[START]: "(start)", SPECIALS[MASK]: "gap"}
    return names.get(word, word)


def look(run: WriterRun, step: int, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """What the writer of a step makes of some words: ids (T,).

    Returns the scores of the word after each (T, V), and the attention of its first
    layer (H, T, T).
    """
    model = run.model_at(step)
    assert isinstance(model, Transformer)
    places = np.zeros(len(ids), int), np.arange(len(ids))
    logits, trace = model.forward(np.array([ids]), places)
    return logits, trace.blocks[0].attention.attn_weights[0]


class Draft:
    """The sentence under way. The seed and the place in it make each draw."""

    logits: np.ndarray  # (T, V) scores of the word after each, when it was last seen
    looks: np.ndarray  # (H, T, T)

    def __init__(self, run: WriterRun, seed: int):
        self.run = run
        self.seed = seed
        self.temperature, self.top_k, self.top_p = 0.7, ALL_WORDS, 1.0
        self.opening: Words = ()
        self.typed = self.error = ""  # the opening as it was typed; why it is refused
        self.written: list[int] = []  # ids, the end's among them
        self.writing = False  # a word at a time, to the end
        self._waited = 0.0
        self.at: int | None = None  # whose draw is shown; None is the next word's
        self._seen: tuple[int, tuple[int, ...]] | None = None

    @property
    def sampling(self) -> Sampling:
        """How a word is drawn."""
        top_k = self.top_k if self.top_k < ALL_WORDS else len(self.run.tokenizer)
        return Sampling(self.temperature, min(top_k, 10_000), self.top_p)

    def open(self, words: Words) -> None:
        """Start with these words. Raises WritingError or UnknownWordError."""
        encoded(self.run.tokenizer, words)
        most = self.run.max_len - 1
        if len(words) > most:
            raise WritingError(
                f"These are {len(words)} words; the model has places for {most}."
            )
        if words != self.opening:
            self.opening = words
            self.begin()

    def begin(self) -> None:
        """Back to the first words; with the same seed the same words will follow."""
        self.written = encoded(self.run.tokenizer, self.opening)
        self.at, self.writing = None, False

    def look_at(self, place: int) -> None:
        """A word that was drawn, to show what it was drawn from."""
        if not len(self.opening) <= place < len(self.written):
            raise ValueError(f"No word number {place} was drawn.")
        self.at, self.writing = place, False

    def handle(self, name: str, value: Any, step: int) -> bool:
        """What the page asks for, of the writer of a step; whether it is anything."""
        match name:
            case "opening":
                self._read(str(value))
            case "temperature":
                self.temperature = Sampling(temperature=float(value)).temperature
            case "top_k":
                self.top_k = min(Sampling(top_k=int(value)).top_k, ALL_WORDS)
            case "top_p":
                self.top_p = Sampling(top_p=float(value)).top_p
            case "next":
                self.write_word(step)
                self.writing = False
            case "write":
                self._write()
            case "halt":
                self.writing = False
            case "again":
                self.begin()
            case "another":
                self.seed = (self.seed + 1) % 2**32
                self.begin()
                self._write()
            case "look":
                self.look_at(int(value))
            case _:
                return False
        return True

    def _read(self, text: str) -> None:
        """Other first words; if they cannot be used, those before them stay."""
        self.typed, self.error = text, ""
        try:
            self.open(tuple(split_sentence(text)))
        except UnknownWordError as error:
            self.error = error.sentence
        except WritingError as error:
            self.error = str(error)

    # ---- writing -----------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the sentence has its end, or there is no place for another word."""
        return END in self.written[-1:] or len(self.written) >= self.run.max_len

    @property
    def words(self) -> Words:
        """What is written so far, without the sign of its end."""
        ids = [token_id for token_id in self.written if token_id != END]
        return tuple(self.run.tokenizer.decode(ids))

    def see(self, step: int) -> None:
        """Look at the sentence with the writer of a step."""
        now = step, tuple(self.written)
        if self._seen != now:
            self._seen = now
            ids = [START, *(k for k in self.written if k != END)]
            self.logits, self.looks = look(self.run, step, ids[: self.run.max_len])

    def write_word(self, step: int) -> None:
        """Draw one word, or at the end of the sentence none."""
        self.at = None
        if self.ended:
            return
        self.see(step)
        rng = np.random.default_rng([self.seed, len(self.written)])
        token_id, _ = choose(self.logits[-1], rng, self.sampling)
        self.written.append(token_id)
        self.at = len(self.written) - 1
        self.see(step)

    def _write(self) -> None:
        """Write on to the end, a word at a time."""
        self.writing, self._waited = not self.ended, A_WORD
        self.at = None

    def write_on(self, step: int) -> None:
        """The next word of a sentence that is being written."""
        self.write_word(step)
        self.writing = not self.ended

    def tick(self, seconds: float, step: int) -> None:
        """So much time has passed while it is being written."""
        self._waited += seconds
        if self._waited >= A_WORD:
            self._waited = 0.0
            self.write_on(step)

    # ---- what a word is drawn from --------------------------------------------------

    @property
    def place(self) -> int:
        """Whose draw is shown: the number of a word in the sentence."""
        at = len(self.written) if self.at is None else self.at
        return min(at, len(self.logits) - 1)

    @property
    def drawn(self) -> int | None:
        """The id of the word that was drawn there, if it was."""
        if self.at is None or self.at >= len(self.written):
            return None
        return self.written[self.at]

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """The model's own probabilities there (V,), and those of the draw (V,)."""
        scores = self.logits[self.place]
        return distribution(scores, AS_IT_IS), distribution(scores, self.sampling)

    def likeliest(self, n: int) -> list[int]:
        """The ids of n words by the model's own shares, the one drawn among them."""
        best = np.argsort(-self.shares()[0], kind="stable")[:n].tolist()
        if self.drawn is not None and self.drawn not in best:
            best[-1] = self.drawn
        return best


class Count(NamedTuple):
    """What became of a number of sentences that the writer wrote."""

    step: int
    sampling: Sampling
    sentences: list[Words]
    verdicts: list[Verdict]

    def share(self, of: str) -> float:
        """The share that is "recited", "grammatical", or "new": that, not recited."""
        held = {
            "recited": [v.recited for v in self.verdicts],
            "grammatical": [bool(v.grammatical) for v in self.verdicts],
            "new": [
                v.grammatical is not False and not v.recited for v in self.verdicts
            ],
        }[of]
        return sum(held) / max(len(held), 1)


def write_and_count(
    run: WriterRun, judge: Judge, count: Count, n: int, seed: int
) -> Iterator[None]:
    """Write n sentences from nothing, a word a piece, and judge each."""
    for number in range(n):
        rng = np.random.default_rng([seed, 0, number])
        model = run.model_at(count.step)
        words: list[str] = []
        for one in write(model, run.tokenizer, (), rng, count.sampling):
            if one.token_id != END:
                words.append(one.word)
            yield
            run.model_at(count.step)  # meanwhile, another step may have been shown
        count.sentences.append(tuple(words))
        count.verdicts.append(judge.verdict(tuple(words)))
