"""The matrices of E09: what stands left, above and at the crossing in each step."""

import numpy as np

from fishformer.charts.products import minus
from fishformer.exhibits.e09_puzzle import SMACKED
from fishformer.exhibits.e09_walk import LISTS, Walk
from fishformer.exhibits.exhibit import Matrix
from fishformer.lessons.helmet import agreeing, load_helmet

Cells = list[tuple[int, int]]


def matrices(walk: Walk) -> dict[str, Matrix]:
    """What the step where the walk stands shows, by name; no others."""
    now, (row, column), words = walk.now, walk.cell, walk.words
    if walk.step in LISTS:
        made, weight = walk.made(), digits(walk.weight(), 1)
        return {
            "X": _edited(walk, "X", 2, words, _row(row, 8)),
            "W": Matrix(weight, tone=walk.step, lit=_column(column, 8)),
            "P": _result(walk, made, 2, walk.step),
        } | _printed(walk, made, LISTS[walk.step])
    if walk.step == "scores":
        one = now.scores[SMACKED : SMACKED + 1]
        return {
            "Q": _opens(now.q, 2, "query", words, _row(row, 4)),
            "Kt": _opens(now.k.T, 2, "key", (), _column(column, 4), words),
            "S": _result(walk, now.scores, 2),
        } | _printed(walk, one, "scores")
    if walk.step == "shares":
        shares = _result(walk, 100 * now.shares, 1)
        return {
            "S2": _opens(now.scores, 2, "", words, _row(row, 6), words),
            "A": shares._replace(shade=now.shares.tolist(), columns=words),
        }
    if walk.step == "mix":
        return {
            "A2": _opens(100 * now.shares, 1, "", words, _row(row, 6)),
            "V": _opens(now.v, 2, "value", (), _column(column, 6)),
            "H": _result(walk, now.blend, 2, "value"),
        } | _printed(walk, now.blend, f"head_{walk.head}")
    if walk.step == "heads":
        return _side_by_side(walk)
    return {
        "M": _opens(walk.mixed, 2, "value", words, _row(row, 8)),
        "WO": _edited(walk, "WO", 0, (), _column(column, 8)),
        "O": _result(walk, walk.out, 2),
    }


def digits(numbers: np.ndarray, decimals: int) -> list[list[str]]:
    """Every number of a matrix with so many decimals."""
    return [[minus(n, decimals) for n in line] for line in numbers.tolist()]


def _result(walk: Walk, numbers: np.ndarray, decimals: int, tone: str = "") -> Matrix:
    """The matrix that this step makes; one of its numbers is opened."""
    values = digits(numbers, decimals)
    return Matrix(values, walk.words, tone=tone, opened=walk.cell, use="open")


def _opens(
    numbers: np.ndarray,
    decimals: int,
    tone: str,
    rows: tuple[str, ...],
    lit: Cells,
    columns: tuple[str, ...] = (),
) -> Matrix:
    """A matrix of an earlier step; its numbers open where they are made."""
    values = digits(numbers, decimals)
    return Matrix(values, rows, columns, tone=tone, lit=lit, use="open")


def _edited(
    walk: Walk, name: str, decimals: int, rows: tuple[str, ...], lit: Cells
) -> Matrix:
    """A matrix that can be changed, with as many decimals as it needs."""
    values = [
        [minus(n, max(decimals, len(f"{n:g}".partition(".")[2]))) for n in line]
        for line in walk.edits[name].tolist()
    ]
    marks = walk.edits.marks(name)
    return Matrix(values, rows, lit=lit, marks=marks, use="edit")


def _printed(walk: Walk, ours: np.ndarray, name: str) -> dict[str, Matrix]:
    """What the article prints for this step, if it does, marked against ours."""
    if walk.head == 2 and name != "head_2":
        return {}
    name = "keys" if name == "K" else name  # it prints these to two decimals too
    printed = load_helmet().printed[name]
    rows = walk.words if len(printed) > 1 else ()
    return {"printed": Matrix(printed, rows, marks=_marks(ours, name))}


def _side_by_side(walk: Walk) -> dict[str, Matrix]:
    one, two = (head.blend for head in walk.heads)
    words, printed = walk.words, load_helmet().printed
    return {
        "H1": _opens(one, 2, "value", words, []),
        "H2": _opens(two, 2, "value", words, []),
        "H1p": Matrix(printed["head_1"], words, marks=_marks(one, "head_1")),
        "H2p": Matrix(printed["head_2"], words, marks=_marks(two, "head_2")),
        "added": _added(walk),
    }


def _added(walk: Walk) -> Matrix:
    """One word's two heads: ours, as printed, and as the article then adds them."""
    printed, row = load_helmet().printed, walk.mixed[SMACKED : SMACKED + 1]
    added, head_2 = printed["added"][0], printed["head_2"][SMACKED]
    marks = _marks(row, "added")[0]
    again = [
        "same" if one == two else "differs"
        for one, two in zip(added[4:], head_2, strict=True)
    ]
    none = [""] * 4
    return Matrix(
        [*digits(row[:, :4], 2), added[:4], *digits(row[:, 4:], 2), head_2, added[4:]],
        ["head 1, ours", "as added", "head 2, ours", "as printed", "as added"],
        marks=[none, marks[:4], none, none, again],
    )


def _marks(ours: np.ndarray, name: str) -> list[list[str]]:
    agreement = agreeing(ours, load_helmet().printed[name])
    return [["same" if same else "differs" for same in line] for line in agreement]


def _row(row: int, columns: int) -> Cells:
    return [(row, column) for column in range(columns)]


def _column(column: int, rows: int) -> Cells:
    return [(row, column) for row in range(rows)]
