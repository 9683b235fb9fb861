"""The training loop: guess a hidden word, learn from the error, again and again.

"At step k" means after k updates. The report of step k tells the loss of the model
as it is at step k, on the batch from which update k + 1 will be made.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fishformer.checkpoint import ROUND_EVERY, Checkpoint, HeldOut, ShortCheckpoint
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.model import Trace, make_model
from fishformer.optim import Adam, clip_gradient, gradient_norm, learning_rate
from fishformer.params import Params
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tasks import Batch, Data, task_for

HELD_OUT_EVERY = 10  # steps between two looks at the held-out sentences
RUNAWAY = 3.0  # a loss this many times ln V means that training has failed


class StepReport(NamedTuple):
    """What is known at one step."""

    step: int
    loss: float  # of this step's batch, nats
    grad_norm: float  # before clipping
    held_out: HeldOut | None  # the latest measure, at most HELD_OUT_EVERY steps old
    trouble: str | None  # why training cannot go on, and what to try


class Trainer:
    """One run: a model, its optimiser and its randomness, moved on step by step.

    `trace`, `batch` and `grads` are those of the step where it stands. Every
    ROUND_EVERY steps the state is rounded to what a short checkpoint keeps of it.
    """

    report: StepReport
    trace: Trace
    batch: Batch
    grads: Params

    def __init__(self, config: Config, data: Data):
        """Raises ConfigError where the kind of model cannot learn from the data."""
        self.config = config
        self.data = data
        self.task = task_for(config, data)
        self.rng = np.random.default_rng(config.seed)
        V = len(self.task.tokenizer)
        self.model = make_model(config, V, self.task.max_len, self.rng)
        self.adam = Adam(self.model.params.buffer)
        self.held_out_batch = self.task.held_out()
        self._held_out: HeldOut | None = None
        self._stand_at(0)

    def update(self, known: HeldOut | None = None) -> StepReport:
        """Make one update and report the step after it.

        `known` is what a look at the held-out sentences would find there, where that
        is known already: it spares the look.
        """
        step = self.report.step + 1
        clip_gradient(self.grads.buffer, self.report.grad_norm, self.config.clip)
        lr = learning_rate(self.config, step)
        self.adam.update(self.model.params.buffer, self.grads.buffer, lr, step)
        if step % ROUND_EVERY == 0:
            self._round(step)
        return self._stand_at(step, known)

    def checkpoint(self) -> Checkpoint:
        """A copy of the state at this step."""
        return Checkpoint(
            self.report.step,
            self.model.params.buffer.copy(),
            self.adam.m.copy(),
            self.adam.v.copy(),
            self._rng_state,
            self._held_out,
        )

    def restore(self, checkpoint: Checkpoint | ShortCheckpoint) -> StepReport:
        """Go to the step of a checkpoint of this run."""
        self._take(checkpoint)
        self.rng.bit_generator.state = checkpoint.rng_state
        self._held_out = checkpoint.held_out
        return self._stand_at(checkpoint.step, checkpoint.held_out)

    def _take(self, checkpoint: Checkpoint | ShortCheckpoint) -> None:
        state = checkpoint.whole()
        self.model.params.buffer[...] = state.params
        self.adam.m[...] = state.adam_m
        self.adam.v[...] = state.adam_v

    def _round(self, step: int) -> None:
        """Go on from what a short checkpoint of this state gives back."""
        buffer, adam = self.model.params.buffer, self.adam
        self._take(Checkpoint(step, buffer, adam.m, adam.v, {}, None).short())

    def _stand_at(self, step: int, known: HeldOut | None = None) -> StepReport:
        """Draw the batch of this step; its loss and gradient; the report."""
        self._rng_state = self.rng.bit_generator.state
        self.batch = self.task.draw(self.rng, self.config.batch_size)
        token_ids, places, targets, source_ids = self.batch
        logits, self.trace = self.model.forward(
            token_ids, places, source_ids, only_places=self.task.one_place
        )
        loss, probs = cross_entropy_forward(logits, targets)
        dlogits = cross_entropy_backward(probs, targets)
        self.grads = self.model.backward(dlogits, self.trace)
        grad_norm = gradient_norm(self.grads.buffer)
        if step % HELD_OUT_EVERY == 0:
            self._held_out = known or self._measure_held_out()
        trouble = self._trouble(loss, grad_norm)
        self.report = StepReport(step, loss, grad_norm, self._held_out, trouble)
        return self.report

    def _measure_held_out(self) -> HeldOut | None:
        if self.held_out_batch is None:
            return None
        token_ids, places, targets, source_ids = self.held_out_batch
        logits, _ = self.model.forward(
            token_ids, places, source_ids, only_places=self.task.one_place
        )
        loss, probs = cross_entropy_forward(logits, targets)
        of_target = probs[np.arange(len(targets)), targets]
        better = (probs > of_target[:, None]).sum(axis=1)
        return HeldOut(loss, float((better < 1).mean()), float((better < 5).mean()))

    def _trouble(self, loss: float, grad_norm: float) -> str | None:
        lr = self.config.lr
        advice = f"Try a learning rate below {lr:g}, such as {lr / 10:g}."
        if not (np.isfinite(loss) and np.isfinite(grad_norm)):
            return f"The loss is no longer a number. {advice}"
        if loss > RUNAWAY * np.log(len(self.task.tokenizer)):
            return (
                f"The loss has run away to {loss:.1f}, far above that of knowing "
                f"nothing. {advice}"
            )
        return None


def train(
    config: Config, data: Data | None = None, trainer: Trainer | None = None
) -> Iterator[StepReport]:
    """Train to config.steps, a report at each step, the untrained model's first.

    `data` are the fish sentences unless given. A `trainer` goes on from where it
    stands. Ends early after a report with `trouble`.
    """
    trainer = trainer or Trainer(config, data or load_fish())
    report = trainer.report
    yield report
    while report.step < config.steps and report.trouble is None:
        report = trainer.update()
        yield report
