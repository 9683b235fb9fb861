"""From the first word to the last: through every word between, or at once."""

import numpy as np

from .drawing import Circle, Drawing, Line, Mark, Size, Text

SIDE = 8.0
MOST = 60  # words that are drawn one by one


def hops(size: Size, n_words: int) -> Drawing:
    """Above the words one arc, as attention goes; below them a hop from word to word.

    More than MOST words are drawn as if they were MOST: the numbers say how many.
    """
    width, height = size
    shown = min(n_words, MOST)
    x = np.linspace(SIDE, width - SIDE, shown)
    line = height * 0.6
    marks: list[Mark] = [
        Line(_arc(float(x[0]), float(x[-1]), line, 24 - line), "sea", 2),
        Text(width / 2, 14, "attention: 1 hop", "sea", 13, weight=600,
             align="center", halo=True),
    ]  # fmt: skip
    deep = min(18.0, (float(x[1] - x[0])) * 0.6)
    for a, b in zip(x[:-1].tolist(), x[1:].tolist(), strict=True):
        marks.append(Line(_arc(a, b, line, deep), "coral-ink", 1.25))
    radius = 3.0 if shown < 40 else 2.0
    for n, place in enumerate(x.tolist()):
        end = n in (0, shown - 1)
        ink, r = ("ink", radius + 1.5) if end else ("edge", radius)
        marks.append(Circle(place, line, r, ink))
    left = f"a recurrent network: {n_words - 1:,} hop{'s' if n_words > 2 else ''}"
    marks += (
        Text(0, line + 40, "1", "ink-2", 12),
        Text(width, line + 40, f"{n_words:,}", "ink-2", 12, align="right"),
        Text(width / 2, line + 40, left, "coral-ink", 13, weight=600, align="center"),
    )
    return Drawing(width, height, marks)


def _arc(start: float, end: float, base: float, rise: float) -> np.ndarray:
    """Half an ellipse from start to end, above base where rise is negative."""
    angle = np.linspace(0, np.pi, 33 if end - start > 60 else 9)
    middle, half = (start + end) / 2, (end - start) / 2
    xy = np.stack([middle - half * np.cos(angle), base + rise * np.sin(angle)], axis=1)
    return xy.astype(np.float32)
