"""E06, The dot product: two lists of numbers, multiplied in pairs and added up."""

from math import acos, degrees
from typing import Any

import numpy as np

from fishformer.charts.arrows import two_arrows
from fishformer.charts.drawing import Drawing
from fishformer.charts.products import minus, products
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Table, Words
from fishformer.sums import cosine, dot, length
from fishformer.timeline import Timeline

A = (0.8, 0.3, 0.6, 0.9)  # the pair of source 000
B = (0.7, 0.4, 0.5, 0.8)
MOST = 2.0  # every number is from -MOST to MOST
RIGHT_ANGLE = (0.6, 0.9, -0.5, -0.5)  # with A adds up to 0
PAIRS = {
    "first": np.array(B),
    "double": 2 * np.array(B),
    "turned": -np.array(B),
    "apart": np.array(RIGHT_ANGLE),
}


class DotProduct(Exhibit):
    """Eight numbers that a visitor can change, their four products and their sum."""

    id = "e06"
    canvases = ("e06.sum", "e06.arrows")
    live = False
    of_corpus = False
    shows_code = (dot, cosine, length)
    terms = {  # noqa: RUF012 (never changed)
        "products": (dot, "products = "),
        "sum": (dot, "products.sum()"),
        "cosine": (cosine, "dot(a, b).total / lengths"),
        "lengths": (cosine, "lengths = "),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.a = np.array(A)
        self.b = np.array(B)

    def handle(self, name: str, value: Any) -> None:
        if name == "pair" and value in PAIRS:
            self.a = np.array(A)
            self.b = np.clip(PAIRS[value], -MOST, MOST)
        elif len(name) == 2 and name[0] in "ab" and name[1] in "1234":
            numbers = self.a if name[0] == "a" else self.b
            numbers[int(name[1]) - 1] = round(self.within(value, -MOST, MOST), 2)
        else:
            super().handle(name, value)

    def compute(self, timeline: Timeline) -> None:
        self.sum = dot(self.a, self.b)
        self.cosine = cosine(self.a, self.b)
        self.lengths = length(self.a), length(self.b)

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        if canvas == "e06.sum":
            tones = ("query", "key")
            return products((width, height), self.sum, (1, 1, 2), tones, total=True)
        angle = 0.0 if self.cosine is None else acos(self.cosine)
        longest = max(*self.lengths, 1.5)
        return two_arrows((width, height), self.lengths, angle, longest)

    def view(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            f"e06.{name}{n}": round(number, 2)
            for name, numbers in (("a", self.a), ("b", self.b))
            for n, number in enumerate(numbers.tolist(), 1)
        }
        chosen = None
        if np.allclose(self.a, A):
            pairs = PAIRS.items()
            chosen = next((p for p, b in pairs if np.allclose(self.b, b)), None)
        state["e06.pair"] = chosen
        return {"state": state}

    def texts(self) -> dict[str, Words]:
        texts: dict[str, Words] = {
            f"e06.{name}{n}": minus(number, 1)
            for name, numbers in (("a", self.a), ("b", self.b))
            for n, number in enumerate(numbers.tolist(), 1)
        }
        doubled = dot(np.array(A), 2 * np.array(B)).total
        same = cosine(np.array(A), 2 * np.array(B))
        texts |= {
            "e06.total": minus(self.sum.total, 2),
            "e06.line": self._line(),
            "e06.cosine": "none" if self.cosine is None else minus(self.cosine, 3),
            "e06.angle": "none" if self.cosine is None else f"{self._angle():.0f}°",
            "e06.length_a": minus(self.lengths[0], 2),
            "e06.length_b": minus(self.lengths[1], 2),
            "e06.finding": self._finding(),
            "e06.after": [
                ("The sum doubles, from ", ""),
                (minus(dot(np.array(A), np.array(B)).total, 2), "num"),
                (" to ", ""),
                (minus(doubled, 2), "num"),
                ("; the cosine stays at ", ""),
                (minus(same or 0.0, 3), "num"),
                (", for the arrows point where they did.", ""),
            ],
        }
        return texts

    def _angle(self) -> float:
        return degrees(acos(self.cosine or 0.0))

    def _line(self) -> str:
        parts = " + ".join(minus(p, 2) for p in self.sum.products.tolist())
        return f"{parts} = {minus(self.sum.total, 2)}".replace("+ −", "− ")

    def _finding(self) -> str:
        total = minus(self.sum.total, 2)
        if self.cosine is None:
            return (
                "A list of zeros has no direction: its dot product with any other is "
                "0, and it has no cosine."
            )
        if abs(self.sum.total) < 0.005:
            return (
                f"The products add up to {total}: the arrows stand at a right angle, "
                "and neither list says anything about the other."
            )
        if self.sum.total < 0:
            return (
                f"The sum is {total}, below zero: the arrows point more apart than "
                f"together, {self._angle():.0f}° from each other."
            )
        return (
            f"The sum is {total}. Divided by both lengths it is "
            f"{minus(self.cosine, 3)}, the cosine of an angle of {self._angle():.0f}°: "
            "the nearer to 1, the more the two point the same way."
        )

    def labels(self) -> dict[str, str]:
        return {
            "e06.sum": f"Four products and their sum: {self._line()}.",
            "e06.arrows": (
                f"Two arrows, {minus(self.lengths[0], 2)} and "
                f"{minus(self.lengths[1], 2)} long, "
                + (
                    "one of them without a direction."
                    if self.cosine is None
                    else f"{self._angle():.0f} degrees apart."
                )
            ),
        }

    def tables(self) -> list[Table]:
        rows = [
            [str(n), minus(a, 1), minus(b, 1), minus(product, 2)]
            for n, (a, b, product) in enumerate(
                zip(*(part.tolist() for part in self.sum[:3]), strict=True), 1
            )
        ]
        rows.append(["sum", "", "", minus(self.sum.total, 2)])
        return [Table("The dot product of a and b", ["Pair", "a", "b", "a × b"], rows)]
