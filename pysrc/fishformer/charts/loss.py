"""The loss over the steps of training: the chart, and the transport's timeline."""

from math import ceil, exp
from typing import NamedTuple, Protocol

import numpy as np

from .drawing import Drawing, Line, Mark, Polygon, Rule, Size, Text, text_width
from .labels import ASCENT, HEIGHT, Box, beside_levels, nearest_free
from .lines import per_column, running_mean, thin, ticks

LEFT, RIGHT, TOP, BOTTOM = 26.0, 4.0, 10.0, 28.0  # margins of the chart
TIMELINE_MARGIN = 11.0  # half of the thumb of a range input
HEADROOM = 0.25  # nats between ln V and the top of the axis, at least


class Reference(NamedTuple):
    """A loss to compare with, and what it means."""

    value: float  # nats
    label: str


class Losses(Protocol):
    """The reference losses of a corpus, in nats (fishformer.corpus.References)."""

    uniform: float
    frequency: float
    train_floor: float
    grammar_floor: float | None


def reference_lines(losses: Losses) -> list[Reference]:
    """What each reference loss means, in words; the first is ln(vocabulary size)."""
    words = round(exp(losses.uniform))
    named = [
        (losses.uniform, f"knowing nothing, ln {words} ="),
        (losses.frequency, "word frequency only,"),
        (losses.grammar_floor, "best the grammar allows,"),
        (losses.train_floor, "best the training set allows,"),
    ]
    return [
        Reference(value, f"{meaning} {value:.2f}")
        for value, meaning in named
        if value is not None
    ]


class LossFrame(NamedTuple):
    """All of the chart that training does not change."""

    size: Size
    end: int  # last step of the axis
    top: float  # greatest loss of the axis; what is above is drawn at its edge
    drawing: Drawing  # grid, axes, reference lines: painted below the curves
    labels: list[Text]  # of the reference lines: painted above the curves
    boxes: list[Box]  # where those stand

    def x(self, step: float) -> float:
        return LEFT + step / self.end * (self.size[0] - LEFT - RIGHT)

    def y(self, loss: float) -> float:
        return TOP + (1 - loss / self.top) * (self.size[1] - TOP - BOTTOM)

    def points(self, steps: np.ndarray, losses: np.ndarray) -> np.ndarray:
        return np.stack([self.x(steps), self.y(losses)], 1).astype(np.float32)


def loss_frame(size: Size, end: int, references: list[Reference]) -> LossFrame:
    """Axes, grid and references of a loss chart from step 0 to end.

    references are as from reference_lines. The loss axis runs from 0 to a little
    more than the first of them, ln V, and does not move with the data.
    """
    top = ceil((references[0].value + HEADROOM) * 2) / 2
    width, height = size
    frame = LossFrame(size, max(end, 1), top, Drawing(width, height, []), [], [])
    right, floor = width - RIGHT, frame.y(0)
    marks: list[Mark] = []
    for loss in range(int(top) + 1):
        y = frame.y(loss)
        marks.append(Rule(LEFT, y, right, y, "hair" if loss else "edge"))
        marks.append(Text(LEFT - 9, y + 4, str(loss), "ink-3", align="right"))
    for step in ticks(end):
        x = frame.x(step)
        marks.append(Rule(x, floor, x, floor + 4, "edge"))
        align = "left" if step == 0 else "right" if step == end else "center"
        text = f"step {step:,}" if step == end else f"{step:,}"
        marks.append(Text(x, height - 7, text, "ink-3", align=align))
    levels = [frame.y(min(max(reference.value, 0), top)) for reference in references]
    marks += [Rule(LEFT, y, right, y, "ink-3", dash=(2, 3)) for y in levels]
    plot = Box(LEFT, TOP, right, floor)
    widths = [text_width(reference.label) for reference in references]
    grid = [frame.y(loss) for loss in range(1, int(top) + 1)]
    boxes = beside_levels(widths, levels, plot, grid)
    labels = [
        Text(
            right if box.right == right else box.left,
            box.top + ASCENT,
            reference.label,
            "ink-2",
            align="right" if box.right == right else "left",
            halo=True,
        )
        for reference, box in zip(references, boxes, strict=True)
    ]
    drawing = Drawing(width, height, marks)
    return frame._replace(drawing=drawing, labels=labels, boxes=boxes)


def loss_lines(
    frame: LossFrame,
    losses: np.ndarray,
    held_out: np.ndarray,
    step: int,
    hover: int | None = None,
) -> Drawing:
    """The curves, the playhead at `step`, and all labels; painted above the frame.

    losses (N,): one a step from step 0. held_out (M, 2): (step, loss) pairs in order.
    The batch losses are a faint line; the main line is their running mean over
    lines.WINDOW steps, for a batch of 32 is noisy. Steps after `step` are what was
    wound back: a thin line. hover: a step whose place is marked by a cross-hair.
    """
    losses = np.fmin(np.asarray(losses, np.float64), frame.top)  # nan becomes top
    mean = running_mean(losses)
    held_out = np.asarray(held_out, np.float64).reshape(-1, 2)
    held_out = held_out[: np.searchsorted(held_out[:, 0], step, "right")]
    per = per_column(frame.end, frame.size[0] - LEFT - RIGHT)

    def line(values: np.ndarray, first: int = 0) -> np.ndarray:
        kept = thin(values, per)
        return frame.points(kept + first, values[kept])

    raw, past, ahead = losses[: step + 1], mean[: step + 1], mean[step:]
    curve, rest = line(past), line(ahead, step)
    dashed = frame.points(held_out[:, 0], np.fmin(held_out[:, 1], frame.top))
    noise = line(raw)
    x, y = float(curve[-1, 0]), float(curve[-1, 1])
    marks: list[Mark] = [Line(noise, "sea-soft")]
    if len(rest) > 1:
        marks.append(Line(rest, "edge", 1.25))
    marks.append(Line(dashed, "ink-2", 1.25, (5, 3)))
    marks.append(Line(curve, "sea", 2))
    marks += _end_labels(frame, (noise, dashed, rest), curve)
    marks += frame.labels
    floor = frame.y(0)
    if hover is not None and 0 <= hover < len(mean):
        at_x, at_y = frame.x(hover), frame.y(mean[hover])
        marks.append(Rule(at_x, TOP, at_x, floor, "ink-2"))
        marks.append(Rule(LEFT, at_y, frame.size[0] - RIGHT, at_y, "ink-2"))
    marks.append(Rule(x, TOP, x, floor, "coral", 1.5))
    marks.append(_fish(x, y, 1.5))
    return Drawing(*frame.size, marks)
