"""The eight numbers of E14: their matrices, and the sum behind each of them."""

import numpy as np

from fishformer.exhibits.edits import Edits
from fishformer.exhibits.exhibit import Matrix, Table
from fishformer.exhibits.numerals import signed
from fishformer.lessons.helmet import load_helmet, written
from fishformer.lessons.normalising import Normalising, add_and_normalise

SMACKED = 2  # the word of the helmet's sentence that source 000 goes on with
PRINTED = "-.31 -.40 1.27 1.11 -1.76 .52 -1.07 .64".split()  # what it says comes out
NUMBERS = 8
STATS = ("mean", "variance", "its root")
MOST = 10.0  # every number is from -MOST to MOST
BEFORE = {"as": (1.0, 0.0), "times": (10.0, 0.0), "plus": (1.0, 5.0)}


def put_matrix(edits: Edits) -> Matrix:
    """What is put in, to be edited: x and y."""
    values = [[signed(number) for number in row] for row in edits["put"]]
    rows = [str(n + 1) for n in range(NUMBERS)]
    marks = edits.marks("put")
    return Matrix(values, rows, ["x", "y"], marks=marks, use="edit")


def steps_matrix(found: Normalising, opened: tuple[int, int] | None) -> Matrix:
    """The numbers added, less their mean, and normalised."""
    values = [
        [signed(a), signed(b), signed(c)]
        for a, b, c in zip(found.added, found.centred, found.normed, strict=True)
    ]
    columns = ["x + y", "less the mean", "after"]
    return Matrix(values, columns=columns, use="open", opened=opened)


def stats_matrix(found: Normalising, stat: tuple[str, bool] | None) -> Matrix:
    """Mean, variance and deviation, before and after."""
    after = found.normed
    values = [
        [signed(found.mean, 3), signed(after.mean(), 3)],
        [signed(found.variance, 4), signed(after.var(), 4)],
        [signed(found.std, 3), signed(after.std(), 3)],
    ]
    opened = (STATS.index(stat[0]), int(stat[1])) if stat else None
    return Matrix(values, STATS, ["before", "after"], opened=opened, use="open")


def print_matrix(found: Normalising, as_first: bool) -> Matrix:
    """What the article prints, held against ours while nothing is changed."""
    ours = found.normed.tolist()
    marks = []
    for number, text in zip(ours, PRINTED, strict=True):
        same = float(written(number, text)) == float(text)
        marks.append([("same" if same else "differs") if as_first else ""])
    values = [[signed(float(text))] for text in PRINTED]
    return Matrix(values, columns=["printed"], marks=marks)


def numbers_table(found: Normalising, put: np.ndarray) -> Table:
    """The eight numbers from what is put in to what comes out: put (8, 2)."""
    rows = [
        [str(n + 1), signed(put[n, 0]), signed(put[n, 1]), signed(found.added[n]),
         signed(found.centred[n], 3), signed(found.normed[n], 3)]
        for n in range(NUMBERS)
    ]  # fmt: skip
    heads = ["Number", "x", "y", "x + y", "less the mean", "after"]
    return Table("Add and normalise", heads, rows)


def print_apart(first: np.ndarray) -> float:
    """How far the article's own numbers are from what ours come to: first (8, 2)."""
    x, y = first.T
    ours = add_and_normalise(x, y).normed
    return float(np.abs(ours - [float(text) for text in PRINTED]).max())


def unmoved(first: np.ndarray) -> float:
    """How far the eight numbers move when their sum is made ten times as large."""
    x, y = (load_helmet().x[SMACKED], first[:, 1])
    plain, large = add_and_normalise(x, y), add_and_normalise(x, y, 10.0)
    return float(np.abs(plain.normed - large.normed).max())


def number_arithmetic(
    found: Normalising, put: np.ndarray, before: str, row: int, column: int
) -> str:
    """The sum behind one of the numbers: put (8, 2) are x and y."""
    x, y = put[row]
    factor, shift = BEFORE[before]
    if column == 0:
        inner = f"{signed(x)} + {_held(y)}"
        if before == "times":
            inner = f"({inner}) × {factor:g}"
        if before == "plus":
            inner = f"{inner} + {shift:g}"
        return f"{inner} = {signed(found.added[row])}"
    if column == 1:
        return (
            f"{signed(found.added[row])} − {_held(found.mean, 3)} = "
            f"{signed(found.centred[row], 3)}"
        )
    return (
        f"({signed(found.added[row])} − {_held(found.mean, 3)}) ÷ "
        f"{signed(found.std, 3)} = {signed(found.normed[row])}"
    )


def stat_arithmetic(found: Normalising, stat: str, after: bool) -> str:
    """The sum behind one of STATS, before or after normalising."""
    numbers = found.normed if after else found.added
    if stat == "mean":
        parts = " + ".join(_held(number) for number in numbers)
        return f"({parts}) ÷ {NUMBERS} = {signed(numbers.mean(), 3)}"
    variance = float(numbers.var())
    if stat == "variance":
        away = found.normed if after else found.centred
        parts = " + ".join(f"{_held(number)}²" for number in away)
        return f"({parts}) ÷ {NUMBERS} = {signed(variance, 4)}"
    if after:
        return f"√{signed(variance, 4)} = {signed(found.normed.std(), 3)}"
    return (
        f"√({signed(variance, 4)} + 0.00001) = {signed(found.std, 3)}; the little "
        "extra keeps eight equal numbers from dividing by zero"
    )


def finding(found: Normalising) -> str:
    """What became of the eight numbers."""
    if found.variance < 1e-9:
        return (
            "Eight equal numbers: the mean takes all of it away, and there is "
            "nothing left to stretch."
        )
    return (
        f"Eight numbers with mean {signed(found.mean)} and variance "
        f"{signed(found.variance, 3)} leave with mean "
        f"{signed(found.normed.mean())} and variance {found.normed.var():.2f}: in "
        "the same order, the distances between them in the same proportion."
    )


def _held(number: float, digits: int = 2) -> str:
    """A number inside a sum: in brackets if it is negative."""
    text = signed(number, digits)
    return f"({text})" if text.startswith("−") else text
