"""The model's guesses for a hidden word, as bars from 0 to 100 %."""

from collections.abc import Sequence

from .drawing import Drawing, Mark, Rect, Rule, Size, Text, fitted

ROW = 24.0  # height of a row
BAR = 12.0
WORDS = 84.0  # width of the column of words
PERCENT = 44.0  # width of the column of numbers


def guesses(
    size: Size, words: Sequence[str], probs: Sequence[float], answer: str | None
) -> Drawing:
    """One row a guess: the word, its bar, its share; the right answer stands out.

    probs are from 0 to 1; every bar has the same scale, so that sentences compare.
    """
    width, height = size
    track = width - WORDS - PERCENT
    bars: list[Mark] = []
    shares: list[Mark] = []  # apart from the words: another font costs a canvas time
    for row, (word, prob) in enumerate(zip(words, probs, strict=True)):
        middle, right = ROW * (row + 0.5), word == answer
        ink, weight = ("ink", 600) if right else ("ink-2", 400)
        word, tone = fitted(word, WORDS - 8, 14, weight), "sea" if right else "sea-mid"
        bars += (
            Text(0, middle + 5, word, ink, 14, "sans", weight),
            Rule(WORDS, middle - BAR / 2, WORDS, middle + BAR / 2, "edge"),
            Rect(WORDS + 1, middle - BAR / 2, prob * (track - 1), BAR, tone),
        )
        share = percent(prob)
        shares.append(
            Text(width, middle + 4.5, share, ink, 13, "mono", weight, False, "right")
        )
    return Drawing(width, height, bars + shares)


def percent(share: float) -> str:
    """A share of one in whole per cent; what rounds to nothing is "<1%"."""
    whole = round(float(share) * 100)
    return f"{whole}%" if whole or share <= 0 else "<1%"
