"""What E03 says of the uses of a word, in sentences and tables, and their history.

Shapes: N steps, L layers, U uses of a word; layer 0 is the word itself.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.lines import ticks
from fishformer.charts.series import Axis, Curve, series
from fishformer.corpus import Words
from fishformer.exhibits.exhibit import Piece, Table
from fishformer.exhibits.numerals import signed
from fishformer.geometry import SenseSplit

NOTHING = (
    "In your sentences no word is marked with the sense that it has, so there is "
    "nothing to compare here. The fish sentences have such marks."
)


class Past(NamedTuple):
    """How much more alike two uses of one sense are than two of both, step by step."""

    steps: np.ndarray  # (N,)
    own: np.ndarray  # (N, L + 1) of the chosen word
    mean: np.ndarray  # (N, L + 1) of all words


def history_chart(size: Size, past: Past, step: int, end: int) -> Drawing:
    """That difference for a word, layer by layer, and for all of them."""
    steps, own, mean = past
    last = own.shape[1] - 1
    curves = [Curve(steps, mean[:, last], "all words", "edge", 1.25)]
    for layer in range(1, last + 1):
        look = ("sea", 2.0, ()) if layer == last else ("ink-2", 1.25, (5.0, 3.0))
        curves.append(Curve(steps, own[:, layer], f"layer {layer}", *look))
    top = max(0.3, float(np.ceil(own.max(initial=0) * 10) / 10))
    low = min(-0.1, float(np.floor(own.min(initial=0) * 10) / 10))
    levels = np.arange(round(low * 10), round(top * 10) + 1) / 10
    y_axis = Axis(low, top, [(float(v), signed(v, 1)) for v in levels])
    x_axis = Axis(0, max(end, 1), [(n, f"{n:,}") for n in ticks(end)])
    return series(size, x_axis, y_axis, curves, at=step)


def sentence_said(words: Words, position: int) -> list[Piece]:
    """A sentence with one of its words in bold."""
    before, after = " ".join(words[:position]), " ".join(words[position + 1 :])
    return [
        (f"{before} " if before else "", ""),
        (words[position], "strong"),
        (f" {after}" if after else "", ""),
    ]


def pair_said(cosines: np.ndarray, names: Sequence[str]) -> str:
    """How alike the two uses are that are followed: (L + 1,)."""
    told = ", ".join(
        f"{signed(cosine)} {name}" for cosine, name in zip(cosines, names, strict=True)
    )
    return f"Cosine between the two: {told}."


def sides_said(step: int, word: str, right: np.ndarray, pair: tuple[int, int]) -> str:
    """How many uses lie on the side of their sense (U,), and which of the pair do."""
    followed = {
        2: "the two above both are",
        1: "one of the two above is",
        0: "neither of the two above is",
    }[int(right[list(pair)].sum())]
    return (
        f"At step {step:,}, after the last layer, {int(right.sum())} of {len(right)} "
        f"held-out uses of {word} are on the side of their sense; {followed}."
    )


def finding(
    step: int,
    word: str,
    apart: np.ndarray,
    names: Sequence[str],
    past: Mapping[int, Mapping[str, np.ndarray]],
) -> str:
    """The difference for a word (L + 1,), and the latest one over all words."""
    means = ""
    if past:
        last = max(past)
        value = np.mean([of_word[-1] for of_word in past[last].values()])
        means = (
            f" Over all {len(past[last])} words it is {signed(value)} at step {last:,}."
        )
    layers = ", ".join(
        f"{signed(value)} {name}"
        for value, name in zip(apart[1:], names[1:], strict=True)
    )
    return (
        f"At step {step:,} two uses of {word} in the same sense are more alike than "
        f"two in different senses by {layers}; the word itself knows no difference, "
        f"{signed(apart[0])}.{means}"
    )


def cosines_table(
    word: str, step: int, split: SenseSplit, names: Sequence[str]
) -> Table:
    """How alike uses of one sense and of both are, layer by layer."""
    rows = [
        [name, signed(a), signed(b), signed(a - b, 3), f"{found:.0%}"]
        for name, a, b, found in zip(
            names, split.within, split.across, split.found, strict=True
        )
    ]
    columns = ["Layer", "Same sense", "Other sense", "Difference", "Nearest its own"]
    return Table(f"Cosines of {word}, step {step}", columns, rows)


def uses_table(
    uses: Sequence[tuple[Words, str]], places: np.ndarray, names: Sequence[str]
) -> Table:
    """Where every use stands, sentences with their senses: places (L + 1, U)."""
    rows = [
        [" ".join(words), sense, *(signed(place) for place in places[:, n])]
        for n, (words, sense) in enumerate(uses)
    ]
    caption = "Where each use stands, below 0 the first sense"
    return Table(caption, ["Sentence", "Sense", *names], rows)


def past_table(past: Past, names: Sequence[str]) -> Table:
    """The history in numbers."""
    rows = [
        [f"{step:,.0f}", *(signed(v, 3) for v in row), signed(every[-1], 3)]
        for step, row, every in zip(*past, strict=True)
    ]
    columns = ["Step", *names, "all words, last layer"]
    return Table("The difference by step", columns, rows)
