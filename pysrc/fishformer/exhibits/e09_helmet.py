"""E09, The helmet: a whole example of attention, and every number of it can be opened.

Where the visitor stands is in e09_walk.py, the matrices are in e09_matrices.py and
the riddle of the missing division is in e09_puzzle.py.
"""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.products import minus, products
from fishformer.charts.shares import softmax_lines
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e09_matrices import digits, matrices
from fishformer.exhibits.e09_puzzle import Puzzle
from fishformer.exhibits.e09_walk import LISTS, STEPS, Walk
from fishformer.exhibits.exhibit import Exhibit, Piece, Table, Words, plain
from fishformer.layers import project_forward
from fishformer.lessons.helmet import agreeing, attend, load_helmet
from fishformer.softmax import softmax_forward
from fishformer.timeline import Timeline

TERMS = {"scale": "shares", "softmax": "shares", "output": "join"}  # and their steps
ASKS = {
    "query": "what each word asks",
    "key": "what each word answers to",
    "value": "what each word hands over",
}


class Helmet(Exhibit):
    """Step by step from six words to six words that have looked around."""

    id = "e09"
    live = False
    of_corpus = False
    shows_code = (attention_forward, softmax_forward, project_forward, attend)
    terms = {  # noqa: RUF012 (never changed)
        "query": (attention_forward, 'p["w_q"]'),
        "key": (attention_forward, 'p["w_k"]'),
        "value": (attention_forward, 'p["w_v"]'),
        "scores": (attention_forward, "scores = q @ k"),
        "scale": (attention_forward, "np.sqrt(config.d_head"),
        "softmax": (attention_forward, "attn_weights = softmax"),
        "mix": (attention_forward, "heads = attn_weights @ v"),
        "heads": (attention_forward, "mixed = merge_heads"),
        "output": (attention_forward, "attn_out = project_forward"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.walk = Walk()
        self.puzzle = Puzzle()

    @property
    def canvases(self) -> tuple[str, ...]:
        blocks = ("project", "scores", "shares", "mix", "join")
        return tuple(f"e09.sum.{block}" for block in blocks)

    # ---- events ---------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        walk = self.walk
        if name == "step" and value in STEPS:
            walk.step = value
        elif name in ("next", "back"):
            walk.go(1 if name == "next" else -1)
        elif name == "term":
            walk.step = TERMS.get(value, value if value in STEPS else walk.step)
        elif name == "head" and str(value) in ("1", "2"):
            walk.head = int(value)
        elif name == "scaled":
            walk.scaled = bool(value)
        elif name.startswith("divide."):
            self.puzzle.choose(name.removeprefix("divide."), bool(value))
        elif name == "edit":
            matrix, row, column, text = value
            walk.edits.change(matrix, int(row), int(column), text)
        elif name == "undo":
            walk.edits.undo()
        elif name == "reset":
            walk.edits.reset()
        elif name == "open":
            walk.open(*value)
        else:
            super().handle(name, value)

    def compute(self, timeline: Timeline) -> None:
        self.walk.compute()
        self.puzzle.compute()

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        """The opened number, written out; the charts of other steps are empty."""
        walk, block = self.walk, canvas.rpartition(".")[2]
        if block != ("project" if walk.step in LISTS else walk.step):
            return Drawing(width, height, [])
        size, (row, column), now = (width, height), walk.cell, walk.now
        if block == "shares":
            scores, shares = now.scores[row], now.shares[row]
            words, by = walk.words, walk.divisor
            return softmax_lines(size, words, scores, by, shares, column)
        decimals, tones = {
            "project": ((2, 1, 3), ("ink-2", walk.step)),
            "scores": ((3, 3, 3), ("query", "key")),
            "mix": ((3, 3, 3), ("ink-2", "value")),
            "join": ((3, 2, 3), ("ink-2", "ink-2")),
        }[block]
        return products(size, walk.opened_sum(), decimals, tones)

    def view(self) -> dict[str, Any]:
        walk = self.walk
        state: dict[str, Any] = {f"e09.in.{step}": step == walk.step for step in STEPS}
        state |= {
            "e09.in.project": walk.step in LISTS,
            "e09.in.one": walk.step not in ("heads", "join"),
            "e09.in.late": STEPS.index(walk.step) >= STEPS.index("shares"),
            "e09.in.edit": walk.step in LISTS or walk.step == "join",
            "e09.in.print": walk.head == 1,
            "e09.step": walk.step,
            "e09.head": walk.head,
            "e09.scaled": walk.scaled,
            "e09.edits": walk.edits.count,
            "e09.back.off": walk.step == STEPS[0],
            "e09.next.off": walk.step == STEPS[-1],
            "e09.undo.off": not walk.edits.can_undo,
            "e09.reset.off": not walk.edits.changed,
        }
        shown = {f"e09.{name}": matrix for name, matrix in matrices(walk).items()}
        return {
            "state": state | self.puzzle.state(),
            "matrices": shown | self.puzzle.matrices(),
        }

    # ---- what is said ---------------------------------------------------------------

    def texts(self) -> dict[str, Words]:
        walk = self.walk
        texts: dict[str, Words] = {
            "e09.title": f"Step {STEPS.index(walk.step) + 1} of {len(STEPS)}",
            "e09.opened": self._opened(),
            "e09.error": walk.edits.error,
            "e09.agrees": self._agrees(),
            "e09.about": self._about(),
            "e09.finding": self._finding(),
        }
        if walk.step in LISTS:
            letter: list[Piece] = [(LISTS[walk.step], walk.step)]
            texts |= {
                "e09.letter": letter,
                "e09.weight": [("W", walk.step)],
                "e09.weight_letter": letter,
                "e09.made_by": "ours" if walk.head == 2 else "as printed",
                "e09.asks": ASKS[walk.step],
            }
        return texts | self.puzzle.texts()

    def _opened(self) -> list[Piece]:
        """Which number is opened, what it is made of, and what it comes to."""
        walk, (row, column) = self.walk, self.walk.cell
        if walk.step == "heads":
            return []
        if walk.step == "shares":
            what = f" looks at {walk.words[column]}: e to its score, over the sum, "
            total = f"{100 * walk.now.shares[row, column]:.1f}%"
            return [(walk.word, "strong"), (what, ""), (total, "num")]
        number = f"number {column + 1}"
        if walk.step == "scores":
            what = f" asks {walk.words[column]}: four products, "
        elif walk.step == "mix":
            what = f", head {walk.head}, {number}: shares times values, "
        elif walk.step == "join":
            what = f", {number} after W: eight products, "
        else:
            what = f", {walk.step} {number}: eight products, "
        total = minus(walk.opened_sum().total, 3)
        return [(walk.word, "strong"), (what, ""), (total, "num")]

    def _agrees(self) -> list[Piece]:
        """How many of the printed numbers of this step ours round to."""
        matrix = matrices(self.walk).get("printed")
        if matrix is None:
            return [("Of this step for head 2 the article prints nothing.", "")]
        flat = [mark for line in matrix.marks for mark in line]
        same = flat.count("same")
        if same == len(flat):
            return [(f"= all {same} printed numbers agree", "same")]
        return [(f"≠ {same} of {len(flat)} printed numbers agree", "differs")]

    def _about(self) -> str:
        """What is to be said of the printed numbers besides how many agree."""
        walk = self.walk
        if walk.head == 2:
            return "The weights of head 2 are ours: see the step Two heads."
        if walk.step != "key":
            return ""
        table = load_helmet().printed["K"]
        flat = [same for line in agreeing(walk.now.k, table) for same in line]
        return (
            f"In a second table it prints the keys to one decimal, and {sum(flat)} of "
            f"those {len(flat)} agree: the words’ second decimals are not its own."
        )

    def _finding(self) -> str:
        walk, (row, column), now = self.walk, self.walk.cell, self.walk.now
        if walk.step in LISTS:
            return (
                f"Each of the 24 numbers in {LISTS[walk.step]} is eight products: a "
                "row of X with a column of weights. All six words share the one table."
            )
        if walk.step == "scores":
            best = int(now.scores[row].argmax())
            return (
                f"{walk.word} puts its query to all six keys, its own among them. The "
                f"best match is {walk.words[best]}, "
                f"{minus(float(now.scores[row, best]), 2)}."
            )
        if walk.step == "shares":
            how = "Divided by √4" if walk.scaled else "Not divided"
            shares = 100 * now.shares[row]
            return (
                f"{how}, the shares of {walk.word} run from {shares.min():.1f}% to "
                f"{shares.max():.1f}%. An even split would be "
                f"{100 / len(walk.words):.1f}% each."
            )
        if walk.step == "mix":
            return (
                f"The result for {walk.word} is made of all six values: four numbers "
                "that now depend on every word of the sentence."
            )
        if walk.step == "heads":
            return (
                "Two heads, four numbers each: side by side they make eight again, as "
                "many as a word had at the start."
            )
        used = int(np.count_nonzero(walk.edits["WO"][:, column]))
        if (walk.edits["WO"] == np.eye(8)).all():
            return (
                "This table hands every number on as it is. A trained one mixes what "
                "the heads have found: put a number off its diagonal and see."
            )
        return (
            f"Number {column + 1} of {walk.word} now draws on {used} of the eight "
            "numbers that come from the heads."
        )

    def labels(self) -> dict[str, str]:
        says = plain(self._opened())
        if self.walk.step not in ("shares", "heads"):
            parts = (part.tolist() for part in self.walk.opened_sum()[:2])
            pairs = zip(*parts, strict=True)
            lines = " + ".join(f"{minus(a, 3)} × {minus(b, 3)}" for a, b in pairs)
            says = f"{says}: {lines}"
        return {canvas: f"{says}." for canvas in self.canvases}

    def tables(self) -> list[Table]:
        walk, now = self.walk, self.walk.now
        numbers = [str(n) for n in range(1, 9)]

        def table(caption: str, array: np.ndarray, columns: list[str]) -> Table:
            lines = zip(walk.words, digits(array, 3), strict=True)
            rows = [[word, *line] for word, line in lines]
            return Table(caption, ["", *columns[: array.shape[1]]], rows)

        name, words = f"head {walk.head}", list(walk.words)
        how = "divided by √4" if walk.scaled else "not divided"
        return [
            table("X, the words", walk.edits["X"], numbers),
            table(f"Q, {name}", now.q, numbers),
            table(f"K, {name}", now.k, numbers),
            table(f"V, {name}", now.v, numbers),
            table(f"Scores, {name}: rows ask", now.scores, words),
            table(f"Shares, {name}, {how}", now.shares, words),
            table("Both heads, side by side", walk.mixed, numbers),
            table("Both heads, times W out", walk.out, numbers),
        ]
