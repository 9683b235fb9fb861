"""What E11 says of a look at two sentences, and its tables of numbers.

Shapes: L layers, H heads, T words; 2 for the sentences, with "big" and with "small".
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from fishformer.charts.bars import percent
from fishformer.corpus import Words
from fishformer.exhibits.exhibit import Matrix, Piece, Table
from fishformer.exhibits.numerals import power, times
from fishformer.grammar import read_data
from fishformer.lessons.pronoun import IT, PLACE, SIZE, THING, ItRun

SIZES = ("big", "small")
# Source 003's picture of one row of attention, phrase by phrase, and where the phrases
# stand in our sentence. It is a drawing, not a measurement.
PRINTED = {
    "trophy": (0.54, (1,)),
    "too big": (0.24, (11, 12)),
    "in the bag": (0.12, (5, 6, 7)),
    "did not fit": (0.07, (2, 3, 4)),
    "The": (0.03, (0,)),
}
FOUND = 0.9  # of the answers right: more than guessing between the two
SAME = 1e-5  # a change of a logarithm below that is rounding


@cache
def lucky_starts() -> str:
    """How many of our five runs with one layer found the answer all the same."""
    findings = json.loads(read_data("findings.json"))["findings"]
    shares = findings["it without"]["measured"]["one layer, step 1000"]["values"]
    return f"{sum(share > FOUND for share in shares)} of {len(shares)}"


def changes(ratios: np.ndarray) -> np.ndarray:
    """How much logarithms change from big to small: (L, H, 2) -> (L, H)."""
    return np.abs(ratios[..., 0] - ratios[..., 1])


def ratio_matrix(ratios: np.ndarray, heads: Sequence[int]) -> Matrix:
    """Thing to place in every head: (L, H, 2); `heads` are the chosen, from 1."""
    moves = changes(ratios)
    values, marks, rows, chosen = [], [], [], []
    for layer, head in np.ndindex(moves.shape):
        moved = float(moves[layer, head])
        big, small = np.exp(ratios[layer, head]).tolist()
        change = f"{moved:.2f}" if moved >= 0.01 else power(moved)
        values.append([times(big), times(small), change])
        marks.append(["", "", "same" if moved < SAME else "differs"])
        rows.append(f"head {layer + 1}.{head + 1}")
        if heads[layer] == head + 1:
            chosen += [(len(rows) - 1, column) for column in range(2)]
    columns = ["too big", "too small", "change (log)"]
    return Matrix(values, rows, columns, lit=chosen, marks=marks, use="row")


def beside_matrix(trophy: np.ndarray) -> Matrix:
    """Source 003's picture beside our own rows of the same sentence: (L, T)."""
    n_layers = len(trophy)
    values = []
    for share, places in PRINTED.values():
        ours = [float(row[list(places)].sum()) for row in trophy]
        values.append([f"{share:.2f}", *(f"{value:.2f}" for value in ours)])
    named = {place for _, places in PRINTED.values() for place in places}
    left = [place for place in range(SIZE + 1) if place not in named]
    ours = [float(row[left].sum()) for row in trophy]
    values.append(["–", *(f"{value:.2f}" for value in ours)])
    sums = [sum(share for share, _ in PRINTED.values())]
    sums += [float(row.sum()) for row in trophy]
    values.append([f"{value:.2f}" for value in sums])
    return Matrix(
        values,
        [*PRINTED, "because it was", "sum"],
        ["drawn", *(f"ours, layer {layer + 1}" for layer in range(n_layers))],
        marks=[*[[""] * (1 + n_layers)] * 6, ["strong"] * (1 + n_layers)],
    )


def status_said(run: ItRun, name: str, training: bool) -> str:
    """Where the run of a kind of this name stands."""
    if training:
        return f"Training {name}, step {run.step} of {run.end}"
    if run.done:
        return f"Trained, {name}, {run.step} steps, seed {run.config.seed}"
    if run.step:
        return f"Stopped at step {run.step}, {name}"
    return f"Not trained yet, {name}"


def sentence_said(words: Words) -> list[Piece]:
    """A sentence; the words that matter are strong."""
    pieces: list[Piece] = []
    for place, word in enumerate(words):
        pieces += [(" ", "")] if place else []
        pieces.append((word, "strong" if place in (THING, PLACE, IT, SIZE) else ""))
    return pieces


def answer_said(word: str, share: float, right: bool) -> list[Piece]:
    """What the model says, and whether that is right."""
    return [
        (word, "strong"),
        (f" {percent(share)} ", "num"),
        ("= right" if right else "≠ wrong", "same" if right else "differs"),
    ]


def switch_said(
    ratios: np.ndarray, heads: Sequence[int], things: tuple[str, str]
) -> list[Piece]:
    """What the chosen head of each layer does with the last word: (L, H, 2)."""
    thing, place = things
    pieces: list[Piece] = []
    for layer, head in enumerate(heads[: len(ratios)]):
        big, small = np.exp(ratios[layer, head - 1]).tolist()
        same = changes(ratios)[layer, head - 1] < SAME
        pieces += [
            (f"Layer {layer + 1}, head {head}: ", ""),
            (thing, "strong"),
            (" to ", ""),
            (place, "strong"),
            (" is ", ""),
            (times(big), "num"),
            (" with big and ", ""),
            (times(small), "num"),
            (" with small", ""),
            (", the same. ", "same") if same else (". ", ""),
        ]
    return pieces


def finding(run: ItRun, step: int, ratios: np.ndarray) -> str:
    """What the run has found by a step: (L, H, 2)."""
    share = run.accuracy.get(step)
    if share is None:
        return (
            f"Not trained yet: “it” looks at all {SIZE + 1} words alike, and the "
            "answer is a guess among all words. Train the model to see it learn."
        )
    says = (
        f"At step {step} the answer is right in {share:.0%} of "
        f"{len(run.right)} held-out sentences, with pairs of things that never "
        "stood together in training."
    )
    if len(ratios) == 1:
        return f"{says} Its one layer cannot turn its look from one thing to the other."
    first, second = (float(moved.max()) for moved in changes(ratios)[:2])
    return (
        f"{says} From big to small, layer 1 changes its preference by "
        f"{power(first)}, which is rounding; layer 2 by {second:.1f}."
    )


def looks_said(looks: Sequence[np.ndarray], things: tuple[str, str], step: int) -> str:
    """Where "it" looks in the chosen head of each layer: (2, T)."""
    shares = "; ".join(
        f"layer {layer}, {size}: {things[0]} {percent(row[THING])}, "
        f"{things[1]} {percent(row[PLACE])}"
        for layer, rows in enumerate(looks, 1)
        for size, row in zip(SIZES, rows, strict=True)
    )
    return f"Attention of “it” at step {step}. {shares}."


def accuracy_said(accuracy: Mapping[int, float]) -> str:
    """The latest share of right answers, by step."""
    if not accuracy:
        return "Not trained yet."
    last = max(accuracy)
    return f"{accuracy[last]:.0%} right at step {last}."


def looks_table(
    looks: Sequence[np.ndarray], heads: Sequence[int], words: Words, step: int
) -> Table:
    """The same in numbers, word by word."""
    columns, shares = ["word"], []
    for layer, rows in enumerate(looks):
        for size, row in zip(SIZES, rows, strict=True):
            columns.append(f"layer {layer + 1}, head {heads[layer]}, too {size}")
            shares.append(row)
    table = [
        [word, *(f"{share[place]:.1%}" for share in shares)]
        for place, word in enumerate(words)
    ]
    return Table(f"Where “it” looks at step {step}", columns, table)


def accuracy_table(accuracy: Mapping[int, float], name: str) -> list[Table]:
    """The shares of right answers, if there are any."""
    rows = [[str(step), f"{share:.1%}"] for step, share in accuracy.items()]
    caption = f"Held-out sentences answered right, {name}"
    return [Table(caption, ["Step", "Right"], rows)] if rows else []
