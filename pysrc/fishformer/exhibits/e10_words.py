"""The arithmetic of E10's weights in matrices and tables, and what it says of looks.

Shapes: T words, Dh numbers of a query.
"""

from collections.abc import Sequence

import numpy as np

from fishformer.exhibits.exhibit import Matrix, Piece, Table
from fishformer.exhibits.numerals import power, signed
from fishformer.lessons.weighing import Weighing

SHOWN = 16  # products that are listed one by one
STEPS = (
    "sum of the products",
    "÷ √dₖ",
    "− the row’s largest",
    "e to that",
    "÷ the total",
)


def products_matrix(q: np.ndarray, k: np.ndarray, products: np.ndarray) -> Matrix:
    """A query (Dh,) and a key (Dh,), number by number."""
    names = [str(n) for n in range(1, len(q) + 1)]
    values = [
        [signed(a), signed(b), signed(c, 3)]
        for a, b, c in np.stack([q, k, products], axis=1).tolist()
    ]
    if len(values) > SHOWN:
        names = [*names[:SHOWN], f"{len(values) - SHOWN} more"]
        values = [*values[:SHOWN], ["", "", signed(sum(products[SHOWN:].tolist()), 3)]]
    return Matrix(values, names, ["query", "key", "product"])


def steps_matrix(found: Weighing, column: int, divisor: float) -> Matrix:
    """From the products of one query and one key to the weight."""
    away = found.scores[column] - found.largest
    values = [
        ["", signed(found.sums[column], 3)],
        [f"{divisor:.3f}", signed(found.scores[column], 3)],
        [signed(found.largest, 3), signed(away, 3)],
        ["", f"{found.exps[column]:.4f}"],
        [f"{found.total:.4f}", f"{found.weights[column]:.4f}"],
    ]
    return Matrix(values, STEPS, ["by", "gives"])


def row_matrix(found: Weighing, column: int, names: Sequence[str]) -> Matrix:
    """All that one word looks at, to choose one."""
    weights = found.weights.tolist()
    values = [
        [signed(score), f"{exp:.3f}", f"{weight:.1%}"]
        for score, exp, weight in zip(found.scores, found.exps, weights, strict=True)
    ]
    return Matrix(
        values,
        names,
        ["score", "exp", "weight"],
        lit=[(column, c) for c in range(2)],
        opened=(column, 2),
        shade=[[0.0, 0.0, weight] for weight in weights],
        use="row",
    )


def weights_table(weights: np.ndarray, names: Sequence[str], where: str) -> Table:
    """The attention of one head: weights (T, T)."""
    rows = [
        [name, *(f"{share:.1%}" for share in row), f"{row.sum():.3f}"]
        for name, row in zip(names, weights, strict=True)
    ]
    return Table(f"Attention, {where}", ["from \\ to", *names, "sum"], rows)


def row_table(found: Weighing, who: str, names: Sequence[str], where: str) -> Table:
    """The arithmetic of one row."""
    rows = [
        [
            name, signed(found.sums[place], 3), signed(found.scores[place], 3),
            f"{found.exps[place]:.4f}", f"{found.weights[place]:.4f}",
        ]
        for place, name in enumerate(names)
    ]  # fmt: skip
    columns = ["looks at", "q · k", "score", "e to score less largest", "weight"]
    return Table(f"The row of {who}, {where}", columns, rows)


def opened_said(who: str, whom: str, weight: float) -> list[Piece]:
    """The weight whose arithmetic is shown."""
    return [
        (who, "query strong"), (" looks at ", ""), (whom, "key strong"), (": ", ""),
        (f"{weight:.1%}", "num"),
    ]  # fmt: skip


def total_said(found: Weighing) -> list[Piece]:
    """What a row sums to."""
    return [
        ("The weights of this row sum to ", ""),
        (f"{found.weights.sum():.4f}", "num"), (", the exponentials to ", ""),
        (f"{found.total:.4f}", "num"), (".", ""),
    ]  # fmt: skip


def weight_said(who: str, whom: str, weight: float) -> list[Piece]:
    """The weight under the pointer."""
    return [
        (who, "query strong"), (" gives ", ""), (f"{weight:.1%}", "num"),
        (" of its attention to ", ""), (whom, "key strong"), (".", ""),
    ]  # fmt: skip


def row_said(row: int, looks: np.ndarray, names: Sequence[str]) -> list[Piece]:
    """Where one word looks most: looks (T,)."""
    first, second = np.argsort(-looks, kind="stable")[:2].tolist()
    whom = ["itself" if place == row else name for place, name in enumerate(names)]
    return [
        (names[row], "query strong"), (" gives ", ""), (f"{looks[first]:.0%}", "num"),
        (" of its attention to ", ""), (whom[first], "key strong"), (" and ", ""),
        (f"{looks[second]:.0%}", "num"), (" to ", ""), (whom[second], "key strong"),
        (".", ""),
    ]  # fmt: skip


def failed_said(step: int) -> str:
    """Instead of a finding."""
    return (
        f"This run has failed: at step {step:,} its numbers are no longer numbers, and "
        "nothing is shown. Wind it back to an earlier step."
    )


def finding(
    every: np.ndarray, weights: np.ndarray, names: Sequence[str], step: int
) -> str:
    """That every row (L, H, T, T) sums to 1; the strongest look of a head (T, T)."""
    T = len(names)
    off = float(np.abs(every.sum(axis=-1, dtype=np.float64) - 1).max())
    says = (
        f"Each of the {every[..., 0].size} rows of this sentence, in all layers and "
        f"heads, sums to 1, to within {power(off)}."
    )
    largest = weights.max(axis=-1)
    row = int(largest.argmax())
    if largest[row] < 1.5 / T:
        return (
            f"{says} At step {step:,} nothing is decided here yet: no weight of this "
            f"head is far from an even share, 1 in {T}."
        )
    column = int(weights[row].argmax())
    whom = "itself" if column == row else f"“{names[column]}”"
    return (
        f"{says} The strongest look in this head is that of “{names[row]}” at {whom}, "
        f"{largest[row]:.0%}; an even share would be {1 / T:.0%}."
    )
