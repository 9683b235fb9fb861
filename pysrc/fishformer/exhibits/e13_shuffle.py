"""E13, Shuffle: without positions a sentence is a bag of words; with them it is not."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.positions import position_at, positions_picture
from fishformer.charts.series import Axis, Curve, series
from fishformer.charts.shuffled import place_at, shuffled
from fishformer.completion import as_named
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.exhibits import e13_words as says
from fishformer.exhibits.e13_words import changed
from fishformer.exhibits.exhibit import Exhibit, Item, Table, plain
from fishformer.exhibits.exhibit import Words as Said
from fishformer.layers import embedding_forward
from fishformer.lessons.order import (
    alikeness,
    largest_change,
    outputs_of,
    stranger,
    without_positions,
)
from fishformer.model import Transformer
from fishformer.stack import sinusoids
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, Tokenizer, split_sentence

# A sentence and the order that it is first shuffled into.
FIRST: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("the dog bites the boy", (3, 4, 2, 0, 1)),
    ("dog bites man", (2, 1, 0)),
    ("the singer plays the bass", (3, 4, 2, 0, 1)),
)
SIZES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, 100)


def scale_for(values: np.ndarray) -> float:
    """The end of a scale that holds all values, and seldom changes."""
    most = float(np.abs(values).max(initial=0))
    return next((size for size in SIZES if size >= most), most)


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
        known = corpus.tokenizer
        usual: list[tuple[Words, tuple[int, ...]]] = [
            (tuple(text.split()), order)
            for text, order in FIRST
            if text == "dog bites man" or all(word in known for word in text.split())
        ]
        if len(usual) == 1:  # the visitor's own sentences
            usual = [*((gapped.whole, ()) for gapped in corpus.featured[:2]), *usual]
        self.examples = usual
        self.shuffles = 0
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
                self._shuffle()
            case "restore":
                self.order = tuple(range(len(self.words)))
            case "word":
                self.chosen = self.numbered(value, len(self.words))
            case "earlier" | "later":
                self._move(-1 if name == "earlier" else 1)
            case "position":
                self.position = self.numbered(value, self.max_len, 1) - 1
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)

    def _show(self, words: Words, order: tuple[int, ...] = ()) -> None:
        self.words, self.error = words, ""
        self.typed = " ".join(words)
        self.order = order
        self.chosen = 0
        if not order:
            self._shuffle()

    def _read(self, text: str) -> None:
        """A sentence that cannot be shown leaves the one before it in place."""
        self.typed, self.error = text, ""
        words = tuple(split_sentence(text))
        if len(words) < 2:
            self.error = "That takes two words or more: one cannot be shuffled."
        elif len(words) > self.max_len:
            self.error = (
                f"This sentence has {len(words)} words; the model has positions for "
                f"{self.max_len}."
            )
        elif words != self.words:
            self._show(words)
            self.typed = text

    def _shuffle(self) -> None:
        """Another order, by a seed: the same shuffles for everybody."""
        same = getattr(self, "order", ())
        T = len(self.words)
        while True:
            self.shuffles += 1
            rng = np.random.default_rng([self.config.seed, self.shuffles])
            order = tuple(rng.permutation(T).tolist())
            if order != tuple(range(T)) and (order != same or T < 3):
                break
        self.order = order

    def _move(self, by: int) -> None:
        """The chosen word changes places with the one before or after it."""
        to = self.chosen + by
        if 0 <= to < len(self.words):
            order = list(self.order)
            order[self.chosen], order[to] = order[to], order[self.chosen]
            self.order, self.chosen = tuple(order), to

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
            self.chosen = self.order.index(word)

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
        at = None if self.strange else timeline.step
        now = (timeline, timeline.step, self.words, self.order)
        if self._seen == now:
            return
        seen, self._seen = self._seen, now
        self.step = timeline.step
        self.learned = self._learned(live)
        self.waves = sinusoids(self.max_len, self.config.d_model, "float64")
        self.alike = {
            name: alikeness(vectors)
            for name, vectors in (("sines", self.waves), ("learned", self.learned))
            if vectors is not None
        }
        if at is None and seen and seen[2:] == now[2:]:
            return  # the untrained model has not changed
        model, tokenizer = live, self.corpus.tokenizer
        if self.strange:
            plain = [word for word in self.words if word not in SPECIALS]
            model = stranger(self.config, plain, self.max_len)
            tokenizer = Tokenizer(sorted(set(plain)))
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

    def _learned(self, live: Transformer) -> np.ndarray | None:
        if self.config.positions != "learned":
            return None
        return live.params["pos_emb"].astype(np.float64)

    # ---- what is drawn ---------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        name = canvas.removeprefix("e13.")
        if name == "alike":
            return self._alike_chart(size)
        if name in ("sines", "learned"):
            vectors = self.waves if name == "sines" else self.learned
            if vectors is None:
                return Drawing(*size)
            return positions_picture(size, vectors, scale_for(vectors), self.position)
        return shuffled(
            size, self._names(), self.order, self.outputs[name],
            [changed(change) for change in self.changes[name].tolist()],
            self.scale, self._lit_word(), self.chosen,
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

    def _alike_chart(self, size: Size) -> Drawing:
        places = np.arange(1.0, self.max_len + 1)
        looks = {"sines": ("ink-2", 1.25, (5.0, 3.0)), "learned": ("sea", 2.0, ())}
        curves = [
            Curve(places, alike[self.position], name, *looks[name])
            for name, alike in self.alike.items()
        ]
        marked = sorted({1, *range(5, self.max_len - 1, 5), self.max_len})
        x_axis = Axis(1, self.max_len, [(n, str(n)) for n in marked])
        ticks = [(-1, "−1"), (0, "0"), (1, "1")]
        return series(size, x_axis, Axis(-1, 1, ticks), curves, self.position + 1)

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        names = self._names()
        in_order = self.order == tuple(range(len(self.words)))
        return {
            "state": {
                "e13.typed": self.typed,
                "e13.position": self.position + 1,
                "e13.earlier.off": self.chosen == 0,
                "e13.later.off": self.chosen == len(self.words) - 1,
                "e13.restore.off": in_order,
                "e13.strange": self.strange,
                "e13.has_learned": self.learned is not None,
            },
            "lists": {
                "e13.sentence": [
                    Item(n, " ".join(words), words == self.words)
                    for n, (words, _) in enumerate(self.examples)
                ],
                "e13.word": [
                    Item(
                        place, names[word], place == self.chosen, f"word:{names[word]}"
                    )
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
            "e13.sines_scale": f"±{scale_for(self.waves):g}",
            "e13.learned_scale": (
                "" if self.learned is None else f"±{scale_for(self.learned):g}"
            ),
            "e13.likeness": says.likeness_said(self.alike, self.step),
            "e13.finding": self._finding(),
        }

    def _status(self) -> str:
        if self.strange:
            return f"An untrained model, seed {self.config.seed}"
        return f"The live model, step {self.step:,}"

    def _finding(self) -> str:
        if self.order == tuple(range(len(self.words))):
            return "The words stand in their first order: shuffle them, or move one."
        whose = f"the model of step {self.step:,}"
        if self.strange:
            whose = "an untrained model"
        return says.finding(self.changes, whose, self.config.positions == "none")

    def labels(self) -> dict[str, str]:
        first, second = self._both()
        shape, learned = self.waves.shape, self.learned is not None
        sines, own = says.positions_labels(shape, learned, self.step)
        said = plain(says.likeness_said(self.alike, self.step)).replace("\n", "; ")
        return {
            **{
                f"e13.{how}": says.orders_label(first, second, how, change.max())
                for how, change in self.changes.items()
            },
            "e13.sines": sines,
            "e13.learned": own,
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
