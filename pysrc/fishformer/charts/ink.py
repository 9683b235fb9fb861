"""A sentence whose words are written in as much ink as something is left at them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Mark, Rect, Rule, Size, Text, text_width

TYPE, SMALL_TYPE = 18.0, 16.0
NARROW = 480.0
LINE = 27.0  # at most
NAME = 20.0
GAP = 14.0  # at least, between two readers
SPACE = 8.0  # between words: widths are estimates
STOPS = 9  # of the ramp of attention


class Reader(NamedTuple):
    """Who reads, and how much is left at each word; NaN where it is not known yet."""

    name: str
    shares: np.ndarray  # (T,) 0 to 1
    says: str  # a number, at the right


def ink(
    size: Size,
    words: Sequence[str],
    readers: Sequence[Reader],
    followed: int,
    at: int | None = None,
    lit: str = "",
) -> Drawing:
    """The sentence once for each reader, in ink from full (1) to none (0), linearly.

    The followed word is underlined, and where the reader stands (`at`) is marked; a
    word that is `lit` stands on a ground of its own.
    Words before the followed one are slanted and grey: they know nothing of it.
    """
    width, height = size
    type_size = TYPE if width >= NARROW else SMALL_TYPE
    wides = [text_width(word, type_size, family="serif") * 0.97 for word in words]
    lines = broken(wides, width)
    tall = height / max(len(readers), 1)
    step = min(LINE, (tall - NAME - GAP) / len(lines))
    marks: list[Mark] = []
    for n, reader in enumerate(readers):
        top = n * tall
        marks += (
            Text(0, top + 13, reader.name, "ink", 13, weight=600),
            Text(width, top + 13, reader.says, "ink", 13, "mono", align="right"),
        )
        base = top + NAME + 18
        for places in lines:
            x = 0.0
            for place in places:
                wide = wides[place]
                if words[place] == lit:
                    high = type_size + 6
                    marks.append(
                        Rect(x - 2, base - type_size, wide + 4, high, "coral-soft")
                    )
                colour = _ink_of(float(reader.shares[place]), place < followed)
                marks.append(
                    Text(x, base, words[place], colour, type_size, "serif",
                         italic=place < followed)
                )  # fmt: skip
                if place in (followed, at):
                    line = "coral" if place == followed else "ink-2"
                    marks.append(Rule(x, base + 5, x + wide, base + 5, line, 2))
                x += wide + SPACE
            base += step
    return Drawing(width, height, marks)


def broken(wides: Sequence[float], width: float) -> list[list[int]]:
    """The places of the words that stand on each line, from how wide they are."""
    lines: list[list[int]] = [[]]
    x = 0.0
    for place, wide in enumerate(wides):
        if lines[-1] and x + wide > width:
            lines.append([])
            x = 0.0
        lines[-1].append(place)
        x += wide + SPACE
    return lines


def _ink_of(share: float, before: bool) -> str:
    """The stop of the ramp for a share from 0 to 1; grey where there is none."""
    if before or not np.isfinite(share):
        return "edge"
    return f"seq-{1 + round((STOPS - 1) * min(max(share, 0), 1))}"
