"""E14, Add and normalise: eight numbers, and models that lack a part."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Circle, Drawing, Size
from fishformer.charts.normed import normed_dots
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e14_numbers import (
    BEFORE,
    MOST,
    NUMBERS,
    SMACKED,
    STATS,
    finding,
    number_arithmetic,
    print_apart,
    print_matrix,
    put_matrix,
    stat_arithmetic,
    stats_matrix,
    steps_matrix,
    unmoved,
)
from fishformer.exhibits.e14_pictures import (
    STAGES,
    five_said,
    five_seeds,
    saturation_chart,
    seeds_matrix,
)
from fishformer.exhibits.edits import Edits
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.numerals import signed
from fishformer.layers import layer_norm_forward
from fishformer.lessons.ablations import (
    KINDS,
    WHOLE,
    AblationRun,
    config_without,
)
from fishformer.lessons.helmet import load_helmet
from fishformer.lessons.normalising import (
    D_KS,
    Normalising,
    add_and_normalise,
    random_rows,
)
from fishformer.probes import attention_of, saturation
from fishformer.timeline import Timeline

ANYWHERE = np.array([0]), np.array([0])


class AddAndNormalise(Exhibit):
    """LayerNorm(x + y) of eight numbers; ablations on demand; what √d_k prevents."""

    id = "e14"
    canvases = ("e14.dots", "e14.curves", "e14.saturation")
    shows_code = (
        layer_norm_forward, add_and_norm_forward, add_and_normalise, saturation,
        AblationRun,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "add": (add_and_norm_forward, "out = x + out"),
        "norm": (add_and_norm_forward, "out, ln_cache = layer_norm_forward"),
        "mean": (layer_norm_forward, "centred = x - "),
        "std": (layer_norm_forward, "inv_std = 1 /"),
        "gain": (layer_norm_forward, "return gain * normed + bias"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        helmet = load_helmet()
        ours = [float(text) for text in helmet.printed["added"][0]]
        columns = np.column_stack([helmet.x[SMACKED], ours])
        self.edits = Edits({"put": columns}, MOST)
        self.before = "as"
        self.opened = 0, 2  # row and column of the number whose arithmetic is shown
        # ... or one of STATS instead, and whether it is that after normalising
        self.stat: tuple[str, bool] | None = None
        self.kind = "residual"
        self.seed = config.seed
        self.runs: dict[tuple[int, str], AblationRun] = {}
        self.goal = STAGES[0]
        self.power = 3  # of two: d_k
        self._seen: tuple[Timeline, int] | None = None

    # ---- events ----------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "edit":
                self.edits.change("put", int(value[1]), int(value[2]), value[3])
            case "undo":
                self.edits.undo()
            case "reset":
                self.edits.reset()
                self.before = "as"
            case "before" if value in BEFORE:
                self.before = value
            case "open":
                self._open(*value)
            case "kind" if value in self.kinds:
                self.kind, self.job = value, None
            case "train":
                self._train(STAGES[0])
            case "on":
                self._train(STAGES[1])
            case "again":
                self.seed += 1
                self._train(STAGES[0])
            case "stop":
                self.job = None
            case "d_k":
                power = int(value)
                if not 0 <= power < len(D_KS):
                    raise ValueError(f"d_k is from {D_KS[0]} to {D_KS[-1]}.")
                self.power = power
            case _:
                super().handle(name, value)

    def _open(self, key: str, row: Any, column: Any) -> None:
        row, column = int(row), int(column)
        if key == "steps" and 0 <= row < NUMBERS and 0 <= column < 3:
            self.opened, self.stat = (row, column), None
        elif key == "stats" and 0 <= row < len(STATS) and 0 <= column < 2:
            self.stat = STATS[row], column == 1
        else:
            raise ValueError(f"E14 has no number in {key}, row {row}, column {column}.")

    # ---- the eight numbers -----------------------------------------------------------

    @property
    def steps(self) -> Normalising:
        """The arithmetic of the numbers as they are now."""
        x, y = self.edits["put"].T
        return add_and_normalise(x, y, *BEFORE[self.before])

    @property
    def _changed(self) -> bool:
        """Whether they are other numbers than at first."""
        return self.edits.changed or self.before != "as"

    def _arithmetic(self) -> str:
        """The sum behind the number that is opened."""
        if self.stat:
            return stat_arithmetic(self.steps, *self.stat)
        put = self.edits["put"]
        return number_arithmetic(self.steps, put, self.before, *self.opened)

    # ---- jobs ------------------------------------------------------------------------

    @property
    def kinds(self) -> list[str]:
        """The parts that this run has, and so can lack."""
        return [k for k in KINDS if config_without(self.config, k) != self.config]

    def _run(self, kind: str) -> AblationRun:
        key = self.seed, kind
        if key not in self.runs:
            config = replace(config_without(self.config, kind), seed=self.seed)
            self.runs[key] = AblationRun(config, self.corpus)
        return self.runs[key]

    def _train(self, goal: int) -> None:
        self.goal = goal
        self.job = self._pieces(goal)

    def _pieces(self, goal: int) -> Iterator[None]:
        """Both runs, whichever is behind, until both are at the goal."""
        pair = [self._run(WHOLE), self._run(self.kind)]
        jobs = [run.pieces(goal) for run in pair]
        done = [False, False]
        while not all(done):
            behind = min(
                (n for n in range(2) if not done[n]), key=lambda n: pair[n].step
            )
            done[behind] = next(jobs[behind], self) is self
            yield

    @property
    def pair(self) -> tuple[AblationRun | None, AblationRun | None]:
        """The whole model and the chosen ablation, of this seed, if there are any."""
        return self.runs.get((self.seed, WHOLE)), self.runs.get((self.seed, self.kind))

    @property
    def progress(self) -> float:
        """The share of the steps that is made."""
        steps = [min(run.step, self.goal) if run else 0 for run in self.pair]
        return sum(steps) / (2 * self.goal)

    @property
    def together(self) -> int | None:
        """The last step at which both were looked at."""
        whole, lacking = self.pair
        both = set(whole.losses) & set(lacking.losses) if whole and lacking else set()
        return max(both, default=None)

    @property
    def as_measured(self) -> bool:
        """Whether the five seeds had these settings and sentences."""
        usual = replace(self.config, seed=Config.seed, steps=Config.steps) == Config()
        return usual and self.corpus.name == "fish"

    def compute(self, timeline: Timeline) -> None:
        now = timeline, timeline.step
        if self._seen == now:
            return
        self._seen = now
        encode = self.corpus.tokenizer.encode
        token_ids = np.array([encode(self.corpus.featured[0].words)])
        _, trace = timeline.trainer.model.forward(token_ids, ANYWHERE)
        attention = attention_of(trace.stack)
        self.saturated = saturation(attention.q, attention.k, attention.seen)
        self.step = timeline.step

    # ---- what is drawn ---------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e14.dots":
            found = self.steps
            chosen = None if self.stat else self.opened[0]
            return normed_dots(size, found.added, found.normed, chosen)
        if canvas == "e14.saturation":
            return saturation_chart(size, self.power)
        return self._curves_chart(size)

    def _curves(self) -> list[Curve]:
        """Other seeds faint, then the other parts, then the pair that is compared."""
        curves = []
        for (seed, kind), run in self.runs.items():
            if seed != self.seed and kind in (WHOLE, self.kind):
                ink = "sea-soft" if kind == WHOLE else "edge"
                curves.append(self._curve(run, "", ink, 1.25))
        for (seed, kind), run in self.runs.items():
            if seed == self.seed and kind not in (WHOLE, self.kind):
                curves.append(self._curve(run, KINDS[kind].without, "edge", 1.25))
        whole, lacking = self.pair
        if whole:
            curves.append(self._curve(whole, "the whole model", "sea", 2.0))
        if lacking:
            name = KINDS[self.kind].without
            curves.append(self._curve(lacking, name, "ink", 2.0, (6.0, 3.0)))
        return curves

    def _curve(
        self, run: AblationRun, label: str, ink: str, width: float,
        dash: tuple[float, ...] = (),
    ) -> Curve:  # fmt: skip
        steps = np.array(sorted(run.losses), float)
        values = np.array([run.losses[int(step)] for step in steps])
        return Curve(steps, values, label, ink, width, dash)

    def _curves_chart(self, size: Size) -> Drawing:
        most = np.ceil(self.corpus.references.uniform)
        end = self._end
        marks = range(0, end + 1, 100 if end <= STAGES[0] else 250)
        named = [(n, f"step {n:,}" if n == end else f"{n:,}") for n in marks]
        x_axis = Axis(0, end, named)
        y_axis = Axis(0, float(most), [(n, str(n)) for n in range(int(most) + 1)])
        # One that is never drawn keeps room for the names.
        none = Curve(np.array([0.0]), np.array([np.nan]), KINDS["feed_forward"].without)
        curves = [none, *(curve for curve in self._curves() if len(curve.x))]
        drawing = series(size, x_axis, y_axis, curves)
        if self.as_measured:
            plot = plot_of(size, x_axis, y_axis, curves)
            for step in STAGES:
                if step > end:
                    continue
                for kind, ink in ((WHOLE, "sea"), (self.kind, "ink")):
                    x = float(plot.x(step)) - (0 if step < end else 4)
                    drawing.marks.extend(
                        Circle(x, float(plot.y(value)), 3.5, "paper", ink, 1.5)
                        for value in five_seeds()[kind][step]
                    )
        return drawing

    @property
    def _end(self) -> int:
        """Where the steps of the chart end: the goal, or further for a longer run."""
        furthest = max((run.step for run in self.runs.values()), default=0)
        return self.goal if furthest <= self.goal else STAGES[1]

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        found, (whole, lacking) = self.steps, self.pair
        done = [run is not None and run.step >= STAGES[0] for run in (whole, lacking)]
        further = [
            run is not None and run.step >= STAGES[1] for run in (whole, lacking)
        ]
        return {
            "state": {
                "e14.before": self.before,
                "e14.undo.off": not self.edits.can_undo,
                "e14.reset.off": not self._changed,
                # A refused field goes back to what it was.
                "e14.edits": self.edits.count,
                "e14.idle": not self.busy and not all(done),
                "e14.training": self.busy,
                "e14.done": not self.busy and all(done),
                "e14.on": not self.busy and all(done) and not all(further),
                "e14.progress": self.progress,
                "e14.as_measured": self.as_measured,
                "e14.d_k": self.power,
            },
            "lists": {
                "e14.kind": [
                    Item(kind, KINDS[kind].name, kind == self.kind)
                    for kind in self.kinds
                ]
            },
            "matrices": {
                "e14.put": put_matrix(self.edits),
                "e14.steps": steps_matrix(found, None if self.stat else self.opened),
                "e14.print": print_matrix(found, not self._changed),
                "e14.stats": stats_matrix(found, self.stat),
                "e14.seeds": seeds_matrix(self.kind),
                "e14.row": self._row_matrix(),
            },
        }

    def _row_matrix(self) -> Matrix:
        found = random_rows(D_KS[self.power])
        rows = [found.plain.tolist(), found.divided.tolist()]
        values = [[f"{100 * weight:.0f}" for weight in row] for row in rows]
        return Matrix(values, ["as it is", "÷ √dₖ"], shade=rows)

    def texts(self) -> dict[str, Said]:
        d_k, first = D_KS[self.power], self.edits.first["put"]
        found = random_rows(d_k).mean
        return {
            "e14.error": self.edits.error,
            "e14.arith": self._arithmetic(),
            "e14.apart": f"{print_apart(first):.2f}",
            "e14.unmoved": f"{unmoved(first):.4f}",
            "e14.status": self._status(),
            "e14.what": self._what(),
            "e14.five": five_said(self.kind),
            "e14.d_k": f"{d_k}",
            "e14.saturated": [
                ("With dₖ = ", ""), (f"{d_k}", "num"),
                (" the largest of ten weights is ", ""),
                (f"{float(found.unscaled[0, 0]):.2f}", "num"),
                (" on average; divided by √dₖ, ", ""),
                (f"{float(found.scaled[0, 0]):.2f}", "num"), (".", ""),
            ],
            "e14.live": self._live(),
            "e14.finding": finding(self.steps),
        }  # fmt: skip

    def _status(self) -> str:
        whole, lacking = self.pair
        if self.busy:
            step = min(run.step if run else 0 for run in (whole, lacking))
            return f"Training both, step {step:,} of {self.goal:,}, seed {self.seed}"
        if any(run and run.trouble for run in (whole, lacking)):
            return "Training failed: the loss is no longer a number."
        if not (whole and lacking):
            return f"Not trained yet, seed {self.seed}"
        return f"Step {min(whole.step, lacking.step):,}, seed {self.seed}"

    def _what(self) -> list[Piece]:
        """What the two runs of this page say."""
        step, (whole, lacking) = self.together, self.pair
        name = KINDS[self.kind].without
        if not step or not (whole and lacking):
            return [
                (f"With {name}: train it here beside the whole model. Both start from "
                 f"seed {self.seed} and learn from the same sentences.", "")
            ]  # fmt: skip
        with_it, without = whole.losses[step], lacking.losses[step]
        more = f"{without - with_it:+.2f}".replace("-", "−")
        return [
            (f"Here, at step {step:,}: the whole model ", ""),
            (f"{with_it:.2f}", "num"),
            (f", {name} ", ""),
            (f"{without:.2f}", "num"),
            (": ", ""), (f"{more} nats", "num strong"), (".", ""),
        ]  # fmt: skip

    def _live(self) -> str:
        scaled, plain = (
            float(self.saturated.scaled.mean()),
            float(self.saturated.unscaled.mean()),
        )
        T = len(self.corpus.featured[0].words)
        return (
            f"In the live model dₖ is {self.config.d_head}. At step {self.step:,} the "
            f"largest weight in a row of {T} is {scaled:.2f} divided and would be "
            f"{plain:.2f} undivided, mean over heads and words of one sentence."
        )

    def labels(self) -> dict[str, str]:
        found = self.steps
        before = ", ".join(signed(n) for n in found.added)
        after = ", ".join(signed(n) for n in found.normed)
        what = plain(self._what())
        saturated = ", ".join(
            f"{d_k}: {float(random_rows(d_k).mean.unscaled[0, 0]):.2f} and "
            f"{float(random_rows(d_k).mean.scaled[0, 0]):.2f}"
            for d_k in D_KS
        )
        return {
            "e14.dots": f"Before: {before}. After: {after}.",
            "e14.curves": f"Losses over the steps. {what} {five_said(self.kind)}",
            "e14.saturation": (
                f"The largest of ten weights by dₖ, as it is and divided: {saturated}."
            ),
        }

    def tables(self) -> list[Table]:
        found, put = self.steps, self.edits["put"]
        rows = [
            [str(n + 1), signed(put[n, 0]), signed(put[n, 1]), signed(found.added[n]),
             signed(found.centred[n], 3), signed(found.normed[n], 3)]
            for n in range(NUMBERS)
        ]  # fmt: skip
        heads = ["Number", "x", "y", "x + y", "less the mean", "after"]
        tables = [Table("Add and normalise", heads, rows)]
        seeds = seeds_matrix(self.kind)
        caption = "Held-out loss over five seeds, fish sentences"
        tables.append(seeds.table(caption, "model"))
        rows = [
            [str(d_k), f"{float(random_rows(d_k).mean.unscaled[0, 0]):.3f}",
             f"{float(random_rows(d_k).mean.scaled[0, 0]):.3f}"]
            for d_k in D_KS
        ]  # fmt: skip
        heads = ["dₖ", "as it is", "divided by its root"]
        tables.append(Table("The largest of ten weights, mean", heads, rows))
        runs = [curve for curve in self._curves() if len(curve.x)]
        if runs:
            rows = [
                [curve.label or "another seed", f"{step:,.0f}", f"{loss:.3f}"]
                for curve in runs
                for step, loss in zip(curve.x, curve.y, strict=True)
            ]
            tables.append(Table("Trained here", ["model", "step", "loss"], rows))
        return tables
