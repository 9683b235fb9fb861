"""E23's sentences: what a number's arithmetic, gradient, check and way come to."""

from collections.abc import Callable

import numpy as np

from fishformer.exhibits.e23_names import Names, figure
from fishformer.exhibits.e23_tables import ACROSS, DOWN, SHOWN, Linked
from fishformer.exhibits.e23_walk import NumberWalk
from fishformer.exhibits.exhibit import Piece, Table, capital
from fishformer.exhibits.numerals import power
from fishformer.lessons.lab import Check, Reading
from fishformer.lessons.making import Made, made
from fishformer.lessons.places import LOSS, Number, is_parameter, split
from fishformer.lessons.watching import statement
from fishformer.lessons.wiring import Wiring
from fishformer.tokenizer import SPECIALS

AGREES = 1e-6  # relative difference of a gradient and a slope
SAME = 1e-9  # of a number and its arithmetic


def value_said(reading: Reading, number: Number) -> list[Piece]:
    """The number and its gradient."""
    return [
        ("It is ", ""), (figure(reading.value(number)), "num strong"),
        (", its gradient ", ""), (figure(reading.gradient(number)), "num strong"),
        (". ", ""), (_meaning(number, reading.gradient(number)), ""),
    ]  # fmt: skip


def _meaning(number: Number, gradient: float) -> str:
    if number.place == LOSS:
        return "All gradients are of this number: how much it moves when another does."
    if not gradient:
        return "Whatever a small nudge does to it, the loss stays where it is."
    way = "up" if gradient > 0 else "down"
    return (
        f"A small nudge upwards moves the loss {way}, by {figure(abs(gradient))} times "
        "as much."
    )


def _formula_said(reading: Reading, number: Number, made: Made) -> str:
    """Whether the arithmetic gives what the code has."""
    value = reading.value(number)
    if abs(made.total - value) <= SAME * max(1.0, abs(value)):
        return f"It comes to {figure(made.total)}, as the Python has it."
    return (
        f"≠ It comes to {figure(made.total)}, but the Python that runs here has "
        f"{figure(value)}: this code does something else than the formula."
    )


def _trained_said(start: float, now: float, step: int, number: Number) -> str:
    """How a parameter came to be what it is."""
    kind = number.place.rpartition(".")[2]
    drawn = (
        "set to" if kind in ("gain", "bias") or kind.startswith("b_") else "drawn as"
    )
    begun = f"No pass computes it. At step 0 it was {drawn} {figure(start)}"
    if not step:
        return f"{begun}; training has not touched it yet."
    if start == now:
        return f"{begun}, and {step:,} updates have left it there."
    updates = "one update has" if step == 1 else f"{step:,} updates have"
    return f"{begun}; {updates} moved it by {figure(now - start)}."


def gradient_said(wiring: Wiring, reading: Reading, number: Number) -> str:
    """The chain rule's sum against what back-propagation found."""
    if number.place == LOSS:
        return "Of itself the loss has the gradient 1: there the way back begins."
    gradient, sum_ = reading.gradient(number), wiring.handed_back(number)
    if not gradient and not sum_:
        return f"It is 0: {zero_said(wiring, number)}"
    size = max(abs(gradient), abs(sum_))
    if abs(gradient - sum_) <= AGREES * size:
        return f"The sum is {figure(sum_)}, as back-propagation has it."
    return (
        f"≠ The sum is {figure(sum_)}, but the Python that runs here has "
        f"{figure(gradient)}: one of its ways back is not what the formula says."
    )


def zero_said(wiring: Wiring, number: Number) -> str:
    """Why a number has no gradient."""
    name = split(number.place)[1]
    if name == "tok_emb":
        return "the word does not stand in this sentence."
    if name == "pos_emb":
        return "the sentence ends before this position."
    if name == "before" and wiring.reading.value(number) <= 0:
        return "the number is not above 0, so ReLU lets nothing through, either way."
    uses = wiring.uses(number)
    if not uses:
        return (
            "nothing that the loss needs is made from it. After the last layer’s "
            "attention only the row of the gap is read."
        )
    if all(not np.any(part.slopes) for part in uses):
        return "it is multiplied by 0 wherever it goes."
    return "what it goes into does not reach the loss."


def check_said(check: Check, wiring: Wiring, number: Number) -> str:
    """What the finite difference says of the gradient."""
    apart = abs(check.slope - check.gradient)
    if check.gradient == 0 and abs(check.slope) <= 2 * check.noise:
        return f"Both are 0, but for rounding: {zero_said(wiring, number)}"
    if check.difference < AGREES:
        digits = int(-np.log10(max(check.difference, 1e-12)))
        return f"They agree to {digits} digits: the gradient is right."
    if apart <= 4 * check.noise:
        return (
            "They agree as far as can be seen. The loss has 16 digits, the quotient is "
            f"uncertain by some {power(check.noise)}, and the gradient is small."
        )
    if split(number.place)[1] == "before" and _crosses_zero(wiring, number, check.by):
        return "They differ: the nudge crosses 0, where ReLU has a corner."
    if check.difference < 1e-3:
        return (
            "They agree nearly. The loss bends here, or a neuron is switched on or off "
            "by the nudge: a slope over a distance is not quite the slope at a point."
        )
    return (
        "≠ They do not agree: the way back in this code is not that of its way forward."
    )


def _crosses_zero(wiring: Wiring, number: Number, by: float) -> bool:
    return abs(wiring.reading.value(number)) <= by


def way_said(walk: NumberWalk) -> str:
    """What grows and what shrinks between the loss and the opened number."""
    names, way, lengths = walk.names, walk.way, walk.lengths()
    if way[0].place != LOSS:
        return "No gradient comes here from the loss."
    if len(way) < 2:
        return "The loss itself: every gradient starts here, as 1."
    stops = len(way) - 1
    pairs = [
        (after / before, one, other)
        for before, after, one, other in zip(
            lengths, lengths[1:], way, way[1:], strict=False
        )
        if before and after
    ]
    ratio, one, other = max(pairs, key=lambda pair: abs(np.log(pair[0])))
    does = "grows" if ratio > 1 else "shrinks"
    passes = "one step" if stops == 1 else f"{stops} steps"
    return (
        f"{capital(passes)} back from the loss. The gradient {does} most from "
        f"{_quoted(names, one)} to {_quoted(names, other)}, to {_times(ratio)} its "
        f"length; over the whole way the length goes from {figure(lengths[0])} to "
        f"{figure(lengths[-1])}."
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.1f} times" if ratio >= 10 else f"{ratio:.3g} times"


def _quoted(names: Names, number: Number) -> str:
    return f"“{names.where(number.place)}”"


def made_said(walk: NumberWalk) -> str:
    """How the opened number came to be what it is."""
    reading, opened = walk.reading, walk.opened
    found = made(walk.wiring, opened)
    if found is None:
        now = reading.value(opened)
        return _trained_said(walk.started(), now, walk.step, opened)
    return _formula_said(reading, opened, found)


def into_said(walk: NumberWalk) -> str:
    """Which places a number goes into, and what they do with it."""
    places = {uses.at(0).place for uses in walk.wiring.uses(walk.opened)}
    if not places:
        return ""
    where = "several places"
    if len(places) == 1:
        where = f"“{walk.names.where(places.pop())}”"
    return (
        f"It goes into {where}. Each number there hands back its gradient times its "
        "slope: how much it moves when this one does."
    )


def asked_said(reading: Reading) -> list[Piece]:
    """Which word is asked for, and how surprising it is."""
    asked, loss = reading.asked, float(reading.values[LOSS][0, 0])
    gapped = asked.words[asked.position] in SPECIALS
    return [
        ("Hidden: " if gapped else "Asked for, though it can be seen: ", ""),
        (asked.answer, "strong"),
        (". The loss on it is ", ""), (figure(loss), "num"), (".", ""),
    ]  # fmt: skip


def window_said(walk: NumberWalk, gradients: bool) -> str:
    """How large the matrix is, and which part of it is shown."""
    rows, columns = walk.shape(walk.opened.place)
    row, column = walk.window
    all_of = f"{rows:,} × {columns:,} {'gradients' if gradients else 'numbers'}"
    parts = []
    if rows > DOWN:
        parts.append(f"rows {row + 1} to {min(row + DOWN, rows)} of {rows:,}")
    if columns > ACROSS:
        last = min(column + ACROSS, columns)
        parts.append(f"columns {column + 1} to {last} of {columns:,}")
    return f"{all_of}: {', '.join(parts)}" if parts else all_of


def rest_said(linked: Linked | None) -> str:
    """What the terms that are not listed come to."""
    if not linked or not linked.hidden:
        return ""
    more = f"{linked.hidden:,} more come"
    if linked.hidden == 1:
        more = "one more comes"
    return f"The {SHOWN} largest are listed; {more} to {figure(linked.rest)}."


def finding(reading: Reading) -> str:
    """How many numbers there are to open."""
    sizes = {True: 0, False: 0}
    for place, values in reading.values.items():
        sizes[is_parameter(place)] += values.size
    return (
        f"To guess one word, this model makes {sizes[False]:,} numbers out of "
        f"{sizes[True]:,} that it has learned. Each can be opened here, and each has a "
        "gradient."
    )


def map_said(walk: NumberWalk) -> str:
    """What the map of the matrices shows."""
    places = [walk.names.place(place) for _, group in walk.groups() for place in group]
    return (
        f"The matrices of this part of the model: {', '.join(places)}. Opened: "
        f"{walk.names.full(walk.opened)}."
    )


def line_said(function: Callable, piece: str) -> tuple[str, str] | None:
    """Where the line with a piece of a function stands, and the line."""
    found = statement(function, piece)
    if not found:
        return None
    where = f"{found.file}, line {found.first}"
    if found.is_argument:
        where += f", an argument of {function.__name__}"
    return where, found.text


def way_table(walk: NumberWalk) -> Table:
    """The way of the gradient, number by number."""
    rows = [
        [walk.names.full(stop), figure(walk.reading.value(stop)),
         figure(walk.reading.gradient(stop)), figure(length)]
        for stop, length in zip(walk.way, walk.lengths(), strict=True)
    ]  # fmt: skip
    caption = f"The way of the gradient, from the loss back, step {walk.step:,}"
    heads = ["number", "value", "gradient", "length of its place’s gradient"]
    return Table(caption, heads, rows)
