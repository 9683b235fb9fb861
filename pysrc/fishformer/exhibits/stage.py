"""The page's one run and its exhibits, without a page: commands in, drawings out.

The browser calls work() again and again; each call is one short piece of it, so
that commands are heard in between.
"""

import importlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fishformer.charts.drawing import Drawing
from fishformer.charts.loss import scrubber
from fishformer.config import Config, ConfigError
from fishformer.corpus import load_corpus, load_fish
from fishformer.corpus_text import Skipped
from fishformer.exhibits.exhibit import Exhibit, Table, Words
from fishformer.timeline import Timeline

# In the order of the page. A module is loaded when its exhibit is first needed.
EXHIBITS = {
    "e01": "e01_live.LiveTraining",
    "e02": "e02_static.StaticVectors",
    "e03": "e03_context.ContextSplits",
    "e04": "e04_ghost.Ghost",
    "e05": "e05_race.Race",
    "e06": "e06_dot.DotProduct",
    "e07": "e07_dictionary.SoftDictionary",
    "e08": "e08_dinner.DinnerParty",
    "e09": "e09_helmet.Helmet",
    "e10": "e10_matrix.AttentionMatrix",
    "e11": "e11_it.WhatIsIt",
    "e12": "e12_heads.Heads",
    "e13": "e13_shuffle.Shuffle",
    "e14": "e14_norm.AddAndNormalise",
    "e15": "e15_parameters.Parameters",
    "e16": "e16_block.BlockDrawn",
    "e17": "e17_geometry.Geometry",
    "e18": "e18_readers.ReaderOrWriter",
    "e19": "e19_translate.Translate",
    "e20": "e20_tasks.TextToText",
    "e21": "e21_cost.Cost",
    "e24": "e24_errata.Errata",
}
CURVE = "transport.curve"  # the one chart that belongs to no exhibit
TOLD = 5  # skipped lines that are named one by one
PAGE_MODEL = "encoder"  # the kind that E01 can show
GLANCE = 0.05  # seconds between two looks at the model in training
MORE = 500  # steps added when training goes on after its end


def read_settings(given: dict[str, str]) -> tuple[Config, list[str]]:
    """The settings of a link, and what is wrong with it; bad ones keep the default."""
    good, notices = {}, []
    for key, text in given.items():
        try:
            Config.from_strings({key: text})
            good[key] = text
        except ConfigError as error:
            notices.append(str(error))
    if good.get("model", PAGE_MODEL) != PAGE_MODEL:
        kind = good.pop("model")
        notices.append(
            f"model = {kind} trains in a terminal; this page has an encoder."
        )
    try:
        return Config.from_strings(good), notices
    except ConfigError as error:  # each is allowed, but not all together
        return Config(), [*notices, str(error)]


def _told(skipped: Sequence[Skipped]) -> list[str]:
    """What became of the lines of a corpus that were left out."""
    told = [f"Line {line.line_number:,} left out: {line.reason}" for line in skipped]
    if len(told) > TOLD + 1:
        told[TOLD:] = [f"And {len(told) - TOLD:,} more lines."]
    return told


class Stage:
    """The live run, its state and the exhibits that show it.

    `state` is ready, training, paused, done or failed. `speed` is in steps a
    second, 0 for as fast as it can. Only exhibits `on_screen` look at the run;
    `changed` are those that have something new to show: who shows it takes them out.
    """

    def __init__(self, settings: dict[str, str] | None = None):
        settings = dict(settings or {})
        goal = settings.pop("step", None)
        self.config, self.notices = read_settings(settings)
        self.speed = 30.0
        self.goal: int | None = None  # pause on reaching this step
        self.exhibits: dict[str, Exhibit] = {}
        self.on_screen = {"e01"}
        self.changed: set[str] = set()
        self._due: dict[str, float] = {}  # when each of them looks at the model again
        self.lit: str | None = None
        self.still = False
        self.begin(None)
        self.goal = self._read_goal(goal)

    def begin(self, text: str | None) -> None:
        """A new run at step 0, on somebody's sentences or, without a text, the fish.

        Raises CorpusError, and then leaves the run as it is.
        """
        corpus = load_corpus(text) if text is not None else load_fish()
        self.own = text is not None  # whether the sentences are the visitor's
        self.goal = None
        self.corpus = corpus
        kept = {name: e for name, e in self.exhibits.items() if not e.of_corpus}
        self.exhibits = kept
        self._start_over()
        self.changed |= self.on_screen

    def exhibit(self, name: str) -> Exhibit:
        """The exhibit of this name, made when it is first asked for."""
        if name not in self.exhibits:
            module, _, kind = EXHIBITS[name].partition(".")
            loaded = importlib.import_module(f"fishformer.exhibits.{module}")
            made = getattr(loaded, kind)(self.config, self.corpus)
            made.lit, made.still = self.lit, self.still
            made.compute(self.timeline)
            self.exhibits[name] = made
        return self.exhibits[name]

    def _start_over(self) -> None:
        self.timeline = Timeline(self.config, self.corpus)
        self.state = "ready"
        self._seek: Iterator[int] | None = None
        self._target: int | None = None
        self._compute()

    def _read_goal(self, text: str | None) -> int | None:
        if text is None:
            return None
        if not text.isdecimal() or int(text) > self.timeline.end:
            self.notices.append(
                f"step = {text!r} is not allowed: it is a whole number from 0 to "
                f"{self.timeline.end:,}."
            )
            return None
        return int(text)

    # ---- what the page may ask for ---------------------------------------------

    def open(self) -> None:
        """Start by itself, as far as the link asks."""
        self.state = "training"

    def command(self, name: str, value: Any = None) -> None:
        """One command of the transport bar. Raises ValueError for an unknown one."""
        if name == "train":
            self._train()
        elif name == "pause":
            self._stand("paused")
        elif name == "step":
            self._step()
        elif name == "restart":
            self._start_over()
            self.state = "training"
        elif name == "seek":
            self._go_to(int(value))
        elif name == "latest":
            self._go_to(self.timeline.last)
        elif name == "speed":
            self.speed = max(0.0, float(value))
        elif name == "corpus":
            self.begin(value)
            self.state = "training"
        else:
            raise ValueError(f"There is no command {name!r}.")

    def event(self, exhibit: str, name: str, value: Any) -> None:
        """Something that the visitor did in one exhibit."""
        if name == "light":
            self._light(value)
            return
        shown = self.exhibit(exhibit)
        shown.handle(name, value)
        self._after(exhibit)
        if shown.lit != self.lit:
            self._light(shown.lit)

    def _light(self, thing: str | None) -> None:
        self.lit = thing
        for exhibit in self.exhibits.values():
            exhibit.lit = thing
        self.changed |= self.on_screen

    def set_on_screen(self, exhibit: str, value: bool) -> None:
        """Whether an exhibit is where it can be seen."""
        if not value or exhibit not in EXHIBITS:
            self.on_screen.discard(exhibit)
            return
        self.on_screen.add(exhibit)
        self._after(exhibit)

    def _train(self) -> None:
        if self.timeline.report.trouble:
            return
        if self.timeline.step >= self.timeline.end:
            self.timeline.end += MORE
        self._abandon_seek()
        self.goal = None
        self.state = "training"

    def _step(self) -> None:
        self._abandon_seek()
        if self.timeline.report.trouble:
            return
        if self.timeline.step >= self.timeline.end:
            self.timeline.end += 1
        self._advance()
        if self.state != "failed":
            self._stand("paused")

    def _go_to(self, step: int) -> None:
        self._abandon_seek()
        self._target = min(max(step, 0), self.timeline.last)
        self._seek = self.timeline.seek(self._target)
        self._stand("paused")

    def _abandon_seek(self) -> None:
        if self._seek is not None:
            self._seek = self._target = None
            self._compute()

    def _stand(self, state: str) -> None:
        """Pause, unless the run is at its end or has failed where it stands."""
        if self._seek is None and self.timeline.report.trouble:
            state = "failed"
        elif self._seek is None and self.timeline.step >= self.timeline.end:
            state = "done"
        self.state = state
        self._compute()

    # ---- one short piece of work -------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether work() has anything to do."""
        return self._seek is not None or self.state == "training"

    @property
    def has_jobs(self) -> bool:
        """Whether work_on_jobs() has anything to do."""
        return any(exhibit.busy for exhibit in self.exhibits.values())

    def work_on_jobs(self) -> None:
        """One short piece of every exhibit's own job."""
        for name, exhibit in self.exhibits.items():
            if exhibit.busy:
                exhibit.work()
                if name in self.on_screen:
                    exhibit.compute(self.timeline)
                    self.changed.add(name)

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
            self._stand("paused")
        else:
            self._advance()
        return True

    def _advance(self) -> None:
        report = self.timeline.advance()
        if report.trouble:
            self.state = "failed"
        elif report.step >= self.timeline.end:
            self.state = "done"
        self._compute()

    def _work_on_seek(self, seek: Iterator[int]) -> bool:
        """The nearest checkpoint is shown at once, the steps from there are not."""
        before = self.timeline.step
        if next(seek, None) is None:
            self._seek = self._target = None
            self._stand("paused")
            return True
        if abs(self.timeline.step - before) > 1:
            self._compute()
            return True
        return False

    @property
    def moving(self) -> bool:
        """Whether anything on the screen moves by itself."""
        return any(self.exhibit(name).moving for name in self.on_screen)

    def tick(self, seconds: float) -> None:
        """So much time has passed for what moves by itself."""
        for name in self.on_screen:
            if self.exhibit(name).moving:
                self.exhibit(name).tick(seconds)
                self.changed.add(name)

    def wanted(self) -> dict[str, str]:
        """Files of the site that exhibits on the screen need: exhibit -> its name."""
        wants = {name: self.exhibit(name).wants for name in self.on_screen}
        return {name: file for name, file in wants.items() if file}

    def receive(self, exhibit: str, file: str, data: bytes) -> None:
        """A file that was wanted."""
        self.exhibit(exhibit).receive(file, data)
        self._after(exhibit)

    def receive_failed(self, exhibit: str, file: str, message: str) -> None:
        """A file that was wanted cannot be had."""
        self.exhibit(exhibit).receive_failed(file, message)
        self._after(exhibit)

    def _after(self, exhibit: str) -> None:
        self.exhibit(exhibit).compute(self.timeline)
        self.changed.add(exhibit)

    def _compute(self) -> None:
        """Let the exhibits on the screen see the step; in training E01 sees each.

        The others see some 20 a second, and the one at which training stops.
        """
        now = time.perf_counter()
        for name in self.on_screen:
            if not self.exhibit(name).live:
                continue
            waits = self.state == "training" and now < self._due.get(name, 0.0)
            if name != "e01" and waits:
                continue
            self._due[name] = now + GLANCE
            self._after(name)

    # ---- what the page shows -------------------------------------------------------

    def facts(self) -> dict[str, int | float]:
        """Numbers that the page's prose names; the losses are in nats."""
        report, references = self.corpus.report, self.corpus.references
        losses = {
            name: loss for name, loss in vars(references).items() if loss is not None
        }
        return losses | {
            "layers": self.config.n_layers,
            "heads": self.config.n_heads,
            "parameters": self.timeline.trainer.model.params.buffer.size,
            "sentences": report.n_sentences,
            "vocabulary": len(self.corpus.tokenizer),
            "steps": self.config.steps,
        }

    def canvases(self) -> list[str]:
        """The names of the charts on the screen that have something new to show."""
        shown = sorted(self.changed & self.on_screen)
        return [CURVE, *(c for name in shown for c in self.exhibit(name).canvases)]

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        """One chart at the step where the run stands, in CSS pixels."""
        if canvas != CURVE:
            return self._exhibit_of(canvas).draw(canvas, width, height)
        return scrubber(
            (width, height),
            np.array(self.timeline.losses),
            step=self.timeline.step if self._target is None else self._target,
            end=self.timeline.end,
            uniform=self.corpus.references.uniform,
        )

    def backdrop(self, canvas: str, width: float, height: float) -> Drawing | None:
        """What lies under a chart and seldom changes."""
        if canvas == CURVE:
            return None
        return self._exhibit_of(canvas).backdrop(canvas, width, height)

    def _exhibit_of(self, canvas: str) -> Exhibit:
        return self.exhibit(canvas.split(".")[0])

    def frame(self) -> dict[str, Any]:
        """What changes with every step."""
        report = self.timeline.report
        texts: dict[str, Words] = {
            "e01.status": self._status(),
            "transport.step": f"{report.step:,}",
            "transport.loss": f"{report.loss:.2f}",
        }
        for name in sorted(self.changed & self.on_screen):
            texts |= self.exhibit(name).texts()
        return {
            "state": self.state,
            "lit": self.lit,
            "step": report.step,
            "last": self.timeline.last,
            "end": self.timeline.end,
            "loss": report.loss if np.isfinite(report.loss) else None,
            "texts": texts,
        }

    def _status(self) -> str:
        step, last, end = self.timeline.step, self.timeline.last, self.timeline.end
        if self.state == "failed":
            return f"Stopped at step {step:,}"
        if self.state == "training" and self.goal is not None:
            return f"On the way to step {self.goal:,}, now {step:,}"
        if self.state == "training":
            return f"Training, step {step:,} of {end:,}"
        if step < last:
            return f"Step {step:,}, wound back from {last:,}"
        if self.state == "done":
            return f"Trained, {step:,} steps"
        return f"Paused at step {step:,}" if step else "At the start, step 0"

    def views(self) -> dict[str, dict[str, Any]]:
        """What the page must know to lay out each exhibit, and the run's troubles."""
        shown = sorted(self.changed & self.on_screen)
        views = {name: self.exhibit(name).view() for name in shown}
        return views | {"run": self._run_view()}

    def _run_view(self) -> dict[str, Any]:
        trouble = self.timeline.report.trouble
        before = max(self.timeline.step - 1, 0)
        report = self.corpus.report
        return {
            "trouble": trouble
            and {
                "step": self.timeline.step,
                "message": trouble,
                "back": max(k for k in self.timeline.checkpoints if k <= before),
            },
            "notices": self.notices,
            "corpus": {
                "name": self.corpus.name,
                "sentences": report.n_sentences,
                "words": len(self.corpus.tokenizer),
                "memorises": report.memorises,
                "notes": list(report.notes),
                "skipped": _told(report.skipped),
                "own": self.own,
            },
            "facts": self.facts(),
        }

    def labels(self) -> dict[str, str]:
        """A sentence for each chart."""
        says: dict[str, str] = {}
        for name in sorted(self.on_screen):
            says |= self.exhibit(name).labels()
        return says

    def tables(self, exhibit: str) -> list[Table]:
        """The numbers behind one exhibit's charts."""
        return self.exhibit(exhibit).tables()
