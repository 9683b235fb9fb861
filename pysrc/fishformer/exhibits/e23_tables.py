"""E23's matrices: a window on a place, a number's terms, and what it goes into."""

from math import floor, log10
from typing import NamedTuple

import numpy as np

from fishformer.exhibits.e23_names import Names, cells, column, figure
from fishformer.exhibits.exhibit import Matrix
from fishformer.exhibits.numerals import SUPERSCRIPTS, power, signed
from fishformer.lessons.lab import Check, Reading
from fishformer.lessons.making import Made
from fishformer.lessons.places import TONES, Number, is_parameter, kind_of, split
from fishformer.lessons.wiring import Wiring

ACROSS, DOWN = 12, 12  # numbers of a window
SHOWN = 12  # terms of a long sum, the largest

Links = list[list[Number | None]]


class Linked(NamedTuple):
    """A matrix whose cells can be opened, and what stands beside it."""

    matrix: Matrix
    links: Links
    beside: Matrix
    hidden: int  # how many terms are not shown
    rest: float  # and what they come to


class Window(NamedTuple):
    """Which part of a large matrix is shown: whole pages of rows and columns."""

    row: int = 0  # the first that is shown
    column: int = 0

    def on(self, number: Number) -> "Window":
        """The window with this number in it."""
        return Window(number.row // DOWN * DOWN, number.column // ACROSS * ACROSS)

    def holds(self, number: Number) -> bool:
        """Whether a number can be seen in it."""
        return self == self.on(number)


def tone_of(place: str) -> str:
    """Query, key or value, where it is one."""
    if is_parameter(place):
        return TONES.get(split(place)[1], "")
    return kind_of(place).tone


def numbers(
    reading: Reading, names: Names, opened: Number, window: Window, gradients: bool
) -> Matrix:
    """The part of the chosen place that the window shows, or of its gradients."""
    source = (reading.gradients if gradients else reading.values)[opened.place]
    array = source[opened.head] if source.ndim == 3 else source
    rows = slice(window.row, window.row + DOWN)
    columns = slice(window.column, window.column + ACROSS)
    seen = array[rows, columns]
    here = opened.row - window.row, opened.column - window.column
    weights = split(opened.place)[1] == "attn_weights" and not gradients
    return Matrix(
        cells(seen),
        names.rows(opened.place)[rows],
        names.columns(opened.place)[columns],
        tone=tone_of(opened.place),
        opened=here if window.holds(opened) else None,
        shade=seen.tolist() if weights else (),
        use="open",
    )


def largest(parts: np.ndarray, every: bool, own: int | None = None) -> list[int]:
    """The places of the largest parts, in their order; `own` is always among them."""
    if every or len(parts) <= SHOWN:
        return list(range(len(parts)))
    first = np.argsort(-np.abs(parts), kind="stable")[:SHOWN].tolist()
    if own is not None and own not in first:
        first[-1] = own
    return sorted(first)


def side_by_side(rows: list[str], columns: list[tuple[np.ndarray, str]]) -> Matrix:
    """Columns of numbers, each with its name and in digits of its own."""
    written = [column(values, name) for values, name in columns]
    lines = zip(*(digits for digits, _ in written), strict=True)
    return Matrix([list(line) for line in lines], rows, [name for _, name in written])


def terms(names: Names, made: Made, opened: Number, every: bool) -> Linked:
    """What a number is made from, the products beside it."""
    left, right = made.left, made.right
    own = (
        opened.column if right is None and len(made.products) > opened.column else None
    )
    shown = largest(made.products, every, own)
    links: Links = [[left.at(n), *([right.at(n)] if right else [])] for n in shown]
    sides = [left, *([right] if right else [])]
    rows = [_label(names, made, n) for n in shown]
    matrix = side_by_side(rows, [(side.values[shown], side.name) for side in sides])
    lit = [(n, 0) for n, place in enumerate(shown) if place == own]
    beside = side_by_side([], [(made.products[shown], made.gives)])._replace(lit=lit)
    rest = np.delete(made.products, shown)
    return Linked(
        matrix._replace(use="open"), links, beside, len(rest), float(rest.sum())
    )


def _label(names: Names, made: Made, n: int) -> str:
    at = made.left.at(n)
    if at is None:
        return "wave"
    first = made.left.at(0)
    if first is None or first.place != at.place or len(made.products) == 1:
        return names.place(at.place)
    return names.columns(at.place)[at.column]


def uses(names: Names, wiring: Wiring, opened: Number, every: bool) -> Linked | None:
    """What a number goes into, with the gradients there; None where it is nothing."""
    parts = wiring.uses(opened)
    if not parts:
        return None
    at = [(part, n) for part in parts for n in range(len(part.slopes))]
    gradients, slopes, products = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("gradients", "slopes", "parts")
    )
    shown = largest(products, every)
    chosen = [at[n] for n in shown]
    heads = {part.at(n).head for part, n in chosen}
    places = {part.at(n).place for part, n in at}
    rows = [
        names.short(part.at(n), len(heads) > 1, len(places) > 1) for part, n in chosen
    ]
    matrix = side_by_side(rows, [(gradients[shown], "gradient")])
    beside = side_by_side([], [(slopes[shown], "slope"), (products[shown], "product")])
    rest = np.delete(products, shown)
    links: Links = [[part.at(n)] for part, n in chosen]
    return Linked(
        matrix._replace(use="open"), links, beside, len(rest), float(rest.sum())
    )


def steps(made: Made) -> Matrix:
    """From the products to the number."""
    return Matrix(
        [[figure(step.gives)] for step in made.steps],
        [step.says for step in made.steps],
    )


def checks(exact: Check, rough: Check) -> Matrix:
    """A gradient and a slope, in the digits of the check and in those of training."""
    rows = ["nudge", "loss above", "loss below", "slope", "gradient", "apart"]
    columns = [
        [power(check.by), f"{check.above:.{digits}f}", f"{check.below:.{digits}f}",
         _digits(check.slope, digits - 4), _digits(check.gradient, digits - 4),
         _apart(check)]
        for check, digits in ((exact, 13), (rough, 7))
    ]  # fmt: skip
    return Matrix(
        [list(row) for row in zip(*columns, strict=True)], rows, ["float64", "float32"]
    )


def _digits(value: float, digits: int) -> str:
    if not value or abs(value) >= 0.001:
        return f"{value:.{digits}f}".replace("-", "−") if value else "0"
    exponent = floor(log10(abs(value)))
    part = signed(value / 10.0**exponent, max(digits - 3, 2))
    return f"{part} · 10{str(exponent).translate(SUPERSCRIPTS)}"


def _apart(check: Check) -> str:
    share = check.difference
    if not share:
        return "0"
    return f"{share:.1%}" if share >= 0.001 else power(share)
