"""E10, The attention matrix: any sentence, any head, and each weight opens its sum."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.arcs import arcs, arcs_word
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.looks import looks_frame, looks_map
from fishformer.completion import as_named
from fishformer.config import Config
from fishformer.corpus import Blanked, Corpus, Words
from fishformer.exhibits import e10_words as says
from fishformer.exhibits.exhibit import Exhibit, Item, Matrix, Piece, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.number_link import link_to
from fishformer.exhibits.typed import SentenceError, read_words
from fishformer.lessons.places import Number
from fishformer.lessons.weighing import Weighing, weigh
from fishformer.softmax import softmax_forward
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, UnknownWordError

ANYWHERE = np.array([0]), np.array([0])  # only the attention is wanted
EXAMPLES = 3
VIEWS = ("map", "arcs")


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
            words = read_words(text, self.corpus.max_len, "one has nobody to look at")
            self.corpus.tokenizer.encode(words)
            if set(words) <= set(SPECIALS):
                raise SentenceError("A sentence of gaps alone has no word to look at.")
        except SentenceError as error:
            self.error = str(error)
        except UnknownWordError as error:
            self.error = error.sentence
        else:
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
        self.lit = f"word:{self.names[row if canvas == 'e10.map' else column]}"
        if kind == "press":
            self.row = row
            self.column = column if canvas == "e10.map" else None

    def _pointed_at(self, canvas: str, x: float, y: float) -> tuple[int, int] | None:
        size = self._sizes.get(canvas)
        if size is None:
            return None
        if canvas == "e10.map":
            return looks_frame(size, self.names).at(x, y)
        word = arcs_word(size, self.names, x)
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

    @property
    def names(self) -> list[str]:
        """The words, and the gap if there is one."""
        return as_named(self.words)

    # ---- what is drawn -----------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        lit = self._lit_word()
        if canvas == "e10.map":
            return looks_map(size, self.names, self.weights, self.opened, lit)
        row, column = self.opened
        if self.pointed and self.form == "arcs":
            row = self.pointed[0]
            column = int(self.weights[row].argmax())
        return arcs(size, self.names, self.weights, row, column, lit)

    def _lit_word(self) -> str | None:
        word = self.lit_as("word")
        return word if word in self.names else None

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
                    for place, name in enumerate(self.names)
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
        q, k = self.q[*at, row], self.k[*at, column]
        found = self.weighing()
        return {
            "e10.products": says.products_matrix(q, k, found.products[column]),
            "e10.steps": says.steps_matrix(found, column, self.divisor),
            "e10.row": says.row_matrix(found, column, self.names),
        }

    def texts(self) -> dict[str, Said]:
        row, column = self.opened
        found, names = self.weighing(), self.names
        weight = found.weights[column]
        return {
            "e10.status": f"Layer {self.layer}, head {self.head}, step {self.step:,}",
            "e10.error": self.error,
            "e10.look": self._look(),
            "e10.opened": says.opened_said(names[row], names[column], weight),
            "e10.who": names[row],
            "e10.total": says.total_said(found),
            "e10.finding": self._finding(),
        }

    def _look(self) -> list[Piece]:
        """The weight under the pointer, or else where the chosen word looks most."""
        names = self.names
        if self.pointed and self.form == "map":
            row, column = self.pointed
            return says.weight_said(
                names[row], names[column], self.weights[row, column]
            )
        row = self.pointed[0] if self.pointed else self.row
        return says.row_said(row, self.weights[row], names)

    def _finding(self) -> str:
        if self.failed:
            return says.failed_said(self.step)
        return says.finding(self.attn_weights, self.weights, self.names, self.step)

    def labels(self) -> dict[str, str]:
        look = plain(self._look())
        return {"e10.map": look, "e10.arcs": look}

    def tables(self) -> list[Table]:
        names, who = self.names, self.names[self.row]
        where = f"layer {self.layer}, head {self.head}, step {self.step:,}"
        return [
            says.weights_table(self.weights, names, where),
            says.row_table(self.weighing(), who, names, where),
        ]
