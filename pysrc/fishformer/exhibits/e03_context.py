"""E03, Context splits it: the same word in two sentences, layer after layer."""

from typing import Any

import numpy as np

from fishformer.block import block_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.fork import fork
from fishformer.config import Config
from fishformer.corpus import Corpus, SenseUse
from fishformer.exhibits import e03_words as says
from fishformer.exhibits.e03_words import Past, history_chart
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table, Words
from fishformer.exhibits.numerals import signed
from fishformer.experiments import sense_vectors, untrained
from fishformer.geometry import sense_axis, sense_split
from fishformer.lessons.senses import (
    cosines_of,
    pairs_of,
    sentence_of,
    sides,
    uses_of,
    vectors_of,
)
from fishformer.model import Model, Transformer
from fishformer.timeline import SPACING, Timeline

TESTED = "held_out"  # the uses that are shown: the model is not trained on them
AXIS_USES = 8  # uses of each sense, of the training sentences, that make its axis
EVERY = 2 * SPACING  # steps between two looks back at the run
WORDS_A_PIECE = 3  # some 10 ms in the page
FIRST_WORD = "bass"
REACH = 0.6  # of a vector's length, from the middle of the fork to its edge


class ContextSplits(Exhibit):
    """The live model on held-out uses of a word of two senses."""

    id = "e03"
    canvases = ("e03.fork", "e03.history")
    shows_code = (vectors_of, sense_axis, sides, sense_split, sense_vectors,
                  block_forward)  # fmt: skip

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.words: dict[str, tuple[str, str]] | None = None  # with their senses
        self.word = ""
        self.number = 0  # which pair of sentences
        self._run: Timeline | None = None
        self._seen: tuple[int, str] | None = None  # step and word of what is shown
        self._until = 0  # the last step that was reached when it was last shown
        self.history: dict[int, dict[str, np.ndarray]] = {}  # (L + 1,) by step, word
        self._half_done: dict[str, np.ndarray] = {}
        self._past_model: Model | None = None

    def _set_up(self) -> None:
        of_word: dict[str, dict[str, list[SenseUse]]] = {}
        for use in self.corpus.senses:
            if use.split == TESTED:
                senses = of_word.setdefault(use.word, {})
                senses.setdefault(use.sense, []).append(use)
        self.words = {}
        self._tested: dict[str, list[SenseUse]] = {}
        for word, uses in sorted(of_word.items()):
            if len(uses) == 2 and min(map(len, uses.values())) > 1:
                first, second = sorted(uses)
                self.words[word] = first, second
                self._tested[word] = [*uses[first], *uses[second]]
        if self.words:
            self._choose(FIRST_WORD if FIRST_WORD in self.words else min(self.words))
            self._all = {w: uses_of(self.corpus, self._tested[w]) for w in self.words}

    def _choose(self, word: str) -> None:
        assert self.words is not None
        self.word, self.number = word, 0
        axis: list[SenseUse] = []
        for sense in self.words[word]:
            found = [
                use
                for use in self.corpus.senses
                if (use.split, use.word, use.sense) == ("train", word, sense)
            ]
            step = max(len(found) // AXIS_USES, 1)
            axis += found[::step][:AXIS_USES]
        self._n_axis = len(axis)
        self._uses = uses_of(self.corpus, [*axis, *self._tested[word]])
        uses = self._tested[word]
        self._second = np.array([use.sense == self.words[word][1] for use in uses])
        self._pairs = pairs_of(uses, int((~self._second).sum()))

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        assert self.words is not None  # compute() comes first
        if name == "word" and value in self.words:
            self._choose(value)
        elif name == "pair" and self.words:
            self.number += 1
        else:
            super().handle(name, value)

    # ---- what the model makes of them -------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        if self.words is None:
            self._set_up()
        if timeline is not self._run:
            self._run, self._seen = timeline, None
            self.history, self._half_done, self._past_model = {}, {}, None
        model = timeline.trainer.model
        if not self.words or not isinstance(model, Transformer):
            return
        self.step, self.end, self._until = timeline.step, timeline.end, timeline.last
        if self._seen == (self.step, self.word):
            return
        self._seen = self.step, self.word
        vectors = vectors_of(model, self._uses)
        self.places = sides(vectors, self._uses.senses, self._n_axis)
        tested = vectors[:, self._n_axis :]
        self.split = sense_split(tested, self._uses.senses[self._n_axis :])
        self._vectors = tested

    @property
    def pair(self) -> tuple[int, int]:
        """Which use of each sense is followed."""
        return self._pairs[self.number % len(self._pairs)]

    @property
    def cosines(self) -> np.ndarray:
        """Of the two uses, by layer: (L + 1,)."""
        return cosines_of(self._vectors, self.pair)

    # ---- the job: a look back at the run -------------------------------------------

    def _due(self) -> int | None:
        """The earliest step of the run that has not been looked at.

        Off the screen the run goes on unseen: only compute() finds out how far it is.
        """
        if self._run is None or not self.words:
            return None
        kept = (k for k in self._run.checkpoints if k % EVERY == 0 and k <= self._until)
        return min((k for k in kept if k not in self.history), default=None)

    @property
    def busy(self) -> bool:
        return self._due() is not None

    def work(self) -> None:
        """How far the senses of some words lay apart at one step, by layer."""
        step, run = self._due(), self._run
        if step is None or run is None or self.words is None:
            return
        if self._past_model is None:
            # One of our own: a look must not move the model that is being trained.
            self._past_model = untrained(run.trainer.config, run.trainer.task)
        model = self._past_model
        assert isinstance(model, Transformer)
        model.params.buffer[...] = run.checkpoints[step].whole().params
        left = [word for word in self.words if word not in self._half_done]
        for word in left[:WORDS_A_PIECE]:
            vectors = vectors_of(model, self._all[word])
            split = sense_split(vectors, self._all[word].senses)
            self._half_done[word] = split.separation
        if len(self._half_done) == len(self.words):
            self.history[step], self._half_done = self._half_done, {}

    # ---- what is drawn ------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        if not self.words:
            return Drawing(width, height)
        if canvas == "e03.fork":
            return fork(
                (width, height),
                self.places,
                self._second,
                self.pair,
                self._layers(),
                self.words[self.word],
                REACH,
            )
        return history_chart((width, height), self._past(), self.step, self.end)

    def _layers(self) -> list[str]:
        names = [f"after layer {n}" for n in range(1, len(self.places))]
        return ["the word itself", *names]

    def _past(self) -> Past:
        """How far apart the senses have been, at every step that was looked at."""
        steps = sorted(self.history)
        own = [self.history[k][self.word] for k in steps]
        mean = [np.mean(list(self.history[k].values()), axis=0) for k in steps]
        n_layers = len(self.places)
        return Past(
            np.array(steps, float),
            np.array(own).reshape(-1, n_layers),
            np.array(mean).reshape(-1, n_layers),
        )

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        if not self.words:
            return {"state": {"e03.senses": False, "e03.word": ""}}
        words = [Item(w, w, w == self.word, f"word:{w}") for w in self.words]
        numbers = Matrix(
            [
                [signed(within), signed(across), signed(within - across)]
                for within, across in zip(
                    self.split.within, self.split.across, strict=True
                )
            ],
            rows=self._layers(),
            columns=["same sense", "other sense", "difference"],
            lit=[(n, 2) for n in range(len(self.places))],
        )
        return {
            "state": {"e03.senses": True, "e03.word": self.word},
            "lists": {"e03.words": words},
            "matrices": {"e03.numbers": numbers},
        }

    def texts(self) -> dict[str, Words]:
        if not self.words:
            return dict.fromkeys(("e03.finding", "e03.none"), says.NOTHING)
        first, second = self.pair
        return {
            "e03.first": self._sentence(first),
            "e03.second": self._sentence(second),
            "e03.sense.1": self.words[self.word][0],
            "e03.sense.2": self.words[self.word][1],
            "e03.pair": self._pair(),
            "e03.sides": self._sides(),
            "e03.axis": str(2 * AXIS_USES),
            "e03.chosen": self.word,
            "e03.finding": self._finding(),
            "e03.none": "",
        }

    def _sentence(self, use: int) -> list[Piece]:
        where = self._tested[self.word][use]
        words = sentence_of(self.corpus, where.split, where.sentence)
        return says.sentence_said(words, where.position)

    def _pair(self) -> str:
        return says.pair_said(self.cosines, self._layers())

    def _right(self) -> np.ndarray:
        """Whether each use lies on the side of its sense, after the last layer."""
        return (self.places[-1] > 0) == self._second

    def _sides(self) -> str:
        return says.sides_said(self.step, self.word, self._right(), self.pair)

    def _finding(self) -> str:
        apart, names = self.split.separation, self._layers()
        past = {k: v for k, v in self.history.items() if k <= self.step}
        return says.finding(self.step, self.word, apart, names, past)

    def labels(self) -> dict[str, str]:
        if not self.words:
            return {}
        return {
            "e03.fork": f"{self._sides()} {self._pair()}",
            "e03.history": self._finding(),
        }

    def tables(self) -> list[Table]:
        if not self.words:
            return []
        uses = [
            (sentence_of(self.corpus, use.split, use.sentence), use.sense)
            for use in self._tested[self.word]
        ]
        layers = self._layers()
        return [
            says.cosines_table(self.word, self.step, self.split, layers),
            says.uses_table(uses, self.places, layers),
            says.past_table(self._past(), layers),
        ]
