"""E10, The attention matrix: any sentence, any head, and each weight opens its sum."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.arcs import arcs, arcs_word
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.looks import looks_frame, looks_map
from fishformer.config import Config
from fishformer.corpus import Blanked, Corpus, Words
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.number_link import link_to
from fishformer.exhibits.numerals import power, signed
from fishformer.lessons.places import Number
from fishformer.lessons.weighing import Weighing, weigh
from fishformer.softmax import softmax_forward
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, UnknownWordError, split_sentence

ANYWHERE = np.array([0]), np.array([0])  # only the attention is wanted
EXAMPLES = 3
SHOWN = 16  # products that are listed one by one
VIEWS = ("map", "arcs")
STEPS = (
    "sum of the products",
    "÷ √dₖ",
    "− the row’s largest",
    "e to that",
    "÷ the total",
)


class SentenceError(ValueError):
    """A sentence cannot be shown; the message says why."""


def read_words(text: str, corpus: Corpus) -> Words:
    """The words of a sentence that the model can read.

    Raises SentenceError, also for words that it does not know, which are named.
    """
    words = tuple(split_sentence(text))
    if len(words) < 2:
        raise SentenceError("That takes two words or more: one has nobody to look at.")
    if len(words) > corpus.max_len:
        raise SentenceError(
            f"This sentence has {len(words)} words; the model has places for "
            f"{corpus.max_len}."
        )
    try:
        corpus.tokenizer.encode(words)
    except UnknownWordError as error:
        raise SentenceError(f"{str(error).capitalize()}.") from None
    return words


class AttentionMatrix(Exhibit):
    """A sentence, and all that one head of the live model makes of it."""

    id = "e10"
    canvases = ("e10.map", "e10.arcs")
    shows_code = (attention_forward, softmax_forward, weigh)
    terms = {  # noqa: RUF012
        "query": (attention_forward, 'project_each_forward(x, p["w_q"]'),
        "key": (attention_forward, 'project_each_forward(x, p["w_q"]'),
        "scores": (attention_forward, "scores = q @"),
        "root": (attention_forward, "scores /= np.sqrt"),
        "softmax": (attention_forward, "attn_weights = softmax_forward"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.examples = [gapped.whole for gapped in corpus.featured[:EXAMPLES]]
        self.words: Words = self.examples[0]
        self.typed = " ".join(self.words)
        self.error = ""
        self.layer, self.head = config.n_layers, 1
        self.row = min(2, len(self.words) - 1)
        self.column: int | None = None  # None is the one most looked at
        self.form = "map"
        self.pointed: tuple[int, int] | None = None
        self._seen: tuple[Timeline, int, Words] | None = None
        self._sizes: dict[str, Size] = {}  # of the charts, when they were last drawn

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "typed":
                self._read(str(value))
            case "sentence":
                self._show(self.examples[self.numbered(value, len(self.examples))])
            case "layer":
                self.layer = self.numbered(value, self.config.n_layers, 1)
            case "head":
                self.head = self.numbered(value, self.config.n_heads, 1)
            case "from":
                self.row, self.column = self.numbered(value, len(self.words)), None
            case "row":
                self.column = self.numbered(value[1], len(self.words))
            case "view" if value in VIEWS:
                self.form, self.pointed = value, None
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)

    def _read(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            words = read_words(text, self.corpus)
        except SentenceError as error:
            self.error = str(error)
            return
        if words != self.words:
            self._show(words)
            self.typed = text

    def _show(self, words: Words) -> None:
        self.words, self.typed, self.error = words, " ".join(words), ""
        self.row, self.column = min(2, len(words) - 1), None
        self.pointed = None

    def _point(self, at: dict[str, Any]) -> None:
        """The pointer is over a chart: where, and whether it was pressed."""
        canvas, x, y, kind = at["canvas"], at["x"], at["y"], at["kind"]
        self.pointed = None if kind == "leave" else self._pointed_at(canvas, x, y)
        if self.pointed is None:
            self.lit = None
            return
        row, column = self.pointed
        self.lit = f"word:{self._name(row if canvas == 'e10.map' else column)}"
        if kind == "press":
            self.row = row
            self.column = column if canvas == "e10.map" else None

    def _pointed_at(self, canvas: str, x: float, y: float) -> tuple[int, int] | None:
        size = self._sizes.get(canvas)
        if size is None:
            return None
        if canvas == "e10.map":
            return looks_frame(size, self._names()).at(x, y)
        word = arcs_word(size, self._names(), x)
        return word, word

    # ---- what the model makes of it ----------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        now = (timeline, timeline.step, self.words)
        if self._seen == now:
            return
        self._seen = now
        token_ids = np.array([self.corpus.tokenizer.encode(self.words)])
        _, trace = timeline.trainer.model.forward(token_ids, ANYWHERE)
        caches = [block.attention for block in trace.blocks]
        self.q = np.stack([cache.q[0] for cache in caches])  # (L, H, T, Dh)
        self.k = np.stack([cache.k[0] for cache in caches])  # (L, H, T, Dh)
        self.attn_weights = np.stack([cache.attn_weights[0] for cache in caches])
        self.step = timeline.step
        self.failed = not np.isfinite(self.attn_weights).all()
        if self.failed:
            self.q, self.k = np.zeros_like(self.q), np.zeros_like(self.k)
            self.attn_weights = np.full_like(self.attn_weights, 1 / len(self.words))

    @property
    def divisor(self) -> float:
        """What the scores are divided by."""
        return float(np.sqrt(self.config.d_head)) if self.config.scale_scores else 1.0

    @property
    def weights(self) -> np.ndarray:
        """The chosen head's attention (T, T)."""
        return self.attn_weights[self.layer - 1, self.head - 1]

    @property
    def opened(self) -> tuple[int, int]:
        """The weight whose arithmetic is shown: (who looks, whom at)."""
        column = self.column
        if column is None:
            column = int(self.weights[self.row].argmax())
        return self.row, column

    def weighing(self) -> Weighing:
        """The arithmetic of the row that is looked at."""
        at = self.layer - 1, self.head - 1
        return weigh(self.q[*at, self.row], self.k[*at], self.divisor)

    def _name(self, place: int) -> str:
        word = self.words[place]
        return "gap" if word in SPECIALS else word

    def _names(self) -> list[str]:
        return [self._name(place) for place in range(len(self.words))]

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        lit = self._lit_word()
        if canvas == "e10.map":
            return looks_map(size, self._names(), self.weights, self.opened, lit)
        row, column = self.opened
        if self.pointed and self.form == "arcs":
            row = self.pointed[0]
            column = int(self.weights[row].argmax())
        return arcs(size, self._names(), self.weights, row, column, lit)

    def _lit_word(self) -> str | None:
        word = self.lit_as("word")
        return word if word in self._names() else None

    # ---- what is said ------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        L, H = self.config.n_layers, self.config.n_heads
        return {
            "state": {
                "e10.typed": self.typed,
                "e10.refused": bool(self.error),
                "e10.number": self._link(),
                "e10.view": self.form,
                "e10.as_map": self.form == "map",
                "e10.as_arcs": self.form == "arcs",
            },
            "lists": {
                "e10.sentence": [
                    Item(str(n), " ".join(words), words == self.words)
                    for n, words in enumerate(self.examples)
                ],
                "e10.layer": [
                    Item(n, str(n), n == self.layer) for n in range(1, L + 1)
                ],
                "e10.head": [
                    Item(n, str(n), n == self.head, f"head:{self.layer}.{n}")
                    for n in range(1, H + 1)
                ],
                "e10.from": [
                    Item(place, name, place == self.row, f"word:{name}")
                    for place, name in enumerate(self._names())
                ],
            },
            "matrices": self._matrices(),
        }

    def _link(self) -> str:
        """The opened weight, for E23: there the word that looks is asked for."""
        row, column = self.opened
        known = [n for n, word in enumerate(self.words) if word not in SPECIALS]
        asked = row if row in known else known[0]
        number = Number(f"layer_{self.layer}.attn_weights", row, column, self.head - 1)
        return link_to(number, Blanked(self.words, asked, self.words[asked]))

    def _matrices(self) -> dict[str, Matrix]:
        row, column = self.opened
        at = self.layer - 1, self.head - 1
        q, k = self.q[*at, row].tolist(), self.k[*at, column].tolist()
        found = self.weighing()
        products = found.products[column].tolist()
        names = [str(n) for n in range(1, len(q) + 1)]
        values = [
            [signed(a), signed(b), signed(c, 3)]
            for a, b, c in zip(q, k, products, strict=True)
        ]
        if len(values) > SHOWN:
            rest = sum(products[SHOWN:])
            names = [*names[:SHOWN], f"{len(values) - SHOWN} more"]
            values = [*values[:SHOWN], ["", "", signed(rest, 3)]]
        T = len(self.words)
        weights = found.weights.tolist()
        return {
            "e10.products": Matrix(values, names, ["query", "key", "product"]),
            "e10.steps": Matrix(
                [
                    ["", signed(found.sums[column], 3)],
                    [f"{self.divisor:.3f}", signed(found.scores[column], 3)],
                    [
                        signed(found.largest, 3),
                        signed(found.scores[column] - found.largest, 3),
                    ],
                    ["", f"{found.exps[column]:.4f}"],
                    [f"{found.total:.4f}", f"{weights[column]:.4f}"],
                ],
                STEPS,
                ["by", "gives"],
            ),
            "e10.row": Matrix(
                [
                    [signed(score), f"{power:.3f}", f"{weight:.1%}"]
                    for score, power, weight in zip(
                        found.scores, found.exps, weights, strict=True
                    )
                ],
                self._names(),
                ["score", "exp", "weight"],
                lit=[(column, c) for c in range(2)],
                opened=(column, 2),
                shade=[[0.0, 0.0, weights[place]] for place in range(T)],
                use="row",
            ),
        }

    def texts(self) -> dict[str, Said]:
        row, column = self.opened
        found = self.weighing()
        return {
            "e10.status": f"Layer {self.layer}, head {self.head}, step {self.step:,}",
            "e10.error": self.error,
            "e10.look": self._look(),
            "e10.opened": [
                (self._name(row), "query strong"),
                (" looks at ", ""),
                (self._name(column), "key strong"),
                (": ", ""),
                (f"{found.weights[column]:.1%}", "num"),
            ],
            "e10.who": self._name(row),
            "e10.total": [
                ("The weights of this row sum to ", ""),
                (f"{found.weights.sum():.4f}", "num"),
                (", the exponentials to ", ""),
                (f"{found.total:.4f}", "num"),
                (".", ""),
            ],
            "e10.finding": self._finding(),
        }

    def _look(self) -> list[Piece]:
        """The weight under the pointer, or else where the chosen word looks most."""
        if self.pointed and self.form == "map":
            row, column = self.pointed
            return [
                (self._name(row), "query strong"),
                (" gives ", ""),
                (f"{self.weights[row, column]:.1%}", "num"),
                (" of its attention to ", ""),
                (self._name(column), "key strong"),
                (".", ""),
            ]
        row = self.pointed[0] if self.pointed else self.row
        looks = self.weights[row]
        first, second = np.argsort(-looks, kind="stable")[:2].tolist()
        return [
            (self._name(row), "query strong"),
            (" gives ", ""),
            (f"{looks[first]:.0%}", "num"),
            (" of its attention to ", ""),
            (self._own(first, row), "key strong"),
            (" and ", ""),
            (f"{looks[second]:.0%}", "num"),
            (" to ", ""),
            (self._own(second, row), "key strong"),
            (".", ""),
        ]

    def _own(self, place: int, row: int) -> str:
        return "itself" if place == row else self._name(place)

    def _quoted(self, place: int, row: int) -> str:
        return "itself" if place == row else f"“{self._name(place)}”"

    def _finding(self) -> str:
        if self.failed:
            return (
                f"This run has failed: at step {self.step:,} its numbers are no longer "
                "numbers, and nothing is shown. Wind it back to an earlier step."
            )
        T = len(self.words)
        off = float(np.abs(self.attn_weights.sum(axis=-1, dtype=np.float64) - 1).max())
        says = (
            f"Each of the {self.attn_weights[..., 0].size} rows of this sentence, in "
            f"all layers and heads, sums to 1, to within {power(off)}."
        )
        largest = self.weights.max(axis=-1)
        row = int(largest.argmax())
        if largest[row] < 1.5 / T:
            return (
                f"{says} At step {self.step:,} nothing is decided here yet: no weight "
                f"of this head is far from an even share, 1 in {T}."
            )
        column = int(self.weights[row].argmax())
        return (
            f"{says} The strongest look in this head is that of “{self._name(row)}” at "
            f"{self._quoted(column, row)}, {largest[row]:.0%}; an even share would be "
            f"{1 / T:.0%}."
        )

    def labels(self) -> dict[str, str]:
        look = plain(self._look())
        return {"e10.map": look, "e10.arcs": look}

    def tables(self) -> list[Table]:
        names = self._names()
        rows = [
            [name, *(f"{share:.1%}" for share in row), f"{row.sum():.3f}"]
            for name, row in zip(names, self.weights, strict=True)
        ]
        where = f"layer {self.layer}, head {self.head}, step {self.step:,}"
        found = self.weighing()
        arithmetic = [
            [
                name,
                signed(found.sums[place], 3),
                signed(found.scores[place], 3),
                f"{found.exps[place]:.4f}",
                f"{found.weights[place]:.4f}",
            ]
            for place, name in enumerate(names)
        ]
        return [
            Table(f"Attention, {where}", ["from \\ to", *names, "sum"], rows),
            Table(
                f"The row of {self._name(self.row)}, {where}",
                ["looks at", "q · k", "score", "e to score less largest", "weight"],
                arithmetic,
            ),
        ]
