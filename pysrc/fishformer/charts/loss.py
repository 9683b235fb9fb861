"""The chart of the loss over the steps of training."""

from collections.abc import Iterable
from math import atan2, ceil, exp
from typing import NamedTuple, Protocol

import numpy as np

from .drawing import Drawing, Line, Mark, Rule, Size, Text, text_width
from .fish import fish
from .labels import ASCENT, HEIGHT, Box, beside_levels, nearest_free
from .lines import Numbers, per_column, points, ticks
from .trail import Values, trails

# Margins of the chart. The steps end before the lines do: the fish needs its room.
LEFT, RIGHT, TOP, BOTTOM = 28.0, 10.0, 10.0, 28.0
END_LABEL = 52.0  # width of "training" in bold
STOP_TICK = 7.0  # half of its height
HEADROOM = 0.25  # nats between ln V and the top of the axis, at least


class Reference(NamedTuple):
    """A loss to compare with, and what it means."""

    value: float  # nats
    label: str


class Losses(Protocol):
    """The reference losses of a corpus, in nats (fishformer.corpus.References)."""

    @property
    def uniform(self) -> float:
        """Of guessing among all words."""

    @property
    def frequency(self) -> float:
        """Of guessing by how often a word is used."""

    @property
    def train_floor(self) -> float:
        """The least that the training sentences allow."""

    @property
    def grammar_floor(self) -> float | None:
        """The least that the grammar allows, where one is known."""


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

    def x(self, step: Numbers) -> Numbers:
        """Steps as pixels across."""
        return LEFT + step / self.end * (self.size[0] - LEFT - RIGHT)

    def y(self, loss: Numbers) -> Numbers:
        """Losses as pixels down."""
        return TOP + (1 - loss / self.top) * (self.size[1] - TOP - BOTTOM)

    def points(self, steps: np.ndarray, losses: np.ndarray) -> np.ndarray:
        """Both, as the points of a line: (N, 2)."""
        return points(self.x(steps), self.y(losses))


def loss_frame(size: Size, end: int, references: list[Reference]) -> LossFrame:
    """Axes, grid and references of a loss chart from step 0 to end.

    references are as from reference_lines, the first is ln V. The loss axis runs from 0
    to a little more than that, and does not move with the data.
    """
    width, height = size
    top = ceil((references[0].value + HEADROOM) * 2) / 2
    frame = LossFrame(size, max(end, 1), top, Drawing(width, height), [], [])
    references = sorted(references, reverse=True)
    levels = [frame.y(min(max(value, 0), top)) for value, _ in references]
    whole = range(int(top) + 1)
    marks = [
        *(Rule(LEFT, frame.y(n), width, frame.y(n), "hair") for n in whole[1:]),
        Rule(LEFT, frame.y(0), width, frame.y(0), "edge"),
        *(Text(15, frame.y(n) + 4, str(n), "ink-3", align="right") for n in whole),
        *_step_axis(frame),
        *(
            Rule(LEFT, y, width, y, "ink-3", dash=(2, 3))
            for y in levels
            if frame.y(0) - y > 2  # else the axis does as well
        ),
    ]
    boxes = beside_levels(
        [text_width(label) for _, label in references],
        levels,
        Box(LEFT, TOP, width, frame.y(0)),
        [frame.y(n) for n in whole[1:]],
    )
    labels = [
        Text(box.left, box.top + ASCENT, label, "ink-2", halo=True)
        if box.right < width
        else Text(width, box.top + ASCENT, label, "ink-2", align="right", halo=True)
        for (_, label), box in zip(references, boxes, strict=True)
    ]
    drawing = Drawing(width, height, marks)
    return frame._replace(drawing=drawing, labels=labels, boxes=boxes)


def _step_axis(frame: LossFrame) -> list[Mark]:
    """Ticks with their numbers, none of them so near the last that they would touch."""
    (width, height), floor = frame.size, frame.y(0)
    *inner, end = ticks(frame.end)
    last = Text(width, height - 7, f"step {end:,}", "ink-3", align="right")
    marks: list[Mark] = [
        Rule(frame.x(n), floor, frame.x(n), floor + 4, "edge") for n in (*inner, end)
    ]
    marks.append(last)
    room = width - text_width(last.text) - 8
    for step in inner:
        text, x = f"{step:,}", frame.x(step)
        if x + text_width(text) / 2 < room:
            align = "center" if step else "left"
            marks.append(Text(x, height - 7, text, "ink-3", align=align))
    return marks


def loss_lines(
    frame: LossFrame,
    losses: Values,
    held_out: np.ndarray,
    step: int,
    stops: Iterable[int] = (),
) -> Drawing:
    """The curves, the playhead at `step`, and all labels; painted above the frame.

    losses (N,): one a step from step 0. held_out (M, 2): (step, loss) pairs in order.
    The losses of single batches are noisy, so they are a faint line, and the main line
    is their running mean (lines.running_mean over lines.window(end) steps). Steps after
    `step` are what was wound back: a thin line. What is not a number is at the top. A
    tick crosses the main line at each of the `stops`.
    """
    per = per_column(frame.end, frame.size[0] - LEFT - RIGHT)
    lines = trails(losses, "loss", frame.size, frame.end, frame.top, per, frame.points)
    mean = lines.mean.means
    held_out = np.asarray(held_out, np.float64).reshape(-1, 2)
    held_out = held_out[: np.searchsorted(held_out[:, 0], step, "right")]
    now = step + 1
    noise, curve = lines.noise.upto(now), lines.curve.upto(now)
    rest = lines.rest(step) if now < len(mean) else curve[-1:]
    dashed = frame.points(held_out[:, 0], np.fmin(held_out[:, 1], frame.top))
    x, y = frame.x(step), frame.y(mean[step])
    marks: list[Mark] = [
        Line(noise, "sea-soft"),
        Line(rest, "edge", 1.25),
        Line(dashed, "ink-2", 1.25, (5, 3)),
        Line(curve, "sea", 2),
        *(stop_tick(frame.x(k), frame.y(mean[k])) for k in stops if k < len(mean)),
        Rule(x, TOP, x, frame.y(0), "coral", 1.5),
    ]
    if x > LEFT + 20:  # else there is no line yet to be named
        marks += _end_labels(frame, x, curve, dashed, noise, rest)
    marks += frame.labels
    marks.append(fish(x, y, _tilt(frame, mean, step)))
    return Drawing(*frame.size, marks)


def stop_tick(x: float, y: float) -> Rule:
    """Where a rule stopped a run, on its curve."""
    return Rule(x, y - STOP_TICK, x, y + STOP_TICK, "ink", 2)


def _end_labels(
    frame: LossFrame,
    x: float,
    curve: np.ndarray,
    dashed: np.ndarray,
    noise: np.ndarray,
    rest: np.ndarray,
) -> list[Mark]:
    """Names of the two curves where they end, at x, clear of all lines and labels."""
    named = [("training", "sea", 600, float(curve[-1, 1]))]
    if len(dashed):  # a little up: where the curves meet, this label is the upper one
        named.append(("held-out", "ink-2", 400, float(dashed[-1, 1]) - 6))
    width = END_LABEL
    ahead = x + 16 + width <= frame.size[0]
    left = x + 16 if ahead else x - 14 - width
    spans = [
        (box.top, box.bottom)
        for box in frame.boxes
        if box.left < left + width and left < box.right
    ]
    for line in [rest] if ahead else [noise, dashed]:
        first, last = np.searchsorted(line[:, 0], (left - 4, left + width + 4))
        if last > first:
            ys = line[first:last, 1]
            spans.append((float(ys.min()), float(ys.max())))
    at, align = (left, "left") if ahead else (left + width, "right")
    marks: list[Mark] = []
    for name, colour, weight, y in named:
        top = nearest_free(y - HEIGHT / 2, spans, 0, frame.y(0))
        spans.append((top, top + HEIGHT))
        marks.append(
            Text(at, top + ASCENT, name, colour, 12, "sans", weight, False, align, True)
        )
    return marks


def _tilt(frame: LossFrame, mean: Values, step: int) -> float:
    """The slope of the curve of late, softened: the fish swims along it."""
    back = min(max(frame.end // 25, 1), step)
    if not back:
        return 0.0
    rise = frame.y(mean[step]) - frame.y(mean[step - back])
    return 0.7 * atan2(rise, frame.x(back) - LEFT)
