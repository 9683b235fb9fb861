"""E11, What does "it" mean? A model of its own, asked what "it" is."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.charts.twins import Column, twins
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import load_it
from fishformer.exhibits.e11_words import (
    SIZES,
    accuracy_said,
    accuracy_table,
    answer_said,
    beside_matrix,
    changes,
    finding,
    looks_said,
    looks_table,
    lucky_starts,
    ratio_matrix,
    sentence_said,
    status_said,
    switch_said,
)
from fishformer.exhibits.exhibit import Item, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.numerals import power
from fishformer.exhibits.trained import Trained
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
from fishformer.model import Transformer
from fishformer.tasks import Questions
from fishformer.timeline import Timeline
from fishformer.training import train

MOST = 1200  # steps that a run can be prolonged to
# A kind of model: what it is called, and how its settings differ from the defaults.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "two": ("two layers", {}),
    "one": ("one layer", {"n_layers": 1}),
    "unplaced": ("no positions", {"positions": "none"}),
}


class WhatIsIt(Trained[ItRun]):
    """Two sentences that differ in their last word, and the row of their "it"."""

    id = "e11"
    canvases = ("e11.looks", "e11.accuracy")
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
        self.runs: dict[str, ItRun] = {}
        self._shown: tuple[Any, ...] | None = None

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "more" if self.run.done and self.run.end < MOST:
                self.run.prolong()
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
                n_heads = self.run.config.n_heads
                row = self.numbered(value[1], self.n_layers * n_heads)
                self.heads[row // n_heads] = row % n_heads + 1
            case _:
                super().handle(name, value)

    def _partner(self, thing: str) -> str:
        """Keep what stays possible: the place, or the thing that was there before."""
        for other in (self.things[1], self.things[0]):
            if other in self.partners[thing]:
                return other
        return self.partners[thing][0]

    # ---- the sentences -----------------------------------------------------------

    @cached_property
    def questions(self) -> Questions:
        """The sentences, and which of the two things "it" is."""
        return load_it()

    @cached_property
    def partners(self) -> dict[str, list[str]]:
        """With which other things each thing stands in a held-out sentence."""
        found: dict[str, list[str]] = {}
        for question in self.questions.held_out:
            thing, place = question.words[THING], question.words[PLACE]
            others = found.setdefault(thing, [])
            if place not in others:
                others.append(place)
        return found

    def sentence(self, size: str, things: tuple[str, str] | None = None) -> Words:
        """The chosen things in one of the two sentences."""
        thing, place = things or self.things
        held_out = self.questions.held_out[0].words
        put = {THING: thing, PLACE: place, SIZE: size}
        return tuple(put.get(at, word) for at, word in enumerate(held_out))

    # ---- the model ---------------------------------------------------------------

    def begin(self) -> None:
        self.runs = {}

    @property
    def run(self) -> ItRun:
        """The run of the chosen kind, at its random start if there is none yet."""
        if self.kind not in self.runs:
            settings = Config(seed=self.seed, **KINDS[self.kind][1])
            self.runs[self.kind] = ItRun(settings, self.questions)
        return self.runs[self.kind]

    @property
    def n_layers(self) -> int:
        """Layers of the chosen kind of model."""
        return self.run.config.n_layers

    def _step_at(self, share: float) -> int | None:
        """The step nearest to a share of the run, 0 to 100; None follows the latest."""
        if not 0 <= share <= 100:
            raise ValueError(f"{share:g} is not a share of the run, 0 to 100.")
        kept = self.run.kept
        wanted = share / 100 * max(kept)
        nearest = min(kept, key=lambda step: abs(step - wanted))
        return None if nearest == max(kept) else nearest

    def compute(self, timeline: Timeline) -> None:
        run, step = self.run, self.step
        now = (run, step, self.things)
        if self._shown == now:
            return
        self._shown = now
        model = run.model_at(step)
        assert isinstance(model, Transformer)
        both = [self.sentence(size) for size in SIZES]
        both.append(self.sentence("big", ("trophy", "bag")))
        token_ids = np.array([run.tokenizer.encode(words) for words in both])
        looks = looks_of_it(model, token_ids)  # (L, H, 3, T)
        self.looks = looks[:, :, :2]  # (L, H, 2, T)
        self.trophy = looks[:, :, 2].mean(axis=1)  # (L, T), mean of heads
        self.ratios = thing_to_place(self.looks)  # (L, H, 2), logarithms
        self.probs = answers(model, token_ids[:2])  # (2, V)

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
        lit = self.lit_as("word")
        lit = lit if lit in self.sentence("big") else None
        return twins(size, self._words(), columns, IT, lit)

    def _words(self) -> Words:
        """Of both sentences."""
        return *self.sentence("big")[:SIZE], "big/small"

    def _accuracy_chart(self, size: tuple[float, float]) -> Drawing:
        curves = []
        others = [kind for kind in self.runs if kind != self.kind]
        for kind in (*others, self.kind):
            steps = np.array(list(self.runs[kind].accuracy), float)
            shares = np.array(list(self.runs[kind].accuracy.values()))
            look = ("sea", 2.0) if kind == self.kind else ("edge", 1.25)
            curves.append(Curve(KINDS[kind][0], steps, shares, *look))
        levels = [Level(0.5, "a toss of a coin", above=True)]
        longest = max(run.end for run in self.runs.values())
        return step_lines(size, curves, longest, self.step, levels)

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        run = self.run
        thing, place = self.things
        done = run.done and not self.training
        state = {
            **self.training_state(),
            "kind": self.kind,
            "done": done,
            "more": done and run.end < MOST,
            "step": round(100 * self.step / max(max(run.kept), 1)),
            "two": self.n_layers > 1,
        }
        return {
            "state": {f"e11.{key}": value for key, value in state.items()},
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
                "e11.ratios": ratio_matrix(self.ratios, self.heads),
                "e11.beside": beside_matrix(self.trophy),
            },
        }

    def texts(self) -> dict[str, Said]:
        asked = (*self.questions.train, *self.questions.held_out)
        texts: dict[str, Said] = {
            "e11.status": status_said(self.run, KINDS[self.kind][0], self.training),
            "e11.shown": f"step {self.step}",
            "e11.change.1": power(float(changes(self.ratios)[0].max())),
            "e11.switch": switch_said(self.ratios, self.heads, self.things),
            "e11.lucky": lucky_starts(),
            "e11.things": str(len({question.words[THING] for question in asked})),
            "e11.sentences": f"{len(asked):,}",
            "e11.finding": finding(self.run, self.step, self.ratios),
        }
        words = self.run.tokenizer.words
        for size, probs, thing in zip(SIZES, self.probs, self.things, strict=True):
            best = int(probs.argmax())
            said = answer_said(words[best], float(probs[best]), words[best] == thing)
            texts[f"e11.{size}"] = sentence_said(self.sentence(size))
            texts[f"e11.answer.{size}"] = said
        return texts

    def labels(self) -> dict[str, str]:
        accuracy = accuracy_said(self.run.accuracy)
        return {
            "e11.looks": looks_said(self._chosen_looks(), self.things, self.step),
            "e11.accuracy": f"Held-out sentences answered right: {accuracy}",
        }

    def _chosen_looks(self) -> Sequence[np.ndarray]:
        """Of the chosen head of each layer: (2, T)."""
        return [
            self.looks[layer, self.heads[layer] - 1] for layer in range(self.n_layers)
        ]

    def tables(self) -> list[Table]:
        looks = looks_table(self._chosen_looks(), self.heads, self._words(), self.step)
        accuracy = accuracy_table(self.run.accuracy, KINDS[self.kind][0])
        said = f"{self.things[0]} to {self.things[1]}, in the attention of “it”"
        ratios = ratio_matrix(self.ratios, self.heads).table(said, "head")
        return [looks, *accuracy, ratios]
