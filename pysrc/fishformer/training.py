"""The training loop: hide a word in each sentence, guess it, learn from the error.

"At step k" means after k updates. The report of step k tells the loss of the model
as it is at step k, on the batch from which update k + 1 will be made.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus, load_fish
from fishformer.layers import cross_entropy_backward, cross_entropy_forward
from fishformer.model import Encoder, Trace
from fishformer.optim import Adam, clip_gradient, gradient_norm, learning_rate
from fishformer.params import Params
from fishformer.tokenizer import MASK, PAD

HELD_OUT_EVERY = 10  # steps between two looks at the held-out sentences
RUNAWAY = 3.0  # a loss this many times ln V means that training has failed


class HeldOut(NamedTuple):
    """How the model does on sentences that it never trains on."""

    loss: float  # mean surprise, nats
    top_1: float  # share of hidden words that are its first guess
    top_5: float  # share that are among its first five


class StepReport(NamedTuple):
    """What is known at one step."""

    step: int
    loss: float  # of this step's batch, nats
    grad_norm: float  # before clipping
    held_out: HeldOut | None  # the latest measure, at most HELD_OUT_EVERY steps old
    trouble: str | None  # why training cannot go on, and what to try


class Checkpoint(NamedTuple):
    """All that the rest of a run depends on: the same checkpoint, the same bits."""

    step: int
    params: np.ndarray
    adam_m: np.ndarray
    adam_v: np.ndarray
    rng_state: Mapping[str, Any]
    held_out: HeldOut | None


class Masked(NamedTuple):
    """A batch with one word hidden in each sentence."""

    token_ids: np.ndarray  # (B, T) with MASK in the gaps
    gaps: tuple[np.ndarray, np.ndarray]  # (sentence, position) of each gap
    targets: np.ndarray  # (B,) the hidden words


def hide(token_ids: np.ndarray, positions: np.ndarray) -> Masked:
    """Put MASK at one position of each sentence: (B, T), (B,) -> Masked."""
    gaps = (np.arange(len(token_ids)), positions)
    masked = token_ids.copy()
    masked[gaps] = MASK
    return Masked(masked, gaps, token_ids[gaps])


def random_positions(rng: np.random.Generator, token_ids: np.ndarray) -> np.ndarray:
    """One word of each sentence, all equally likely: (B, T) -> (B,)."""
    lengths = (token_ids != PAD).sum(axis=1)
    return (rng.random(len(token_ids)) * lengths).astype(np.int64)


def trimmed(token_ids: np.ndarray) -> np.ndarray:
    """Without the columns that hold nothing but padding."""
    return token_ids[:, : int((token_ids != PAD).sum(axis=1).max())]


class Trainer:
    """One run: a model, its optimiser and its randomness, moved on step by step.

    `trace`, `batch` and `grads` are those of the step where it stands.
    """

    report: StepReport
    trace: Trace
    batch: Masked
    grads: Params

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.rng = np.random.default_rng(config.seed)
        self.model = Encoder(config, len(corpus.tokenizer), corpus.max_len, self.rng)
        self.adam = Adam(self.model.params.buffer)
        self.token_ids = corpus.token_ids("train")
        self.held_out_batch = self._hide_held_out()
        self._held_out: HeldOut | None = None
        self._stand_at(0)

    def update(self) -> StepReport:
        """Make one update and report the step after it."""
        step = self.report.step + 1
        clip_gradient(self.grads.buffer, self.report.grad_norm, self.config.clip)
        lr = learning_rate(self.config, step)
        self.adam.update(self.model.params.buffer, self.grads.buffer, lr, step)
        return self._stand_at(step)

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

    def restore(self, checkpoint: Checkpoint) -> StepReport:
        """Go to the step of a checkpoint of this run."""
        self.model.params.buffer[...] = checkpoint.params
        self.adam.m[...] = checkpoint.adam_m
        self.adam.v[...] = checkpoint.adam_v
        self.rng.bit_generator.state = checkpoint.rng_state
        self._held_out = checkpoint.held_out
        return self._stand_at(checkpoint.step, measure_held_out=False)

    def _stand_at(self, step: int, measure_held_out: bool = True) -> StepReport:
        """Draw the batch of this step; its loss and gradient; the report."""
        self._rng_state = self.rng.bit_generator.state
        self.batch = self._draw()
        logits, self.trace = self.model.forward(self.batch.token_ids, self.batch.gaps)
        loss, probs = cross_entropy_forward(logits, self.batch.targets)
        dlogits = cross_entropy_backward(probs, self.batch.targets)
        self.grads = self.model.backward(dlogits, self.trace)
        grad_norm = gradient_norm(self.grads.buffer)
        if measure_held_out and step % HELD_OUT_EVERY == 0:
            self._held_out = self._measure_held_out()
        trouble = self._trouble(loss, grad_norm)
        self.report = StepReport(step, loss, grad_norm, self._held_out, trouble)
        return self.report

    def _draw(self) -> Masked:
        N = len(self.token_ids)
        B = min(self.config.batch_size, N)
        chosen = self.rng.permutation(N)[:B]
        token_ids = trimmed(self.token_ids[chosen])
        return hide(token_ids, random_positions(self.rng, token_ids))

    def _hide_held_out(self) -> Masked | None:
        """The same gaps at every look and for every seed, so that looks compare."""
        token_ids = self.corpus.token_ids("held_out")
        if len(token_ids) == 0:
            return None
        return hide(token_ids, random_positions(np.random.default_rng(0), token_ids))

    def _measure_held_out(self) -> HeldOut | None:
        if self.held_out_batch is None:
            return None
        token_ids, gaps, targets = self.held_out_batch
        logits, _ = self.model.forward(token_ids, gaps)
        loss, probs = cross_entropy_forward(logits, targets)
        of_target = probs[np.arange(len(targets)), targets]
        better = (probs > of_target[:, None]).sum(axis=1)
        return HeldOut(loss, float((better < 1).mean()), float((better < 5).mean()))

    def _trouble(self, loss: float, grad_norm: float) -> str | None:
        lr = self.config.lr
        advice = f"Try a learning rate below {lr:g}, such as {lr / 10:g}."
        if not (np.isfinite(loss) and np.isfinite(grad_norm)):
            return f"The loss is no longer a number. {advice}"
        if loss > RUNAWAY * np.log(len(self.corpus.tokenizer)):
            return (
                f"The loss has run away to {loss:.1f}, far above that of knowing "
                f"nothing. {advice}"
            )
        return None


def train(
    config: Config, corpus: Corpus | None = None, trainer: Trainer | None = None
) -> Iterator[StepReport]:
    """Train to config.steps, a report at each step, the untrained model's first.

    `corpus` is the fish sentences unless given. A `trainer` goes on from where it
    stands. Ends early after a report with `trouble`.
    """
    trainer = trainer or Trainer(config, corpus or load_fish())
    report = trainer.report
    yield report
    while report.step < config.steps and report.trouble is None:
        report = trainer.update()
        yield report
