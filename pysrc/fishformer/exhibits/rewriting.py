"""What E19 and E20 share: an encoder-decoder of their own that rewrites a sentence.

Shapes: T words written and the end, S words of the source.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from fishformer.charts.bars import percent
from fishformer.charts.crossing import crossing, crossing_frame
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.steps import Curve, step_lines
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.exhibits.exhibit import Item, Table
from fishformer.exhibits.rewrite import Rewrite
from fishformer.exhibits.trained import Trained
from fishformer.lessons.runs import RewriterRun
from fishformer.sampling import WritingError
from fishformer.tasks import Pairs
from fishformer.tokenizer import UnknownWordError, split_sentence


class Rewriter(Trained[RewriterRun]):
    """One sentence, what becomes of it, and where the model looks as it writes."""

    live = False
    of_corpus = False
    examples: tuple[str, ...]

    def __init__(self, config: Config, corpus: Corpus):
        self.seed = config.seed
        self.typed = self.error = ""
        self._sizes: dict[str, Size] = {}

    @property
    def canvases(self) -> tuple[str, ...]:
        return (f"{self.id}.cross", f"{self.id}.accuracy")

    # ---- what each of them says for itself --------------------------------------

    @property
    def mapped(self) -> Rewrite:
        """The one whose attention is drawn."""
        raise NotImplementedError

    @cached_property
    def pairs(self) -> Pairs:
        """The sentences of its corpus, and what should become of them."""
        raise NotImplementedError

    @cached_property
    def targets(self) -> dict[Words, Words]:
        """What should become of each sentence."""
        both = self.pairs.train + self.pairs.held_out
        return {pair.source: pair.target for pair in both}

    @cached_property
    def held_out(self) -> list[Words]:
        """Sentences that are not in training."""
        raise NotImplementedError

    def looks(self) -> np.ndarray:
        """The attention that is drawn: (T, S)."""
        raise NotImplementedError

    def outlined(self) -> Sequence[tuple[int, int]]:
        """Its cells to be noted."""
        return ()

    @property
    def chosen_row(self) -> int | None:
        """Its row that stands out."""
        return None

    def press(self, row: int) -> None:
        """A row of it was pressed."""

    def curves(self) -> list[Curve]:
        """The shares of held-out sentences that come out right."""
        raise NotImplementedError

    def check(self, words: Words) -> None:
        """Raises WritingError or UnknownWordError for a sentence it cannot read."""
        raise NotImplementedError

    # ---- events -----------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "sentence":
                self.show(tuple(str(value).split()))
            case "another":
                self.show(self._next_held_out())
            case "typed":
                self._read(str(value))
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)

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
                self.show(words)
                self.typed = text
        except UnknownWordError as error:
            self.error = error.sentence
        except WritingError as error:
            self.error = str(error)

    def show(self, words: Words) -> None:
        """Another sentence, to be rewritten at the next look."""
        self.check(words)
        self.take(words)

    def take(self, words: Words) -> None:
        """Another sentence, which is known to be readable."""
        self.sentence, self.typed, self.error = words, " ".join(words), ""

    def _point(self, at: dict[str, Any]) -> None:
        """The pointer is over the map: light the word; a press is of a row."""
        size, cell, one = self._sizes.get(at["canvas"]), None, self.mapped
        if size is not None and at["kind"] != "leave":
            frame = crossing_frame(size, one.source, one.reads, one.writes)
            cell = frame.at(at["x"], at["y"])
        self.lit = None if cell is None else f"word:{one.source[cell[1]]}"
        if cell is not None and at["kind"] == "press":
            self.press(cell[0])

    # ---- what is drawn and said -------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        if canvas == f"{self.id}.accuracy":
            return step_lines(size, self.curves(), self.run.end, self.step)
        one = self.mapped
        return crossing(
            size, one.source, one.reads, one.writes, self.looks(),
            self.chosen_row, self.outlined(), self.lit_as("word"),
        )  # fmt: skip

    def training_state(self) -> dict[str, Any]:
        done = self.run.done and not self.training
        return {**super().training_state(), "typed": self.typed, "done": done}

    def examples_list(self) -> list[Item]:
        """The sentences to choose from."""
        chosen = " ".join(self.sentence)
        return [Item(text, text, text == chosen) for text in self.examples]

    def status(self) -> str:
        """Where the run stands."""
        run = self.run
        if self.training:
            return f"Training, step {run.step} of {run.end}"
        if run.done:
            return f"Trained, {run.step} steps, seed {self.seed}"
        return f"Stopped at step {run.step}" if run.step else "Not trained yet"

    def looks_said(self) -> str:
        """Where each word looks most."""
        one = self.mapped
        return "; ".join(
            f"{word} at {one.source[int(row.argmax())]} {percent(row.max())}"
            for word, row in zip(one.writes, self.looks(), strict=True)
        )

    def looks_table(self, caption: str) -> Table:
        """The attention that is drawn, in numbers."""
        one = self.mapped
        rows = [
            [read, write, *(f"{share:.1%}" for share in row)]
            for read, write, row in zip(
                one.reads, one.writes, self.looks(), strict=True
            )
        ]
        return Table(caption, ["reads", "writes", *one.source], rows)


def curve(
    name: str,
    found: dict[int, float],
    stroke: str = "sea",
    width: float = 2.0,
    dash: tuple[float, ...] = (),
) -> Curve:
    """Shares by step, as a line of the chart."""
    steps, shares = np.array(list(found), float), np.array(list(found.values()))
    return Curve(name, steps, shares, stroke, width, dash)
