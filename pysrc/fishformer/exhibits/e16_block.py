"""E16, The block, drawn: every box with its Python, its numbers, its gradient."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.block import add_and_norm_forward, block_forward
from fishformer.charts.bars import percent
from fishformer.charts.block import Box, Skip, block_diagram, block_frame
from fishformer.charts.drawing import Drawing, Size
from fishformer.completion import as_named, as_typed
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e16_boxes import (
    BOXES,
    LINES,
    PLACES,
    PRE_NORM,
    length_of,
    line_of,
    name_of,
    size_of,
    skips_of,
)
from fishformer.exhibits.exhibit import (
    Exhibit,
    Item,
    Matrix,
    Piece,
    Table,
    Words,
    capital,
)
from fishformer.exhibits.number_link import link_to
from fishformer.exhibits.numerals import signed
from fishformer.layers import feed_forward_forward, layer_norm_forward
from fishformer.lessons.anatomy import Place, anatomy
from fishformer.lessons.places import Number
from fishformer.model import Transformer
from fishformer.tasks import Batch
from fishformer.timeline import Timeline

SHOWN = 6  # numbers of a vector that are written out


class BlockDrawn(Exhibit):
    """One block of the live model with one sentence in it."""

    id = "e16"
    canvases = ("e16.block",)
    shows_code = (
        block_forward, add_and_norm_forward, attention_forward, feed_forward_forward,
        layer_norm_forward, anatomy,
    )  # fmt: skip

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.terms = dict(LINES)
        if config.norm == "pre":
            self.terms["norm_1"] = self.terms["norm_2"] = PRE_NORM
        self.number = 0  # of the sentence
        self.layer = 1
        self.box = "attention"
        self.word = corpus.featured[0].position
        self._sizes: dict[str, Size] = {}
        self._seen: tuple[Any, ...] | None = None

    # ---- events ----------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "box" | "term" if value in self._keys():
                self.box = value
            case "layer":
                self.layer = self.numbered(value, self.config.n_layers, 1)
            case "sentence":
                self.number = self.numbered(value, len(self.corpus.featured))
                self.word = self.corpus.featured[self.number].position
            case "word":
                self.word = self.numbered(value, len(self.words))
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)

    def _point(self, at: dict[str, Any]) -> None:
        if at["kind"] != "press" or at["canvas"] not in self._sizes:
            return
        frame = block_frame(self._sizes[at["canvas"]], len(self.found.places))
        n = frame.at(float(at["x"]), float(at["y"]))
        if n is not None:
            self.box = self.found.places[n].name

    # ---- what the model makes of it --------------------------------------------------

    @property
    def words(self) -> tuple[str, ...]:
        """The sentence that is in the block."""
        return self.corpus.featured[self.number].words

    def _name(self, place: int) -> str:
        return as_named(self.words)[place]

    def compute(self, timeline: Timeline) -> None:
        now = timeline, timeline.step, self.number, self.layer
        if self._seen == now:
            return
        self._seen = now
        asked = self.corpus.featured[self.number]
        encode = self.corpus.tokenizer.encode
        places = np.array([0]), np.array([asked.position])
        batch = Batch(
            np.array([encode(asked.words)]), places, np.array(encode([asked.answer]))
        )
        model = timeline.trainer.model
        assert isinstance(model, Transformer)
        self.found = anatomy(model, batch, self.layer)
        self.step = timeline.step
        if self.box not in self._keys():
            self.box = "attention"

    def _keys(self) -> list[str]:
        """The boxes that this run's blocks have, from the bottom up."""
        if not hasattr(self, "found"):
            return list(BOXES)
        return [place.name for place in self.found.places]

    @property
    def place(self) -> Place:
        """The chosen place."""
        return self.found.places[self._keys().index(self.box)]

    @property
    def skips(self) -> list[Skip]:
        """The ways around a sublayer: from what came in to where it is added."""
        return skips_of(self._keys(), self.config)

    # ---- what is drawn ---------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        boxes = [
            Box(
                place.name, *BOXES[place.name][:2],
                place.vectors[self.word], f"{place.vectors[self.word].std():.2f}",
                length := length_of(place.gradient), size_of(length),
            )
            for place in self.found.places
        ]  # fmt: skip
        return block_diagram(size, boxes, self.skips, self._keys().index(self.box))

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        L = self.config.n_layers
        keys = self._keys()
        state: dict[str, Any] = {f"e16.is_{key}": key == self.box for key in BOXES}
        state["e16.box"] = self.box
        state["e16.number"] = self._link()
        names = [name_of(key) for key in keys]
        return {
            "state": state,
            "lists": {
                "e16.layer": [
                    Item(n, str(n), n == self.layer) for n in range(1, L + 1)
                ],
                "e16.sentence": [
                    Item(n, as_typed(asked.words), n == self.number)
                    for n, asked in enumerate(self.corpus.featured)
                ],
                "e16.word": [
                    Item(n, self._name(n), n == self.word, f"word:{self._name(n)}")
                    for n in range(len(self.words))
                ],
                "e16.box": [
                    Item(key, name, key == self.box)
                    for key, name in zip(keys, names, strict=True)
                ],
            },
            "matrices": {"e16.numbers": self._numbers()},
        }

    def _link(self) -> str:
        """The first number of the chosen word at the chosen box, for E23."""
        box, layer = self.box, self.layer
        if box == "x":  # what the block below has put out
            box, layer = self._keys()[-1], layer - 1
        place = f"layer_{layer}.{PLACES.get(box, box)}" if layer else "embedded"
        return link_to(Number(place, self.word), self.corpus.featured[self.number])

    def _numbers(self) -> Matrix:
        """The chosen word's vector and its gradient, at the chosen place."""
        vector, gradient = (
            part[self.word] for part in (self.place.vectors, self.place.gradient)
        )
        rows = ["mean", "spread", *(f"number {n + 1}" for n in range(SHOWN))]
        values = [
            [signed(float(vector.mean()), 3), signed(float(gradient.mean()), 4)],
            [signed(float(vector.std()), 3), signed(float(gradient.std()), 4)],
            *(
                [signed(float(a), 3), signed(float(b), 4)]
                for a, b in zip(vector[:SHOWN], gradient[:SHOWN], strict=True)
            ),
        ]
        rows = rows[: len(values)]
        return Matrix(values, rows, ["vector", "gradient"])

    def texts(self) -> dict[str, Words]:
        key = self.box
        asked = self.corpus.featured[self.number]
        where, line = line_of(*self.terms[key])
        T, D = self.place.vectors.shape
        return {
            "e16.status": f"Layer {self.layer}, step {self.step:,}",
            "e16.name": capital(name_of(key)),
            "e16.does": BOXES[key][2],
            "e16.where": where,
            "e16.line": line,
            "e16.shape": self._shape(T, D),
            "e16.of": [("of ", ""), (self._name(self.word), "strong")],
            "e16.asked": [
                ("Hidden: ", ""), (asked.answer, "strong"),
                (f". The loss on it is {self.found.loss:.2f}, the model gives it ", ""),
                (percent(float(np.exp(-self.found.loss))), "num"), (".", ""),
            ],
            "e16.gradient": self._gradient_said(),
            "e16.finding": self._finding(),
        }  # fmt: skip

    def _shape(self, T: int, D: int) -> str:
        """What goes in and what comes out."""
        H, F = self.config.n_heads, self.config.d_ff
        words = f"{T} words × {D} numbers"
        if self.box == "attention":
            return f"{words} in; {H} heads of {T} × {T} weights; {words} out"
        if self.box == "think":
            return f"{words} in; {T} × {F} inside; {words} out"
        if self.box.startswith("add"):
            return f"two of {words} in; one out"
        return words if self.box == "x" else f"{words} in; {words} out"

    def _gradient_said(self) -> list[Piece]:
        whole = length_of(self.place.gradient)
        own = length_of(self.place.gradient[self.word])
        return [
            ("Size of the gradient here: ", ""), (size_of(whole), "num strong"),
            (" over all words, ", ""), (size_of(own), "num"),
            (f" at {self._name(self.word)}.", ""),
        ]  # fmt: skip

    def _finding(self) -> str:
        sizes = {p.name: length_of(p.gradient) for p in self.found.places}
        first, last = sizes["x"], sizes[self._keys()[-1]]
        if not last:
            return "No gradient arrives at this block."
        ratio = first / last
        says = (
            f"Layer {self.layer}, step {self.step:,}: the gradient is {size_of(last)} "
            f"where the block ends and {size_of(first)} where it begins, "
            f"{ratio:.2g} times as large"
        )
        if "attention" in sizes and self.config.residual:
            return (
                f"{says}. At every addition it goes two ways: unchanged around the "
                "sublayer, and through it."
            )
        return f"{says}."

    def labels(self) -> dict[str, str]:
        parts = [
            f"{name_of(p.name)}: spread "
            f"{p.vectors[self.word].std():.2f}, gradient "
            f"{size_of(length_of(p.gradient))}"
            for p in self.found.places
        ]
        return {
            "e16.block": (
                f"Layer {self.layer} from the bottom up, the vector of "
                f"{self._name(self.word)}: {'; '.join(parts)}."
            )
        }

    def tables(self) -> list[Table]:
        rows = [
            [
                name_of(p.name),
                signed(float(p.vectors[self.word].mean()), 3),
                signed(float(p.vectors[self.word].std()), 3),
                size_of(length_of(p.gradient[self.word])),
                size_of(length_of(p.gradient)),
            ]
            for p in self.found.places
        ]
        name = self._name(self.word)
        heads = ["Box", f"mean of {name}", "spread", "gradient there", "of all words"]
        caption = f"Layer {self.layer}, step {self.step:,}, from the bottom up"
        return [Table(caption, heads, rows)]
