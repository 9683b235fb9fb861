"""The page's runs and its exhibits, without a page: commands in, drawings out.

The browser calls work() again and again; each call is one short piece of it, so
that commands are heard in between.
"""

import gc
import importlib
import time
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from fishformer.charts.drawing import Drawing
from fishformer.charts.scrubber import scrubber
from fishformer.exhibits.broken import Broken, of_memory
from fishformer.exhibits.catalogue import EXHIBITS as EXHIBITS
from fishformer.exhibits.exhibit import Exhibit, Table, Words
from fishformer.exhibits.run_view import run_view
from fishformer.workbench import Workbench

CURVE = "transport.curve"  # the one chart that belongs to no exhibit
T = TypeVar("T")


class Stage(Workbench):
    """The workbench with the exhibits that show its live run.

    Only exhibits `on_screen` look at the run; `changed` are those that have something
    new to show: who shows it takes them out.
    """

    def __init__(self, settings: dict[str, str] | None = None):
        super().__init__(settings)
        self.exhibits: dict[str, Exhibit] = {}
        self.on_screen = {"e01"}
        self.changed: set[str] = set()
        self._due: dict[str, float] = {}  # when each of them looks at the model again
        self.lit: str | None = None
        self.still = False
        self.refresh()

    def renew(self, same_config: bool) -> None:
        """Exhibits of the run before make way; those of no corpus stay if they can."""
        self.exhibits = {
            name: e
            for name, e in self.exhibits.items()
            if e.of_stage or (same_config and not e.of_corpus)
        }
        self.refresh()
        self.changed |= self.on_screen

    def exhibit(self, name: str) -> Exhibit:
        """The exhibit of this name, made when it is first asked for."""
        if name not in self.exhibits:
            try:
                self.exhibits[name] = self._made(name)
            except Exception as error:
                self.fail(name, error)
        return self.exhibits[name]

    def _made(self, name: str) -> Exhibit:
        module, _, kind = EXHIBITS[name].partition(".")
        made = getattr(importlib.import_module(f"fishformer.exhibits.{module}"), kind)
        exhibit = made(self) if made.of_stage else made(self.config, self.corpus)
        exhibit.lit, exhibit.still = self.lit, self.still
        exhibit.compute(self.timeline)
        return exhibit

    def of(self, name: str, act: Callable[[Exhibit], T]) -> T:
        """What an exhibit answers. One that fails is Broken, and the page goes on."""
        try:
            return act(self.exhibit(name))
        except Exception as error:
            self.fail(name, error)
            return act(self.exhibits[name])

    def fail(self, name: str, error: Exception) -> None:
        """An exhibit stops with an error; if it wanted memory, all of its own goes."""
        self.exhibits.pop(name, None)
        if of_memory(error):
            traceback.clear_frames(error.__traceback__)  # they hold arrays
            gc.collect()
        self.exhibits[name] = Broken(name, error)
        self.changed.add(name)

    def begin_again(self, name: str) -> None:
        """Another start for an exhibit that is broken."""
        self.exhibits.pop(name, None)
        self.look(name)

    # ---- what the page may ask for -------------------------------------------------

    def event(self, exhibit: str, name: str, value: Any) -> None:
        """Something that the visitor did in one exhibit."""
        if name == "light":
            self._light(value)
            return
        if name == "begin_again":
            self.begin_again(exhibit)
            return
        if name == "still":
            self._keep_still(bool(value))
            return
        try:
            self.exhibit(exhibit).handle(name, value)
        except ValueError:
            raise  # a refusal, in words
        except Exception as error:
            if self.exhibit(exhibit).of_stage and of_memory(error):
                raise  # what was asked of the run is too large
            self.fail(exhibit, error)
        self.look(exhibit)
        shown = self.exhibit(exhibit)
        if shown.lit != self.lit:
            self._light(shown.lit)

    def _light(self, thing: str | None) -> None:
        self.lit = thing
        for exhibit in self.exhibits.values():
            exhibit.lit = thing
        self.changed |= self.on_screen

    def _keep_still(self, still: bool) -> None:
        self.still = still
        for exhibit in self.exhibits.values():
            exhibit.still = still
        self.changed |= self.on_screen

    def set_on_screen(self, exhibit: str, value: bool) -> None:
        """Whether an exhibit is where it can be seen."""
        if not value or exhibit not in EXHIBITS:
            self.on_screen.discard(exhibit)
            return
        self.on_screen.add(exhibit)
        self.look(exhibit)

    def work(self) -> bool:
        """One training step, or one step of going back; whether there is news."""
        news = super().work()
        if news:
            self.refresh()
        return news

    @property
    def has_jobs(self) -> bool:
        """Whether work_on_jobs() has anything to do."""
        return any(self.of(name, lambda e: e.busy) for name in list(self.exhibits))

    def work_on_jobs(self) -> None:
        """One short piece of every exhibit's own job."""
        for name in list(self.exhibits):
            if self.of(name, lambda e: e.busy):
                self.of(name, lambda e: e.work())
                if name in self.on_screen:
                    self.look(name)

    @property
    def moving(self) -> bool:
        """Whether anything on the screen moves by itself."""
        return any(self.of(name, lambda e: e.moving) for name in self.on_screen)

    def tick(self, seconds: float) -> None:
        """So much time has passed for what moves by itself."""
        for name in self.on_screen:
            if self.of(name, lambda e: e.moving):
                self.of(name, lambda e: e.tick(seconds))
                self.changed.add(name)

    def wanted(self) -> dict[str, str]:
        """Files of the site that exhibits on the screen need: exhibit -> its name."""
        wants = {name: self.of(name, lambda e: e.wants) for name in self.on_screen}
        return {name: file for name, file in wants.items() if file}

    def receive(self, exhibit: str, file: str, data: bytes) -> None:
        """A file that was wanted."""
        self.of(exhibit, lambda e: e.receive(file, data))
        self.look(exhibit)

    def receive_failed(self, exhibit: str, file: str, message: str) -> None:
        """A file that was wanted cannot be had."""
        self.of(exhibit, lambda e: e.receive_failed(file, message))
        self.look(exhibit)

    def look(self, exhibit: str) -> None:
        """Let an exhibit see the run as it is now, on the screen or not."""
        self.of(exhibit, lambda e: e.compute(self.timeline))
        self.changed.add(exhibit)

    def refresh(self) -> None:
        """Let the exhibits on the screen see the step; in training E01 sees each.

        The others see some (Exhibit.glance), and the one at which training stops.
        """
        now = time.perf_counter()
        for name in self.on_screen:
            if not self.exhibit(name).live:
                continue
            waits = self.state == "training" and now < self._due.get(name, 0.0)
            if name != "e01" and waits:
                continue
            self._due[name] = now + self.exhibit(name).glance
            self.look(name)

    # ---- what the page shows -------------------------------------------------------

    def canvases(self) -> list[str]:
        """The names of the charts on the screen that have something new to show."""
        shown = sorted(self.changed & self.on_screen)
        charts = (self.of(name, lambda e: e.canvases) for name in shown)
        return [CURVE, *(canvas for of_one in charts for canvas in of_one)]

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        """One chart at the step where the run stands, in CSS pixels."""
        if canvas != CURVE:
            size = canvas, width, height
            return self.of(canvas.split(".")[0], lambda e: e.draw(*size))
        return scrubber(
            (width, height),
            self.timeline.losses,
            step=self.timeline.step
            if self.player.target is None
            else self.player.target,
            end=self.timeline.end,
            uniform=self.corpus.references.uniform,
        )

    def backdrop(self, canvas: str, width: float, height: float) -> Drawing | None:
        """What lies under a chart and seldom changes."""
        if canvas == CURVE:
            return None
        size = canvas, width, height
        return self.of(canvas.split(".")[0], lambda e: e.backdrop(*size))

    def frame(self) -> dict[str, Any]:
        """What changes with every step."""
        report = self.timeline.report
        texts: dict[str, Words] = {
            "e01.status": self.player.status,
            "transport.step": f"{report.step:,}",
            "transport.loss": f"{report.loss:.2f}",
        }
        for name in sorted(self.changed & self.on_screen):
            texts |= self.of(name, lambda e: e.texts())
        return {
            "state": self.state,
            "lit": self.lit,
            "step": report.step,
            "last": self.timeline.last,
            "end": self.timeline.end,
            "loss": _or_none(report.loss),
            "held_out": report.held_out and _or_none(report.held_out.loss),
            "texts": texts,
        }

    def views(self) -> dict[str, dict[str, Any]]:
        """What the page must know to lay out each exhibit, and the run's troubles."""
        shown = sorted(self.changed & self.on_screen)
        views = {name: self.of(name, lambda e: e.view()) for name in shown}
        return views | {"run": run_view(self)}

    def labels(self) -> dict[str, str]:
        """A sentence for each chart."""
        says: dict[str, str] = {}
        for name in sorted(self.on_screen):
            says |= self.of(name, lambda e: e.labels())
        return says

    def tables(self, exhibit: str) -> list[Table]:
        """The numbers behind one exhibit's charts."""
        return self.of(exhibit, lambda e: e.tables())


def _or_none(number: float) -> float | None:
    """JSON has no NaN."""
    return number if np.isfinite(number) else None
