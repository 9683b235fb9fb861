"""E21, The square: what attention costs, counted and measured on the spot."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor, log2, log10
from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.cells import elman_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.series import Axis, Curve, series
from fishformer.charts.square import square
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e21_words as says
from fishformer.exhibits.e21_words import (
    FITTED_FROM,
    LONG,
    SHORT,
    in_bytes,
    in_ms,
    milliseconds,
)
from fishformer.exhibits.exhibit import Exhibit, Matrix, Piece, Table, Words, plain
from fishformer.lessons.cost import (
    LENGTHS,
    ROUNDS,
    bytes_of_scores,
    fitted_exponent,
    length_where_pairs_lead,
    measurements,
    median,
    pairs,
    steps_in_a_row,
    work_of_layer,
)
from fishformer.lessons.counting import GPT_3
from fishformer.timeline import Timeline

CHOICES = (64, 512, 1024, 32_768, 1_048_576)  # words
LEAST, MOST = 4, 20  # powers of two of the range
WIDE = 500  # px from which there is room for every length on the axis
KINDS = {"attention": "attention", "elman": "Elman network"}


class Cost(Exhibit):
    """Pairs against length; and, when it is asked for, seconds against length."""

    id = "e21"
    canvases = ("e21.square", "e21.time")
    shows_code = (
        pairs,
        steps_in_a_row,
        work_of_layer,
        length_where_pairs_lead,
        attention_forward,
        elman_forward,
        measurements,
        fitted_exponent,
    )
    live = False
    of_corpus = False

    def __init__(self, config: Config, corpus: Corpus):
        # One layer of this page's model, whatever else its settings say.
        self.config = replace(Config(), n_heads=config.n_heads, d_model=config.d_model)
        self.d_ff = config.d_ff
        self.n_layers = config.n_layers
        self.n_words = 512
        self.measured: dict[tuple[str, int], list[float]] = {}
        self._done = 0

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "length":
            self.n_words = 2 ** self.numbered(value, MOST - LEAST + 1, LEAST)
        elif name == "words" and str(value) in map(str, CHOICES):
            self.n_words = int(value)
        elif name == "measure":
            self.measured.clear()
            self._done = 0
            self.job = self._measure()
        elif name == "stop":
            self.job = None
        else:
            super().handle(name, value)

    # ---- the job ------------------------------------------------------------------

    def _measure(self) -> Iterator[None]:
        for kind, n_words, seconds in measurements(self.config):
            self.measured.setdefault((kind, n_words), []).append(seconds)
            self._done += 1
            yield

    def compute(self, timeline: Timeline) -> None:
        """Nothing here looks at the live model."""

    @property
    def progress(self) -> float:
        """How much of the measuring is done, 0 to 1."""
        return self._done / (len(KINDS) * len(LENGTHS) * ROUNDS)

    def median(self, kind: str, n_words: int) -> float | None:
        """Seconds, or None before the first measurement."""
        found = self.measured.get((kind, n_words))
        return median(found) if found else None

    def line(self, kind: str) -> tuple[list[int], list[float]]:
        """The lengths that have been measured, and the medians."""
        lengths = [n for n in LENGTHS if (kind, n) in self.measured]
        return lengths, [median(self.measured[kind, n]) for n in lengths]

    def exponent(self, kind: str) -> float | None:
        """How fast the time grows: 2 for a square, 1 for a straight line."""
        lengths, seconds = self.line(kind)
        if lengths != list(LENGTHS):
            return None
        first = lengths.index(FITTED_FROM)
        return fitted_exponent(lengths[first:], seconds[first:])

    @property
    def whole(self) -> bool:
        """Whether every length has been measured at least once."""
        return all((kind, n) in self.measured for kind in KINDS for n in LENGTHS)

    # ---- what is drawn ------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e21.square":
            return square(size, self.n_words)
        told = LENGTHS if width >= WIDE else LENGTHS[::2]
        ticks = [(log2(n), f"{n:,}") for n in told]
        x_axis = Axis(log2(LENGTHS[0]), log2(LENGTHS[-1]), ticks)
        if not self.measured:
            return self._draw_counted(size, x_axis)
        curves = self._measured_curves()
        every = np.concatenate([curve.y for curve in curves[:2]])
        low, high = floor(every.min()), ceil(every.max())
        high = max(high, low + 1)
        ticks = [(n, milliseconds(10.0 ** (n - 3))) for n in range(low, high + 1)]
        return series(size, x_axis, Axis(low, high, ticks), curves)

    def _draw_counted(self, size: tuple[float, float], x_axis: Axis) -> Drawing:
        """What is to be expected: pairs and steps, before anything is measured."""
        x = np.array([log2(n) for n in LENGTHS])
        counted = [
            Curve(x, np.log10([pairs(n) for n in LENGTHS]), "pairs", "sea"),
            Curve(x, np.log10([steps_in_a_row(n) for n in LENGTHS]), "steps",
                  "coral-ink"),
        ]  # fmt: skip
        ticks = [(n, f"{10**n:,}") for n in range(1, 8)]
        return series(size, x_axis, Axis(1, 7, ticks), counted)

    def _measured_curves(self) -> list[Curve]:
        """Both lines in log10 of milliseconds, and what n² and n would be."""
        curves = []
        strokes = {"attention": "sea", "elman": "coral-ink"}
        for kind, name in (("attention", "attention"), ("elman", "Elman")):
            lengths, seconds = self.line(kind)
            y = np.log10(np.maximum(seconds, 1e-7)) + 3
            curves.append(Curve(np.log2(lengths), y, name, strokes[kind]))
        if self.whole:
            for kind, power, name in (("attention", 2, "n²"), ("elman", 1, "n")):
                last = self.median(kind, LENGTHS[-1])
                assert last is not None
                x = np.array([log2(n) for n in LENGTHS])
                y = np.log10(last) + 3 + power * (x - x[-1]) * log10(2)
                low = curves[0].y.min() if power == 2 else -np.inf
                there = y >= min(low, curves[1].y.min())
                curves.append(Curve(x[there], y[there], name, "edge", 1, (2.0, 3.0)))
        return curves

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {
            "e21.length": round(log2(self.n_words)),
            "e21.words": str(self.n_words),
            "e21.busy": self.busy,
            "e21.idle": not self.busy,
            "e21.progress": self.progress,
            "e21.measured": bool(self.measured),
        }
        rows = [[in_ms(self.median(kind, n)) for kind in KINDS] for n in LENGTHS]
        times = Matrix(
            rows, [f"{n:,}" for n in LENGTHS], ["attention", "Elman"],
            lit=[(LENGTHS.index(n), 0) for n in (SHORT, LONG)],
        )  # fmt: skip
        return {"state": state, "matrices": {"e21.times": times}}

    def texts(self) -> dict[str, Words]:
        return {
            "e21.length": f"{self.n_words:,}",
            "e21.pairs": f"{pairs(self.n_words):,}",
            "e21.steps": f"{steps_in_a_row(self.n_words):,}",
            "e21.scores": f"{self._heads() * pairs(self.n_words):,}",
            "e21.room": in_bytes(bytes_of_scores(self.n_words, self.config.n_heads)),
            "e21.gpt3": in_bytes(bytes_of_scores(self.n_words, GPT_3.n_heads)),
            "e21.share": says.share_said(self.n_words, self.config.d_model, self.d_ff),
            "e21.measure": "Measure again" if self.measured else "Measure it here",
            "e21.status": self._status(),
            "e21.counted": self._counted(),
            "e21.verdict": self._verdict(),
            "e21.answer": says.answer_said(self._ratio("attention")),
            "e21.erratum": says.erratum_said(self._ratio("attention")),
            "e21.lead": f"{length_where_pairs_lead(self.config.d_model, self.d_ff):,}",
            "e21.lead3": f"{length_where_pairs_lead(GPT_3.d_model, GPT_3.d_ff):,}",
            "e21.wider": f"{GPT_3.d_model / self.config.d_model:,.0f}",
            "e21.reads3": f"{GPT_3.max_len:,}",
            "e21.512": f"{pairs(512):,}",
            "e21.32768": f"{pairs(32_768):,}",
            "e21.finding": says.finding(*map(self._ratio, KINDS)),
        }

    def _heads(self) -> int:
        return self.n_layers * self.config.n_heads

    def _status(self) -> str:
        if self.busy:
            return f"Measuring, {self.progress:.0%}. What else runs here adds to it."
        if not self.measured:
            return "Below, what is counted: pairs and steps, in powers of ten."
        fewest = min(len(found) for found in self.measured.values())
        return (
            f"Medians of {fewest} measurements. A mark to the right is twice the "
            "length, a mark up ten times the time."
        )

    def _counted(self) -> list[Piece]:
        return says.counted_said(self.n_words, self._heads())

    def _ratio(self, kind: str) -> float | None:
        """How many times as long the long sentence takes as the short one."""
        short, long = self.median(kind, SHORT), self.median(kind, LONG)
        return None if short is None or long is None else long / short

    def _verdict(self) -> list[Piece]:
        """What the measurement says; it may differ from machine to machine."""
        attention, elman = (self.exponent(kind) for kind in KINDS)
        if attention is None or elman is None:
            return [("Fitted exponents come with the last length.", "")]
        longest = [self.median(kind, LONG) for kind in KINDS]
        assert longest[0] is not None and longest[1] is not None
        return says.verdict_said((attention, elman), (longest[0], longest[1]))

    def labels(self) -> dict[str, str]:
        counted = plain(self._counted())
        verdict = plain(self._verdict())
        before = f"Pairs and steps from {LENGTHS[0]} to {LENGTHS[-1]:,} words, counted."
        return {
            "e21.square": f"{counted} Half as many words make a quarter of the pairs.",
            "e21.time": verdict if self.measured else before,
        }

    def tables(self) -> list[Table]:
        counted = [
            [f"{n:,}", f"{pairs(n):,}", f"{steps_in_a_row(n):,}",
             in_bytes(bytes_of_scores(n, self.config.n_heads))]
            for n in (2**power for power in range(LEAST, MOST + 1))
        ]  # fmt: skip
        measured = [
            [f"{n:,}", *(in_ms(self.median(kind, n)) for kind in KINDS)]
            for n in LENGTHS
        ]
        return [
            Table("Counted", ["Words", "Pairs a head", "Steps in a row",
                              "Scores of a layer"], counted),
            Table("Measured, milliseconds", ["Words", *KINDS.values()], measured),
        ]  # fmt: skip
