"""What E14 shows of five seeds, and of the division by the root of d_k."""

import json
from functools import cache
from typing import Any

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.series import Axis, Curve, series
from fishformer.exhibits.exhibit import Matrix
from fishformer.grammar import read_data
from fishformer.lessons.ablations import KINDS, WHOLE, overlap
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
            row.append(f"{more:+.2f}".replace("-", "−"))
            mark.append("quiet" if among else "")
        values.append(row)
        marks.append(mark)
    names = ["whole", *(kind.without for kind in KINDS.values())]
    columns = ["step 300", "more", "1,000", "more"]
    lit = [(1 + list(KINDS).index(chosen), column) for column in range(4)]
    return Matrix(values, names, columns, marks=marks, lit=lit)


def five_said(kind: str) -> str:
    """What five seeds say, in words that they bear out."""
    seeds, mean_of, said = five_seeds(), means(), []
    for step in STAGES:
        whole, lacking = seeds[WHOLE][step], seeds[kind][step]
        both = f"{mean_of[kind][step]:.2f} against {mean_of[WHOLE][step]:.2f}"
        if overlap(whole, lacking):
            said.append(f"at step {step:,} {both}, but the seeds overlap")
        elif min(lacking) > max(whole):
            said.append(f"at step {step:,} {both}, worse with every seed")
        else:
            said.append(f"at step {step:,} {both}, better with every seed")
    return f"Five seeds, {KINDS[kind].without}: {said[0]}; {said[1]}."


def saturation_chart(size: Size, power: int) -> Drawing:
    """The largest weight by d_k, as it is and divided; power is the one chosen."""
    found = [random_rows(d_k).mean for d_k in D_KS]
    powers = np.arange(len(D_KS), dtype=float)
    curves = [
        Curve(
            powers, np.array([float(each.unscaled[0, 0]) for each in found]),
            "as it is", "ink", 2.0, (6.0, 3.0),
        ),
        Curve(
            powers, np.array([float(each.scaled[0, 0]) for each in found]),
            "÷ √dₖ", "sea",
        ),
    ]  # fmt: skip
    shown = range(len(D_KS)) if size[0] >= 420 else range(0, len(D_KS), 3)
    x_axis = Axis(0, len(D_KS) - 1, [(n, str(D_KS[n])) for n in shown])
    y_axis = Axis(0, 1, [(0, "0"), (0.1, "10%"), (0.5, "50%"), (1, "100%")])
    return series(size, x_axis, y_axis, curves, power)
