"""Which heads E12 takes out of a copy of the live model, and what each costs.

Shapes: L layers, H heads.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.lessons.heads import Costing, asked_of, parts_of
from fishformer.model import Transformer
from fishformer.tasks import Batch
from fishformer.timeline import Timeline

Head = tuple[int, int]  # layer and head, from 1
STALE = 25  # steps after which the cost of what is off is measured again


class Costs(NamedTuple):
    """What it costs to take out each head alone, and each layer's all together."""

    step: int
    loss: float  # with all of them
    heads: np.ndarray  # (L, H) nats more
    layers: np.ndarray  # (L,)


def heads_of(config: Config) -> dict[str, Head]:
    """All heads by their names, such as "1.2", layer by layer."""
    every = np.ndindex(config.n_layers, config.n_heads)
    return {f"{layer + 1}.{head + 1}": (layer + 1, head + 1) for layer, head in every}


def layers_of(config: Config) -> dict[int, set[Head]]:
    """The heads of each layer."""
    H = config.n_heads
    return {
        layer: {(layer, head) for head in range(1, H + 1)}
        for layer in range(1, config.n_layers + 1)
    }


def each_alone(config: Config) -> list[set[Head]]:
    """What is taken out in turn: nothing, each head, then each layer's together."""
    alone = [{head} for head in heads_of(config).values()]
    return [set(), *alone, *layers_of(config).values()]


def costs_of(costing: Costing, config: Config) -> Costs:
    """What a job over each_alone() has found."""
    loss, *others = costing.losses
    rises = np.array(others) - loss
    L, H = config.n_layers, config.n_heads
    return Costs(costing.step, loss, rises[: L * H].reshape(L, H), rises[L * H :])


class HeadCosts:
    """Measures, piece by piece, what heads cost: those off together, and each alone.

    What is measured is the live model as it was when a measurement began.
    """

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.forget()

    def forget(self) -> None:
        """Of a run that is over."""
        self.set_cost: Costing | None = None  # of what is off; the last one measured
        self.each: Costs | None = None
        self._set_job: Costing | None = None
        self._each_job: Costing | None = None

    @cached_property
    def parts(self) -> list[Batch]:
        """What the costs are measured on, in short pieces."""
        return parts_of(asked_of(self.corpus))

    @property
    def busy(self) -> bool:
        """Whether anything is being measured."""
        return bool(self._set_job or self._each_job)

    @property
    def progress(self) -> float | None:
        """How much of each alone is done; None if it is not being measured."""
        return self._each_job.progress if self._each_job else None

    def measure_set(self, timeline: Timeline | None, off: Collection[Head]) -> None:
        """What is off together; nothing off costs nothing, nor does without a run."""
        self._set_job = self.set_cost = None
        if off and timeline:
            self._set_job = self._costing(timeline, [set(), off])

    def follow(self, timeline: Timeline, off: Collection[Head]) -> None:
        """Measure what is off again, if the run has gone far since."""
        stale = self.set_cost and abs(self.set_cost.step - timeline.step) >= STALE
        if off and stale and not self._set_job:
            self._set_job = self._costing(timeline, [set(), off])

    def measure_each(self, timeline: Timeline | None) -> None:
        """Every head alone, and every layer's together."""
        if timeline:
            self._each_job = self._costing(timeline, each_alone(self.config))

    def stop(self) -> None:
        """Let each alone be."""
        self._each_job = None

    def work(self, copy: Transformer) -> None:
        """One piece, with a model that nobody trains."""
        if self._set_job:
            self._set_job.work(copy)
            if self._set_job.done:
                self.set_cost, self._set_job = self._set_job, None
        elif self._each_job:
            self._each_job.work(copy)
            if self._each_job.done:
                self.each, self._each_job = costs_of(self._each_job, self.config), None

    def _costing(self, timeline: Timeline, offs: Sequence[Collection[Head]]) -> Costing:
        keeps = []
        for off in offs:
            keep = np.ones((self.config.n_layers, self.config.n_heads))
            for layer, head in off:
                keep[layer - 1, head - 1] = 0
            keeps.append(keep)
        params = timeline.trainer.model.params.buffer
        return Costing(timeline.step, params, keeps, self.parts)
