"""The part "keeper": hands the page what it shall keep, and takes it up after a reload.

Out: took (words about the last visit), run (a changed run, as bytes), kept (the order
of all runs and where the page stands; the page then writes down everything since the
last one). In: begin, save, rest (the runs beside the live one, once the page is
there), afresh.
"""

import asyncio
import time
from typing import Any

from fishformer.browser import module
from fishformer.browser.memory import within_memory

GLANCE = 1.0  # seconds between two looks at whether anything has changed
EVERY = 10.0  # seconds between two savings of a run in training
SHARE = 30  # a saving may cost this part of the time between two of them
STUCK = "The edited Python of your last run stood still as soon as it was back."


class Keeper:
    """Saves what has changed, as often as is sensible."""

    def __init__(self, show: Any):
        self.show = show
        self.saved: dict[str, tuple] = {}  # key of a run -> what was told of it
        self.shape: tuple = ()  # of all runs, but for the steps of the live one
        self.due = 0.0
        self.awaits_rest = False  # runs of before that the page has yet to hand over
        self.tasks: set[asyncio.Task] = set()

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        if name == "begin":
            self.awaits_rest = False
            if not self.tasks:
                self.tasks.add(asyncio.create_task(self._watch()))
        elif name == "save" and self.tasks:  # before, the page has not all of it yet
            self.save()
        elif name == "rest":
            self._take_rest(value)
        elif name == "afresh":
            self._begin_afresh()

    # ---- out -------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(GLANCE)
            if self._shape() != self.shape or time.perf_counter() > self.due:
                with within_memory(self.show):
                    self.save()
                    continue
                # Memory was short: not again at once.
                self.due, self.shape = time.perf_counter() + EVERY, self._shape()

    def _shape(self) -> tuple:
        """What is saved at once when it changes, not every few seconds."""
        stage = self.show.stage
        rest = tuple((run.key, run.name) for run in stage.runs)
        position = {k: v for k, v in stage.position().items() if k != "step"}
        return rest, str(position), stage.timeline.end

    @staticmethod
    def _mark(run: Any) -> tuple:
        return run.name, run.step, run.last, run.end, len(run.checkpoints)

    def save(self) -> None:
        """Tell the page of every run that has changed, and where it stands."""
        began, stage = time.perf_counter(), self.show.stage
        if self.awaits_rest or stage.player.target is not None:
            return  # the page would forget the rest; on its way to a step
        stage.capture()
        for run in stage.runs:
            if self.saved.get(run.key) != self._mark(run):
                self.saved[run.key] = self._mark(run)
                data = module("runs").pack(run)
                self.show.tell("keeper", "run", {"key": run.key}, data)
        order = [run.key for run in stage.runs]
        about = {
            "order": order,
            "live": stage.live.key,
            "count": stage.shelf.count,
            "edits": stage.edits,
            "position": stage.position(),
        }
        self.saved = {key: mark for key, mark in self.saved.items() if key in order}
        self.shape = self._shape()
        self.show.tell("keeper", "kept", about)
        now = time.perf_counter()
        self.due = now + max(EVERY, SHARE * (now - began))

    # ---- in ----------------------------------------------------------------------

    def take_up(self, about: dict[str, Any], data: bytes) -> None:
        """Go on with the live run of before; what cannot be read is said, not fatal."""
        stage = self.show.stage
        self.awaits_rest = len(about["order"]) > 1
        try:
            stage.shelf.count = max(stage.shelf.count, int(about["count"]))
            runs, _ = module("runs").unpack(data)
            if why := self._run_edits(about, runs[0]):
                stage.shelf.hold(runs)
                kept = "The page has begun without it; the run is kept, under Runs."
                self.show.tell("keeper", "took", f"{why} {kept}")
                return
            if self.show.stage is not stage:
                stage = self.show.stage
                runs, _ = module("runs").unpack(data)  # of the new code
            stage.shelf.count = int(about["count"])
            other = stage.overrules(runs[0])
            stage.take_up(runs, {**about["position"], "live": 0})
            self.show.tell("keeper", "took", self._took(about, other))
        except (ValueError, KeyError, TypeError) as error:
            said = f"The run of your last visit could not be taken up again: {error}"
            stage.notices.append(said)
            stage.shelf.hold([])  # its own run gets another key than those of before

    def _run_edits(self, about: dict[str, Any], live: Any) -> str:
        """Go over to the edited code of before; or, in words, why that cannot be."""
        if about.get("stuck"):
            return STUCK
        if about["edits"] and not self.show.stage.overrules(live):
            try:
                self.show.part("workshop").apply(about["edits"])
            except ValueError as error:
                return f"The edited Python of your last run did not begin: {error}"
        return ""

    @staticmethod
    def _took(about: dict[str, Any], other: bool) -> str:
        n = len(about["order"])
        if other:
            return "This link shows a run of its own. Yours are kept, under Runs."
        runs = "Your run is back" if n == 1 else f"Your {n} runs are back"
        return f"{runs}; step {about['position']['step']:,}."

    def _take_rest(self, value: dict[str, Any]) -> None:
        """The other runs of before, in their places."""
        self.awaits_rest = False
        unpack = module("runs").unpack
        runs, stage = [], self.show.stage
        for data in value["runs"]:
            try:
                runs += unpack(bytes(data))[0]
            except ValueError as error:
                stage.notices.append(str(error))
        stage.shelf.restore(runs, value["order"])
        if value["order"]:
            self.saved |= {run.key: self._mark(run) for run in runs}
        self.show.show_all()

    def _begin_afresh(self) -> None:
        """A new run as the page has it unasked; all others stay on the shelf."""
        if self.show.stage.edits:
            self.show.part("workshop").apply({})
        self.show.stage.start_run({}, None, {}, anew=True)
        self.show.show_all()
