"""Experiments, the runs: a list, their curves in one chart, and two side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fishformer.charts.drawing import Drawing, fitted
from fishformer.charts.lines import per_column, running_mean, thin, ticks, window
from fishformer.charts.series import Axis, Curve, series
from fishformer.exhibits.beside import Beside
from fishformer.exhibits.exhibit import Exhibit, Table, Words
from fishformer.runs import Run, differences, pack, timeline_of
from fishformer.timeline import Timeline

if TYPE_CHECKING:
    from fishformer.exhibits.stage import Stage

INKS = ("query", "key", "value", "coral", "ink-2", "sea-mid")  # the live run is sea
DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 3), (8, 3, 2, 3))
LABEL = 150.0  # px that the name of a curve may take
RECENT = 25  # steps whose mean training loss stands for a run: a batch alone is noisy
MEASURES = {"training": "training loss", "held-out": "held-out loss"}


class KeptRuns(Exhibit):
    """All runs of the shelf; `hidden` are those whose curves are not drawn."""

    id = "runs"
    of_stage = True
    shows_code = (timeline_of, differences, pack)

    def __init__(self, stage: "Stage"):
        self.stage = stage
        self.shelf = stage.shelf
        self.beside = Beside(stage)
        self.measure = "training"
        self.hidden: set[str] = set()
        self.refused = ""

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("runs.curves", *self.beside.canvases)

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        self.refused = ""
        if name == "measure" and value in MEASURES:
            self.measure = value
        elif name == "show":
            self.hidden ^= {self.shelf.find(str(value)).key}
        elif name == "open":
            self.stage.open_run(self.shelf.find(str(value)))
        elif name == "rename":
            key, text = value
            self._try(self.shelf.rename, self.shelf.find(str(key)), str(text))
        elif name == "delete":
            run = self.shelf.find(str(value))
            self._try(self.shelf.delete, run)
            self.beside.forget(run)
        elif name == "undelete":
            self.shelf.undelete()
        elif not self.beside.handle(name, value):
            super().handle(name, value)

    def _try(self, act: Any, *given: Any) -> None:
        try:
            act(*given)
        except ValueError as error:
            self.refused = str(error)

    # ---- the runs now ------------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        self.stage.capture()
        self.beside.compute()

    @property
    def busy(self) -> bool:
        return self.beside.busy

    def work(self) -> None:
        self.beside.work()

    def _look(self, run: Run) -> tuple[str, tuple[float, ...]]:
        """The colour and the dashes of its curve: its own for as long as it lives."""
        if run is self.stage.live:
            return "sea", ()
        n = int(run.key) - 1
        return INKS[n % len(INKS)], DASHES[n // len(INKS) % len(DASHES)]

    def _drawn(self) -> list[Run]:
        return [run for run in self.stage.runs if run.key not in self.hidden]

    def _end(self) -> int:
        """The last step of the chart."""
        return max([run.last for run in self._drawn()] + [self.stage.timeline.end])

    def _smoothed(self) -> str:
        """What a point of a training curve is."""
        steps = window(self._end())
        return f"mean of {steps} steps" if steps > 1 else "of one step"

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas != "runs.curves":
            return self.beside.draw(canvas, size)
        runs, end = self._drawn(), self._end()
        top = np.ceil((self.stage.corpus.references.uniform + 0.25) * 2) / 2
        room = min(LABEL, width / 3)
        curves = [self._curve(run, end, width, room) for run in runs]
        whole = [(float(n), str(n)) for n in range(int(top) + 1)]
        steps = [(float(k), f"{k:,}") for k in ticks(end)]
        at = float(self.stage.timeline.step)
        return series(
            size, Axis(0, float(end), steps), Axis(0, float(top), whole), curves, at
        )

    def _curve(self, run: Run, end: int, width: float, room: float) -> Curve:
        if self.measure == "held-out":
            steps = np.array(list(run.held_out), float)
            values = np.array([look.loss for look in run.held_out.values()])
        else:
            steps, values = running_mean(np.array(run.losses), window(end))
            kept = thin(values, 2 * per_column(end, width))
            steps, values = steps[kept], values[kept]
        stroke, dash = self._look(run)
        live = run is self.stage.live
        name = fitted(run.name, room, 12, 600)
        width, stops = 2.25 if live else 1.5, list(run.stops)
        return Curve(steps, values, name, stroke, width, dash, stops)

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {
            "runs.measure": self.measure,
            "runs.undelete.off": not self.shelf.deleted,
            "runs.gone": bool(self.shelf.deleted),
            **self.beside.state(),
        }
        return {"state": state, "lists": self.beside.lists(), "rows": self._rows()}

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "key": run.key,
                "name": run.name,
                "live": run is self.stage.live,
                "shown": run.key not in self.hidden,
                "beside": run is self.beside.run,
                "look": self._look(run)[0],
                "dash": " ".join(map(str, self._look(run)[1])),
                "differs": ", ".join(differences(run, Run())) or "the defaults",
                "numbers": self._numbers(run),
            }
            for run in self.stage.runs
        ]

    @staticmethod
    def _numbers(run: Run) -> list[str]:
        """Steps, recent training loss, held-out loss and time."""
        held_out = list(run.held_out.values())
        mean = np.mean(run.losses[-RECENT:]) if len(run.losses) else np.nan
        return [
            f"{run.last:,}",
            f"{mean:.2f}" if np.isfinite(mean) else "no number",
            f"{held_out[-1].loss:.2f}" if held_out else "–",
            f"{run.seconds:.0f} s"
            if run.seconds < 90
            else f"{run.seconds / 60:.0f} min",
        ]

    def texts(self) -> dict[str, Words]:
        n = len(self.stage.runs)
        gone = self.shelf.deleted[-1][1].name if self.shelf.deleted else ""
        what = f"{MEASURES[self.measure].capitalize()}, in nats"
        if self.measure == "training":
            what += f", {self._smoothed()}"
        return {
            "runs.status": "1 run" if n == 1 else f"{n} runs",
            "runs.refused": self.refused,
            "runs.gone": f"Deleted: {gone}.",
            "runs.what": what,
            **self.beside.texts(),
        }

    def labels(self) -> dict[str, str]:
        ends = "; ".join(
            f"{run.name}: {self._numbers(run)[1 + (self.measure == 'held-out')]}"
            for run in self._drawn()
        )
        said = (
            f"The {MEASURES[self.measure]} of {len(self._drawn())} runs, step by step."
        )
        stops = "".join(
            f" {run.name}: {why}" for run in self._drawn() for why in run.stops.values()
        )
        return {"runs.curves": f"{said} {ends}.{stops}", **self.beside.labels()}

    def tables(self) -> list[Table]:
        training = f"Training loss, mean of {RECENT}"
        columns = ["Run", "Settings", "Steps", training, "Held-out", "Time"]
        rows = [[r["name"], r["differs"], *r["numbers"]] for r in self._rows()]
        return [Table("Runs", columns, rows), *self.beside.tables()]
