"""E14, Add and normalise: eight numbers, and models that lack a part."""

from dataclasses import replace
from typing import Any

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.normed import normed_dots
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e14_numbers as eight
from fishformer.exhibits import e14_words as says
from fishformer.exhibits.e14_pictures import (
    STAGES,
    five_seeds,
    losses_chart,
    row_matrix,
    saturation_chart,
    seeds_matrix,
)
from fishformer.exhibits.e14_runs import Ablations
from fishformer.exhibits.edits import Edits
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.numerals import signed
from fishformer.layers import layer_norm_forward
from fishformer.lessons.ablations import KINDS, AblationRun
from fishformer.lessons.helmet import load_helmet
from fishformer.lessons.normalising import D_KS, Normalising, add_and_normalise
from fishformer.probes import attention_of, saturation
from fishformer.timeline import Timeline

ANYWHERE = np.array([0]), np.array([0])


class AddAndNormalise(Exhibit):
    """LayerNorm(x + y) of eight numbers; ablations on demand; what √d_k prevents."""

    id = "e14"
    canvases = ("e14.dots", "e14.curves", "e14.saturation")
    shows_code = (
        layer_norm_forward, add_and_norm_forward, add_and_normalise, saturation,
        AblationRun,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "add": (add_and_norm_forward, "out = x + out"),
        "norm": (add_and_norm_forward, "out, ln_cache = layer_norm_forward"),
        "mean": (layer_norm_forward, "centred = x - "),
        "std": (layer_norm_forward, "inv_std = 1 /"),
        "gain": (layer_norm_forward, "return gain * normed + bias"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        helmet = load_helmet()
        ours = [float(text) for text in helmet.printed["added"][0]]
        columns = np.column_stack([helmet.x[eight.SMACKED], ours])
        self.edits = Edits({"put": columns}, eight.MOST)
        self.before = "as"
        self.opened = 0, 2  # row and column of the number whose arithmetic is shown
        # ... or one of STATS instead, and whether it is that after normalising
        self.stat: tuple[str, bool] | None = None
        self.runs = Ablations(config, corpus)
        self.power = 3  # of two: d_k
        self._seen: tuple[Timeline, int] | None = None

    # ---- events ----------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "edit":
                self.edits.change("put", int(value[1]), int(value[2]), value[3])
            case "undo":
                self.edits.undo()
            case "reset":
                self.edits.reset()
                self.before = "as"
            case "before" if value in eight.BEFORE:
                self.before = value
            case "open":
                self._open(*value)
            case "kind" if value in self.runs.kinds:
                self.runs.kind, self.job = value, None
            case "train":
                self._train(STAGES[0])
            case "on":
                self._train(STAGES[1])
            case "again":
                self.runs.seed += 1
                self._train(STAGES[0])
            case "stop":
                self.job = None
            case "d_k":
                power = int(value)
                if not 0 <= power < len(D_KS):
                    raise ValueError(f"d_k is from {D_KS[0]} to {D_KS[-1]}.")
                self.power = power
            case _:
                super().handle(name, value)

    def _open(self, key: str, row: Any, column: Any) -> None:
        row, column = int(row), int(column)
        if key == "steps" and 0 <= row < eight.NUMBERS and 0 <= column < 3:
            self.opened, self.stat = (row, column), None
        elif key == "stats" and 0 <= row < len(eight.STATS) and 0 <= column < 2:
            self.stat = eight.STATS[row], column == 1
        else:
            raise ValueError(f"E14 has no number in {key}, row {row}, column {column}.")

    # ---- the eight numbers -----------------------------------------------------------

    @property
    def steps(self) -> Normalising:
        """The arithmetic of the numbers as they are now."""
        x, y = self.edits["put"].T
        return add_and_normalise(x, y, *eight.BEFORE[self.before])

    @property
    def _changed(self) -> bool:
        """Whether they are other numbers than at first."""
        return self.edits.changed or self.before != "as"

    def _arithmetic(self) -> str:
        """The sum behind the number that is opened."""
        if self.stat:
            return eight.stat_arithmetic(self.steps, *self.stat)
        put = self.edits["put"]
        return eight.number_arithmetic(self.steps, put, self.before, *self.opened)

    # ---- jobs ------------------------------------------------------------------------

    def _train(self, goal: int) -> None:
        self.job = self.runs.pieces(goal)

    @property
    def as_measured(self) -> bool:
        """Whether the five seeds had these settings and sentences."""
        usual = replace(self.config, seed=Config.seed, steps=Config.steps) == Config()
        return usual and self.corpus.name == "fish"

    def compute(self, timeline: Timeline) -> None:
        now = timeline, timeline.step
        if self._seen == now:
            return
        self._seen = now
        encode = self.corpus.tokenizer.encode
        token_ids = np.array([encode(self.corpus.featured[0].words)])
        _, trace = timeline.trainer.model.forward(token_ids, ANYWHERE)
        attention = attention_of(trace.stack)
        self.saturated = saturation(attention.q, attention.k, attention.seen)
        self.step = timeline.step

    # ---- what is drawn ---------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e14.dots":
            found = self.steps
            chosen = None if self.stat else self.opened[0]
            return normed_dots(size, found.added, found.normed, chosen)
        if canvas == "e14.saturation":
            return saturation_chart(size, self.power)
        measured = five_seeds() if self.as_measured else {}
        most = self.corpus.references.uniform
        runs = self.runs
        return losses_chart(size, runs.curves, runs.end, most, runs.kind, measured)

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        found, runs = self.steps, self.runs
        done, further = (runs.are_at(stage) for stage in STAGES)
        return {
            "state": {
                "e14.before": self.before,
                "e14.undo.off": not self.edits.can_undo,
                "e14.reset.off": not self._changed,
                # A refused field goes back to what it was.
                "e14.edits": self.edits.count,
                "e14.idle": not self.busy and not done,
                "e14.training": self.busy,
                "e14.done": not self.busy and done,
                "e14.on": not self.busy and done and not further,
                "e14.progress": runs.progress,
                "e14.as_measured": self.as_measured,
                "e14.d_k": self.power,
            },
            "lists": {
                "e14.kind": [
                    Item(kind, KINDS[kind].name, kind == runs.kind)
                    for kind in runs.kinds
                ]
            },
            "matrices": {
                "e14.put": eight.put_matrix(self.edits),
                "e14.steps": eight.steps_matrix(
                    found, None if self.stat else self.opened
                ),
                "e14.print": eight.print_matrix(found, not self._changed),
                "e14.stats": eight.stats_matrix(found, self.stat),
                "e14.seeds": seeds_matrix(self.runs.kind),
                "e14.row": row_matrix(D_KS[self.power]),
            },
        }

    def texts(self) -> dict[str, Said]:
        d_k, first = D_KS[self.power], self.edits.first["put"]
        return {
            "e14.error": self.edits.error,
            "e14.arith": self._arithmetic(),
            "e14.apart": f"{eight.print_apart(first):.2f}",
            "e14.unmoved": f"{eight.unmoved(first):.4f}",
            "e14.status": self._status(),
            "e14.what": self._what(),
            "e14.five": says.five_said(self.runs.kind),
            "e14.d_k": f"{d_k}",
            "e14.saturated": says.saturated_said(d_k),
            "e14.live": self._live(),
            "e14.finding": eight.finding(self.steps),
        }

    def _status(self) -> str:
        goal = self.runs.goal if self.busy else None
        return says.status_said(self.runs.pair, goal, self.runs.seed)

    def _what(self) -> list[Piece]:
        """What the two runs of this page say."""
        runs, (whole, lacking) = self.runs, self.runs.pair
        step = runs.together
        if not step or not (whole and lacking):
            return says.untrained_said(runs.kind, runs.seed)
        losses = whole.losses[step], lacking.losses[step]
        return says.trained_said(runs.kind, step, *losses)

    def _live(self) -> str:
        n_words = len(self.corpus.featured[0].words)
        return says.live_said(self.saturated, self.config.d_head, self.step, n_words)

    def labels(self) -> dict[str, str]:
        found = self.steps
        before = ", ".join(signed(n) for n in found.added)
        after = ", ".join(signed(n) for n in found.normed)
        return {
            "e14.dots": f"Before: {before}. After: {after}.",
            "e14.curves": (
                f"Losses over the steps. {plain(self._what())} "
                f"{says.five_said(self.runs.kind)}"
            ),
            "e14.saturation": says.saturation_label(),
        }

    def tables(self) -> list[Table]:
        caption = "Held-out loss over five seeds, fish sentences"
        return [
            eight.numbers_table(self.steps, self.edits["put"]),
            seeds_matrix(self.runs.kind).table(caption, "model"),
            says.saturation_table(),
            *says.runs_tables(self.runs.curves),
        ]
