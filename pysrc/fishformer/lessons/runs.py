"""Runs of an exhibit's own: trained on demand, in short pieces, each look kept.

The live model trains on beside them. A piece is one step of training or one part of a
look at the sentences held out.

Shapes: N sentences, T words, S words of a source, G words that are asked for.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.experiments import untrained
from fishformer.model import Model
from fishformer.sampling import NEVER
from fishformer.softmax import cross_entropy_forward
from fishformer.tasks import Batch, Data, Pairs, continued, padded, task_for, trimmed
from fishformer.training import Trainer

A_PIECE = 12  # sentences of a look
PAUSE = 1.0  # seconds: a longer gap between two pieces was no work


class Run:
    """One run, with a copy of the parameters at each look.

    `kept[k]` are the parameters at step k, `losses[k]` is the loss of that step's
    batch. `look` is what a kind of run measures; this base only keeps. After a step
    `slow_from` the learning rate is a tenth: small steps to the end.
    """

    def __init__(
        self,
        config: Config,
        data: Data,
        end: int,
        look_every: int,
        slow_from: int | None = None,
    ):
        self.config = config
        self.data = data
        self.end = end
        self.look_every = look_every
        self.slow_from = slow_from
        task = task_for(config, data)
        self.tokenizer = task.tokenizer
        self.max_len = task.max_len
        self.losses: list[float] = []
        self._trainer: Trainer | None = None
        self._shown = untrained(config, task)
        self.kept = {0: self._shown.params.buffer.copy()}
        self._shown_step = 0
        self._pieces: Iterator[None] | None = None
        self._seconds = 0.0
        self._worked_at = -np.inf

    # ---- where it stands ---------------------------------------------------------

    @property
    def step(self) -> int:
        """Where training stands."""
        return self._trainer.report.step if self._trainer else 0

    @property
    def trouble(self) -> str | None:
        """Why training cannot go on."""
        return self._trainer.report.trouble if self._trainer else None

    @property
    def done(self) -> bool:
        """Whether all steps are made and looked at, or none can be made any more."""
        return self.end in self.kept or bool(self.trouble)

    @property
    def seconds_left(self) -> float | None:
        """How long it will take to the end, once a few steps are made."""
        if self.step < 10:
            return None
        return self._seconds / self.step * (self.end - self.step)

    def model_at(self, step: int) -> Model:
        """A model with the parameters of a step that was kept; it is not trained."""
        if step != self._shown_step:
            self._shown.params.buffer[...] = self.kept[step]
            self._shown_step = step
        return self._shown

    # ---- a piece of work ------------------------------------------------------------

    def work(self) -> bool:
        """One short piece; whether there is more to do."""
        self._pieces = self._pieces or self._to_the_end()
        going_on = next(self._pieces, self) is not self
        if not going_on:
            self._pieces = None
        now = perf_counter()
        if now - self._worked_at < PAUSE:
            self._seconds += now - self._worked_at
        self._worked_at = now
        return going_on

    def _to_the_end(self) -> Iterator[None]:
        if self._trainer is None:
            self._trainer = Trainer(self.config, self.data)
            self._trainer.held_out_batch = None  # its looks would be long pieces
            self.losses.append(self._trainer.report.loss)
            yield
            yield from self._keep()
        trainer = self._trainer
        while self.step < self.end and not self.trouble:
            if self.step == self.slow_from:
                trainer.config = replace(self.config, lr=self.config.lr / 10)
            self.losses.append(trainer.update().loss)
            yield
            if self.step % self.look_every == 0:
                yield from self._keep()

    def _keep(self) -> Iterator[None]:
        assert self._trainer
        yield from self.look(self._trainer.model, self.step)
        self.kept[self.step] = self._trainer.model.params.buffer.copy()

    def look(self, model: Model, step: int) -> Iterator[None]:
        """Measure the model at a step, in short pieces."""
        yield from ()


# ---- a writer -----------------------------------------------------------------------


class WriterRun(Run):
    """A decoder that learns a corpus; `held_out[k]` is its loss there at step k."""

    def __init__(self, config: Config, corpus: Corpus, end: int, look_every: int):
        super().__init__(replace(config, model="decoder"), corpus, end, look_every)
        self.corpus = corpus
        self.held_out: dict[int, float] = {}

    def look(self, model: Model, step: int) -> Iterator[None]:
        """The surprise of a held-out word, the ends of the sentences included."""
        token_ids = self.corpus.token_ids("held_out")
        total = count = 0.0
        for first in range(0, len(token_ids), A_PIECE):
            batch = continued(trimmed(token_ids[first : first + A_PIECE]))
            logits, _ = model.forward(batch.token_ids, batch.places)
            loss, _ = cross_entropy_forward(logits, batch.targets)
            total += loss * len(batch.targets)
            count += len(batch.targets)
            yield
        if count:
            self.held_out[step] = total / count


# ---- one that rewrites --------------------------------------------------------------


def written_right(model: Model, batch: Batch) -> np.ndarray:
    """Which sentences a model would write word for word as they should be: (N,).

    One pass settles it, without writing: taking the likeliest word each time, a model
    comes to the right sentence where, after the right words so far, each next one and
    the end is the likeliest.
    """
    token_ids, places, targets, source_ids = batch
    logits, _ = model.forward(token_ids, places, source_ids)
    logits[:, NEVER] = -np.inf
    wrong = logits.argmax(axis=1) != targets
    right = np.full(len(token_ids), True)
    right[places[0][wrong]] = False
    return right


class RewriterRun(Run):
    """An encoder-decoder that learns pairs of sentences.

    `right[kind][k]` is the share of held-out pairs of a kind that it rewrites word for
    word right at step k. With `by_first_word` a pair's kind is the first word of its
    source; else all are of one kind, "".
    """

    def __init__(
        self,
        config: Config,
        pairs: Pairs,
        end: int,
        look_every: int,
        slow_from: int | None = None,
        by_first_word: bool = False,
    ):
        config = replace(config, model="encoder-decoder")
        # Without the held-out pairs: a Trainer would look at them when it is made.
        data = Pairs(pairs.name, pairs.train)
        super().__init__(config, data, end, look_every, slow_from)
        self.held_out = pairs.held_out
        self.kinds = [pair.source[0] if by_first_word else "" for pair in self.held_out]
        self.right: dict[str, dict[int, float]] = {kind: {} for kind in self.kinds}

    def look(self, model: Model, step: int) -> Iterator[None]:
        """Which held-out pairs come out right."""
        found: dict[str, list[bool]] = defaultdict(list)
        encode = self.tokenizer.encode
        for first in range(0, len(self.held_out), A_PIECE):
            pairs = self.held_out[first : first + A_PIECE]
            batch = continued(
                padded([encode(pair.target) for pair in pairs]),
                padded([encode(pair.source) for pair in pairs]),
            )
            for kind, right in zip(
                self.kinds[first:], written_right(model, batch).tolist(), strict=False
            ):
                found[kind].append(right)
            yield
        for kind, shares in found.items():
            self.right[kind][step] = float(np.mean(shares))
