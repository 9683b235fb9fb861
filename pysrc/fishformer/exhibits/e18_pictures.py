"""The charts and matrices of E18: the mask, the next word, the loss, the counts.

Shapes: T words, H heads.
"""

import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from fishformer.attention import causal_mask
from fishformer.charts.bars import percent
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.draws import draws
from fishformer.charts.lines import running_mean, ticks, window
from fishformer.charts.series import Axis, Curve, series
from fishformer.exhibits.draft import Count, Draft, shown
from fishformer.exhibits.exhibit import Matrix
from fishformer.grammar import read_data
from fishformer.lessons.runs import WriterRun
from fishformer.tokenizer import END

FIRST_END, LAST_END = 300, 1000  # steps
MASK_WORDS = 8  # of the sentence, in the picture of the mask
LISTED = 9  # words of the next word's distribution
LOSS_TOP = 2.5  # nats: above it the chart of the loss ends


def who_sees_whom(words: Sequence[str], looks: np.ndarray, masked: bool) -> Matrix:
    """The first words, and how much each looks at each: looks (H, T, T)."""
    names = [shown(word) for word in words[: min(MASK_WORDS, len(looks[0]))]]
    weights = looks.mean(axis=0)[: len(names), : len(names)]
    hidden = np.zeros_like(weights)
    if masked:
        hidden = causal_mask(len(names), "float64")
    places = range(len(names))
    values = [
        ["−∞" if hidden[r, c] else f"{100 * weights[r, c]:.0f}" for c in places]
        for r in places
    ]
    return Matrix(
        values,
        [f"{n} {name}" for n, name in enumerate(names, 1)],
        [str(n) for n in range(1, len(names) + 1)],
        marks=[["quiet" if v == "−∞" else "" for v in row] for row in values],
        shade=weights.tolist(),
    )


def next_chart(size: Size, draft: Draft) -> Drawing:
    """What the next word is drawn from."""
    names = draft.run.tokenizer.words
    own, after = draft.shares()
    ids = draft.likeliest(LISTED)
    others = np.setdiff1d(np.arange(END, len(own)), ids)
    rest = len(others), float(own[others].sum()), float(after[others].sum())
    drawn = None if draft.drawn is None else shown(names[draft.drawn])
    words = [shown(names[k]) for k in ids]
    return draws(size, words, own[ids].tolist(), after[ids].tolist(), drawn, rest)


def loss_chart(size: Size, run: WriterRun, step: int) -> Drawing:
    """The writer's surprise a word, in training and on held-out sentences."""
    curves = []
    if run.losses:
        steps, means = running_mean(np.array(run.losses), window(LAST_END))
        steps = np.append(steps, len(run.losses) - 1)  # the line ends where it is
        means = np.append(means, means[-1])
        curves.append(Curve(steps, means, "training", "sea-mid", 1.25))
    if run.held_out:
        steps = np.array(list(run.held_out), float)
        losses = np.array(list(run.held_out.values()))
        curves.append(Curve(steps, losses, "held out", "sea", 2.0))
    x_axis = Axis(0, run.end, [(k, f"{k:,}") for k in ticks(run.end)])
    halves = np.arange(0, LOSS_TOP + 0.5, 0.5).tolist()
    y_axis = Axis(0, LOSS_TOP, [(k, f"{k:.1f}") for k in halves])
    return series(size, x_axis, y_axis, curves, step)


@cache
def five_runs() -> list[tuple[str, list[str]]]:
    """What five runs wrote at temperature 0.7, at two steps: shares of sentences."""
    measured = json.loads(read_data("findings.json"))["findings"]["writer"]["measured"]
    keys = ("grammatical", "grammatical and new", "verbatim")
    return [
        (
            f"five runs, step {step:,}",
            [percent(measured[f"{key}, step {step}"]["mean"]) for key in keys],
        )
        for step in (FIRST_END, LAST_END)
    ]


def counts_matrix(counts: Sequence[Count], fish: bool) -> Matrix:
    """Five runs, for comparison, and what was counted here."""
    lines = list(five_runs()) if fish else []
    for count in counts:
        told = [percent(count.share(k)) for k in ("grammatical", "new", "recited")]
        heat = f"T {count.sampling.temperature:.1f}"
        row = f"here, step {count.step:,}, {heat}"
        lines.append((row, told if fish else ["–", *told[1:]]))
    columns = ["grammatical", "and new", "recited"]
    return Matrix([row for _, row in lines], [name for name, _ in lines], columns)
