"""E03, Context splits it: the same word in two sentences, layer after layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fishformer.block import block_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.fork import fork
from fishformer.charts.lines import ticks
from fishformer.charts.series import Axis, Curve, series
from fishformer.config import Config
from fishformer.corpus import Corpus, SenseUse
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table, Words
from fishformer.exhibits.numerals import signed
from fishformer.experiments import sense_vectors, untrained
from fishformer.geometry import sense_axis, sense_split
from fishformer.lessons.senses import sentence_of, sides, uses_of, vectors_of
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
        self._pairs = _pairs(uses, int((~self._second).sum()))

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
        self.cosines = np.array(
            [_cosine(*layer[list(self.pair)]) for layer in tested.astype(np.float64)]
        )
        self._compared = self.pair
        self._vectors = tested

    @property
    def pair(self) -> tuple[int, int]:
        """Which use of each sense is followed."""
        return self._pairs[self.number % len(self._pairs)]

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
        return self._draw_history(width, height)

    def _layers(self) -> list[str]:
        names = [f"after layer {n}" for n in range(1, len(self.places))]
        return ["the word itself", *names]

    def _past(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps (N,), separation of the word (N, L + 1) and of all words (N, L + 1)."""
        steps = sorted(self.history)
        own = [self.history[k][self.word] for k in steps]
        mean = [np.mean(list(self.history[k].values()), axis=0) for k in steps]
        n_layers = len(self.places)
        return (
            np.array(steps, float),
            np.array(own).reshape(-1, n_layers),
            np.array(mean).reshape(-1, n_layers),
        )

    def _draw_history(self, width: float, height: float) -> Drawing:
        steps, own, mean = self._past()
        last = len(self.places) - 1
        curves = [Curve(steps, mean[:, last], "all words", "edge", 1.25)]
        for layer in range(1, last + 1):
            look = ("sea", 2.0, ()) if layer == last else ("ink-2", 1.25, (5.0, 3.0))
            curves.append(Curve(steps, own[:, layer], f"layer {layer}", *look))
        top = max(0.3, float(np.ceil(own.max(initial=0) * 10) / 10))
        low = min(-0.1, float(np.floor(own.min(initial=0) * 10) / 10))
        levels = np.arange(round(low * 10), round(top * 10) + 1) / 10
        y_axis = Axis(low, top, [(float(v), signed(v, 1)) for v in levels])
        x_axis = Axis(0, max(self.end, 1), [(n, f"{n:,}") for n in ticks(self.end)])
        return series((width, height), x_axis, y_axis, curves, at=self.step)

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
            nothing = (
                "In your sentences no word is marked with the sense that it has, so "
                "there is nothing to compare here. The fish sentences have such marks."
            )
            return dict.fromkeys(("e03.finding", "e03.none"), nothing)
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
        before = " ".join(words[: where.position])
        after = " ".join(words[where.position + 1 :])
        return [
            (f"{before} " if before else "", ""),
            (self.word, "strong"),
            (f" {after}" if after else "", ""),
        ]

    def _pair(self) -> str:
        if self._compared != self.pair:
            rows = self._vectors[:, list(self.pair)].astype(np.float64)
            self.cosines = np.array([_cosine(*layer) for layer in rows])
            self._compared = self.pair
        told = ", ".join(
            f"{signed(cosine)} {name}"
            for cosine, name in zip(self.cosines, self._layers(), strict=True)
        )
        return f"Cosine between the two: {told}."

    def _right(self) -> np.ndarray:
        """Whether each use lies on the side of its sense, after the last layer."""
        return (self.places[-1] > 0) == self._second

    def _sides(self) -> str:
        right, n = int(self._right().sum()), len(self._second)
        both = self._right()[list(self.pair)]
        followed = {
            2: "the two above both are",
            1: "one of the two above is",
            0: "neither of the two above is",
        }[int(both.sum())]
        return (
            f"At step {self.step:,}, after the last layer, {right} of {n} held-out "
            f"uses of {self.word} are on the side of their sense; {followed}."
        )

    def _finding(self) -> str:
        apart = self.split.separation
        means = ""
        past = [step for step in self.history if step <= self.step]
        if past:
            last = max(past)
            value = np.mean([v[-1] for v in self.history[last].values()])
            means = (
                f" Over all {len(self.history[last])} words it is {signed(value)} at "
                f"step {last:,}."
            )
        layers = ", ".join(
            f"{signed(value)} {name}"
            for value, name in zip(apart[1:], self._layers()[1:], strict=True)
        )
        return (
            f"At step {self.step:,} two uses of {self.word} in the same sense are more "
            f"alike than two in different senses by {layers}; the word itself knows no "
            f"difference, {signed(apart[0])}.{means}"
        )

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
        rows = [
            [name, signed(a), signed(b), signed(a - b, 3), f"{found:.0%}"]
            for name, a, b, found in zip(
                self._layers(), self.split.within, self.split.across, self.split.found,
                strict=True,
            )
        ]  # fmt: skip
        columns = [
            "Layer",
            "Same sense",
            "Other sense",
            "Difference",
            "Nearest its own",
        ]
        uses = [
            [
                " ".join(sentence_of(self.corpus, use.split, use.sentence)),
                use.sense,
                *(signed(place) for place in self.places[:, n]),
            ]
            for n, use in enumerate(self._tested[self.word])
        ]
        steps, own, mean = self._past()
        past = [
            [f"{step:,.0f}", *(signed(v, 3) for v in row), signed(every[-1], 3)]
            for step, row, every in zip(steps, own, mean, strict=True)
        ]
        layers = self._layers()
        return [
            Table(f"Cosines of {self.word}, step {self.step}", columns, rows),
            Table(
                "Where each use stands, below 0 the first sense",
                ["Sentence", "Sense", *layers],
                uses,
            ),
            Table(
                "The difference by step",
                ["Step", *layers, "all words, last layer"],
                past,
            ),
        ]


def _pairs(uses: Sequence[SenseUse], n_first: int) -> list[tuple[int, int]]:
    """Uses of either sense side by side: those of two sentences, then those of one."""
    n_second = len(uses) - n_first
    sentence = [use.sentence for use in uses]
    every = [(a, n_first + b) for a in range(n_first) for b in range(n_second)]
    apart = [
        (n % n_first, n_first + n % n_second) for n in range(max(n_first, n_second))
    ]
    apart = [(a, b) for a, b in apart if sentence[a] != sentence[b]]
    return apart + [(a, b) for a, b in every if sentence[a] == sentence[b]] or every


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
