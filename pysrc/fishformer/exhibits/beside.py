"""Two runs side by side: where a head looks, what is guessed, how the words lie."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fishformer.charts.attention import labelled_map
from fishformer.charts.bars import guesses
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.scatter import Dot, fitted_to, scatter
from fishformer.completion import as_named, as_typed, fill_gaps, top_words
from fishformer.corpus import Blanked, Corpus
from fishformer.exhibits.exhibit import Item, Table, Words
from fishformer.geometry import principal_frame, procrustes
from fishformer.runs import Run, differences, timeline_of
from fishformer.timeline import Timeline

if TYPE_CHECKING:
    from fishformer.exhibits.stage import Stage

NAMED = 14  # words of the geometry
KINDS = ("map", "guess", "words")


class Side(NamedTuple):
    """What one of the two shows."""

    words: tuple[str, ...]  # of the sentence
    weights: np.ndarray  # (T, T) of one head
    head: tuple[int, int]  # layer and head, from 1
    guesses: list[tuple[str, float]]
    answer: str | None
    places: np.ndarray  # (N, 2) of the words, in the geometry
    names: list[str]


class Beside:
    """The live run, "a", and a kept one, "b", at the step where the live one stands.

    The kept one is trained on from its nearest checkpoint, in pieces; while the live
    one is training it shows the checkpoint itself.
    """

    def __init__(self, stage: "Stage"):
        self.stage = stage
        self.run: Run | None = None
        self.sentence = 0
        self.head = (1, 1)
        self.sides: dict[str, Side] = {}
        self._corpus: Corpus | None = None
        self._timeline: Timeline | None = None
        self._seek: Iterator[int] | None = None
        self._sought = -1

    @property
    def canvases(self) -> tuple[str, ...]:
        """The charts of both."""
        return tuple(f"runs.{side}.{kind}" for side in "ab" for kind in KINDS)

    def handle(self, name: str, value: Any) -> bool:
        """An event of this part; whether it was one."""
        if name == "compare":
            self._choose(self.stage.shelf.find(str(value)))
        elif name == "apart":
            self.forget(self.run)
        elif name == "sentence":
            self.sentence = int(value) % max(len(self.stage.corpus.featured), 1)
        elif name in ("layer", "head"):
            number = max(int(value), 1)
            self.head = (
                (number, self.head[1]) if name == "layer" else (self.head[0], number)
            )
        else:
            return False
        return True

    def _choose(self, run: Run) -> None:
        if run is self.run or run is self.stage.live:
            self.forget(self.run)
            return
        corpus = self.stage.corpus_for(run)
        self._timeline = timeline_of(run, corpus)
        self._corpus, self.run = corpus, run
        self._seek, self._sought = None, -1

    def forget(self, run: Run | None) -> None:
        """Stop comparing with a run."""
        if run is self.run:
            self.run = self._timeline = self._corpus = self._seek = None
            self.sides = {}

    # ---- both at one step --------------------------------------------------------

    @property
    def _target(self) -> int:
        assert self.run and self._timeline
        step = min(self.stage.timeline.step, self.run.last)
        if self.stage.state == "training" or self.run.edits != self.stage.edits:
            return max(k for k in self._timeline.checkpoints if k <= step)
        return step

    @property
    def busy(self) -> bool:
        """Whether the kept one has not come to the same step."""
        return self.run is not None and self._sought != self._target

    def work(self) -> None:
        """One step nearer to the step of the live run."""
        assert self._timeline
        target = self._target
        if self._seek is None or self._timeline.step > target:
            self._seek = self._timeline.seek(target)
        if next(self._seek, None) is None:
            self._seek = None
        if self._timeline.step == target:
            self._seek, self._sought = None, target

    def compute(self) -> None:
        """Look at both."""
        if self.run is self.stage.live:
            self.forget(self.run)
        if not self.run or not self._timeline or not self._corpus:
            return
        if self._sought == -1 and self._timeline.step == self._target:
            self._sought = self._target
        corpus, others = self.stage.corpus, self._corpus
        asked = corpus.featured[self.sentence % len(corpus.featured)]
        a = self._side(self.stage.timeline, corpus, asked, None)
        known = all(word in others.tokenizer for word in asked.whole)
        if not known or len(asked.words) > others.max_len:
            asked = others.featured[self.sentence % len(others.featured)]
        b = self._side(self._timeline, others, asked, a)
        self.sides = {"a": a, "b": b}

    def _side(
        self, timeline: Timeline, corpus: Corpus, asked: Blanked, like: Side | None
    ) -> Side:
        model, config = timeline.trainer.model, timeline.trainer.config
        probs, trace = fill_gaps(model, corpus.tokenizer, [asked.words])
        layer = min(self.head[0], config.n_layers)
        head = min(self.head[1], config.n_heads)
        weights = trace.blocks[layer - 1].attention.attn_weights[0, head - 1]
        names, places = self._geometry(model.params["tok_emb"], corpus)
        if like is not None and like.names == names:
            places = places @ procrustes(places, like.places)
        return Side(
            tuple(as_named(asked.words)),
            weights,
            (layer, head),
            top_words(probs[0], corpus.tokenizer),
            asked.answer,
            places,
            names,
        )

    @staticmethod
    def _geometry(tok_emb: np.ndarray, corpus: Corpus) -> tuple[list[str], np.ndarray]:
        """The commonest words, and where PCA of their vectors puts them."""
        uses = Counter(word for words in corpus.train for word in words)
        names = sorted(sorted(uses), key=lambda word: -uses[word])[:NAMED]
        vectors = np.nan_to_num(tok_emb[corpus.tokenizer.encode(names)])
        return names, principal_frame(vectors, 2).project(vectors)

    # ---- what is drawn and said --------------------------------------------------

    def draw(self, canvas: str, size: Size) -> Drawing:
        """One chart of one of the two."""
        _, name, kind = canvas.split(".")
        side = self.sides.get(name)
        if side is None:
            return Drawing(*size, [])
        if kind == "map":
            return labelled_map(size, side.words, side.weights)
        if kind == "guess":
            words, probs = zip(*side.guesses, strict=True)
            return guesses(size, words, probs, side.answer)
        dots = [Dot(name, "near", True) for name in side.names]
        return scatter(size, fitted_to(size, side.places), dots)

    def state(self) -> dict[str, Any]:
        """Which layer and head, and of how many."""
        config = self.stage.config
        layers, heads = config.n_layers, config.n_heads
        if self._timeline:
            other = self._timeline.trainer.config
            layers, heads = max(layers, other.n_layers), max(heads, other.n_heads)
        return {
            "runs.two": self.run is not None,
            "runs.one": self.run is None and len(self.stage.runs) > 1,
            "runs.alone": len(self.stage.runs) == 1,
            "runs.layer": self.head[0],
            "runs.head": self.head[1],
            "runs.layer.off": layers == 1,
            "runs.head.off": heads == 1,
            "runs.most": [layers, heads],
        }

    def lists(self) -> dict[str, list[Item]]:
        """The sentences to choose from."""
        return {
            "runs.sentence": [
                Item(n, as_typed(b.words), n == self.sentence)
                for n, b in enumerate(self.stage.corpus.featured)
            ]
        }

    def texts(self) -> dict[str, Words]:
        """How the two differ, and where each stands."""
        texts: dict[str, Words] = dict.fromkeys(
            ("runs.differ", "runs.a.name", "runs.b.name", "runs.a.at", "runs.b.at"), ""
        )
        if not self.run or not self._timeline or not self.sides:
            return texts
        live = self.stage.live
        differ = ", ".join(differences(self.run, live)) or "nothing"
        texts |= {
            "runs.differ": f"From “{live.name}” to “{self.run.name}”: {differ}.",
            "runs.a.name": live.name,
            "runs.b.name": self.run.name,
            "runs.a.at": self._at(self.stage.timeline.step, "a"),
            "runs.b.at": self._at_other(),
        }
        return texts

    def _at(self, step: int, side: str) -> str:
        layer, head = self.sides[side].head
        only = "" if (layer, head) == self.head else " (it has no more)"
        return f"Step {step:,}. Layer {layer}, head {head}{only}."

    def _at_other(self) -> str:
        assert self.run and self._timeline
        step, live = self._timeline.step, self.stage.timeline.step
        said = self._at(step, "b")
        if step == live:
            return said
        if live > self.run.last and step == self.run.last:
            return f"{said} It ends there."
        if self.run.edits != self.stage.edits:
            return f"{said} Its Python is another, so it is shown where it was kept."
        if self.stage.state == "training":
            return f"{said} Paused, it comes to the same step."
        return f"{said} On the way to step {min(live, self.run.last):,}."

    def labels(self) -> dict[str, str]:
        """A sentence for each chart."""
        says: dict[str, str] = {}
        for name in "ab":
            side = self.sides.get(name)
            if side is None:
                says |= {f"runs.{name}.{kind}": "Nothing chosen yet." for kind in KINDS}
                continue
            best = ", ".join(f"{word} {share:.0%}" for word, share in side.guesses)
            layer, head = side.head
            says |= {
                f"runs.{name}.map": f"Attention in layer {layer}, head {head}.",
                f"runs.{name}.guess": f"{' '.join(side.words)}: {best}.",
                f"runs.{name}.words": f"{len(side.names)} common words, flat.",
            }
        return says

    def tables(self) -> list[Table]:
        """The guesses of both."""
        rows = [
            [where, *(f"{word} {share:.1%}" for word, share in side.guesses)]
            for where, side in zip(("live", "other"), self.sides.values(), strict=False)
        ]
        columns = ["Run", *(f"Guess {n}" for n in range(1, 6))]
        return [Table("Guesses of both", columns, rows)] if rows else []
