"""Where labels go so that none lies on another."""

from itertools import combinations, product
from typing import NamedTuple

ASCENT, DESCENT = 10.0, 3.0  # of a 12 px label, about its baseline
HEIGHT = ASCENT + DESCENT
ROOM = 2.0  # between two labels


class Box(NamedTuple):
    """A rectangle on the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def nearest_free(
    wanted: float, spans: list[tuple[float, float]], top: float, bottom: float
) -> float:
    """The top, nearest to wanted, of a label between top and bottom that is clear.

    spans are the (top, bottom) of what already stands in the label's columns. Of two
    places as near as each other the upper one wins; with no room at all, wanted.
    """
    taken = [(start - HEIGHT - ROOM, end + ROOM) for start, end in spans]
    places = [wanted, *(edge for span in taken for edge in span)]
    free = [
        place
        for place in places
        if top <= place <= bottom - HEIGHT
        and not any(start < place < end for start, end in taken)
    ]
    return min(free, key=lambda place: (abs(place - wanted), place), default=wanted)


def beside_levels(
    widths: list[float], levels: list[float], plot: Box, grid: list[float]
) -> list[Box]:
    """A box for the label of each level line, on one side of it, at one end.

    The rule is "at the right end, just below". It gives way where a label would lie
    on another one, on the axis, on another level or on a grid line, and where a
    falling curve is sure to pass: low on the right or high on the left.
    Few labels: all arrangements are tried, and the least bad one is taken.
    """
    middle, lowest = (plot.top + plot.bottom) / 2, max(levels, default=0)

    def choices(width: float, level: float) -> list[tuple[float, Box]]:
        rated = []
        for at_left, above in product((False, True), repeat=2):
            left = plot.left + 4 if at_left else plot.right - width
            top = level - HEIGHT - 2 if above else level + 5
            box = Box(left, top, left + width, top + HEIGHT)
            others = [y for y in levels if y != level]
            bad = 0.5 * above + 0.2 * at_left
            if at_left == (level < middle) and not (level == lowest and not above):
                bad += 3
            bad += sum(10 for y in others if top - ROOM < y < box.bottom + ROOM)
            bad += sum(1 for y in grid if top < y < box.bottom)
            bad += 100 * (box.bottom > plot.bottom) + 100 * (top < 0)
            rated.append((bad, box))
        return rated

    def badness(arrangement: tuple[tuple[float, Box], ...]) -> float:
        boxes = [box for _, box in arrangement]
        clashes = sum(one.overlaps(two) for one, two in combinations(boxes, 2))
        return sum(bad for bad, _ in arrangement) + 1000 * clashes

    pairs = zip(widths, levels, strict=True)
    best = min(product(*(choices(*pair) for pair in pairs)), key=badness)
    return [box for _, box in best]
