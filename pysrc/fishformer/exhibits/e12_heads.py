"""E12, Heads: what each head of the live model does, and what it costs without it."""

from functools import cached_property
from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.bars import percent
from fishformer.charts.costs import CostRow, costs
from fishformer.charts.drawing import Drawing
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e12_words import (
    EVENNESS,
    Costs,
    Head,
    cost_rows,
    cost_said,
    each_said,
    finding,
    five_seeds,
    loss_name,
    n_heads,
    names_of,
    nats,
    sizes_said,
)
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Table, Words
from fishformer.experiments import loss_without, untrained
from fishformer.lessons.counting import GPT_3
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

STALE = 25  # steps after which the cost of what is off is measured again
LOW, WHOLE = 0.5, 1.0  # where the axis of a small share ends, and of any


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
        self._set_job: Costing | None = None
        self._each_job: Costing | None = None
        self._pending: list[int] = []

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "switch":
                self.off ^= {self._head(value)}
                self._start_set_job()
            case "layer":
                self._switch_layer(self.numbered(value, self.config.n_layers, 1))
            case "all_on":
                self.off = set()
                self._start_set_job()
            case "head":
                self.head = self._head(value)
            case "row":
                self.head = self.heads[self.numbered(value[1], len(self.heads))]
            case "measure" if value in self.names:
                self.measure = value
            case "each":
                self._start_each_job()
            case "stop":
                self._each_job = None
            case _:
                super().handle(name, value)

    def _head(self, value: Any) -> Head:
        if value not in self._names:
            raise ValueError(f"There is no head {value}.")
        return self._names[value]

    def _switch_layer(self, layer: int) -> None:
        whole = self._of_layer(layer)
        self.off = self.off - whole if whole <= self.off else self.off | whole
        self._start_set_job()

    @property
    def heads(self) -> list[Head]:
        """All heads, layer by layer."""
        L, H = self.config.n_layers, self.config.n_heads
        return [(layer + 1, head + 1) for layer, head in np.ndindex(L, H)]

    @property
    def _names(self) -> dict[str, Head]:
        return {f"{layer}.{head}": (layer, head) for layer, head in self.heads}

    @property
    def _layers(self) -> range:
        return range(1, self.config.n_layers + 1)

    def _of_layer(self, layer: int) -> set[Head]:
        return {at for at in self.heads if at[0] == layer}

    # ---- jobs --------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return bool(self._set_job or self._each_job or self._pending)

    def work(self) -> None:
        if self._set_job:
            self._set_job.work(self.copy)
            if self._set_job.done:
                self.set_cost, self._set_job = self._set_job, None
        elif self._each_job:
            self._each_job.work(self.copy)
            if self._each_job.done:
                self.each, self._each_job = self._costs(self._each_job), None
        elif self._pending:
            self._look_back(self._pending.pop(0))

    def _keep(self, off: set[Head]) -> np.ndarray:
        keep = np.ones((self.config.n_layers, self.config.n_heads))
        for layer, head in off:
            keep[layer - 1, head - 1] = 0
        return keep

    def _costing(self, offs: list[set[Head]]) -> Costing | None:
        if self._timeline is None or self.failed:
            return None
        keeps = [self._keep(off) for off in offs]
        params = self._timeline.trainer.model.params.buffer
        return Costing(self._timeline.step, params, keeps, self.parts)

    def _start_set_job(self) -> None:
        """Measure what is off; nothing off costs nothing."""
        self._set_job = self.set_cost = None
        if self.off:
            self._set_job = self._costing([set(), self.off])

    def _start_each_job(self) -> None:
        whole = [self._of_layer(layer) for layer in self._layers]
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

    @cached_property
    def measures(self) -> HeadMeasures:
        """What the scores are measured on."""
        return HeadMeasures(self.corpus)

    @cached_property
    def parts(self) -> list[Batch]:
        """What the costs are measured on, in short pieces."""
        return parts_of(asked_of(self.corpus))

    @cached_property
    def copy(self) -> Transformer:
        """A model of the same shape that nobody trains."""
        return self._untrained()

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
        if canvas == "e12.history":
            return self._history_chart(size)
        return costs(size, self._cost_rows()) if self.each else Drawing(*size)

    def _cost_rows(self) -> list[CostRow]:
        return cost_rows(self.each, self._lit_head()) if self.each else []

    def _lit_head(self) -> Head:
        """The head that is lit up anywhere on the page, or else the chosen one."""
        return self._names.get(self.lit_as("head") or "", self.head)

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

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        whole = {n: self._of_layer(n) <= self.off for n in self._layers}
        return {
            "state": {
                "e12.any_off": bool(self.off),
                "e12.measuring": self._each_job is not None,
                "e12.idle": self._each_job is None,
                "e12.progress": self._each_job.progress if self._each_job else 0,
                "e12.measured": self.each is not None,
            },
            "lists": {
                "e12.switch": [
                    Item(
                        name,
                        f"{name} {'off' if head in self.off else 'on'}",
                        head in self.off,
                        f"head:{name}",
                    )
                    for name, head in self._names.items()
                ],
                "e12.layer": [
                    Item(n, f"all of layer {n} {'off' if whole[n] else 'on'}", whole[n])
                    for n in self._layers
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
            [f"head {name}" for name in self._names],
            [*names[:-1], "even"],
            opened=(self.heads.index(self.head), names.index(self.shown)),
            shade=[row[:-1] for row in shares],  # evenness is no share of attention
            use="row",
        )

    def texts(self) -> dict[str, Words]:
        return {
            "e12.status": f"Measured at step {self._step:,}",
            "e12.cost": self._cost_said(),
            "e12.each": self._each_said(),
            "e12.sample": self._sample_said(),
            "e12.shown": self.shown,
            "e12.finding": self._finding(),
            "e12.ours": str(len(self.heads)),
            "e12.gpt3": f"{n_heads(GPT_3):,}",
            "e12.sizes": sizes_said(self.config),
        }

    def _cost_said(self) -> Words:
        if not self.off:
            return "All heads are on. Press one to take it out of a copy of the model."
        if self.failed:
            return "This run has failed: wind it back to measure what heads cost."
        without = names_of(self.off, self.config)
        if self.set_cost is None:
            return f"Without {without}: measuring …"
        return cost_said(without, self.set_cost, loss_name(bool(self.corpus.held_out)))

    def _each_said(self) -> str:
        if self._each_job:
            return f"Measuring, {self._each_job.progress:.0%} …"
        if self.each is None:
            return (
                f"{len(self.heads)} heads, each taken out alone, then each layer’s "
                "together. It takes about a second."
            )
        return each_said(self.each, loss_name(bool(self.corpus.held_out)))

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
        values = self._values(self.now, self.shown)
        return finding(self._step, self.shown, values, self._even(self.shown))

    def labels(self) -> dict[str, str]:
        return {"e12.history": self._finding(), "e12.costs": self._each_said()}

    def tables(self) -> list[Table]:
        scores = self._score_matrix()
        caption = f"What each head looks at, step {self._step:,}"
        tables = [scores.table(caption, "head")]
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
        columns = ["step", *self._names]
        tables.append(Table(f"{name.capitalize()} over the steps", columns, rows))
        return tables
