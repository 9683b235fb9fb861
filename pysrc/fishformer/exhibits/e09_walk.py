"""The way through the helmet's example: where a visitor stands, and all its numbers.

Shapes: T 6 words, D 8 numbers a word, H 2 heads, Dh 4 numbers a head.
"""

from typing import NamedTuple

import numpy as np

from fishformer.exhibits.e09_puzzle import SMACKED
from fishformer.exhibits.edits import Edits
from fishformer.lessons.helmet import CONFIGS, attend, load_helmet
from fishformer.sums import Sum, dot

MOST = 3.0  # bounds of what a visitor may type
LISTS = {"query": "Q", "key": "K", "value": "V"}  # a step that projects, its result
STEPS = (*LISTS, "scores", "shares", "mix", "heads", "join")
DIVISOR = float(np.sqrt(CONFIGS[True].d_head))
SHAPES = {"scores": (6, 6), "shares": (6, 6), "join": (6, 8)}  # all others are (6, 4)
# Where the numbers of a matrix are made; P is made where it stands, M in both heads.
MADE_IN = {
    "Q": "query", "Kt": "key", "V": "value", "S": "scores", "S2": "scores",
    "A": "shares", "A2": "shares", "H": "mix", "H1": "mix", "H2": "mix", "M": "mix",
    "O": "join",
}  # fmt: skip


class Head(NamedTuple):
    """All that one head computes."""

    q: np.ndarray  # (T, Dh)
    k: np.ndarray  # (T, Dh)
    v: np.ndarray  # (T, Dh)
    scores: np.ndarray  # (T, T) before any division
    shares: np.ndarray  # (T, T)
    blend: np.ndarray  # (T, Dh)


class Walk:
    """A step, a head, a number that is opened, and what may be changed."""

    def __init__(self) -> None:
        helmet = load_helmet()
        self.words = helmet.words
        given = {"X": helmet.x, "WO": helmet.weights["w_o"]}
        self.edits = Edits(given, MOST)
        self.step = "query"
        self.head = 1
        self.scaled = True
        self.opened = dict.fromkeys(STEPS, (SMACKED, 2))
        self.opened |= {"scores": (SMACKED, 5), "shares": (SMACKED, 5)}

    def go(self, steps: int) -> None:
        """So many steps on, or back, as far as there are any."""
        at = STEPS.index(self.step) + steps
        self.step = STEPS[min(max(at, 0), len(STEPS) - 1)]

    def open(self, matrix: str, row: int, column: int) -> None:
        """Open a number where it is made: here, or in an earlier step.

        Raises ValueError where there is no such number.
        """
        step = (
            self.step if matrix == "P" and self.step in LISTS else MADE_IN.get(matrix)
        )
        if step is None:
            raise ValueError(f"E09 cannot open a number of {matrix!r}.")
        head = self.head
        if matrix == "Kt":
            row, column = column, row
        elif matrix in ("H1", "H2"):
            head = int(matrix[1])
        elif matrix == "M":
            head, column = column // 4 + 1, column % 4
        rows, columns = SHAPES.get(step, (6, 4))
        if not (0 <= row < rows and 0 <= column < columns and head in (1, 2)):
            raise ValueError(f"{matrix} has no row {row}, column {column}.")
        self.step, self.head = step, head
        self.opened[step] = int(row), int(column)

    def compute(self) -> None:
        """Both heads and what comes of them, by the model's own attention."""
        self.weights = load_helmet().weights | {"w_o": self.edits["WO"]}
        self.out, cache = attend(self.edits["X"], self.weights, self.scaled)
        self.mixed = cache.mixed[0]  # (T, D)
        self.heads = [
            Head(
                cache.q[0, h],
                cache.k[0, h],
                cache.v[0, h],
                cache.scores[0, h] * self.divisor,
                cache.attn_weights[0, h],
                self.mixed[:, 4 * h : 4 * h + 4],
            )
            for h in (0, 1)
        ]

    @property
    def divisor(self) -> float:
        """What the scores are divided by."""
        return DIVISOR if self.scaled else 1.0

    @property
    def now(self) -> Head:
        """The head that is looked at."""
        return self.heads[self.head - 1]

    @property
    def cell(self) -> tuple[int, int]:
        """Row and column of the number that is opened."""
        return self.opened[self.step]

    @property
    def word(self) -> str:
        """The word whose number is opened."""
        return self.words[self.cell[0]]

    def weight(self) -> np.ndarray:
        """The weights of the list that is made in this step and head: (D, Dh)."""
        whole = self.weights[f"w_{LISTS[self.step].lower()}"]
        return whole[:, 4 * self.head - 4 : 4 * self.head]

    def made(self) -> np.ndarray:
        """The queries, keys or values of this step: (T, Dh)."""
        now = self.now
        return {"query": now.q, "key": now.k, "value": now.v}[self.step]

    def opened_sum(self) -> Sum:
        """The opened number as a dot product; of a share, that of its score."""
        row, column = self.cell
        if self.step in LISTS:
            return dot(self.edits["X"][row], self.weight()[:, column])
        if self.step == "mix":
            return dot(self.now.shares[row], self.now.v[:, column])
        if self.step == "join":
            return dot(self.mixed[row], self.edits["WO"][:, column])
        return dot(self.now.q[row], self.now.k[column])
