"""E12, Heads: what each head of the live model does, and what it costs without it."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.bars import percent
from fishformer.charts.costs import CostRow, costs
from fishformer.charts.drawing import Drawing
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.experiments import loss_without, untrained
from fishformer.grammar import read_data
from fishformer.lessons.counting import GPT_2, GPT_3, Shape
from fishformer.lessons.heads import (
    Costing,
    HeadMeasures,
    HeadScores,
    asked_of,
    parts_of,
)
from fishformer.model import Transformer
from fishformer.probes import attention_entropy, head_scores, share_on
from fishformer.tasks import Batch
from fishformer.timeline import Timeline

EVENNESS = "evenness"
STALE = 25  # steps after which the cost of what is off is measured again
LOW, WHOLE = 0.5, 1.0  # where the axis of a small share ends, and of any
Head = tuple[int, int]  # layer and head, from 1


class Costs(NamedTuple):
    """What it costs to take out each head alone, and each layer's all together."""

    step: int
    loss: float  # with all of them
    heads: np.ndarray  # (L, H) nats more
    layers: np.ndarray  # (L,)


def nats(value: float) -> str:
    """A change of the loss, with its sign."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text[1:] == "0.00" else text


# What is shown of five runs: (finding, what was measured) and its name here.
FIVE = {
    ("heads", "one head, least"): "cheapest head",
    ("heads", "one head, most"): "dearest head",
    ("heads", "all of layer 1"): "all of layer 1",
    ("heads", "all of layer 2"): "all of layer 2",
    ("sense cue", "best head, step 0"): "cue, best head, at 0",
    ("sense cue", "best head, step 1000"): "cue, best head, at 1,000",
    ("sense cue", "mean of heads, step 1000"): "cue, mean, at 1,000",
}


@cache
def five_seeds() -> Matrix:
    """What the heads of the default model do, from five random starts."""
    found = json.loads(read_data("findings.json"))
    values = []
    for name, key in FIVE:
        measured = found["findings"][name]["measured"][key]
        say = nats if name == "heads" else percent
        values.append([say(value) for value in (measured["mean"], *measured["values"])])
    columns = ["mean", *(f"seed {seed}" for seed in found["seeds"])]
    return Matrix(values, list(FIVE.values()), columns)


def n_heads(shape: Shape) -> int:
    """All heads of a model."""
    return shape.n_layers * shape.n_heads


class Heads(Exhibit):
    """Scores of every head over the steps, and switches to take heads out of a copy."""

    id = "e12"
    canvases = ("e12.history", "e12.costs")
    shows_code = (
        head_scores, share_on, attention_entropy, attention_forward, loss_without,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "value": (attention_forward, "heads = attn_weights @"),
        "keep": (attention_forward, "heads = heads * keep"),
        "beside": (attention_forward, "mixed = merge_heads"),
        "w_o": (attention_forward, "attn_out = project_forward"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.off: set[Head] = set()
        self.head: Head = (config.n_layers, 1)  # the one whose line stands out
        self.measure = ""  # the score whose lines are drawn
        self.now: HeadScores | None = None
        self.history: dict[int, HeadScores] = {}
        self.set_cost: Costing | None = None  # of what is off; the last one measured
        self.each: Costs | None = None
        self._timeline: Timeline | None = None
        self._step = 0
        self.failed = False  # whether the run's numbers are no longer numbers
        self._forget()

    def _forget(self) -> None:
        """Of a run that is over, nothing is kept but what the visitor chose."""
        self.history = {}
        self.set_cost = self.each = self.now = None
        self._set_job: tuple[Costing, Iterator[None]] | None = None
        self._each_job: tuple[Costing, Iterator[None]] | None = None
        self._pending: list[int] = []

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "switch":
                self.off ^= {self._head(value)}
                self._start_set_job()
            case "layer":
                self._switch_layer(int(value))
            case "all_on":
                self.off = set()
                self._start_set_job()
            case "head":
                self.head = self._head(value)
            case "row":
                self.head = self._nth_head(int(value[1]))
            case "measure" if value in self.names:
                self.measure = value
            case "each":
                self._start_each_job()
            case "stop":
                self._each_job = None
            case _:
                super().handle(name, value)

    def _nth_head(self, row: int) -> Head:
        if not 0 <= row < len(self.heads):
            raise ValueError(f"There is no row {row} of heads.")
        return self.heads[row]

    def _head(self, value: Any) -> Head:
        for layer, head in self.heads:
            if value == f"{layer}.{head}":
                return layer, head
        raise ValueError(f"There is no head {value}.")

    def _switch_layer(self, layer: int) -> None:
        whole = {at for at in self.heads if at[0] == layer}
        if not whole:
            raise ValueError(f"There is no layer {layer}.")
        self.off = self.off - whole if whole <= self.off else self.off | whole
        self._start_set_job()

    @property
    def heads(self) -> list[Head]:
        L, H = self.config.n_layers, self.config.n_heads
        return [(layer + 1, head + 1) for layer, head in np.ndindex(L, H)]

    # ---- jobs --------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return bool(self._set_job or self._each_job or self._pending)

    def work(self) -> None:
        if self._set_job:
            costing, pieces = self._set_job
            next(pieces, None)
            if costing.progress >= 1:
                next(pieces, None)
                self.set_cost, self._set_job = costing, None
        elif self._each_job:
            costing, pieces = self._each_job
            next(pieces, None)
            if costing.progress >= 1:
                next(pieces, None)
                self.each, self._each_job = self._costs(costing), None
        elif self._pending:
            self._look_back(self._pending.pop(0))

    def _keep(self, off: set[Head]) -> np.ndarray:
        keep = np.ones((self.config.n_layers, self.config.n_heads))
        for layer, head in off:
            keep[layer - 1, head - 1] = 0
        return keep

    def _costing(self, offs: list[set[Head]]) -> tuple[Costing, Iterator[None]] | None:
        if self._timeline is None or self.failed:
            return None
        keeps = [self._keep(off) for off in offs]
        params = self._timeline.trainer.model.params.buffer
        costing = Costing(self._timeline.step, params, keeps, self.parts)
        return costing, costing.pieces(self.copy)

    def _start_set_job(self) -> None:
        """Measure what is off; nothing off costs nothing."""
        self._set_job = self.set_cost = None
        if self.off:
            self._set_job = self._costing([set(), self.off])

    def _start_each_job(self) -> None:
        layers = range(1, self.config.n_layers + 1)
        whole = [{at for at in self.heads if at[0] == layer} for layer in layers]
        self._each_job = self._costing([set(), *({at} for at in self.heads), *whole])

    def _costs(self, costing: Costing) -> Costs:
        loss, *others = costing.losses
        rises = np.array(others) - loss
        L, H = self.config.n_layers, self.config.n_heads
        return Costs(costing.step, loss, rises[: L * H].reshape(L, H), rises[L * H :])

    def _look_back(self, step: int) -> None:
        """The scores at a checkpoint that is still there."""
        timeline = self._timeline
        if timeline is not None and step in timeline.checkpoints:
            self.copy.params.buffer[...] = timeline.checkpoints[step].whole().params
            scores = self.measures.scores(self.copy)
            if scores:
                self.history[step] = scores

    # ---- what it measures with ---------------------------------------------------

    @property
    def measures(self) -> HeadMeasures:
        if not hasattr(self, "_measures"):
            self._measures = HeadMeasures(self.corpus)
        return self._measures

    @property
    def parts(self) -> list[Batch]:
        if not hasattr(self, "_parts"):
            self._parts = parts_of(asked_of(self.corpus))
        return self._parts

    @property
    def copy(self) -> Transformer:
        """A model of the same shape that nobody trains."""
        if not hasattr(self, "_copy"):
            self._copy = self._untrained()
        return self._copy

    def _untrained(self) -> Transformer:
        assert self._timeline is not None
        made = untrained(self.config, self._timeline.trainer.task)
        assert isinstance(made, Transformer)
        return made

    def compute(self, timeline: Timeline) -> None:
        if timeline is not self._timeline:
            self._forget()
            self._timeline = timeline
            if self.off:
                self._start_set_job()
        elif timeline.step == self._step and not self.failed:
            return
        model = timeline.trainer.model
        assert isinstance(model, Transformer)
        scores = self.measures.scores(model)
        self.failed = scores is None
        if self.failed and self.now is not None:
            return  # the last step with numbers stays
        self.now = scores or self.measures.scores(self._untrained())
        self._step = timeline.step
        if scores and self._step in timeline.checkpoints:
            self.history[self._step] = scores
        self._pending = [k for k in timeline.checkpoints if k not in self.history]
        stale = self.set_cost and abs(self.set_cost.step - self._step) >= STALE
        if self.off and stale and not self._set_job:
            self._set_job = self._costing([set(), self.off])

    # ---- scores ------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The scores that this corpus allows."""
        return [*(self.now.shares if self.now else ()), EVENNESS]

    @property
    def shown(self) -> str:
        """The score whose lines are drawn."""
        if self.measure in self.names:
            return self.measure
        return next(
            (n for n in ("own clause", "sense cue") if n in self.names), EVENNESS
        )

    def _values(self, scores: HeadScores, name: str) -> np.ndarray:
        """One score of every head: (L, H)."""
        share = scores.shares.get(name)
        return scores.evenness if share is None else share.score

    def _even(self, name: str) -> float:
        """What an even spread would score."""
        share = self.now.shares.get(name) if self.now else None
        return 1.0 if share is None else share.even

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e12.costs":
            return costs(size, self._cost_rows()) if self.each else Drawing(*size)
        return self._history_chart(size)

    def _lit_head(self) -> Head:
        """The head that is lit up anywhere on the page, or else the chosen one."""
        names = {f"{layer}.{head}": (layer, head) for layer, head in self.heads}
        return names.get(self.lit_as("head") or "", self.head)

    def _history_chart(self, size: tuple[float, float]) -> Drawing:
        assert self.now is not None and self._timeline is not None
        name, lit = self.shown, self._lit_head()
        looks = {**self.history, self._step: self.now}
        steps = np.array(sorted(looks), float)
        values = np.array([self._values(looks[int(step)], name) for step in steps])
        curves = [
            self._curve(head, steps, values[:, head[0] - 1, head[1] - 1], head == lit)
            for head in sorted(self.heads, key=lambda head: (head == lit, head))
        ]
        even = self._even(name)
        levels = [] if name == EVENNESS else [Level(even, f"evenly {percent(even)}")]
        small = max(float(values.max()), even) <= LOW
        most = LOW if small else WHOLE
        end = self._timeline.end
        return step_lines(size, curves, end, self._step, levels, most)

    def _curve(
        self, head: Head, steps: np.ndarray, values: np.ndarray, lit: bool
    ) -> Curve:
        dash = (5.0, 3.0) if head[0] == 1 < self.config.n_layers else ()
        name = f"{head[0]}.{head[1]}"
        if lit:
            return Curve(name, steps, values, "sea", 2.0, dash)
        return Curve(name, steps, values, "edge", 1.25, dash)

    def _cost_rows(self) -> list[CostRow]:
        assert self.each is not None
        lit, rows = self._lit_head(), []
        for layer, heads in enumerate(self.each.heads.tolist(), start=1):
            for head, cost in enumerate(heads, start=1):
                rows.append(
                    CostRow(f"head {layer}.{head}", cost, lit=(layer, head) == lit)
                )
            total = float(self.each.heads[layer - 1].sum())
            rows.append(CostRow("added up", total))
            whole = float(self.each.layers[layer - 1])
            rows.append(CostRow(f"all of layer {layer}", whole, whole=True))
        return rows

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        layers = range(1, self.config.n_layers + 1)
        whole = {n: {at for at in self.heads if at[0] == n} <= self.off for n in layers}
        return {
            "state": {
                "e12.any_off": bool(self.off),
                "e12.measuring": self._each_job is not None,
                "e12.idle": self._each_job is None,
                "e12.progress": self._each_job[0].progress if self._each_job else 0,
                "e12.measured": self.each is not None,
            },
            "lists": {
                "e12.switch": [
                    Item(
                        f"{layer}.{head}",
                        f"{layer}.{head} {self._on(layer, head)}",
                        (layer, head) in self.off,
                        f"head:{layer}.{head}",
                    )
                    for layer, head in self.heads
                ],
                "e12.layer": [
                    Item(n, f"all of layer {n} {'off' if whole[n] else 'on'}", whole[n])
                    for n in layers
                ],
                "e12.measure": [
                    Item(name, name, name == self.shown) for name in self.names
                ],
            },
            "matrices": {"e12.scores": self._score_matrix(), "e12.seeds": five_seeds()},
        }

    def _score_matrix(self) -> Matrix:
        """Every head by every score."""
        assert self.now is not None
        names = self.names
        columns = [self._values(self.now, name) for name in names]
        shares = [
            [float(column[layer - 1, head - 1]) for column in columns]
            for layer, head in self.heads
        ]
        return Matrix(
            [[percent(share) for share in row] for row in shares],
            [f"head {layer}.{head}" for layer, head in self.heads],
            [*names[:-1], "even"],
            opened=(self.heads.index(self.head), names.index(self.shown)),
            shade=[row[:-1] for row in shares],  # evenness is no share of attention
            use="row",
        )

    def texts(self) -> dict[str, Said]:
        return {
            "e12.status": f"Scores at step {self._step:,}",
            "e12.cost": self._cost_said(),
            "e12.each": self._each_said(),
            "e12.sample": self._sample_said(),
            "e12.shown": self.shown,
            "e12.finding": self._finding(),
            "e12.ours": str(len(self.heads)),
            "e12.gpt3": f"{n_heads(GPT_3):,}",
            "e12.sizes": self._sizes_said(),
        }

    def _sizes_said(self) -> str:
        """How many heads other models have."""
        config = self.config
        return (
            f"Ours: {config.n_layers} layers of {config.n_heads}. GPT-2 in its small "
            f"size: {GPT_2.n_layers} of {GPT_2.n_heads}, which is {n_heads(GPT_2):,} "
            f"heads. GPT-3: {GPT_3.n_layers} of {GPT_3.n_heads}, which is "
            f"{n_heads(GPT_3):,}"
        )

    def _on(self, layer: int, head: int) -> str:
        return "off" if (layer, head) in self.off else "on"

    def _names_of(self, off: set[Head]) -> str:
        """Such as "head 1.2", "heads 1.2 and 2.3" or "all of layer 1 and head 2.3"."""
        whole, single = [], []
        for layer in range(1, self.config.n_layers + 1):
            here = [f"{n}.{h}" for n, h in sorted(off) if n == layer]
            if len(here) == self.config.n_heads > 1:
                whole.append(f"all of layer {layer}")
            else:
                single += here
        if single:
            single[0] = f"head{'s' * (len(single) > 1)} {single[0]}"
        names = [*whole, *single]
        return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]

    def _cost_said(self) -> list[Piece] | str:
        if not self.off:
            return "All heads are on. Press one to take it out of a copy of the model."
        if self.failed:
            return "This run has failed: wind it back to measure what heads cost."
        if self.set_cost is None:
            return f"Without {self._names_of(self.off)}: measuring …"
        with_all, without = self.set_cost.losses
        rise = without - with_all
        return [
            (
                f"Without {self._names_of(self.off)}, at step {self.set_cost.step:,}, ",
                "",
            ),
            (f"{self._loss_name} is ", ""),
            (f"{without:.2f}", "num"),
            (" instead of ", ""),
            (f"{with_all:.2f}", "num"),
            (": ", ""),
            (f"{nats(rise)} nats", "num strong"),
            (". The live model itself keeps all its heads.", ""),
        ]

    @property
    def _loss_name(self) -> str:
        held_out = bool(self.corpus.held_out)
        return "the held-out loss" if held_out else "the loss on training sentences"

    def _each_said(self) -> str:
        if self._each_job:
            return f"Measuring, {self._each_job[0].progress:.0%} …"
        if self.each is None:
            return (
                f"{len(self.heads)} heads, each taken out alone, then each layer’s "
                "together. It takes about a second."
            )
        least, most = float(self.each.heads.min()), float(self.each.heads.max())
        return (
            f"At step {self.each.step:,} {self._loss_name} is {self.each.loss:.2f}. "
            f"One head less changes it by {nats(least)} to {nats(most)}, all heads of "
            f"a layer by {nats(float(self.each.layers.min()))} to "
            f"{nats(float(self.each.layers.max()))}."
        )

    def _sample_said(self) -> str:
        split = "held-out" if self.measures.split == "held_out" else "training"
        assert self.now is not None
        even = ", ".join(
            f"{name} {percent(share.even)}" for name, share in self.now.shares.items()
        )
        return (
            f"Means over {len(self.measures.token_ids)} {split} sentences. Attention "
            f"spread evenly would give: {even}."
        )

    def _finding(self) -> str:
        assert self.now is not None
        if self.failed:
            return (
                "This run has failed: its numbers are no longer numbers. Wind it back "
                "to an earlier step."
            )
        name = self.shown
        values, even = self._values(self.now, name), self._even(name)
        layer, head = np.unravel_index(int(values.argmax()), values.shape)
        best = f"{percent(float(values.max()))} (head {layer + 1}.{head + 1})"
        if name == EVENNESS:
            low = percent(float(values.min()))
            return (
                f"At step {self._step:,} the evenness of the heads is from {low} to "
                f"{best}; 100% is an even look at every word."
            )
        return (
            f"At step {self._step:,} heads give from {percent(float(values.min()))} to "
            f"{best} of their attention to “{name}”; an even spread would give "
            f"{percent(even)}."
        )

    def labels(self) -> dict[str, str]:
        return {"e12.history": self._finding(), "e12.costs": self._each_said()}

    def tables(self) -> list[Table]:
        scores = self._score_matrix()
        rows = [
            [name, *row] for name, row in zip(scores.rows, scores.values, strict=True)
        ]
        caption = f"What each head looks at, step {self._step:,}"
        tables = [Table(caption, ["head", *scores.columns], rows)]
        if self.each:
            costs_of = [[row.label, nats(row.cost)] for row in self._cost_rows()]
            caption = f"Change of the loss without it, nats, step {self.each.step:,}"
            tables.append(Table(caption, ["taken out", "change"], costs_of))
        name = self.shown
        rows = [
            [
                f"{step:,}",
                *(f"{v:.1%}" for v in self._values(self.history[step], name).ravel()),
            ]
            for step in sorted(self.history)
        ]
        columns = ["step", *(f"{layer}.{head}" for layer, head in self.heads)]
        tables.append(Table(f"{name.capitalize()} over the steps", columns, rows))
        return tables
