"""What E19 says of the words that were written and of those that they translate."""

from collections.abc import Sequence

import numpy as np

from fishformer.corpus import Words
from fishformer.exhibits.exhibit import Piece
from fishformer.exhibits.rewrite import END_SAID, Rewrite


def row_said(
    rewrite: Rewrite, looks: np.ndarray, row: int | None, places: Sequence[int]
) -> list[Piece]:
    """A row: what went in, what came out, where it looked; places as aligned."""
    if row is None:
        return [("Nothing is written yet.", "quiet")]
    shares = looks[row]
    best = int(shares.argmax())
    pieces: list[Piece] = [
        ("In goes ", ""), (rewrite.reads[row], "strong"), (", out comes ", ""),
        (rewrite.writes[row], "strong"), (". Meanwhile this row gives ", ""),
        (f"{shares[best]:.0%}", "num"), (" of its attention to ", ""),
        (rewrite.source[best], "key strong"),
    ]  # fmt: skip
    if row >= len(places):
        return [*pieces, (".", "")]
    if places[row] == best:
        return [*pieces, (", which is the word to translate.", "")]
    share = float(shares[places[row]])
    return [
        *pieces, (" and ", ""), (f"{share:.0%}", "num"), (" to ", ""),
        (rewrite.source[places[row]], "key strong"),
        (", the word to translate.", ""),
    ]  # fmt: skip


def aligned_said(hits: Sequence[int], words: int) -> str:
    """Of how many of so many words each layer looks most at the French word."""
    if not words:
        return "What it wrote cannot be laid beside the French word by word."
    told = ", ".join(f"layer {layer} in {count}" for layer, count in enumerate(hits, 1))
    return (
        f"The mean of the heads looks most at the word to translate, of "
        f"{words} words: {told}."
    )


def verdict_on(rewrite: Rewrite, target: Words | None) -> list[Piece]:
    """Whether that is right, if anybody knows."""
    if not rewrite.ended:
        return [("…", "quiet")]
    if END_SAID not in rewrite.writes:
        return [("≠ it comes to no end", "differs")]
    if target is None:
        return [("nobody has told us what is right", "quiet")]
    if rewrite.words == target:
        return [("= right", "same")]
    return [("≠ right is: ", "differs"), (" ".join(target), "strong")]
