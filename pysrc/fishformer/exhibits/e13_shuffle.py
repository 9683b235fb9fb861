"""E13, Shuffle: without positions a sentence is a bag of words; with them it is not."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.positions import position_at, positions_picture
from fishformer.charts.shuffled import place_at, shuffled
from fishformer.completion import as_named
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.exhibits import e13_words as says
from fishformer.exhibits.e13_order import Shuffled, examples_of
from fishformer.exhibits.e13_pictures import alike_chart, scale_for
from fishformer.exhibits.e13_words import changed
from fishformer.exhibits.exhibit import Exhibit, Item, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.typed import SentenceError, read_words
from fishformer.layers import embedding_forward
from fishformer.lessons.order import (
    alikeness,
    largest_change,
    outputs_of,
    positions_of,
    stranger,
    without_positions,
)
from fishformer.model import Transformer
from fishformer.stack import sinusoids
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, Tokenizer


class Shuffle(Exhibit):
    """A sentence in two orders, read by the same weights without and with positions."""

    id = "e13"
    canvases = ("e13.without", "e13.with", "e13.sines", "e13.learned", "e13.alike")
    shows_code = (
        embedding_forward, sinusoids, attention_forward, without_positions, outputs_of,
        largest_change,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "word": (embedding_forward, "return tok_emb"),
        "position": (embedding_forward, "return tok_emb"),
        "angle": (sinusoids, "angles = "),
        "waves": (sinusoids, "waves = "),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.examples = examples_of(corpus)
        self.shuffled = Shuffled(config.seed)
        self.position = 0
        self.error = ""
        self._sizes: dict[str, Size] = {}
        self._seen: tuple[Any, ...] | None = None
        self._show(*self.examples[0])

    # ---- events ----------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "sentence":
                self._show(*self.examples[self.numbered(value, len(self.examples))])
            case "typed":
                self._read(str(value))
            case "shuffle":
                self.shuffled.shuffle()
            case "restore":
                self.shuffled.restore()
            case "word":
                self.shuffled.chosen = self.numbered(value, len(self.words))
            case "earlier" | "later":
                self.shuffled.move(-1 if name == "earlier" else 1)
            case "position":
                self.position = self.numbered(value, self.max_len, 1) - 1
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)

    def _show(self, words: Words, order: tuple[int, ...] = ()) -> None:
        self.shuffled.show(words, order)
        self.typed, self.error = " ".join(words), ""

    def _read(self, text: str) -> None:
        """A sentence that cannot be shown leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            words = read_words(text, self.max_len, "one cannot be shuffled")
        except SentenceError as error:
            self.error = str(error)
        else:
            if words != self.words:
                self._show(words)
                self.typed = text

    @property
    def words(self) -> Words:
        """The sentence in its first order."""
        return self.shuffled.words

    @property
    def order(self) -> tuple[int, ...]:
        """Which of them stands where."""
        return self.shuffled.order

    def _point(self, at: dict[str, Any]) -> None:
        canvas, y, kind = at["canvas"], float(at["y"]), at["kind"]
        size = self._sizes.get(canvas)
        self.lit = None
        if size is None or kind == "leave":
            return
        if canvas in ("e13.sines", "e13.learned"):
            place = position_at(size, self.max_len, y)
            if place is not None and kind in ("hover", "press"):
                self.position = place
            return
        place = place_at(y, size[1], len(self.words))
        if place is None:
            return
        half = size[0] / 2
        word = place if float(at["x"]) < half else self.order[place]
        self.lit = f"word:{self.words[word]}"
        if kind == "press":
            self.shuffled.chosen = self.order.index(word)

    # ---- what the models make of it --------------------------------------------------

    @property
    def max_len(self) -> int:
        """The most words of a sentence."""
        return self.corpus.max_len

    @property
    def strange(self) -> bool:
        """Whether the live model does not know some of the words."""
        return not all(word in self.corpus.tokenizer for word in self.words)

    def compute(self, timeline: Timeline) -> None:
        live = timeline.trainer.model
        assert isinstance(live, Transformer)
        now = (timeline, timeline.step, self.words, self.order)
        if self._seen == now:
            return
        seen, self._seen = self._seen, now
        self.step = timeline.step
        self.positions = positions_of(live)
        self.alike = {name: alikeness(pos) for name, pos in self.positions.items()}
        if self.strange and seen and seen[2:] == now[2:]:
            return  # the untrained model has not changed
        model, tokenizer = live, self.corpus.tokenizer
        if self.strange:
            others = [word for word in self.words if word not in SPECIALS]
            model = stranger(self.config, others, self.max_len)
            tokenizer = Tokenizer(sorted(set(others)))
        token_ids = np.array(tokenizer.encode(self.words))
        stacks = {"without": without_positions(model), "with": model.stack}
        self.outputs = {
            name: outputs_of(stack, token_ids, self.order)
            for name, stack in stacks.items()
        }
        self.changes = {
            name: largest_change(outputs, self.order)
            for name, outputs in self.outputs.items()
        }

    # ---- what is drawn ---------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        name = canvas.removeprefix("e13.")
        if name == "alike":
            return alike_chart(size, self.alike, self.position)
        if name in ("sines", "learned"):
            if name not in self.positions:
                return Drawing(*size)
            vectors = self.positions[name]
            return positions_picture(size, vectors, scale_for(vectors), self.position)
        return shuffled(
            size, self._names(), self.order, self.outputs[name],
            [changed(change) for change in self.changes[name].tolist()],
            self.scale, self._lit_word(), self.shuffled.chosen,
        )  # fmt: skip

    @property
    def scale(self) -> float:
        """Both pictures of outputs have one scale."""
        return scale_for(np.concatenate(list(self.outputs.values())))

    def _names(self) -> list[str]:
        return as_named(self.words)

    def _lit_word(self) -> str | None:
        word = self.lit_as("word")
        return word if word in self.words else None

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        names = self._names()
        chosen = self.shuffled.chosen
        return {
            "state": {
                "e13.typed": self.typed,
                "e13.position": self.position + 1,
                "e13.earlier.off": chosen == 0,
                "e13.later.off": chosen == len(self.words) - 1,
                "e13.restore.off": self.shuffled.in_order,
                "e13.strange": self.strange,
                "e13.has_learned": "learned" in self.positions,
            },
            "lists": {
                "e13.sentence": [
                    Item(n, " ".join(words), words == self.words)
                    for n, (words, _) in enumerate(self.examples)
                ],
                "e13.word": [
                    Item(place, names[word], place == chosen, f"word:{names[word]}")
                    for place, word in enumerate(self.order)
                ],
            },
        }

    def _both(self) -> tuple[str, str]:
        """The sentence in its two orders."""
        names = self._names()
        return " ".join(names), " ".join(names[word] for word in self.order)

    def texts(self) -> dict[str, Said]:
        first, second = self._both()
        return {
            "e13.status": self._status(),
            "e13.error": self.error,
            "e13.first": first,
            "e13.second": second,
            "e13.without": changed(float(self.changes["without"].max())),
            "e13.with": changed(float(self.changes["with"].max())),
            "e13.scale_low": f"−{self.scale:g}",
            "e13.scale_high": f"{self.scale:g}",
            "e13.twice": says.twice_said(self.words, self._names(), self.outputs),
            "e13.place": f"position {self.position + 1}",
            "e13.learned_scale": "",
            **{
                f"e13.{name}_scale": f"±{scale_for(vectors):g}"
                for name, vectors in self.positions.items()
            },
            "e13.likeness": says.likeness_said(self.alike, self.step),
            "e13.finding": self._finding(),
        }

    def _status(self) -> str:
        if self.strange:
            return f"An untrained model, seed {self.config.seed}"
        return f"The live model, step {self.step:,}"

    def _finding(self) -> str:
        if self.shuffled.in_order:
            return "The words stand in their first order: shuffle them, or move one."
        whose = f"the model of step {self.step:,}"
        if self.strange:
            whose = "an untrained model"
        return says.finding(self.changes, whose, self.config.positions == "none")

    def labels(self) -> dict[str, str]:
        first, second = self._both()
        sines, learned = says.positions_labels(self.positions, self.step)
        said = plain(says.likeness_said(self.alike, self.step)).replace("\n", "; ")
        return {
            **{
                f"e13.{how}": says.orders_label(first, second, how, change.max())
                for how, change in self.changes.items()
            },
            "e13.sines": sines,
            "e13.learned": learned,
            "e13.alike": (
                f"The cosine of position {self.position + 1} with every other. Over "
                f"all positions: {said}."
            ),
        }

    def tables(self) -> list[Table]:
        return [
            says.changes_table(self._names(), self.order, self.changes),
            *(says.alike_table(name, alike) for name, alike in self.alike.items()),
        ]
