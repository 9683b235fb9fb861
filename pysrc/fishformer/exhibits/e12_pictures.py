"""The scores of E12's heads: over the steps as a chart, and now as a matrix."""

from collections.abc import Mapping

import numpy as np

from fishformer.charts.bars import percent
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.config import Config
from fishformer.exhibits.e12_costs import Head, heads_of
from fishformer.exhibits.e12_words import EVENNESS
from fishformer.exhibits.exhibit import Matrix, Table
from fishformer.lessons.heads import HeadScores

LOW, WHOLE = 0.5, 1.0  # where the axis of a small share ends, and of any


def values_of(scores: HeadScores, name: str) -> np.ndarray:
    """One score of every head: (L, H)."""
    share = scores.shares.get(name)
    return scores.evenness if share is None else share.score


def even_of(scores: HeadScores, name: str) -> float:
    """What an even spread would score."""
    share = scores.shares.get(name)
    return 1.0 if share is None else share.even


def history_chart(
    size: Size,
    looks: Mapping[int, HeadScores],
    name: str,
    lit: Head,
    config: Config,
    steps: tuple[int, int],
) -> Drawing:
    """One score of all heads by step; `steps` are where the run stands and its end."""
    now, end = steps
    at = np.array(sorted(looks), float)
    values = np.array([values_of(looks[int(step)], name) for step in at])
    heads = sorted(heads_of(config).values(), key=lambda head: (head == lit, head))
    curves = [
        Curve(
            f"{layer}.{head}",
            at,
            values[:, layer - 1, head - 1],
            *(("sea", 2.0) if (layer, head) == lit else ("edge", 1.25)),
            (5.0, 3.0) if layer == 1 < config.n_layers else (),
        )
        for layer, head in heads
    ]
    even = even_of(looks[now], name)
    levels = [] if name == EVENNESS else [Level(even, f"evenly {percent(even)}")]
    most = LOW if max(float(values.max()), even) <= LOW else WHOLE
    return step_lines(size, curves, end, now, levels, most)


def score_matrix(
    scores: HeadScores, names: list[str], config: Config, head: Head, shown: str
) -> Matrix:
    """Every head by every score; the last of the names is that of the evenness."""
    columns = [values_of(scores, name) for name in names]
    heads = heads_of(config)
    shares = [
        [float(column[layer - 1, head - 1]) for column in columns]
        for layer, head in heads.values()
    ]
    return Matrix(
        [[percent(share) for share in row] for row in shares],
        [f"head {name}" for name in heads],
        names,
        opened=(list(heads.values()).index(head), names.index(shown)),
        shade=[row[:-1] for row in shares],  # evenness is no share of attention
        use="row",
    )


def history_table(
    history: Mapping[int, HeadScores], name: str, heads: list[str]
) -> Table:
    """One score of every head over the steps."""
    rows = [
        [f"{step:,}", *(f"{value:.1%}" for value in values_of(look, name).ravel())]
        for step, look in sorted(history.items())
    ]
    return Table(f"{name.capitalize()} over the steps", ["step", *heads], rows)
