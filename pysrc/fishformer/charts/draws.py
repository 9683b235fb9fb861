"""The next word: what the model would say, and what it is really drawn from."""

from collections.abc import Sequence

from .bars import percent
from .drawing import Drawing, Mark, Rect, Rule, Size, Text, fitted

HEAD = 24.0  # height of the headings
TYPE = 14.0
WORDS = 96.0  # width of the column of words
PERCENT = 48.0  # width of each column of numbers
BAR = 12.0
OWN = 4.0  # height of the thin bar: the model's own share


def draws(
    size: Size,
    words: Sequence[str],
    own: Sequence[float],
    drawn_from: Sequence[float],
    drawn: str | None = None,
    rest: tuple[int, float, float] | None = None,
) -> Drawing:
    """One row a word: a thin bar for the model's own share, a broad one for the draw.

    All shares are from 0 to 1. drawn: the word that was drawn, which stands out.
    rest: how many words are not listed, and their two shares, as the last row.
    """
    width, height = size
    left, right = min(WORDS, 0.3 * width), width - 2 * PERCENT
    track = max(right - left - 8, 1)
    n_rows = len(words) + (rest is not None)
    row = (height - HEAD) / max(n_rows, 1)
    marks: list[Mark] = [
        Text(width - PERCENT, 13, "model", "ink-3", align="right"),
        Text(width, 13, "draw", "ink-3", align="right"),
    ]
    lines = [*zip(words, own, drawn_from, strict=True)]
    if rest is not None:
        lines.append((f"{rest[0]:,} others", rest[1], rest[2]))
    for number, (word, before, after) in enumerate(lines):
        top = HEAD + number * row
        middle = top + row / 2
        last = rest is not None and number == len(words)
        strong = word == drawn and not last
        ink, weight = ("ink", 600) if strong else ("ink-2", 400)
        if not after:
            ink = "ink-3"
        said = fitted(word, left - 8, TYPE, weight)
        marks += (
            Rule(0, top, width, top, "hair"),
            Text(0, middle + 5, said, ink, TYPE, "sans", weight, last),
            Rule(left, middle - BAR / 2, left, middle + BAR / 2, "edge"),
            Rect(
                left + 1, middle - BAR / 2, after * track, BAR - OWN - 1,
                "sea" if strong else "sea-mid",
            ),
            Rect(left + 1, middle + BAR / 2 - OWN, before * track, OWN, "edge"),
            Text(
                width - PERCENT, middle + 4.5, percent(before), "ink-3", 13, "mono",
                align="right",
            ),
            Text(
                width, middle + 4.5, percent(after) if after else "out", ink, 13,
                "mono", weight, False, "right",
            ),
        )  # fmt: skip
        if strong:
            marks.append(Rect(left - 5, top + 2, 3, row - 4, "coral"))
    return Drawing(width, height, marks)
