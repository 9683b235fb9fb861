"""E09's puzzle: which of the printed numbers have been divided by the root of d_k?"""

from typing import Any

import numpy as np

from fishformer.exhibits.exhibit import Matrix, Piece, Words
from fishformer.lessons.helmet import Printed, agreeing, attend, load_helmet

SMACKED = 2  # the word whose row the article follows
ROWS = ("first", "second", "head")  # what the article prints, in its order
ANSWER = {"first": True, "second": False, "head": False}


class Puzzle:
    """Three printed results, each beside ours with the division or without it."""

    def __init__(self) -> None:
        self.divided = dict.fromkeys(ROWS, True)  # as the article's text says
        self._ours: dict[bool, dict[str, np.ndarray]] = {}

    def choose(self, row: str, divided: bool) -> None:
        """Divide in one row, or do not. Raises ValueError for an unknown row."""
        if row not in ROWS:
            raise ValueError(f"E09 has no printed row {row!r}.")
        self.divided[row] = divided

    def compute(self) -> None:
        """Both ways, once: what the visitor does to X does not change what is asked."""
        if self._ours:
            return
        helmet = load_helmet()
        for divided in (True, False):
            _, cache = attend(helmet.x, helmet.weights, divided)
            shares = cache.attn_weights[0, 0]
            row = 100 * shares[SMACKED : SMACKED + 1]
            self._ours[divided] = {
                "first": row,
                "second": row,
                "head": shares @ cache.v[0, 0],
                "weighted": shares[SMACKED, :, None] * cache.v[0, 0],
            }

    def share(self, divided: bool) -> float:
        """The largest share that smacked gives, in per cent."""
        return float(self._ours[divided]["first"].max())

    def agreement(self, row: str, divided: bool) -> list[list[bool]]:
        """Which printed numbers of a row are what ours round to."""
        return agreeing(self._ours[divided][row], self._printed(row))

    def _printed(self, row: str) -> Printed:
        return load_helmet().printed["head_1" if row == "head" else row]

    def _count(self, row: str, divided: bool) -> tuple[int, int]:
        flat = [same for line in self.agreement(row, divided) for same in line]
        return sum(flat), len(flat)

    @property
    def solved(self) -> bool:
        """Whether every printed number agrees."""
        return self.divided == ANSWER

    def state(self) -> dict[str, Any]:
        """The switches."""
        return {f"e09.divide.{row}": self.divided[row] for row in ROWS}

    def matrices(self) -> dict[str, Matrix]:
        """Each printed row with its marks, above what ours gives."""
        words = load_helmet().words
        matrices = {}
        for row in ROWS:
            divided = self.divided[row]
            ours = self._ours[divided][row].tolist()
            marks = _marks(self.agreement(row, divided))
            printed = self._printed(row)
            if row == "head":
                matrices["e09.whole"] = Matrix(printed, words, marks=marks)
                matrices["e09.ours"] = Matrix(
                    [[f"{n:.2f}" for n in line] for line in ours], words
                )
                continue
            values = [*printed, *([f"{n:.1f}" for n in line] for line in ours)]
            matrices[f"e09.{row}"] = Matrix(
                values, ["printed", "ours"], words, marks=[*marks, [""] * len(words)]
            )
        return matrices

    def texts(self) -> dict[str, Words]:
        """A verdict for each row, and one for the whole."""
        verdicts: dict[str, Words] = {
            f"e09.verdict.{row}": _verdict(*self._count(row, self.divided[row]))
            for row in ROWS
        }
        return verdicts | {"e09.puzzle": self._says(), "e09.after": self._after()}

    def _says(self) -> list[Piece]:
        if self.solved:
            weighted, of = self._count("weighted", False)
            return [
                ("Found. ", "strong"),
                (
                    "The first percentages were divided by 2, the second were not, and "
                    "neither was anything made from them: the whole of head 1 and "
                    f"{weighted} of {of} weighted values that the article adds up. "
                    "The division is in its text and in one of its rows, and then it "
                    "gets lost.",
                    "",
                ),
            ]
        wrong = [row for row in ROWS if self.divided[row] != ANSWER[row]]
        left = {1: "One row", 2: "Two rows", 3: "All three rows"}[len(wrong)]
        verb = "does" if len(wrong) == 1 else "do"
        return [
            (f"{left} {verb} not agree yet. ", "strong"),
            (
                "The article’s text divides every score by √4 before softmax. Flip the "
                "switches until every printed number is what ours round to.",
                "",
            ),
        ]

    def _after(self) -> list[Piece]:
        return [
            ("It shrinks, from ", ""),
            (f"{self.share(False):.1f}%", "num"),
            (" to ", ""),
            (f"{self.share(True):.1f}%", "num"),
            (
                ". Smaller scores lie closer together, and e to them even more so: the "
                "shares become more alike.",
                "",
            ),
        ]


def _marks(agreement: list[list[bool]]) -> list[list[str]]:
    return [["same" if same else "differs" for same in line] for line in agreement]


def _verdict(agree: int, of: int) -> list[Piece]:
    mark = "= " if agree == of else "≠ "
    tone = "same" if agree == of else "differs"
    return [(f"{mark}{agree} of {of} agree", tone)]
