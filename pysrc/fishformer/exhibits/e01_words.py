"""What E01 says of the run, of one word's attention and of the guesses."""

from collections.abc import Mapping, Sequence

import numpy as np

from fishformer.charts.bars import percent
from fishformer.checkpoint import HeldOut
from fishformer.completion import as_typed
from fishformer.corpus import Words
from fishformer.exhibits.exhibit import Piece, Table
from fishformer.training import StepReport

# A sentence, the word that was hidden, and the likeliest ones with their probabilities.
Guesses = tuple[Words, str, Sequence[tuple[str, float]]]


def finding(
    report: StepReport,
    n_words: int,
    shares: np.ndarray | None,
    even_share: np.ndarray | None,
) -> str:
    """How far the run has come, and how much words look at their own clause."""
    if report.step == 0:
        return (
            f"At step 0 each of the {n_words} words is about as likely as any other, "
            "and every word looks at all others alike."
        )
    loss, of = report.loss, "these"
    if report.held_out:
        loss, of = report.held_out.loss, "held-out"
    steps = "1 step" if report.step == 1 else f"{report.step:,} steps"
    says = (
        f"After {steps} a hidden word in {of} sentences is as open as a choice "
        f"among {np.exp(loss):.1f} equally likely words; it was {n_words} for a model "
        "that knows nothing."
    )
    if shares is None or even_share is None:
        return says
    return (
        f"{says} On average a word here gives {percent(shares.mean())} of its "
        f"attention to its own clause; an even spread would give "
        f"{percent(float(even_share))}."
    )


def head_caption(weights: np.ndarray, share: float | None) -> str:
    """Below the map of a head's attention (T, T); `share` stays in its own clause."""
    if share is not None:
        return f"own clause {percent(share)}"
    return f"largest {percent(weights.max(axis=-1).mean())}"


def look_said(
    looks: np.ndarray, words: Sequence[str], row: int, gap: int, at: tuple[int, int]
) -> list[Piece]:
    """Where the word number `row` looks most: looks (T,), `at` a layer and head."""
    first, second = np.argsort(-looks, kind="stable")[:2]

    def name(word: int) -> Piece:
        return ("the gap" if word == gap else words[word], "strong")

    def share(word: int) -> Piece:
        return (percent(looks[word]), "num")

    return [
        (f"Layer {at[0]}, head {at[1]}: ", ""),
        name(row),
        (" gives ", ""),
        share(first),
        (" of its attention to ", ""),
        name(first),
        (" and ", ""),
        share(second),
        (" to ", ""),
        name(second),
        (".", ""),
    ]


def guess_table(guesses: Sequence[Guesses], step: int) -> Table:
    """The likeliest words for the gap of each sentence."""
    rows = [
        [as_typed(words), answer, *(f"{word} {share:.1%}" for word, share in best)]
        for words, answer, best in guesses
    ]
    columns = ["Sentence", "Written", *(f"Guess {n}" for n in range(1, 6))]
    return Table(f"Guesses at step {step}", columns, rows)


def attention_table(weights: np.ndarray, words: Sequence[str], where: str) -> Table:
    """One head's attention (T, T)."""
    rows = [
        [word, *(f"{share:.1%}" for share in row)]
        for word, row in zip(words, weights, strict=True)
    ]
    caption = f"Attention at {where}: each row is one word’s attention to the others"
    return Table(caption, ["from \\ to", *words], rows)


def loss_table(losses: Sequence[float], held_out: Mapping[int, HeldOut]) -> Table:
    """Of the steps with a look at held-out sentences, or else of every tenth."""
    if not held_out:
        rows = [[str(k), f"{losses[k]:.3f}"] for k in range(0, len(losses), 10)]
        return Table("Loss, nats", ["Step", "Training"], rows)
    rows = [
        [
            str(step),
            f"{losses[step]:.3f}",
            f"{look.loss:.3f}",
            f"{look.top_1:.1%}",
            f"{look.top_5:.1%}",
        ]
        for step, look in held_out.items()
    ]
    columns = ["Step", "Training", "Held-out", "First guess right", "In first five"]
    return Table("Loss, nats, and hidden words guessed", columns, rows)
