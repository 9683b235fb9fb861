"""E20, Text to text: one model whose first word says which of three tasks is meant."""

from functools import cached_property
from typing import Any

import numpy as np

from fishformer.charts.bars import percent
from fishformer.charts.steps import Curve
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import PREFIXES, load_prefixes
from fishformer.exhibits.exhibit import Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.rewrite import END_SAID, Rewrite
from fishformer.exhibits.rewriting import Rewriter, curve
from fishformer.lessons.runs import RewriterRun, written_right
from fishformer.sampling import WritingError, write
from fishformer.tasks import Pairs, Rewriting, continued
from fishformer.timeline import Timeline

END_STEP, LOOK_EVERY = 800, 50
SLOW_FROM = 600  # from there on a tenth of the learning rate
NONE = "none"
TASKS = (*PREFIXES, NONE)  # the last has no prefix; nobody trained that
DASHES = {"translate": (), "reverse": (5.0, 3.0), "classify": (1.5, 3.0)}
EXAMPLES = (
    "mon chat est roi",
    "mon roi fatigué nage",
    "mon poisson blanc trouve ta poire verte",
    "la vache rêve",
)


class TextToText(Rewriter):
    """One sentence, three prefixes, and the same weights for all of them."""

    id = "e20"
    examples = EXAMPLES
    shows_code = (load_prefixes, Rewriting, continued, write, written_right)

    def __init__(self, config: Config, corpus: Corpus):
        super().__init__(config, corpus)
        self.take(tuple(EXAMPLES[2].split()))
        self.task = PREFIXES[1]
        self._coming: dict[str, Rewrite] | None = None

    # ---- set up when it is first seen -----------------------------------------

    @cached_property
    def pairs(self) -> Pairs:
        """The sentences with their prefixes, and what becomes of them."""
        return load_prefixes()

    @cached_property
    def held_out(self) -> list[Words]:
        return list(dict.fromkeys(pair.source[1:] for pair in self.pairs.held_out))

    def begin(self) -> None:
        config, pairs = Config(seed=self.seed), self.pairs
        self._run = RewriterRun(config, pairs, END_STEP, LOOK_EVERY, SLOW_FROM, True)
        self.rewrites = self._new_rewrites(0, self.sentence)
        self._coming = self.rewrites

    def _new_rewrites(self, step: int, sentence: Words) -> dict[str, Rewrite]:
        """Of one sentence with every prefix, not written yet."""
        return {
            task: Rewrite(self._run, step, self.source(task, sentence))
            for task in TASKS
        }

    def source(self, task: str, sentence: Words) -> Words:
        """What the encoder reads."""
        return sentence if task == NONE else (task, *sentence)

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "task" if value in TASKS:
                self.task = value
            case _:
                super().handle(name, value)

    def check(self, words: Words) -> None:
        if not words:
            raise WritingError("That takes a word or more.")
        self._new_rewrites(self.step, words)

    # ---- training and writing -------------------------------------------------

    @property
    def busy(self) -> bool:
        return super().busy or self._coming is not None

    def work(self) -> None:
        if self._coming is None:
            super().work()
            return
        unfinished = [one for one in self._coming.values() if not one.ended]
        if unfinished:
            unfinished[0].write_word()
        if len(unfinished) < 2 and all(one.ended for one in self._coming.values()):
            self.rewrites, self._coming = self._coming, None

    def compute(self, timeline: Timeline) -> None:
        """Another sentence or another step is written, a word a piece."""
        run, step = self.run, self.step
        latest = (self._coming or self.rewrites)[NONE]
        if (latest.run, latest.step, latest.source) != (run, step, self.sentence):
            self._coming = self._new_rewrites(step, self.sentence)

    @property
    def mapped(self) -> Rewrite:
        return self.rewrites[self.task]

    def looks(self) -> np.ndarray:
        """Of the chosen task, cross-attention in layer 2, mean of heads: (T, S)."""
        return self.mapped.looks()[-1].mean(axis=0)

    def curves(self) -> list[Curve]:
        curves = []
        for task, found in self.run.right.items():
            look = ("sea", 2.0) if task == self.task else ("edge", 1.25)
            curves.append(curve(task, found, *look, dash=DASHES[task]))
        return sorted(curves, key=lambda curve: curve.name == self.task)

    # ---- what is said ---------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {**self.training_state(), "task": self.task}
        return {
            "state": {f"e20.{key}": value for key, value in state.items()},
            "lists": {"e20.sentence": self.examples_list()},
        }

    def texts(self) -> dict[str, Said]:
        texts: dict[str, Said] = {
            "e20.status": self.status(),
            "e20.error": self.error,
            "e20.left": self.left(),
            "e20.shown": f"step {self.step}",
            "e20.asked": [(" ".join(self.mapped.source), "strong")],
            "e20.look": self._look(),
            "e20.finding": self._finding(),
        }
        for task in TASKS:
            one = self.rewrites[task]
            texts[f"e20.in.{task}"] = " ".join(one.source)
            texts[f"e20.out.{task}"] = self._out(task)
        return texts

    def _out(self, task: str) -> list[Piece]:
        """What one task made of the sentence, and whether that is right."""
        one = self.rewrites[task]
        if not one.written:
            return [("…", "quiet")]
        said = " ".join(one.words)
        pieces: list[Piece] = [(said or "nothing", "strong")]
        if END_SAID not in one.writes:
            return [*pieces, (" ≠ without an end", "differs")]
        target = self.targets.get(one.source)
        if target is None:
            return pieces
        if one.words == target:
            return [*pieces, (" = right", "same")]
        return [*pieces, (" ≠ right is: ", "differs"), (" ".join(target), "")]

    def _look(self) -> list[Piece]:
        """How much of the attention goes to the word that says what to do."""
        looks = self.looks()
        if self.task == NONE:
            return [
                ("No first word says what to do. Nobody trained that, and what comes "
                 "out is one task, or another, or neither.", ""),
            ]  # fmt: skip
        if not len(looks):
            return [("Nothing is written yet.", "quiet")]
        return [
            ("Layer 2, mean of heads: ", ""), (percent(looks[:, 0].mean()), "num"),
            (" of the attention goes to ", ""), (self.task, "strong"), (".", ""),
        ]  # fmt: skip

    def _finding(self) -> str:
        run, step = self.run, self.step
        if not step:
            return (
                "Not trained yet. One model is to learn three tasks at once, from "
                "sentences that differ in their first word."
            )
        told = ", ".join(
            f"{task} {percent(found[step])}"
            for task, found in run.right.items()
            if step in found
        )
        return (
            f"At step {step}, held-out sentences right: {told}. The "
            f"{self.run.model_at(step).params.buffer.size:,} numbers are the same for "
            "all three; only the first word differs."
        )

    def labels(self) -> dict[str, str]:
        told = self.looks_said()
        accuracy = "; ".join(
            f"{task} {found[max(found)]:.0%} at step {max(found)}"
            for task, found in self.run.right.items()
            if found
        )
        return {
            "e20.cross": f"{self.task}, where each word looks most: {told or 'none'}.",
            "e20.accuracy": f"Held-out sentences right: {accuracy or 'none yet'}.",
        }

    def tables(self) -> list[Table]:
        said = f"Cross-attention of layer 2, mean of heads, step {self.step}"
        tables = [self.looks_table(said)]
        outs = [
            [" ".join(one.source), " ".join(one.words)]
            for one in self.rewrites.values()
        ]
        tables.append(Table("What it makes of the sentence", ["in", "out"], outs))
        found = self.run.right
        steps = next(iter(found.values()))
        if steps:
            rows = [
                [str(step), *(f"{found[task][step]:.1%}" for task in found)]
                for step in steps
            ]
            tables.append(Table("Held-out sentences right", ["Step", *found], rows))
        return tables
