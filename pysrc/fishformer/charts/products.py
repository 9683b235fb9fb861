"""A dot product written out: one line a pair, and how the sum grows and shrinks."""

import numpy as np

from fishformer.sums import Sum

from .drawing import Drawing, Mark, Rect, Rule, Size, Text

TYPE = 14.0
LETTER = 8.43  # width of a monospaced letter of that size
SIGN = 22.0  # room for × and =
BAR = 12.0


def minus(number: float, decimals: int) -> str:
    """A number with a true minus sign, and none before a zero."""
    text = f"{round(number, 9):.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def products(
    size: Size,
    opened: Sum,
    decimals: tuple[int, int, int],
    tones: tuple[str, str] = ("ink-2", "ink-2"),
    total: bool = False,
) -> Drawing:
    """One line a pair: a × b = product, and a bar from the sum so far to the next.

    decimals: of the left numbers, the right ones and the products. Bars to the right
    add, bars to the left take away; the upright line is zero. total: a last line with
    the sum. All lines share the height.
    """
    width, height = size
    count = len(opened.products)
    line = height / (count + total)
    texts = [
        [minus(number, places) for number in numbers.tolist()]
        for numbers, places in zip(opened[:3], decimals, strict=True)
    ]
    widths = [LETTER * max(map(len, column)) for column in texts]
    ends = [widths[0]]
    for column in widths[1:]:
        ends.append(ends[-1] + SIGN + column)
    scale = _Scale(opened.products, ends[2] + 16, width)
    base = line / 2 + TYPE * 0.36
    marks: list[Mark] = []
    for n in range(count):
        y = n * line + base
        for text, end, fill in zip(
            (texts[0][n], "×", texts[1][n], "=", texts[2][n]),
            (ends[0], ends[0] + 15, ends[1], ends[1] + 15, ends[2]),
            (tones[0], "ink-3", tones[1], "ink-3", "ink"),
            strict=True,
        ):
            marks.append(Text(end, y, text, fill, TYPE, "mono", align="right"))
        marks += scale.bar(n, n * line, line, last=n == count - 1)
    if total:
        y, written = count * line, minus(opened.total, decimals[2])
        marks += (
            Rule(0, y, width, y, "edge"),
            Text(0, y + base, "sum", "ink-2", TYPE),
            Text(ends[2], y + base, written, "ink", TYPE, "mono", 600, False, "right"),
            Rect(
                *scale.span(0, opened.total, y + line / 2 - BAR / 2), "sea",
            ),
            Rule(scale.at(0), y, scale.at(0), y + line, "edge"),
        )  # fmt: skip
    return Drawing(width, height, marks)


class _Scale:
    """Where a sum stands between the left and the right edge of the bars' room."""

    def __init__(self, pieces: np.ndarray, left: float, right: float):
        self.sums = np.concatenate([[0.0], np.cumsum(pieces)]).tolist()
        low, high = min(self.sums), max(self.sums)
        self.low, self.left = low, left + 1
        self.per_one = (right - left - 3) / (high - low or 1)

    def at(self, value: float) -> float:
        return self.left + (value - self.low) * self.per_one

    def span(
        self, start: float, end: float, y: float
    ) -> tuple[float, float, float, float]:
        """A bar between two sums: x, y, width, height."""
        x = self.at(min(start, end))
        return x, y, max(abs(self.at(end) - self.at(start)), 1), BAR

    def bar(self, n: int, top: float, line: float, last: bool) -> tuple[Mark, ...]:
        before, after = self.sums[n], self.sums[n + 1]
        fill = "div-2" if after < before else "div-8"
        y, end, zero = top + line / 2 - BAR / 2, self.at(after), self.at(0)
        below = top + line * (1 if last else 1.5) - (0 if last else BAR / 2)
        return (
            Rule(zero, top, zero, top + line, "hair"),
            Rect(*self.span(before, after, y), fill),
            Rule(end, y + BAR, end, below, "edge"),
        )
