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
        """Whether the two have any place in common."""
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
    """A box for the label of each level line, given from the highest line down.

    The rule is "at the right end, just below". It gives way where a label would lie
    on another one, on the axis, on another level or on a grid line, and where a
    falling curve is sure to pass: low on the right or high on the left. The labels of
    lines too close for text between them form one stack, in the order of the lines.
    All arrangements of so few labels are tried, and the least bad one is taken.
    """
    stacks: list[list[int]] = []
    for place, level in enumerate(levels):
        near = place and level - levels[place - 1] < HEIGHT + 2 * ROOM
        if near:
            stacks[-1].append(place)
        else:
            stacks.append([place])

    def arrangements(stack: list[int]) -> list[tuple[float, list[Box]]]:
        first, last, count = levels[stack[0]], levels[stack[-1]], len(stack)
        every = HEIGHT + ROOM
        rated = []
        for at_left, above in product((False, True), range(count + 1)):
            tops = [first - every * (above - n) for n in range(above)]
            tops += [last + 5 + every * n for n in range(count - above)]
            boxes = []
            for place, top in zip(stack, tops, strict=True):
                left = plot.left + 4 if at_left else plot.right - widths[place]
                boxes.append(Box(left, top, left + widths[place], top + HEIGHT))
            rated.append((badness(stack, boxes, at_left, above), boxes))
        return rated

    def badness(stack: list[int], boxes: list[Box], at_left: bool, above: int) -> float:
        bad = 0.5 * above + 0.2 * at_left
        high_up = levels[stack[0]] < (plot.top + plot.bottom) / 2
        below_all = stack[-1] == len(levels) - 1 and not above
        bad += 3 * (at_left == high_up and not below_all)
        for box in boxes:
            bad += sum(10 for y in levels if box.top - ROOM < y < box.bottom)
            bad += sum(1 for y in grid if box.top < y < box.bottom)
            bad += 100 * (box.bottom > plot.bottom) + 100 * (box.top < 0)
        return bad

    def total(choice: tuple[tuple[float, list[Box]], ...]) -> float:
        stacked = [boxes for _, boxes in choice]
        clashes = sum(
            one.overlaps(two)
            for above, below in combinations(stacked, 2)
            for one, two in product(above, below)
        )
        return sum(bad for bad, _ in choice) + 1000 * clashes

    best = min(product(*map(arrangements, stacks)), key=total)
    return [box for _, boxes in best for box in boxes]
