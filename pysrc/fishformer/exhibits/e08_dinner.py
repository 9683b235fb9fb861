"""E08, The dinner party: three words, six small lists, and every number of it."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.products import minus, products
from fishformer.charts.shares import softmax_lines
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.edits import Edits
from fishformer.exhibits.exhibit import Exhibit, Matrix, Piece, Table, Words, plain
from fishformer.lessons.errata import PRINTED_ROWS as SCORES
from fishformer.softmax import softmax_forward
from fishformer.sums import Sum, dot
from fishformer.timeline import Timeline

WORDS = ("river", "bank", "overflowed")
FIRST = {  # of source 004
    "q": np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
    "k": np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
    "v": np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]]),
}
MOST = 3.0
DIVISOR = float(np.sqrt(2))  # of the two numbers in a key
PRINTED = (26, 48, 26)  # per cent, for bank, as source 004 has them
# "The bank by the river overflowed", as source 004 prints it: who looks, and where.
SCORES_ROWS = ("bank", "river", "overflowed")
SCORES_COLUMNS = ("The", "bank", "river", "overflowed")
NAMES = {"scores": "score", "shares": "share", "blends": "blend"}


class DinnerParty(Exhibit):
    """Queries, keys and values of two numbers each, and what comes of them."""

    id = "e08"
    canvases = ("e08.sum", "e08.softmax")
    live = False
    of_corpus = False
    shows_code = (attention_forward, softmax_forward, dot)

    def __init__(self, config: Config, corpus: Corpus):
        self.edits = Edits(FIRST, MOST)
        self.opened = ("shares", 1, 1)
        self.through = False  # whether the printed table has gone through softmax

    def handle(self, name: str, value: Any) -> None:
        if name == "edit":
            matrix, row, column, text = value
            self.edits.change(matrix, int(row), int(column), text)
        elif name == "undo":
            self.edits.undo()
        elif name == "reset":
            self.edits.reset()
        elif name == "open":
            matrix, row, column = value
            wide = 2 if matrix == "blends" else 3
            if matrix not in NAMES or not (0 <= row < 3 and 0 <= column < wide):
                raise ValueError(f"E08 has no number {value!r}.")
            self.opened = matrix, int(row), int(column)
        elif name == "through":
            self.through = bool(value)
        else:
            super().handle(name, value)

    def compute(self, timeline: Timeline) -> None:
        q, k, v = (self.edits[name] for name in "qkv")
        self.scores = q @ k.T
        self.shares = softmax_forward(self.scores / DIVISOR)
        self.blends = self.shares @ v

    def _sum(self) -> Sum:
        """The opened number as a sum of products; of a share, that of its score."""
        matrix, row, column = self.opened
        if matrix == "blends":
            return dot(self.shares[row], self.edits["v"][:, column])
        return dot(self.edits["q"][row], self.edits["k"][column])

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        matrix, row, column = self.opened
        size = width, height
        if canvas == "e08.softmax":
            return softmax_lines(
                size, WORDS, self.scores[row], DIVISOR, self.shares[row], column, 2
            )
        if matrix == "blends":
            return products(size, self._sum(), (3, 1, 3), ("ink-2", "value"), True)
        return products(size, self._sum(), (2, 2, 2), ("query", "key"), True)

    # ---- the matrices ---------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {
            "e08.edits": self.edits.count,
            "e08.undo.off": not self.edits.can_undo,
            "e08.reset.off": not self.edits.changed,
            "e08.shares": self.opened[0] == "shares",
            "e08.sums": self.opened[0] != "shares",
            "e08.through": self.through,
        }
        return {"state": state, "matrices": self._matrices()}

    def _matrices(self) -> dict[str, Matrix]:
        name, row, column = self.opened
        lit: dict[str, list[tuple[int, int]]] = {}
        if name == "scores":
            lit = {"q": _row(row, 2), "k": _row(column, 2)}
        elif name == "shares":
            lit = {"scores": _row(row, 3)}
        else:
            lit = {"shares": _row(row, 3), "v": [(r, column) for r in range(3)]}
        given = {
            key: Matrix(
                [[f"{n:g}".replace("-", "−") for n in line] for line in array.tolist()],
                WORDS,
                tone=tone,
                lit=lit.get(key, ()),
                marks=self.edits.marks(key),
                use="edit",
            )
            for key, tone in (("q", "query"), ("k", "key"), ("v", "value"))
            for array in [self.edits[key]]
        }
        numbers = {
            "scores": _two(self.scores),
            "shares": [
                [f"{100 * s:.2f}" for s in line] for line in self.shares.tolist()
            ],
            "blends": _two(self.blends),
        }
        made = {
            key: Matrix(
                values,
                WORDS,
                () if key == "blends" else WORDS,
                tone="value" if key == "blends" else "",
                lit=lit.get(key, ()),
                opened=(row, column) if key == name else None,
                shade=self.shares.tolist() if key == "shares" else (),
                use="open",
            )
            for key, values in numbers.items()
        }
        matrices = {f"e08.{key}": matrix for key, matrix in (given | made).items()}
        return matrices | {"e08.printed": self._printed(), "e08.table": self._table()}

    def _printed(self) -> Matrix:
        """The printed percentages above what the numbers really give."""
        bank = (100 * self.shares[1]).tolist()
        marks = [
            "same" if round(share) == said else "differs"
            for share, said in zip(bank, PRINTED, strict=True)
        ]
        return Matrix(
            [[str(said) for said in PRINTED], [f"{share:.2f}" for share in bank]],
            ["printed", "softmax"],
            WORDS,
            marks=[marks, ["", "", ""]],
        )

    def _table(self) -> Matrix:
        """The article's table with the sum of each row, before or after softmax."""
        rows = softmax_forward(SCORES) if self.through else SCORES
        sums = rows.sum(axis=1)
        return Matrix(
            [
                [*(f"{n:.2f}" for n in line), f"{total:.2f}"]
                for line, total in zip(rows.tolist(), sums.tolist(), strict=True)
            ],
            SCORES_ROWS,
            [*SCORES_COLUMNS, "sum"],
            marks=[
                [""] * 4 + ["same" if abs(total - 1) < 1e-9 else "differs"]
                for total in sums.tolist()
            ],
        )

    # ---- what is said ---------------------------------------------------------------

    def texts(self) -> dict[str, Words]:
        blend = ", ".join(minus(n, 2) for n in self.blends[1].tolist())
        return {
            "e08.opened": self._opened(),
            "e08.error": self.edits.error,
            "e08.blend": f"({blend})",
            "e08.why": self._why(),
            "e08.kept": self._kept(),
            "e08.rows": self._rows(),
            "e08.finding": self._finding(blend),
        }

    def _opened(self) -> list[Piece]:
        name, row, column = self.opened
        if name == "blends":
            total = minus(float(self.blends[row, column]), 3)
            start = f", number {column + 1} of its blend: each share times each value, "
            return [(WORDS[row], "strong"), (start, ""), (total, "num")]
        if name == "scores":
            what, total = " asks ", minus(float(self.scores[row, column]), 2)
            end = ": query times key, pair by pair, "
        else:
            what, total = " looks at ", f"{100 * self.shares[row, column]:.2f}%"
            end = ": e to its score, over the sum of all three, "
        return [
            (WORDS[row], "strong"),
            (what, ""),
            (WORDS[column], "strong"),
            (end, ""),
            (total, "num"),
        ]

    def _why(self) -> str:
        """What the printed percentages would need, and what the scores give."""
        low = (PRINTED[1] - 0.5) / (PRINTED[0] + 0.5)
        high = (PRINTED[1] + 0.5) / (PRINTED[0] - 0.5)
        difference = float(self.scores[1, 1] - self.scores[1, 0]) / DIVISOR
        return (
            f"Two shares stand to each other as e to the difference of their scores. "
            f"Here that is {minus(difference, 2)}, so bank gets "
            f"{np.exp(difference):.2f} times what river gets. However "
            f"{PRINTED[1]} and {PRINTED[0]} were rounded, they make "
            f"{low:.2f} to {high:.2f} times."
        )

    def _kept(self) -> str:
        values, shares = FIRST["v"], np.array(PRINTED) / 100
        blend = ", ".join(minus(n, 2) for n in (shares @ values).tolist())
        return (
            f"With the printed shares the blend is ({blend}), the very same: river and "
            "overflowed mirror each other, so any shares that treat them alike "
            "give it. The slip leaves no trace in the result."
        )

    def _rows(self) -> str:
        rows = softmax_forward(SCORES) if self.through else SCORES
        sums = [f"{total:.2f}" for total in rows.sum(axis=1).tolist()]
        if self.through:
            most = SCORES_COLUMNS[int(rows[0].argmax())]
            return (
                "Taken as scores and sent through softmax, every row sums to "
                f"{sums[0]}. bank now gives {rows[0].max():.0%} to {most}, and even "
                f"The gets {rows[0].min():.0%}."
            )
        return (
            f"As printed the rows sum to {', '.join(sums[:2])} and {sums[2]}: they are "
            "scores, not shares of one whole."
        )

    def _finding(self, blend: str) -> str:
        shares = [f"{100 * share:.2f}%" for share in self.shares[1].tolist()]
        most = int(self.shares[1].argmax())
        others = [n for n in range(3) if n != most]
        return (
            f"bank gives {shares[most]} of its attention to "
            f"{'itself' if most == 1 else WORDS[most]}, "
            f"{shares[others[0]]} to {_self(others[0])} and {shares[others[1]]} to "
            f"{_self(others[1])}, and leaves the table as ({blend})."
        )

    def labels(self) -> dict[str, str]:
        opened = plain(self._opened())
        lines = " + ".join(
            f"{minus(a, 2)} × {minus(b, 2)}"
            for a, b in zip(*(part.tolist() for part in self._sum()[:2]), strict=True)
        )
        return {"e08.sum": f"{opened}: {lines}.", "e08.softmax": f"{opened}."}

    def tables(self) -> list[Table]:
        rows = [
            [asks, told, minus(score, 2), minus(score / DIVISOR, 2), f"{share:.2%}"]
            for asks, scores, shares in zip(
                WORDS, self.scores.tolist(), self.shares.tolist(), strict=True
            )
            for told, score, share in zip(WORDS, scores, shares, strict=True)
        ]
        pairs = Table(
            "Every pair of words", ["Asks", "Asked", "Score", "÷ √2", "Share"], rows
        )
        blends = [
            [word, *(minus(n, 3) for n in line)]
            for word, line in zip(WORDS, self.blends.tolist(), strict=True)
        ]
        return [pairs, Table("The blends", ["Word", "1", "2"], blends)]


def _self(place: int) -> str:
    return "itself" if WORDS[place] == "bank" else WORDS[place]


def _row(row: int, columns: int) -> list[tuple[int, int]]:
    return [(row, column) for column in range(columns)]


def _two(numbers: np.ndarray) -> list[list[str]]:
    return [[minus(n, 2) for n in line] for line in numbers.tolist()]
