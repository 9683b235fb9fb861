"""The history of a run: its curve, and a way back to any of its steps.

Checkpoints are kept every few steps; any other step is the nearest checkpoint
before it, trained on from there. Training is deterministic, so that gives the
same bits again.
"""

from array import array
from collections.abc import Iterator

from fishformer.checkpoint import ROUND_EVERY, Checkpoint, HeldOut, ShortCheckpoint
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.training import HELD_OUT_EVERY, StepReport, Trainer

SPACING = ROUND_EVERY  # steps between two checkpoints, at first
THINNING = 2  # of so many checkpoints one stays when they take too much room
ROOM = 147e6  # bytes that the numbers of all checkpoints may take


class Timeline:
    """A trainer with a memory.

    `losses[k]` is the loss at step k, `held_out[k]` what was measured there; `end`
    is the step up to which to train. `base` is the step that everything after it
    follows from: 0, or that of weights from elsewhere. `stops` are the steps at which a
    rule stopped it, and why.
    """

    def __init__(self, config: Config, corpus: Corpus):
        self.trainer = Trainer(config, corpus)
        self.losses = array("d")  # charts read it at every step, faster than a list
        self.held_out: dict[int, HeldOut] = {}
        self.checkpoints: dict[int, Checkpoint | ShortCheckpoint] = {}
        self.spacing = SPACING
        self.end = config.steps
        self.base = 0
        self.stops: dict[int, str] = {}
        self._astray = False  # in the midst of a step, which a MemoryError may end
        self._record()

    @property
    def report(self) -> StepReport:
        """What is known at the step where the timeline stands."""
        return self.trainer.report

    @property
    def step(self) -> int:
        """The step where the timeline stands."""
        return self.report.step

    @property
    def last(self) -> int:
        """The furthest step reached so far."""
        return len(self.losses) - 1

    def advance(self) -> StepReport:
        """One update from where the timeline stands: again, or for the first time."""
        if self._astray:
            self.make_room()
        self._astray = True
        if self.step + 1 == self.base:
            self.trainer.restore(self.checkpoints[self.base])
        else:
            self.trainer.update()
        self._record()
        self._astray = False
        return self.report

    def seek(self, step: int) -> Iterator[int]:
        """Go to a step from 0 to `last`, yielding how many steps are still to replay.

        Stopping in between leaves the timeline at a true step of the run.
        Raises ValueError for a step that the run has not reached.
        """
        if not 0 <= step <= self.last:
            raise ValueError(f"step = {step} is not on the timeline, 0 to {self.last}.")
        nearest = self._nearest(step)
        if self._astray or not nearest <= self.step <= step:
            self._astray = True
            self.trainer.restore(self.checkpoints[nearest])
            self._astray = False
        while self.step < step:
            yield step - self.step
            self._astray = True
            self.trainer.update(self.held_out.get(self.step + 1))
            self._keep()
            self._astray = False

    def make_room(self) -> None:
        """Memory is short: let every second checkpoint go.

        Where a step has ended half way it goes back to a checkpoint before it.
        """
        self._thin()
        if self._astray:
            nearest = self._nearest(min(self.step, self.last))
            self.trainer.restore(self.checkpoints[nearest])
            self._astray = False

    def _nearest(self, step: int) -> int:
        """The last step up to this one that has a checkpoint."""
        return max(k for k in self.checkpoints if k <= step)

    def _record(self) -> None:
        report = self.report
        if report.step > self.last:  # else it is a step made again: it is known
            self.losses.append(report.loss)
            if report.held_out and report.step % HELD_OUT_EVERY == 0:
                self.held_out[report.step] = report.held_out
        self._keep()

    def _keep(self) -> None:
        """A checkpoint of this step, where one is due and missing."""
        step = self.step
        if step % self.spacing or step in self.checkpoints:
            return
        state = self.trainer.checkpoint()  # the start is not rounded
        self.checkpoints[step] = kept = state.short() if step else state
        if len(self.checkpoints) * kept.nbytes > ROOM:
            self._thin()

    def _thin(self) -> None:
        self.spacing *= THINNING
        steps = list(self.checkpoints)
        for step in steps:
            if step % self.spacing and step != self.base:
                del self.checkpoints[step]
