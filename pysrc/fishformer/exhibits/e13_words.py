"""What E13 says of two orders of a sentence and of positions.

Shapes: T words, D numbers of each, P positions. `changes` are by "without" and "with"
positions, `alike` by "sines" and "learned".
"""

from collections.abc import Mapping, Sequence

import numpy as np

from fishformer.exhibits.exhibit import Piece, Table
from fishformer.exhibits.numerals import power, signed

SURELY = 1e-3  # a smaller change of a number of size 1 is rounding
Arrays = Mapping[str, np.ndarray]


def changed(value: float) -> str:
    """A change as one reads it: 2.31, or 4.8 × 10⁻⁷ where it is rounding."""
    return f"{value:.2f}" if value >= SURELY else power(value)


def twice_said(words: Sequence[str], names: Sequence[str], outputs: Arrays) -> str:
    """What becomes of a word that the sentence has twice: outputs (2, T, D)."""
    again = [word for word in words if words.count(word) > 1]
    if not again:
        return ""
    first, second = [n for n, word in enumerate(words) if word == again[0]][:2]
    apart = {
        name: float(np.abs(found[0, first] - found[0, second]).max())
        for name, found in outputs.items()
    }
    digits = "the same to the last digit"
    if apart["without"]:
        digits = f"the same to within {changed(apart['without'])}"
    return (
        f"“{names[first]}” stands there twice. Without positions its two vectors are "
        f"{digits}; with them, some number differs by {changed(apart['with'])}."
    )


def likeness_said(alike: Arrays, step: int) -> list[Piece]:
    """How alike neighbours are, and positions further apart: alike (P, P)."""
    pieces: list[Piece] = []
    for name, found in alike.items():
        near = float(np.diagonal(found, 1).mean()) if len(found) > 1 else 1.0
        whose = "sines" if name == "sines" else f"learned, step {step:,}"
        pieces += [
            ("\n" if pieces else "", ""),
            (f"{whose}: next to each other ", ""),
            (signed(near), "num"),
        ]
        if len(found) > 5:
            far = float(np.diagonal(found, 5).mean())
            pieces += [(", five apart ", ""), (signed(far), "num")]
    return pieces


def finding(changes: Arrays, whose: str, none: bool) -> str:
    """What the shuffle has changed (T,); `none` is for a run without any positions."""
    without, given = (changed(float(changes[n].max())) for n in ("without", "with"))
    says = (
        f"Shuffled, no number of {whose} without positions differs by more than "
        f"{without} from what the same word had before: zero, to rounding."
    )
    if none:
        return f"{says} This run has no positions at all (its settings say so)."
    return f"{says} With positions the largest difference is {given}."


def orders_label(first: str, second: str, how: str, change: float) -> str:
    """The picture of two orders, with or without positions."""
    return (
        f"The vectors of “{first}” and of “{second}”, {how} positions: the same word "
        f"differs by {changed(change)} at most."
    )


def positions_labels(positions: Arrays, step: int) -> list[str]:
    """The pictures of positions (P, D), made of waves and learned."""
    count, numbers = positions["sines"].shape
    size = f"{count} positions of {numbers} numbers"
    return [
        f"{size}, waves that grow longer to the right.",
        f"{size} as the model has learned them by step {step:,}."
        if "learned" in positions
        else "This run learns no positions.",
    ]


def changes_table(names: Sequence[str], order: Sequence[int], changes: Arrays) -> Table:
    """What the shuffle has changed, word by word."""
    rows = [
        [
            str(place + 1), names[word], str(word + 1),
            changed(changes["without"][place]), changed(changes["with"][place]),
        ]
        for place, word in enumerate(order)
    ]  # fmt: skip
    columns = ["Place", "Word", "First at", "Without positions", "With positions"]
    return Table("The largest change of any number of a word", columns, rows)


def alike_table(name: str, alike: np.ndarray) -> Table:
    """Every position with every other: alike (P, P)."""
    rows = [
        [str(n), *(signed(value) for value in row)]
        for n, row in enumerate(alike.tolist(), start=1)
    ]
    heads = ["Position", *(str(n) for n in range(1, len(alike) + 1))]
    return Table(f"Cosines of position vectors, {name}", heads, rows)
