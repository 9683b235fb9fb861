"""E11, What does "it" mean? A model of its own, asked what "it" is."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.bars import percent
from fishformer.charts.drawing import Drawing
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.charts.twins import Column, twins
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import load_it
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.numerals import power, times
from fishformer.grammar import read_data
from fishformer.lessons.pronoun import (
    IT,
    PLACE,
    SIZE,
    THING,
    ItRun,
    answers,
    looks_of_it,
    thing_to_place,
)
from fishformer.tasks import Questions
from fishformer.timeline import Timeline
from fishformer.training import train

SIZES = ("big", "small")
# A kind of model: what it is called, and how its settings differ from the defaults.
MOST = 1200  # steps that a run can be prolonged to
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "two": ("two layers", {}),
    "one": ("one layer", {"n_layers": 1}),
    "unplaced": ("no positions", {"positions": "none"}),
}
# Source 003's picture of one row of attention, phrase by phrase, and where the phrases
# stand in our sentence. It is a drawing, not a measurement.
PRINTED = {
    "trophy": (0.54, (1,)),
    "too big": (0.24, (11, 12)),
    "in the bag": (0.12, (5, 6, 7)),
    "did not fit": (0.07, (2, 3, 4)),
    "The": (0.03, (0,)),
}
FOUND = 0.9  # of the answers right: more than guessing between the two
SAME = 1e-5  # a change of a logarithm below that is rounding


@cache
def lucky_starts() -> str:
    """How many of our five runs with one layer found the answer all the same."""
    findings = json.loads(read_data("findings.json"))["findings"]
    shares = findings["it without"]["measured"]["one layer, step 1000"]["values"]
    return f"{sum(share > FOUND for share in shares)} of {len(shares)}"


class WhatIsIt(Exhibit):
    """Two sentences that differ in their last word, and the row of their "it"."""

    id = "e11"
    live = False
    of_corpus = False
    shows_code = (looks_of_it, thing_to_place, attention_forward, train)
    terms = {  # noqa: RUF012
        "query": (attention_forward, 'project_each_forward(x, p["w_q"]'),
        "key": (attention_forward, 'project_each_forward(x, p["w_q"]'),
        "root": (attention_forward, "scores /= np.sqrt"),
        "ratio": (thing_to_place, "return np.log"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.seed = config.seed
        self.kind = "two"
        self.things = "trophy", "bag"  # the one that did not fit, and in what
        self.heads = [1, 1]  # of each layer, from 1
        self.training = False
        self.chosen: int | None = None  # the step shown; None is the latest
        self.runs: dict[str, ItRun] = {}
        self._shown: tuple[Any, ...] | None = None

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("e11.looks", "e11.accuracy")

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "train":
                self.training, self.chosen = not self.run.done, None
            case "more" if self.run.done and self.run.end < MOST:
                self.run.prolong()
                self.training, self.chosen = True, None
            case "stop":
                self.training = False
            case "again":
                self.seed += 1
                self.runs = {}
                self.training, self.chosen = True, None
            case "kind" if value in KINDS:
                self.kind, self.training, self.chosen = value, False, None
            case "thing" if value in self.partners:
                self.things = value, self._partner(value)
            case "place" if value in self.partners[self.things[0]]:
                self.things = self.things[0], value
            case "swap":
                self.things = self.things[::-1]
            case "step":
                self.chosen = self._step_at(float(value))
            case "row":
                layer, head = divmod(int(value[1]), self.n_heads)
                if not 0 <= layer < self.n_layers:
                    raise ValueError(f"There is no row {value[1]} of heads.")
                self.heads[layer] = head + 1
            case "term":
                pass
            case _:
                raise ValueError(f"E11 has no event {name!r} with the value {value!r}.")

    def _partner(self, thing: str) -> str:
        """Keep what stays possible: the place, or the thing that was there before."""
        for other in (self.things[1], self.things[0]):
            if other in self.partners[thing]:
                return other
        return self.partners[thing][0]

    # ---- the sentences -----------------------------------------------------------

    @property
    def questions(self) -> Questions:
        if not hasattr(self, "_questions"):
            self._questions = load_it()
        return self._questions

    @property
    def partners(self) -> dict[str, list[str]]:
        """With which other things each thing stands in a held-out sentence."""
        if not hasattr(self, "_partners"):
            found: dict[str, list[str]] = {}
            for question in self.questions.held_out:
                thing, place = question.words[THING], question.words[PLACE]
                others = found.setdefault(thing, [])
                if place not in others:
                    others.append(place)
            self._partners = found
        return self._partners

    def _n_sentences(self) -> int:
        return len(self.questions.train) + len(self.questions.held_out)

    def _all_things(self) -> set[str]:
        """Every thing that can be what does not fit."""
        asked = (*self.questions.train, *self.questions.held_out)
        return {question.words[THING] for question in asked}

    def sentence(self, size: str, things: tuple[str, str] | None = None) -> Words:
        """The chosen things in one of the two sentences."""
        thing, place = things or self.things
        held_out = self.questions.held_out[0].words
        put = {THING: thing, PLACE: place, SIZE: size}
        return tuple(put.get(at, word) for at, word in enumerate(held_out))

    # ---- the model ---------------------------------------------------------------

    @property
    def run(self) -> ItRun:
        """The run of the chosen kind, at its random start if there is none yet."""
        if self.kind not in self.runs:
            settings = Config(seed=self.seed, **KINDS[self.kind][1])
            self.runs[self.kind] = ItRun(settings, self.questions)
        return self.runs[self.kind]

    @property
    def n_layers(self) -> int:
        return self.run.trainer.config.n_layers

    @property
    def n_heads(self) -> int:
        return self.run.trainer.config.n_heads

    @property
    def step(self) -> int:
        """The step that is shown: one at which the run was looked at."""
        return max(self.run.kept) if self.chosen is None else self.chosen

    def _step_at(self, share: float) -> int | None:
        """The step nearest to a share of the run, 0 to 100; None follows the latest."""
        if not 0 <= share <= 100:
            raise ValueError(f"{share:g} is not a share of the run, 0 to 100.")
        kept = self.run.kept
        wanted = share / 100 * max(kept)
        nearest = min(kept, key=lambda step: abs(step - wanted))
        return None if nearest == max(kept) else nearest

    @property
    def busy(self) -> bool:
        return self.training

    def work(self) -> None:
        if next(self.run.pieces, self) is self:
            self.training = False

    def compute(self, timeline: Timeline) -> None:
        run, step = self.run, self.step
        now = (run, step, self.things)
        if self._shown == now:
            return
        self._shown = now
        model = run.shown_at(step)
        encode = run.trainer.task.tokenizer.encode
        both = [self.sentence(size) for size in SIZES]
        both.append(self.sentence("big", ("trophy", "bag")))
        token_ids = np.array([encode(words) for words in both])
        looks = looks_of_it(model, token_ids)  # (L, H, 3, T)
        self.looks = looks[:, :, :2]  # (L, H, 2, T)
        self.trophy = looks[:, :, 2].mean(axis=1)  # (L, T), mean of heads
        self.probs = answers(model, token_ids[:2])  # (2, V)
        self.words = run.trainer.task.tokenizer.words

    def _ratios(self) -> np.ndarray:
        """Logarithms, thing to place: (L, H, 2)."""
        return thing_to_place(self.looks)

    def _change(self) -> np.ndarray:
        """How much they change from big to small: (L, H)."""
        ratios = self._ratios()
        return np.abs(ratios[..., 0] - ratios[..., 1])

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e11.accuracy":
            return self._accuracy_chart(size)
        columns = [
            Column(
                f"Layer {layer + 1}, head {self.heads[layer]}",
                f"too {adjective}",
                looks[number],
                ((THING, PLACE)[number],),
                self.sentence(adjective),
            )
            for layer, looks in enumerate(self._chosen_looks())
            for number, adjective in enumerate(SIZES)
        ]
        words = (*self.sentence("big")[:SIZE], "big/small")
        return twins(size, words, columns, IT, self._lit_word())

    def _lit_word(self) -> str | None:
        kind, _, word = (self.lit or "").partition(":")
        return word if kind == "word" and word in self.sentence("big") else None

    @property
    def _end(self) -> int:
        """The last step of the axis: of the longest run."""
        return max(run.end for run in self.runs.values())

    def _accuracy_chart(self, size: tuple[float, float]) -> Drawing:
        curves = []
        others = [kind for kind in self.runs if kind != self.kind]
        for kind in (*others, self.kind):
            steps = np.array(list(self.runs[kind].accuracy), float)
            shares = np.array(list(self.runs[kind].accuracy.values()))
            ours = kind == self.kind
            curves.append(
                Curve(
                    KINDS[kind][0], steps, shares,
                    "sea" if ours else "edge", 2.0 if ours else 1.25,
                )
            )  # fmt: skip
        levels = [Level(0.5, "a toss of a coin", above=True)]
        return step_lines(size, curves, self._end, self.step, levels)

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        run = self.run
        thing, place = self.things
        return {
            "state": {
                "e11.kind": self.kind,
                "e11.idle": not self.training and not run.done,
                "e11.training": self.training,
                "e11.done": run.done and not self.training,
                "e11.more": run.done and run.end < MOST and not self.training,
                "e11.progress": run.step / run.end,
                "e11.step": round(100 * self.step / max(max(run.kept), 1)),
                "e11.step.off": len(run.kept) < 2,
                "e11.two": self.n_layers > 1,
            },
            "lists": {
                "e11.thing": [
                    Item(word, word, word == thing, f"word:{word}")
                    for word in self.partners
                ],
                "e11.place": [
                    Item(word, word, word == place, f"word:{word}")
                    for word in self.partners[thing]
                ],
            },
            "matrices": {
                "e11.ratios": self._ratio_matrix(),
                "e11.beside": self._beside(),
            },
        }

    def _ratio_matrix(self) -> Matrix:
        ratios, changes = self._ratios(), self._change()
        values, marks, rows, chosen = [], [], [], []
        for layer, head in np.ndindex(changes.shape):
            same = changes[layer, head] < SAME
            big, small = np.exp(ratios[layer, head]).tolist()
            moved = float(changes[layer, head])
            change = f"{moved:.2f}" if moved >= 0.01 else power(moved)
            values.append([times(big), times(small), change])
            marks.append(["", "", "same" if same else "differs"])
            rows.append(f"head {layer + 1}.{head + 1}")
            if self.heads[layer] == head + 1:
                chosen += [(len(rows) - 1, column) for column in range(2)]
        columns = ["too big", "too small", "change (log)"]
        return Matrix(values, rows, columns, lit=chosen, marks=marks, use="row")

    def _beside(self) -> Matrix:
        """Source 003's picture beside our own rows of the same sentence."""
        sums = [sum(share for share, _ in PRINTED.values())]
        values = []
        for share, places in PRINTED.values():
            ours = [float(row[list(places)].sum()) for row in self.trophy]
            values.append([f"{share:.2f}", *(f"{value:.2f}" for value in ours)])
        named = {place for _, places in PRINTED.values() for place in places}
        left = [place for place in range(SIZE + 1) if place not in named]
        ours = [float(row[left].sum()) for row in self.trophy]
        values.append(["–", *(f"{value:.2f}" for value in ours)])
        sums += [float(row.sum()) for row in self.trophy]
        values.append([f"{value:.2f}" for value in sums])
        layers = [f"ours, layer {layer + 1}" for layer in range(self.n_layers)]
        return Matrix(
            values,
            [*PRINTED, "because it was", "sum"],
            ["drawn", *layers],
            marks=[*[[""] * (1 + self.n_layers)] * 6, ["strong"] * (1 + self.n_layers)],
        )

    def texts(self) -> dict[str, Said]:
        texts: dict[str, Said] = {
            "e11.status": self._status(),
            "e11.shown": f"step {self.step}",
            "e11.change.1": power(float(self._change()[0].max())),
            "e11.switch": self._switch(),
            "e11.lucky": lucky_starts(),
            "e11.things": str(len(self._all_things())),
            "e11.sentences": f"{self._n_sentences():,}",
            "e11.finding": self._finding(),
        }
        for number, size in enumerate(SIZES):
            texts[f"e11.{size}"] = self._sentence_said(size)
            texts[f"e11.answer.{size}"] = self._answer(number)
        return texts

    def _status(self) -> str:
        run, name = self.run, KINDS[self.kind][0]
        if self.training:
            return f"Training {name}, step {run.step} of {run.end}"
        if run.done:
            return f"Trained, {name}, {run.step} steps, seed {self.seed}"
        if run.step:
            return f"Stopped at step {run.step}, {name}"
        return f"Not trained yet, {name}"

    def _sentence_said(self, size: str) -> list[Piece]:
        strong = {THING, PLACE, IT, SIZE}
        pieces: list[Piece] = []
        for place, word in enumerate(self.sentence(size)):
            pieces += [(" ", "")] if place else []
            pieces.append((word, "strong" if place in strong else ""))
        return pieces

    def _answer(self, number: int) -> list[Piece]:
        """What the model says, and whether that is right."""
        best = int(self.probs[number].argmax())
        word, share = self.words[best], float(self.probs[number, best])
        right = word == self.things[number]
        return [
            (word, "strong"),
            (f" {percent(share)} ", "num"),
            ("= right" if right else "≠ wrong", "same" if right else "differs"),
        ]

    def _switch(self) -> list[Piece]:
        thing, place = self.things
        pieces: list[Piece] = []
        for layer in range(self.n_layers):
            head = self.heads[layer]
            big, small = np.exp(self._ratios()[layer, head - 1]).tolist()
            same = self._change()[layer, head - 1] < SAME
            pieces += [
                (f"Layer {layer + 1}, head {head}: ", ""),
                (thing, "strong"),
                (" to ", ""),
                (place, "strong"),
                (" is ", ""),
                (times(big), "num"),
                (" with big and ", ""),
                (times(small), "num"),
                (" with small", ""),
                (", the same. ", "same") if same else (". ", ""),
            ]
        return pieces

    def _finding(self) -> str:
        run, step = self.run, self.step
        share = run.accuracy.get(step)
        if share is None:
            return (
                f"Not trained yet: “it” looks at all {SIZE + 1} words alike, and the "
                "answer is a guess among all words. Train the model to see it learn."
            )
        says = (
            f"At step {step} the answer is right in {share:.0%} of "
            f"{len(run.right)} held-out sentences, with pairs of things that never "
            "stood together in training."
        )
        if self.n_layers == 1:
            return (
                f"{says} Its one layer cannot turn its look from one thing to the "
                "other."
            )
        largest = float(self._change()[0].max())
        return (
            f"{says} From big to small, layer 1 changes its preference by "
            f"{power(largest)}, which is rounding; layer 2 by "
            f"{self._change()[1].max():.1f}."
        )

    def labels(self) -> dict[str, str]:
        shares = "; ".join(
            f"layer {layer + 1}, {size}: {self.things[0]} "
            f"{percent(looks[number, THING])}, {self.things[1]} "
            f"{percent(looks[number, PLACE])}"
            for layer, looks in enumerate(self._chosen_looks())
            for number, size in enumerate(SIZES)
        )
        accuracy = self.run.accuracy
        said = "Not trained yet."
        if accuracy:
            last = max(accuracy)
            said = f"{accuracy[last]:.0%} right at step {last}."
        return {
            "e11.looks": f"Attention of “it” at step {self.step}. {shares}.",
            "e11.accuracy": f"Held-out sentences answered right: {said}",
        }

    def _chosen_looks(self) -> Sequence[np.ndarray]:
        """Of the chosen head of each layer: (2, T)."""
        return [
            self.looks[layer, self.heads[layer] - 1] for layer in range(self.n_layers)
        ]

    def tables(self) -> list[Table]:
        columns, shares = ["word"], []
        for layer, looks in enumerate(self._chosen_looks()):
            for number, size in enumerate(SIZES):
                head = self.heads[layer]
                columns.append(f"layer {layer + 1}, head {head}, too {size}")
                shares.append(looks[number])
        words = (*self.sentence("big")[:SIZE], "big/small")
        rows = [
            [word, *(f"{share[place]:.1%}" for share in shares)]
            for place, word in enumerate(words)
        ]
        tables = [Table(f"Where “it” looks at step {self.step}", columns, rows)]
        accuracy = [
            [str(step), f"{share:.1%}"] for step, share in self.run.accuracy.items()
        ]
        if accuracy:
            caption = f"Held-out sentences answered right, {KINDS[self.kind][0]}"
            tables.append(Table(caption, ["Step", "Right"], accuracy))
        ratios = self._ratio_matrix()
        tables.append(
            Table(
                f"{self.things[0]} to {self.things[1]}, in the attention of “it”",
                ["head", *ratios.columns],
                [
                    [name, *row]
                    for name, row in zip(ratios.rows, ratios.values, strict=True)
                ],
            )
        )
        return tables
