"""What E02 says of word vectors and of where a word lies between its two senses."""

from collections.abc import Mapping

import numpy as np

from fishformer.exhibits.exhibit import Piece, Table
from fishformer.exhibits.numerals import signed
from fishformer.word2vec import Word2VecConfig, Word2VecReport

Senses = tuple[str, str]
Nearness = tuple[float, float, float]  # mean cosines: both senses' words, all others


def status_said(report: Word2VecReport, end: int, config: Word2VecConfig) -> str:
    """How far word2vec is on its way to the step `end`."""
    if not report.step:
        return f"Not trained yet: every word’s vector is {config.dim} random numbers."
    nothing = (1 + config.negatives) * np.log(2)
    return (
        f"Step {report.step:,} of {end:,}, loss {report.loss:.2f}; knowing nothing is "
        f"{nothing:.2f}."
    )


def button_said(step: int, end: int) -> str:
    """What pressing it does."""
    if step >= end:
        return "Train again"
    return "Go on training" if step else "Train word vectors"


def one_sense_said(word: str) -> list[Piece]:
    """Of a word that lies between nothing."""
    return [
        (word, "strong"),
        (" has one sense here: look at what lies nearest to it.", ""),
    ]


def place_said(word: str, senses: Senses, place: float, near: Nearness) -> list[Piece]:
    """Where a word lies on the way between its senses."""
    first, second = senses
    return [
        (word, "strong"), (" lies at ", ""), (signed(place), "num"),
        (f" of the way from {first} (0) to {second} (1). Its cosine with ", ""),
        (f"the words of {first} is ", ""), (signed(near[0]), "num"),
        (f", with those of {second} ", ""), (signed(near[1]), "num"),
        (", with all others ", ""), (signed(near[2]), "num"), (".", ""),
    ]  # fmt: skip


def plane_said(word: str, senses: Senses | None, size: tuple[int, int]) -> str:
    """From which side the map is seen; its size is so many words of so many numbers."""
    n, dim = size
    every = f"All {n} words, {dim} numbers each, seen from the side"
    if senses is None:
        return f"{every} that shows most of how {word} and its nearest differ."
    return (
        f"{every} where the way from {senses[0]} to {senses[1]} is level. Marked are "
        f"the words that stand with one sense of {word} and never with the other. Such "
        "a side can be found for random vectors too: what tells is where the word "
        "lies, and how near."
    )


def answer_said(word: str, senses: Senses, place: float, step: int) -> str:
    """Where a word of two senses ends up."""
    return (
        f"After {step:,} steps {word} lies at {place:.2f} of the way from {senses[0]} "
        f"(0) to {senses[1]} (1): it has one vector, and both senses pull at it."
    )


def finding(n: int, between: int, drawn: int, step: int) -> str:
    """How many of n words lie between their senses, and how many near both."""
    if not n:
        return (
            "In your sentences no word is marked with two senses, so there is nothing "
            "to be between; the neighbours show what a word stands with."
        )
    if not step:
        return (
            f"Random vectors: {between} of {n} words lie between their senses by "
            f"chance, and {drawn} of {n} are nearer to the words of both senses than "
            "to all others."
        )
    return (
        f"After {step:,} steps {between} of {n} words of two senses lie between them, "
        f"and {drawn} of {n} are nearer to the words of both than to all others. One "
        "vector has to serve for both."
    )


def between_table(
    senses: Mapping[str, Senses],
    start: Mapping[str, float],
    places: Mapping[str, float],
    nearness: Mapping[str, Nearness],
    step: int,
) -> Table:
    """Every word of two senses: where it was at random, and where it is now."""
    rows = [
        [
            word, f"{first} / {second}", signed(start[word]), signed(places[word]),
            *(signed(cosine) for cosine in nearness[word]),
        ]
        for word, (first, second) in senses.items()
    ]  # fmt: skip
    columns = [
        "Word", "Senses", "At random", "Now", "Cosine with first", "With second",
        "With the rest",
    ]  # fmt: skip
    return Table(f"Between two senses, at step {step} of word2vec", columns, rows)
