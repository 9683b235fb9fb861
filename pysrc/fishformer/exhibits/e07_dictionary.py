"""E07, A soft dictionary: from one entry or none to a blend of them all."""

from math import log10
from typing import Any

import numpy as np

from fishformer.charts.blend import blends, heading_at
from fishformer.charts.drawing import Drawing
from fishformer.charts.products import minus
from fishformer.charts.shares import compact
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Matrix, Piece, Table, Words
from fishformer.lessons.lookup import divided_by_sum, hard_lookup, soft_lookup
from fishformer.softmax import softmax_forward
from fishformer.timeline import Timeline

# A harbour's log, made up for this page: how deep the sea is, by heading.
LOG = (
    ("north", 0.0, 12.0),
    ("north-east", 45.0, 30.0),
    ("east", 90.0, 55.0),
    ("south", 180.0, 80.0),
    ("west", 270.0, 20.0),
)
DEEPEST = 100.0  # metres, the end of the scale
HEADING = 75.0
TEMPERATURE = 1.0
COLDEST, HOTTEST = 0.01, 100.0
HEADINGS = np.arange(0, 361, 2)
NAMES = (
    "how well it matches", "score over temperature", "e to that", "share of the whole",
    "what it holds", "what it adds",
)  # fmt: skip
COLUMNS = ("score", "÷ T", "exp", "share", "depth", "part")


def direction(heading: np.ndarray | float) -> np.ndarray:
    """Headings in degrees (...) as arrows of length 1: (..., 2), north, then east."""
    turned = np.radians(heading)
    return np.stack([np.cos(turned), np.sin(turned)], axis=-1)


class SoftDictionary(Exhibit):
    """Five entries, a query that turns, and a temperature from 0.01 to 100."""

    id = "e07"
    canvases = ("e07.curve",)
    live = False
    of_corpus = False
    shows_code = (soft_lookup, softmax_forward, hard_lookup, divided_by_sum)
    terms = {  # noqa: RUF012 (never changed)
        "scores": (soft_lookup, "scores ="),
        "softmax": (softmax_forward, "exps = "),
        "sum": (softmax_forward, "return exps"),
        "temperature": (soft_lookup, "weights ="),
        "blend": (soft_lookup, "blend ="),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.heading = HEADING
        self.temperature = TEMPERATURE
        self.opened = (2, 3)  # the share of the third entry

    # ---- events -------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "heading":
            self.heading = self.within(value, 0, 360)
        elif name == "log_temperature":
            self.temperature = 10 ** self.within(value, log10(COLDEST), log10(HOTTEST))
        elif name == "at":
            if value["kind"] == "press":
                self.heading = round(heading_at(self._size, float(value["x"])))
        elif name == "open":
            _, row, column = value
            if not (0 <= row < len(LOG) and 0 <= column < len(COLUMNS)):
                raise ValueError(f"E07 has no number in row {row}, column {column}.")
            self.opened = int(row), int(column)
        else:
            super().handle(name, value)

    # ---- what a query finds ---------------------------------------------------------

    _size = (680.0, 260.0)  # of the chart, as it was last drawn

    def compute(self, timeline: Timeline) -> None:
        self.keys = np.stack([direction(heading) for _, heading, _ in LOG])
        self.values = np.array([value for _, _, value in LOG])
        query = direction(self.heading)
        self.found = soft_lookup(query, self.keys, self.values, self.temperature)
        self.blend = float(self.found.blend)
        self.hard = float(hard_lookup(query, self.keys, self.values))
        self.wrong = divided_by_sum(self.found.scores)
        self.exps = np.exp(self.found.scores / self.temperature)

    def _name(self, at: int) -> str:
        return LOG[at][0]

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        self._size = width, height
        queries = direction(HEADINGS)
        curve = soft_lookup(queries, self.keys, self.values, self.temperature).blend
        hard = hard_lookup(queries, self.keys, self.values)
        entries = [
            (*entry, weight)
            for entry, weight in zip(LOG, self.found.weights.tolist(), strict=True)
        ]
        query = self.heading, self.blend
        return blends((width, height), curve, hard, entries, query, DEEPEST)

    # ---- what is said ---------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        scores, weights = self.found.scores, self.found.weights
        columns = [
            [minus(score, 2) for score in scores.tolist()],
            [_short(score) for score in (scores / self.temperature).tolist()],
            [compact(number) for number in self.exps.tolist()],
            [_share(weight) for weight in weights.tolist()],
            [f"{value:.0f}" for value in self.values.tolist()],
            [f"{part:.1f}" for part in (weights * self.values).tolist()],
        ]
        row, column = self.opened
        lit = [(row, c) for c in _uses(column)]
        if column == COLUMNS.index("share"):
            lit = [(r, 2) for r in range(len(LOG))]
        table = Matrix(
            [list(line) for line in zip(*columns, strict=True)],
            [name for name, _, _ in LOG],
            COLUMNS,
            lit=lit,
            opened=self.opened,
            use="open",
        )
        return {
            "state": {
                "e07.heading": round(self.heading),
                "e07.log_temperature": round(log10(self.temperature), 3),
            },
            "matrices": {"e07.lookup": table, "e07.wrong": self._wrong()},
        }

    def _wrong(self) -> Matrix:
        """Both ways to make shares of the scores, in per cent, side by side."""
        at_one = (100 * softmax_forward(self.found.scores)).tolist()
        divided = ["none"] * len(LOG)
        if self.wrong is not None:
            divided = [minus(share, 0) for share in (100 * self.wrong).tolist()]
        rows = [[one, f"{two:.0f}"] for one, two in zip(divided, at_one, strict=True)]
        names = [name for name, _, _ in LOG]
        return Matrix(rows, names, ["without exp, %", "softmax, %"])

    def texts(self) -> dict[str, Words]:
        best = int(self.found.scores.argmax())
        return {
            "e07.degrees": f"{self.heading:.0f}°",
            "e07.temperature": _plain(self.temperature),
            "e07.blend": f"{self.blend:.1f} m",
            "e07.hard": f"{self.hard:.0f} m, {self._name(best)}",
            "e07.opened": self._opened(),
            "e07.finding": self._finding(best),
            "e07.erratum": self._erratum(),
        }

    def _finding(self, best: int) -> str:
        share = self.found.weights[best]
        heading, name = f"{self.heading:.0f}°", self._name(best)
        if share > 0.995:
            return (
                f"At temperature {_plain(self.temperature)} the best match, {name}, "
                f"takes everything: the answer for {heading} is its "
                f"{self.values[best]:.0f} m, as a hard dictionary would have it."
            )
        if share < 1.05 / len(LOG):
            return (
                f"At temperature {_plain(self.temperature)} every entry counts nearly "
                f"alike, whatever the query: {self.blend:.1f} m is about the mean "
                f"of all five, {self.values.mean():.1f} m."
            )
        return (
            f"At temperature {_plain(self.temperature)} the answer for {heading} is "
            f"{self.blend:.1f} m: {share:.0%} of it comes from {name}, the rest "
            "from the others, the less the worse they match."
        )

    def _opened(self) -> list[Piece]:
        """How the number that was opened came about, with all its operands."""
        row, column = self.opened
        name, _, value = LOG[row]
        score, weight = self.found.scores[row], self.found.weights[row]
        divided = score / self.temperature
        query, key = direction(self.heading), self.keys[row]
        says: list[Piece] = [(name, "strong"), (f", {NAMES[column]}: ", "")]
        if column == 0:
            sums = [
                f"{minus(q, 3)} × {minus(k, 3)}"
                for q, k in zip(query.tolist(), key.tolist(), strict=True)
            ]
            says.append((" + ".join(sums) + f" = {minus(float(score), 2)}", "num"))
        elif column == 1:
            by = _plain(self.temperature)
            says.append((f"{minus(score, 3)} ÷ {by} = {_short(divided)}", "num"))
        elif column == 2:
            says.append((f"e to the {minus(divided, 2)} = ", ""))
            says.append((compact(float(self.exps[row])), "num"))
        elif column == 3:
            exps = [compact(e) for e in self.exps.tolist()]
            total = " + ".join(exps)
            says.append((f"{exps[row]} ÷ ({total}) = {_share(weight)}", "num"))
        elif column == 4:
            says.append((f"{value:.0f} m, the value that stands in the log", ""))
        else:
            says.append(
                (f"{_share(weight)} × {value:.0f} = {weight * value:.1f}", "num")
            )
            parts = (self.found.weights * self.values).tolist()
            total = " + ".join(f"{part:.1f}" for part in parts)
            says.append((". The blend: ", ""))
            says.append((f"{total} = {self.blend:.1f}", "num"))
        return says

    def _erratum(self) -> str:
        if self.wrong is None:
            return (
                "At this heading the five scores add up to nothing, and there is no "
                "dividing by that."
            )
        low = int(self.wrong.argmin())
        if self.wrong[low] >= 0:
            return "At this heading no score is below zero. Turn the query on."
        return (
            f"For {self.heading:.0f}° it gives {self._name(low)} a share of "
            f"{minus(100 * float(self.wrong[low]), 0)}%, less than nothing, because "
            f"its score is {minus(float(self.found.scores[low]), 2)}. exp turns every "
            "score into a number above zero first."
        )

    def labels(self) -> dict[str, str]:
        return {
            "e07.curve": (
                f"Depth against heading: the blend at temperature "
                f"{_plain(self.temperature)} is {self.blend:.1f} m at "
                f"{self.heading:.0f} degrees; the best match alone gives "
                f"{self.hard:.0f} m."
            )
        }

    def tables(self) -> list[Table]:
        rows = [
            [
                name,
                f"{heading:.0f}°",
                minus(score, 3),
                f"{weight:.1%}",
                f"{value:.0f} m",
                f"{weight * value:.1f} m",
            ]
            for (name, heading, value), score, weight in zip(
                LOG,
                self.found.scores.tolist(),
                self.found.weights.tolist(),
                strict=True,
            )
        ]
        caption = (
            f"Heading {self.heading:.0f}°, temperature {_plain(self.temperature)}: "
            f"{self.blend:.1f} m"
        )
        columns = ["Entry", "Key", "Score", "Share", "Value", "Share × value"]
        return [Table(caption, columns, rows)]


def _uses(column: int) -> list[int]:
    """Which numbers of its row a number is made of."""
    return {1: [0], 2: [1], 5: [3, 4]}.get(column, [])


def _short(number: float) -> str:
    """Two decimals, or one where that is enough."""
    return minus(number, 2 if abs(number) < 9.995 else 1)


def _share(weight: float) -> str:
    """A share in per cent, to one decimal unless it is all of it."""
    return "100%" if weight > 0.9995 else f"{weight:.1%}"


def _plain(temperature: float) -> str:
    """0.01 to 100, with as many digits as count."""
    if temperature >= 10:
        return f"{temperature:.0f}"
    return f"{temperature:.1f}" if temperature >= 0.995 else f"{temperature:.2f}"
