"""Models that lack a part, trained beside a whole one from the same seed.

Made in short pieces, so that a page can do it on demand.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.lessons.heads import asked_of, parts_of
from fishformer.softmax import cross_entropy_forward
from fishformer.tasks import Batch
from fishformer.training import Trainer

LOOK_EVERY = 20  # steps between two looks at the sentences that are asked
WHOLE = "whole"


class Kind(NamedTuple):
    """A part that can be left out: what that is called, and how the settings differ."""

    name: str
    without: str
    changes: dict[str, Any]


KINDS = {
    "residual": Kind("residual", "no residual", {"residual": False}),
    "norm": Kind("layer norm", "no layer norm", {"norm": "none"}),
    "root": Kind("√dₖ", "no root of dₖ", {"scale_scores": False}),
    "feed_forward": Kind("feed-forward", "no feed-forward", {"feed_forward": False}),
    "positions": Kind("positions", "no positions", {"positions": "none"}),
}


def config_without(config: Config, kind: str) -> Config:
    """The settings of a run, less one part."""
    return replace(config, **KINDS[kind].changes) if kind in KINDS else config


class AblationRun:
    """One run in short pieces: `losses[k]` is the loss on what is asked at step k."""

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.losses: dict[int, float] = {}
        self.trouble: str | None = None
        self._trainer: Trainer | None = None

    @property
    def step(self) -> int:
        """Where training stands."""
        return self._trainer.report.step if self._trainer else 0

    def pieces(self, end: int) -> Iterator[None]:
        """Train on to step `end`, one step or one part of a look at a time."""
        if self._trainer is None:
            self._trainer = Trainer(self.config, self.corpus)
            self._trainer.held_out_batch = None  # its own looks are one long piece
            self.asked = parts_of(asked_of(self.corpus))
            yield
        trainer = self._trainer
        while not self.trouble:
            if self.step % LOOK_EVERY == 0 and self.step not in self.losses:
                yield from self._look(trainer)
            if self.step >= end:
                return
            self.trouble = trainer.update().trouble
            yield

    def _look(self, trainer: Trainer) -> Iterator[None]:
        total = 0.0
        for part in self.asked:
            total += loss_of(trainer, part) * len(part.targets)
            yield
        self.losses[self.step] = total / sum(len(part.targets) for part in self.asked)


def loss_of(trainer: Trainer, batch: Batch) -> float:
    """The loss of a model in training on a batch that it is not trained on."""
    token_ids, places, targets, source_ids = batch
    logits, _ = trainer.model.forward(
        token_ids, places, source_ids, only_places=trainer.task.one_place
    )
    return cross_entropy_forward(logits, targets)[0]


def overlap(first: list[float], second: list[float]) -> bool:
    """Whether the values of some seeds lie among those of others."""
    return bool(np.min(first) <= np.max(second) and np.min(second) <= np.max(first))
