"""E12, Heads: what each head of the live model does, and what it costs without it."""

from functools import cached_property
from typing import Any

from fishformer.attention import attention_forward
from fishformer.charts.costs import costs
from fishformer.charts.drawing import Drawing
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e12_words as says
from fishformer.exhibits.e12_costs import Head, HeadCosts, heads_of, layers_of
from fishformer.exhibits.e12_pictures import (
    even_of,
    history_chart,
    history_table,
    score_matrix,
    values_of,
)
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Table, Words
from fishformer.experiments import loss_without, untrained
from fishformer.lessons.counting import GPT_3
from fishformer.lessons.heads import HeadMeasures, HeadScores
from fishformer.model import Transformer
from fishformer.probes import attention_entropy, head_scores, share_on
from fishformer.timeline import Timeline


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
        self.heads = heads_of(config)  # by their names
        self.layers = layers_of(config)  # the heads of each
        self.off: set[Head] = set()
        self.head: Head = (config.n_layers, 1)  # the one whose line stands out
        self.measure = ""  # the score whose lines are drawn
        self.now: HeadScores | None = None
        self.history: dict[int, HeadScores] = {}
        self.costs = HeadCosts(config, corpus)
        self._timeline: Timeline | None = None
        self._step = 0
        self.failed = False  # whether the run's numbers are no longer numbers
        self._forget()

    def _forget(self) -> None:
        """Of a run that is over, nothing is kept but what the visitor chose."""
        self.history, self.now = {}, None
        self.costs.forget()
        self._pending: list[int] = []

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "switch":
                self._take_out(self.off ^ {self._head(value)})
            case "layer":
                whole = self.layers[self.numbered(value, self.config.n_layers, 1)]
                out = self.off - whole if whole <= self.off else self.off | whole
                self._take_out(out)
            case "all_on":
                self._take_out(set())
            case "head":
                self.head = self._head(value)
            case "row":
                row = self.numbered(value[1], len(self.heads))
                self.head = list(self.heads.values())[row]
            case "measure" if value in self.names:
                self.measure = value
            case "each":
                self.costs.measure_each(self._run)
            case "stop":
                self.costs.stop()
            case _:
                super().handle(name, value)

    def _head(self, value: Any) -> Head:
        if value not in self.heads:
            raise ValueError(f"There is no head {value}.")
        return self.heads[value]

    def _take_out(self, off: set[Head]) -> None:
        self.off = off
        self.costs.measure_set(self._run, off)

    # ---- jobs --------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self.costs.busy or bool(self._pending)

    def work(self) -> None:
        if self.costs.busy:
            self.costs.work(self.copy)
        elif self._pending:
            self._look_back(self._pending.pop(0))

    @property
    def _run(self) -> Timeline | None:
        """What can be measured."""
        return None if self.failed else self._timeline

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
            self._take_out(self.off)
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
        if not self.failed:
            self.costs.follow(timeline, self.off)

    # ---- scores ------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The scores that this corpus allows."""
        return [*(self.now.shares if self.now else ()), says.EVENNESS]

    @property
    def shown(self) -> str:
        """The score whose lines are drawn."""
        if self.measure in self.names:
            return self.measure
        return next(
            (n for n in ("own clause", "sense cue") if n in self.names), says.EVENNESS
        )

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e12.history":
            assert self.now is not None and self._timeline is not None
            looks = {**self.history, self._step: self.now}
            steps = self._step, self._timeline.end
            lit = self._lit_head()
            return history_chart(size, looks, self.shown, lit, self.config, steps)
        each = self.costs.each
        if each is None:
            return Drawing(*size)
        return costs(size, says.cost_rows(each, self._lit_head()))

    def _lit_head(self) -> Head:
        """The head that is lit up anywhere on the page, or else the chosen one."""
        return self.heads.get(self.lit_as("head") or "", self.head)

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        whole = {n: heads <= self.off for n, heads in self.layers.items()}
        progress = self.costs.progress
        return {
            "state": {
                "e12.any_off": bool(self.off),
                "e12.measuring": progress is not None,
                "e12.idle": progress is None,
                "e12.progress": progress or 0,
                "e12.measured": self.costs.each is not None,
            },
            "lists": {
                "e12.switch": [
                    Item(
                        name,
                        f"{name} {'off' if head in self.off else 'on'}",
                        head in self.off,
                        f"head:{name}",
                    )
                    for name, head in self.heads.items()
                ],
                "e12.layer": [
                    Item(n, f"all of layer {n} {'off' if whole[n] else 'on'}", whole[n])
                    for n in self.layers
                ],
                "e12.measure": [
                    Item(name, name, name == self.shown) for name in self.names
                ],
            },
            "matrices": {
                "e12.scores": self._score_matrix(),
                "e12.seeds": says.five_seeds(),
            },
        }

    def _score_matrix(self) -> Matrix:
        assert self.now is not None
        return score_matrix(self.now, self.names, self.config, self.head, self.shown)

    def texts(self) -> dict[str, Words]:
        return {
            "e12.status": f"Measured at step {self._step:,}",
            "e12.cost": self._cost_said(),
            "e12.each": self._each_said(),
            "e12.sample": self._sample_said(),
            "e12.shown": self.shown,
            "e12.finding": self._finding(),
            "e12.ours": str(len(self.heads)),
            "e12.gpt3": f"{says.n_heads(GPT_3):,}",
            "e12.sizes": says.sizes_said(self.config),
        }

    def _cost_said(self) -> Words:
        if not self.off:
            return "All heads are on. Press one to take it out of a copy of the model."
        if self.failed:
            return "This run has failed: wind it back to measure what heads cost."
        without = says.names_of(self.off, self.config)
        cost = self.costs.set_cost
        if cost is None:
            return f"Without {without}: measuring …"
        return says.cost_said(without, cost, self._loss_name)

    @property
    def _loss_name(self) -> str:
        return says.loss_name(bool(self.corpus.held_out))

    def _each_said(self) -> str:
        if self.costs.progress is not None:
            return f"Measuring, {self.costs.progress:.0%} …"
        if self.costs.each is None:
            return says.NOT_MEASURED.format(n=len(self.heads))
        return says.each_said(self.costs.each, self._loss_name)

    def _sample_said(self) -> str:
        assert self.now is not None
        n_sentences = len(self.measures.token_ids)
        return says.sample_said(self.now, n_sentences, self.measures.split)

    def _finding(self) -> str:
        if self.failed or self.now is None:
            return says.FAILED
        values, even = values_of(self.now, self.shown), even_of(self.now, self.shown)
        return says.finding(self._step, self.shown, values, even)

    def labels(self) -> dict[str, str]:
        return {"e12.history": self._finding(), "e12.costs": self._each_said()}

    def tables(self) -> list[Table]:
        caption = f"What each head looks at, step {self._step:,}"
        each = self.costs.each
        return [
            self._score_matrix().table(caption, "head"),
            *([says.cost_table(each, self._lit_head())] if each else []),
            history_table(self.history, self.shown, list(self.heads)),
        ]
