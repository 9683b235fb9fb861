"""What E14 draws of runs, of five seeds, and of the division by the root of d_k."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from fishformer.charts.drawing import Circle, Drawing, Size
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.exhibits.exhibit import Matrix
from fishformer.exhibits.numerals import gain
from fishformer.grammar import read_data
from fishformer.lessons.ablations import KINDS, WHOLE, AblationRun, overlap
from fishformer.lessons.normalising import D_KS, random_rows

STAGES = (300, 1000)  # steps: a run ends at the first, and can go on to the second


@cache
def _measured(key: str) -> dict[str, dict[int, Any]]:
    """Of the losses at both stages, with nothing and with each part left out."""
    found = json.loads(read_data("findings.json"))["findings"]["ablations"]["measured"]
    names = {WHOLE: "nothing taken out", **{k: v.without for k, v in KINDS.items()}}
    return {
        kind: {step: found[f"{name}, step {step}"][key] for step in STAGES}
        for kind, name in names.items()
    }


def five_seeds() -> dict[str, dict[int, list[float]]]:
    """The losses of each seed."""
    return _measured("values")


def means() -> dict[str, dict[int, float]]:
    """Their means, as the prose has them too."""
    return _measured("mean")


def run_curves(
    runs: Mapping[tuple[int, str], AblationRun], seed: int, chosen: str
) -> list[Curve]:
    """Other seeds faint, then the other parts, then the pair that is compared."""
    curves = []
    for (other, kind), run in runs.items():
        if other != seed and kind in (WHOLE, chosen):
            ink = "sea-soft" if kind == WHOLE else "edge"
            curves.append(_curve(run, "", ink, 1.25))
    for (other, kind), run in runs.items():
        if other == seed and kind not in (WHOLE, chosen):
            curves.append(_curve(run, KINDS[kind].without, "edge", 1.25))
    if (seed, WHOLE) in runs:
        curves.append(_curve(runs[seed, WHOLE], "the whole model", "sea", 2.0))
    if (seed, chosen) in runs:
        lacking, name = runs[seed, chosen], KINDS[chosen].without
        curves.append(_curve(lacking, name, "ink", 2.0, (6.0, 3.0)))
    return curves


def _curve(
    run: AblationRun, label: str, ink: str, width: float, dash: tuple[float, ...] = ()
) -> Curve:
    steps = np.array(sorted(run.losses), float)
    values = np.array([run.losses[int(step)] for step in steps])
    return Curve(steps, values, label, ink, width, dash)


def losses_chart(
    size: Size,
    curves: Sequence[Curve],
    end: int,
    uniform: float,
    chosen: str,
    measured: Mapping[str, Mapping[int, Sequence[float]]],
) -> Drawing:
    """The losses up to step `end`, and as dots what five seeds have `measured`."""
    most = np.ceil(uniform)
    marks = range(0, end + 1, 100 if end <= STAGES[0] else 250)
    named = [(n, f"step {n:,}" if n == end else f"{n:,}") for n in marks]
    x_axis = Axis(0, end, named)
    y_axis = Axis(0, float(most), [(n, str(n)) for n in range(int(most) + 1)])
    # One that is never drawn keeps room for the names.
    none = Curve(np.array([0.0]), np.array([np.nan]), KINDS["feed_forward"].without)
    curves = [none, *(curve for curve in curves if len(curve.x))]
    drawing = series(size, x_axis, y_axis, curves)
    plot = plot_of(size, x_axis, y_axis, curves)
    for step in STAGES if measured else ():
        if step > end:
            continue
        for kind, ink in ((WHOLE, "sea"), (chosen, "ink")):
            x = float(plot.x(step)) - (0 if step < end else 4)
            drawing.marks.extend(
                Circle(x, float(plot.y(value)), 3.5, "paper", ink, 1.5)
                for value in measured[kind][step]
            )
    return drawing


def seeds_matrix(chosen: str) -> Matrix:
    """Five seeds, and whether they tell the two apart."""
    seeds, mean_of, values, marks = five_seeds(), means(), [], []
    for kind, of_steps in seeds.items():
        row, mark = [], []
        for step in STAGES:
            mean = mean_of[kind][step]
            row.append(f"{mean:.2f}")
            mark.append("")
            more = mean - mean_of[WHOLE][step]
            if kind == WHOLE:
                row.append("")
                mark.append("")
                continue
            among = overlap(of_steps[step], seeds[WHOLE][step])
            row.append(f"({gain(more)})" if among else gain(more))
            mark.append("quiet" if among else "")
        values.append(row)
        marks.append(mark)
    names = ["whole", *(kind.without for kind in KINDS.values())]
    columns = ["step 300", "more", "1,000", "more"]
    lit = [(1 + list(KINDS).index(chosen), column) for column in range(4)]
    return Matrix(values, names, columns, marks=marks, lit=lit)


def largest(d_k: int) -> tuple[float, float]:
    """The largest of ten weights on average, as it is and divided by the root."""
    found = random_rows(d_k).mean
    return float(found.unscaled[0, 0]), float(found.scaled[0, 0])


def row_matrix(d_k: int) -> Matrix:
    """One row of random weights, as it is and divided, in per cent."""
    found = random_rows(d_k)
    rows = [found.plain.tolist(), found.divided.tolist()]
    values = [[f"{100 * weight:.0f}" for weight in row] for row in rows]
    return Matrix(values, ["as it is", "÷ √dₖ"], shade=rows)


def saturation_chart(size: Size, power: int) -> Drawing:
    """The largest weight by d_k, as it is and divided; power is the one chosen."""
    plain, divided = np.transpose([largest(d_k) for d_k in D_KS])
    powers = np.arange(len(D_KS), dtype=float)
    curves = [
        Curve(powers, plain, "as it is", "ink", 2.0, (6.0, 3.0)),
        Curve(powers, divided, "÷ √dₖ", "sea"),
    ]
    shown = range(len(D_KS)) if size[0] >= 420 else range(0, len(D_KS), 3)
    x_axis = Axis(0, len(D_KS) - 1, [(n, str(D_KS[n])) for n in shown])
    y_axis = Axis(0, 1, [(0, "0"), (0.1, "10%"), (0.5, "50%"), (1, "100%")])
    return series(size, x_axis, y_axis, curves, power)
