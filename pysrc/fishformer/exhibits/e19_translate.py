"""E19, Encoder and decoder: French into English, and where it looks as it writes."""

from functools import cached_property
from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.bars import percent
from fishformer.charts.steps import Curve
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import KING, load_french
from fishformer.datasets.french import alignment, lexicon
from fishformer.exhibits.e19_words import aligned_said, row_said, verdict_on
from fishformer.exhibits.exhibit import Item, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.rewrite import Rewrite
from fishformer.exhibits.rewriting import Rewriter, curve
from fishformer.lessons.runs import RewriterRun, written_right
from fishformer.sampling import translate, write
from fishformer.stack import Stack
from fishformer.tasks import Pair, Pairs, continued
from fishformer.timeline import Timeline

END_STEP, LOOK_EVERY = 300, 25
A_WORD = 0.8  # seconds, while one watches it write
EXAMPLES = (
    " ".join(KING.source),
    "le lapin noir mange le gâteau doré",
    "ma vieille baleine noire trouve ton pêcheur",
    "le grand poisson doré est fatigué",
    "un vieux lapin suit mon jeune chat vert",
)
MEAN = "mean"


class Translate(Rewriter):
    """An encoder-decoder of its own, one sentence, and its cross-attention."""

    id = "e19"
    examples = EXAMPLES
    shows_code = (
        attention_forward, Stack.forward, write, translate, continued, written_right,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "query": (attention_forward, 'project_forward(x, p["w_q"])'),
        "key": (attention_forward, 'context, p["w_k"]'),
        "value": (attention_forward, "heads = attn_weights @"),
        "root": (attention_forward, "np.sqrt(config.d_head"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        super().__init__(config, corpus)
        self.take(KING.source)
        self.layer = Config().n_layers
        self.head = MEAN
        self._coming: Rewrite | None = None  # what is written without being watched
        self._waited = 0.0

    # ---- set up when it is first seen -----------------------------------------

    @cached_property
    def pairs(self) -> Pairs:
        """French sentences and their English."""
        return load_french()

    @cached_property
    def english_of(self) -> dict[str, str]:
        """The English of each French word."""
        return lexicon().english_of()

    @cached_property
    def held_out(self) -> list[Words]:
        return [pair.source for pair in self.pairs.held_out]

    def begin(self) -> None:
        config = Config(seed=self.seed)
        self._run = RewriterRun(config, self.pairs, END_STEP, LOOK_EVERY)
        self.rewrite = Rewrite(self._run, 0, self.sentence).write_all()
        self._coming, self.watching = None, False

    # ---- sentences --------------------------------------------------------------

    def check(self, words: Words) -> None:
        Rewrite(self.run, self.step, words)

    def take(self, words: Words) -> None:
        """Another sentence, which is known to be readable."""
        super().take(words)
        self.row: int | None = None  # None is one that has to look elsewhere
        self.watching = False

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        run = self.run
        match name:
            case "layer":
                self.layer = self.numbered(value, run.config.n_layers, 1)
            case "head" if value == MEAN:
                self.head = MEAN
            case "head":
                self.head = str(self.numbered(value, run.config.n_heads, 1))
            case "look":
                self.row = self.numbered(value, len(self.rewrite.written))
            case "watch":
                self._watch()
            case "halt":
                self.watching = False
            case "next":
                if self.rewrite.ended:
                    self._watch()
                self.watching = False
                self._write_word()
            case _:
                super().handle(name, value)

    def _watch(self) -> None:
        """Write it once more, slowly."""
        self.rewrite = Rewrite(self.run, self.step, self.sentence)
        self.row, self._waited, self._coming = None, A_WORD / 2, None
        self.watching = True

    def _write_word(self) -> None:
        self.rewrite.write_word()
        self.row = len(self.rewrite.written) - 1
        if self.rewrite.ended:
            self.watching, self.row = False, None

    def press(self, row: int) -> None:
        if row < len(self.rewrite.written):
            self.row = row

    # ---- writing --------------------------------------------------------------

    @property
    def moving(self) -> bool:
        return self.watching and not self.still

    def tick(self, seconds: float) -> None:
        self._waited += seconds
        if self._waited >= A_WORD:
            self._waited = 0.0
            self._write_word()

    @property
    def busy(self) -> bool:
        return super().busy or bool(self._coming) or (self.watching and self.still)

    def work(self) -> None:
        if self.watching and self.still:
            self._write_word()
        elif self._coming is None:
            super().work()
        else:
            self._coming.write_word()
            if self._coming.ended:
                self.rewrite, self._coming = self._coming, None

    def compute(self, timeline: Timeline) -> None:
        """Another sentence or another step is written, a word a piece."""
        run, step = self.run, self.step
        latest = self._coming or self.rewrite
        if (latest.run, latest.step, latest.source) != (run, step, self.sentence):
            self._coming, self.watching = Rewrite(run, step, self.sentence), False

    # ---- where it looks -------------------------------------------------------

    @property
    def mapped(self) -> Rewrite:
        return self.rewrite

    def looks(self) -> np.ndarray:
        """Of the chosen layer, of a head or the mean of all: (T, S)."""
        looks = self.rewrite.looks()[self.layer - 1]
        return looks.mean(axis=0) if self.head == MEAN else looks[int(self.head) - 1]

    def aligned(self) -> tuple[int, ...]:
        """For each word written the French word that it translates, where known."""
        rewrite = self.rewrite
        words, target = rewrite.words, self.targets.get(rewrite.source)
        if target is not None and words == target[: len(words)]:
            places = alignment(Pair(rewrite.source, target), self.english_of)
            return places[: len(words)]
        try:
            return alignment(Pair(rewrite.source, words), self.english_of)
        except (KeyError, IndexError):
            return ()  # it wrote a word that translates none

    def hits(self) -> list[int]:
        """Of how many aligned words each layer looks most at the French word."""
        places = self.aligned()
        most = self.rewrite.looks().mean(axis=1).argmax(axis=-1)  # (L, T)
        return [
            sum(int(row[t]) == place for t, place in enumerate(places)) for row in most
        ]

    @property
    def chosen_row(self) -> int | None:
        """The row that is explained: if none was chosen, one whose word moved."""
        count = len(self.rewrite.written)
        if not count:
            return None
        if self.row is not None:
            return min(self.row, count - 1)
        moved = (t for t, place in enumerate(self.aligned()) if t != place)
        return next(moved, 0)

    def outlined(self) -> list[tuple[int, int]]:
        return list(enumerate(self.aligned()))

    def curves(self) -> list[Curve]:
        return [curve("right", self.run.right[""])]

    # ---- what is said ---------------------------------------------------------

    def view(self) -> dict[str, Any]:
        row = self.chosen_row
        state = {
            **self.training_state(),
            "watching": self.watching,
            "resting": not self.watching,
            "layer": self.layer,
            "head": self.head,
        }
        return {
            "state": {f"e19.{key}": value for key, value in state.items()},
            "lists": {
                "e19.sentence": self.examples_list(),
                "e19.look": [
                    Item(t, word, t == row, f"word:{word}")
                    for t, word in enumerate(self.rewrite.writes)
                ],
            },
        }

    def texts(self) -> dict[str, Said]:
        places = self.aligned()
        target = self.targets.get(self.rewrite.source)
        return {
            "e19.status": self.status(),
            "e19.error": self.error,
            "e19.sentences": f"{len(self.targets):,}",
            "e19.left": self.left(),
            "e19.shown": f"step {self.step}",
            "e19.french": " ".join(self.rewrite.source),
            "e19.kind": self._kind(),
            "e19.verdict": verdict_on(self.rewrite, target),
            "e19.row": row_said(self.rewrite, self.looks(), self.chosen_row, places),
            "e19.aligned": aligned_said(self.hits(), len(places)),
            "e19.finding": self._finding(),
        }

    def _kind(self) -> str:
        """Where the sentence comes from."""
        if self.rewrite.source in self.held_out:
            return "held out"
        return "a training sentence" if self.rewrite.source in self.targets else "yours"

    def _finding(self) -> str:
        run, step = self.run, self.step
        share = run.right[""].get(step)
        if not step or share is None:
            return (
                "Not trained yet: it looks at all words of the French sentence alike, "
                "and what it writes is chance. Train it to see where it learns to look."
            )
        says = (
            f"At step {step} it translates {percent(share)} of {len(self.held_out)} "
            "held-out sentences word for word right."
        )
        if not self.rewrite.ended:
            return says
        french, english = " ".join(self.rewrite.source), " ".join(self.rewrite.words)
        return f"{says} “{french}” becomes “{english}”."

    def labels(self) -> dict[str, str]:
        said = self.looks_said()
        accuracy = ", ".join(
            f"{v:.0%} at step {k}" for k, v in self.run.right[""].items()
        )
        return {
            "e19.cross": f"Layer {self.layer}, where each word looks most: {said}.",
            "e19.accuracy": f"Held-out sentences right: {accuracy or 'none yet'}.",
        }

    def tables(self) -> list[Table]:
        head = "mean of heads" if self.head == MEAN else f"head {self.head}"
        said = f"Cross-attention, layer {self.layer}, {head}, step {self.step}"
        tables = [self.looks_table(said)]
        if found := self.run.right[""]:
            rows = [[str(step), f"{share:.1%}"] for step, share in found.items()]
            tables.append(
                Table("Held-out sentences translated right", ["Step", "Right"], rows)
            )
        return tables
