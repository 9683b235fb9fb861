"""E20, Text to text: one model whose first word says which of three tasks is meant."""

from typing import Any

import numpy as np

from fishformer.charts.bars import percent
from fishformer.charts.crossing import crossing, crossing_frame
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.steps import Curve, step_lines
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import PREFIXES, load_prefixes
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.rewrite import END_SAID, Rewrite
from fishformer.lessons.runs import RewriterRun, written_right
from fishformer.sampling import WritingError, write
from fishformer.tasks import Pairs, Rewriting, continued
from fishformer.timeline import Timeline
from fishformer.tokenizer import UnknownWordError, split_sentence

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


class TextToText(Exhibit):
    """One sentence, three prefixes, and the same weights for all of them."""

    id = "e20"
    live = False
    of_corpus = False
    shows_code = (load_prefixes, Rewriting, continued, write, written_right)

    def __init__(self, config: Config, corpus: Corpus):
        self.seed = config.seed
        self.sentence: Words = tuple(EXAMPLES[2].split())
        self.typed, self.error = " ".join(self.sentence), ""
        self.task = PREFIXES[1]
        self.training = False
        self.chosen: int | None = None  # the step shown; None is the latest
        self._coming: dict[str, Rewrite] | None = None
        self._sizes: dict[str, Size] = {}

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("e20.cross", "e20.accuracy")

    # ---- set up when it is first seen -----------------------------------------

    @property
    def pairs(self) -> Pairs:
        if not hasattr(self, "_pairs"):
            self._pairs = load_prefixes()
            both = self._pairs.train + self._pairs.held_out
            self.targets = {pair.source: pair.target for pair in both}
            held_out = [pair.source[1:] for pair in self._pairs.held_out]
            self.held_out = list(dict.fromkeys(held_out))
        return self._pairs

    @property
    def run(self) -> RewriterRun:
        """The run of this seed, at its random start if nobody has trained it yet."""
        if not hasattr(self, "_run"):
            self._begin()
        return self._run

    def _begin(self) -> None:
        config, pairs = Config(seed=self.seed), self.pairs
        self._run = RewriterRun(config, pairs, END_STEP, LOOK_EVERY, SLOW_FROM, True)
        self.rewrites = self._new_rewrites(0, self.sentence)
        self._coming, self.chosen = self.rewrites, None

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
        run = self.run
        match name:
            case "train":
                self.training, self.chosen = not run.done, None
            case "stop":
                self.training = False
            case "again":
                self.seed = (self.seed + 1) % 2**32
                self._begin()
                self.training = True
            case "step":
                self.chosen = int(value)
            case "task" if value in TASKS:
                self.task = value
            case "sentence":
                self._show(tuple(str(value).split()))
            case "another":
                self._show(self._next_held_out())
            case "typed":
                self._read(str(value))
            case "at":
                self._point(value)
            case _:
                raise ValueError(f"E20 has no event {name!r} with the value {value!r}.")

    def _next_held_out(self) -> Words:
        place = -1
        if self.sentence in self.held_out:
            place = self.held_out.index(self.sentence)
        return self.held_out[(place + 1) % len(self.held_out)]

    def _read(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            words = tuple(split_sentence(text))
            if words != self.sentence:
                self._show(words)
                self.typed = text
        except UnknownWordError as error:
            self.error = f"{str(error).capitalize()}."
        except WritingError as error:
            self.error = str(error)

    def _show(self, words: Words) -> None:
        if not words:
            raise WritingError("That takes a word or more.")
        self._new_rewrites(self.step, words)  # whether they can be read
        self.sentence, self.typed, self.error = words, " ".join(words), ""

    def _point(self, at: dict[str, Any]) -> None:
        size, self.lit = self._sizes.get(at["canvas"]), None
        if size is None or at["kind"] == "leave":
            return
        one = self.rewrites[self.task]
        found = crossing_frame(size, one.source, one.reads, one.writes)
        cell = found.at(at["x"], at["y"])
        if cell is not None:
            self.lit = f"word:{one.source[cell[1]]}"

    # ---- training and writing -------------------------------------------------

    @property
    def busy(self) -> bool:
        return self.training or self._coming is not None

    def work(self) -> None:
        if self._coming is None:
            self.training = self.run.work()
            return
        unfinished = [one for one in self._coming.values() if not one.ended]
        if unfinished:
            unfinished[0].write_word()
        if len(unfinished) < 2 and all(one.ended for one in self._coming.values()):
            self.rewrites, self._coming = self._coming, None

    @property
    def step(self) -> int:
        """The step that is shown: one at which a copy was kept."""
        wanted = max(self.run.kept) if self.chosen is None else max(self.chosen, 0)
        return max(step for step in self.run.kept if step <= wanted)

    def compute(self, timeline: Timeline) -> None:
        """Another sentence or another step is written, a word a piece."""
        run, step = self.run, self.step
        latest = (self._coming or self.rewrites)[NONE]
        if (latest.run, latest.step, latest.source) != (run, step, self.sentence):
            self._coming = self._new_rewrites(step, self.sentence)

    def looks(self) -> np.ndarray:
        """Of the chosen task, cross-attention in layer 2, mean of heads: (T, S)."""
        return self.rewrites[self.task].looks()[-1].mean(axis=0)

    # ---- what is drawn --------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        if canvas == "e20.accuracy":
            return self._accuracy_chart(size)
        one = self.rewrites[self.task]
        kind, _, word = (self.lit or "").partition(":")
        lit = word if kind == "word" else None
        return crossing(size, one.source, one.reads, one.writes, self.looks(), lit=lit)

    def _accuracy_chart(self, size: Size) -> Drawing:
        curves = []
        for task, found in self.run.right.items():
            steps = np.array(list(found), float)
            shares = np.array(list(found.values()))
            ours = task == self.task
            look = ("sea", 2.0) if ours else ("edge", 1.25)
            curves.append(Curve(task, steps, shares, *look, dash=DASHES[task]))
        curves.sort(key=lambda curve: curve.name == self.task)
        return step_lines(size, curves, END_STEP, self.step)

    # ---- what is said ---------------------------------------------------------

    def view(self) -> dict[str, Any]:
        run = self.run
        return {
            "state": {
                "e20.typed": self.typed,
                "e20.task": self.task,
                "e20.idle": not self.training and not run.done,
                "e20.training": self.training,
                "e20.done": run.done and not self.training,
                "e20.progress": run.step / END_STEP,
                "e20.step": self.step,
                "e20.step.off": len(run.kept) < 2,
            },
            "lists": {
                "e20.sentence": [
                    Item(text, text, text == " ".join(self.sentence))
                    for text in EXAMPLES
                ],
            },
        }

    def texts(self) -> dict[str, Said]:
        texts: dict[str, Said] = {
            "e20.status": self._status(),
            "e20.error": self.error,
            "e20.left": self._left(),
            "e20.shown": f"step {self.step}",
            "e20.asked": [(" ".join(self.rewrites[self.task].source), "strong")],
            "e20.look": self._look(),
            "e20.finding": self._finding(),
        }
        for task in TASKS:
            one = self.rewrites[task]
            texts[f"e20.in.{task}"] = " ".join(one.source)
            texts[f"e20.out.{task}"] = self._out(task)
        return texts

    def _status(self) -> str:
        run = self.run
        if self.training:
            return f"Training, step {run.step} of {END_STEP}"
        if run.done:
            return f"Trained, {run.step} steps, seed {self.seed}"
        return f"Stopped at step {run.step}" if run.step else "Not trained yet"

    def _left(self) -> str:
        if self.run.trouble:
            return self.run.trouble
        left = self.run.seconds_left if self.training else None
        return "" if left is None else f"about {max(round(left), 1):,} s to go"

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
        one = self.rewrites[self.task]
        told = "; ".join(
            f"{word} at {one.source[int(row.argmax())]} {percent(row.max())}"
            for word, row in zip(one.writes, self.looks(), strict=True)
        )
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
        one = self.rewrites[self.task]
        rows = [
            [read, write, *(f"{share:.1%}" for share in row)]
            for read, write, row in zip(
                one.reads, one.writes, self.looks(), strict=True
            )
        ]
        said = f"Cross-attention of layer 2, mean of heads, step {self.step}"
        tables = [Table(said, ["reads", "writes", *one.source], rows)]
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
