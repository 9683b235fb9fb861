"""The transport of a run: train, pause, one step, go to a step, stop by a rule.

Whoever holds it calls work() again and again; each call is one short piece, so that
commands are heard in between.
"""

import time
from collections.abc import Iterator
from typing import Any

from fishformer.stopping import Stop, StopRules, stop_at
from fishformer.timeline import Timeline

MORE = 500  # steps added when training goes on after its end
TOLD_EVERY = 0.25  # seconds between two looks at a long way back to a step


class Player:
    """A timeline, and what it is about to do.

    `state` is ready, training, paused, done or failed. `speed` is in steps a second,
    0 for as fast as it can. `seconds` were spent on training; a step of late takes
    `pace` of them.
    """

    def __init__(self, timeline: Timeline):
        self.speed = 30.0
        self.rules = StopRules()
        self.load(timeline)

    def load(self, timeline: Timeline, seconds: float = 0.0) -> None:
        """Stand where another timeline stands."""
        self.timeline = timeline
        self.state = "ready"
        self.goal: int | None = None  # pause on reaching this step
        self.target: int | None = None  # where a seek is going
        self.then = "paused"  # the state once it is there
        self.stopped: Stop | None = None  # the rule that stopped it here
        self.seconds = seconds
        self.pace: float | None = None
        self._seek: Iterator[int] | None = None

    def command(self, name: str, value: Any = None) -> None:
        """One command of the transport bar. Raises ValueError for an unknown one."""
        if name == "train":
            self._train()
        elif name == "pause":
            self.stand("paused")
        elif name == "step":
            self._step()
        elif name == "seek":
            self._go_to(int(value))
        elif name == "latest":
            self._go_to(self.timeline.last)
        elif name == "speed":
            self.speed = max(0.0, float(value))
        else:
            raise ValueError(f"There is no command {name!r}.")

    def _train(self) -> None:
        if self.timeline.report.trouble:
            return
        if self.timeline.step >= self.timeline.end:
            self.timeline.end += MORE
        self._seek = self.target = self.goal = self.stopped = None
        self.state = "training"

    def _step(self) -> None:
        self._seek = self.target = self.stopped = None
        if self.timeline.report.trouble:
            return
        if self.timeline.step >= self.timeline.end:
            self.timeline.end += 1
        self._advance()
        if self.state != "failed":
            self.stand("paused")

    def _go_to(self, step: int) -> None:
        self.stopped = None
        self.then = "paused"
        self.target = min(max(step, 0), self.timeline.last)
        self._tell_at = time.perf_counter() + TOLD_EVERY
        self._seek = self.timeline.seek(self.target)
        self.stand("paused")

    def stand(self, state: str) -> None:
        """Pause, unless the run is at its end or has failed where it stands."""
        if self._seek is None and self.timeline.report.trouble:
            state = "failed"
        elif self._seek is None and self.timeline.step >= self.timeline.end:
            state = "done"
        self.state = state

    def make_room(self) -> None:
        """Memory is short: pause, and let half of the history's checkpoints go."""
        self._seek = self.target = self.goal = None
        self.timeline.make_room()
        self.stand("paused")

    # ---- one short piece of work -------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether work() has anything to do."""
        return self._seek is not None or self.state == "training"

    @property
    def in_haste(self) -> bool:
        """Whether to work without pauses: on the way to a step that was asked for."""
        return self._seek is not None or self.goal is not None

    def work(self) -> bool:
        """One training step, or one step of going back; whether there is news."""
        if self._seek is not None:
            return self._work_on_seek(self._seek)
        if self.state != "training":
            return False
        if self.timeline.step == self.goal:
            self.goal = None
            self.stand("paused")
            return True
        self._advance()
        self.stopped = stop_at(self.rules, self.timeline)
        if self.stopped and self.state == "training":
            self.timeline.stops[self.stopped.step] = self.stopped.reason
            self.goal = None
            self.stand("paused")
        return True

    def _advance(self) -> None:
        began = time.perf_counter()
        report = self.timeline.advance()
        taken = time.perf_counter() - began
        self.seconds += taken
        self.pace = taken if self.pace is None else 0.9 * self.pace + 0.1 * taken
        if report.trouble:
            self.state = "failed"
        elif report.step >= self.timeline.end:
            self.state = "done"

    def _work_on_seek(self, seek: Iterator[int]) -> bool:
        """The nearest checkpoint is shown at once, steps from there now and then."""
        before, now = self.timeline.step, time.perf_counter()
        if next(seek, None) is None:
            self._seek = self.target = None
            self.stand(self.then)
            return True
        if abs(self.timeline.step - before) > 1 or now >= self._tell_at:
            self._tell_at = now + TOLD_EVERY
            return True
        return False

    @property
    def status(self) -> str:
        """Where it stands and what it does, in words."""
        step, last, end = self.timeline.step, self.timeline.last, self.timeline.end
        if self.state == "failed":
            return f"Stopped at step {step:,}"
        goal = self.goal if self.state == "training" else self.target
        if goal is not None and goal != step:
            return f"On the way to step {goal:,}, now {step:,}"
        if self.state == "training":
            return f"Training, step {step:,} of {end:,}"
        if step < last:
            return f"Step {step:,}, wound back from {last:,}"
        if self.stopped and self.stopped.step == step:
            return f"Stopped by your rule at step {step:,}"
        if self.state == "done":
            return f"Trained, {step:,} steps"
        return f"Paused at step {step:,}" if step else "At the start, step 0"
