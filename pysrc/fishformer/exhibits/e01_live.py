"""E01, Watch it learn: the loss falls, attention takes shape, the right words rise."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.block import block_forward
from fishformer.charts.attention import (
    WordLine,
    attention_bars,
    attention_map,
    word_line,
)
from fishformer.charts.bars import guesses, percent
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.loss import LossFrame, loss_frame, loss_lines, reference_lines
from fishformer.completion import (
    GAP,
    GapError,
    as_named,
    fill_gaps,
    read_gapped,
    top_words,
)
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e01_words as says
from fishformer.exhibits.exhibit import Exhibit, Piece, Table, Words, plain
from fishformer.optim import Adam
from fishformer.probes import own_clause_share
from fishformer.softmax import cross_entropy_forward, softmax_forward
from fishformer.timeline import Timeline
from fishformer.tokenizer import UnknownWordError
from fishformer.training import train

OWN = "own"  # the name of the visitor's own sentence


class LiveTraining(Exhibit):
    """A few sentences with a gap, and all that the live model makes of them."""

    id = "e01"
    shows_code = (
        attention_forward,
        softmax_forward,
        block_forward,
        cross_entropy_forward,
        Adam.update,
        train,
    )

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.sentences = {
            str(n): gapped.words for n, gapped in enumerate(corpus.featured, 1)
        }
        self.answers = {str(n): g.answer for n, g in enumerate(corpus.featured, 1)}
        self.own_error: str | None = None
        self.shown = "1"  # the sentence whose attention is drawn
        self.head = (config.n_layers, 1)  # the one looked at closely, from 1
        self.row: int | None = None  # the word looked from; None is the gap
        self._frame: LossFrame | None = None
        self._line: tuple[tuple, WordLine] | None = None
        self._apart: tuple[Any, np.ndarray] = None, np.empty((0, 2))

    @property
    def canvases(self) -> tuple[str, ...]:
        layers, heads = range(self.config.n_layers), range(self.config.n_heads)
        maps = (f"e01.map.{n + 1}.{h + 1}" for n in layers for h in heads)
        bars = (f"e01.guess.{name}" for name in ("1", "2", "3", OWN))
        return ("e01.loss", "e01.look", "e01.lens", *maps, *bars)

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "typed":
            self._read_own(str(value))
        elif name == "sentence" and value in self.sentences:
            self.shown, self.row = value, None
        elif name == "head":
            layer, head = (int(n) for n in value)
            if f"e01.map.{layer}.{head}" not in self.canvases:
                raise ValueError(f"There is no layer {layer}, head {head}.")
            self.head = layer, head
        elif name == "word":
            self.row = None if value is None else int(value) % len(self._words)
        else:
            super().handle(name, value)

    def _read_own(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.own_error = None
        if not text.strip():
            self.sentences.pop(OWN, None)
            if self.shown == OWN:
                self.shown, self.row = "1", None
            return
        try:
            tokenizer, max_len = self.corpus.tokenizer, self.corpus.max_len
            self.sentences[OWN] = read_gapped(text, tokenizer, max_len)
        except (GapError, UnknownWordError) as error:
            self.own_error = str(error)
        else:
            self.shown, self.row = OWN, None

    # ---- what the model makes of them -------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        self.timeline = timeline
        names = list(self.sentences)
        probs, trace = fill_gaps(
            timeline.trainer.model,
            self.corpus.tokenizer,
            [self.sentences[name] for name in names],
        )
        tokenizer = self.corpus.tokenizer
        self.guesses = {
            name: top_words(of_gap, tokenizer)
            for name, of_gap in zip(names, probs, strict=True)
        }
        T, row = len(self._words), names.index(self.shown)
        self.attn_weights = np.stack(
            [block.attention.attn_weights[row, :, :T, :T] for block in trace.blocks]
        )  # (L, H, T, T)
        self.shares = self._clause_share(self.attn_weights)
        self.even_share = self._clause_share(np.full((T, T), 1 / T))

    @property
    def _words(self) -> tuple[str, ...]:
        return self.sentences[self.shown]

    @property
    def _gap(self) -> int:
        return self._words.index(GAP)

    @property
    def _from(self) -> int:
        return self._gap if self.row is None else self.row

    def _looks(self) -> np.ndarray:
        """How the chosen word shares out its attention in the chosen head: (T,)."""
        layer, head = self.head
        return self.attn_weights[layer - 1, head - 1, self._from]

    def _labels_of_words(self) -> list[str]:
        return as_named(self._words)

    # ---- what is drawn ------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        _, kind, *rest = canvas.split(".")
        size = width, height
        if kind == "loss":
            timeline, frame = self.timeline, self._loss_frame(size)
            return loss_lines(
                frame,
                timeline.losses,
                self._looks_apart(),
                timeline.step,
                timeline.stops,
            )
        if kind == "guess":
            name = rest[0]
            if name not in self.guesses:
                return Drawing(width, height, [])
            words, probs = zip(*self.guesses[name], strict=True)
            return guesses(size, words, probs, self.answers.get(name))
        if kind == "map":
            layer, head = (int(n) for n in rest)
            weights = self.attn_weights[layer - 1, head - 1]
            return attention_map(size, weights, row=self.row)
        if kind == "lens":
            layer, head = self.head
            weights = self.attn_weights[layer - 1, head - 1]
            return attention_map(size, weights, row=self._from)
        return attention_bars(self._word_line(size), self._looks())

    def _looks_apart(self) -> np.ndarray:
        """(step, held-out loss) of every look: (M, 2)."""
        looks = self.timeline.held_out
        of, found = self._apart
        if of is not looks or len(found) != len(looks):
            found = np.array([(k, look.loss) for k, look in looks.items()])
            self._apart = looks, found
        return found

    def backdrop(self, canvas: str, width: float, height: float) -> Drawing | None:
        if canvas == "e01.loss":
            return self._loss_frame((width, height)).drawing
        if canvas == "e01.look":
            return self._word_line((width, height)).drawing
        return None

    def _word_line(self, size: Size) -> WordLine:
        words, looking = tuple(self._labels_of_words()), self._from
        if self._line is None or self._line[0] != (size, words, looking):
            line = word_line(size, words, looking)
            self._line = (size, words, looking), line
        return self._line[1]

    def _loss_frame(self, size: Size) -> LossFrame:
        frame, end = self._frame, self.timeline.end
        if frame is None or (frame.size, frame.end) != (size, end):
            references = reference_lines(self.corpus.references)
            self._frame = frame = loss_frame(size, end, references)
        return frame

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        def halves(words):
            at = words.index(GAP)
            return {"before": " ".join(words[:at]), "after": " ".join(words[at + 1 :])}

        return {
            "sentences": {
                name: halves(words) for name, words in self.sentences.items()
            },
            "words": self._labels_of_words(),
            "gap": self._gap,
            "row": self._from,
            "shown": self.shown,
            "head": list(self.head),
            "layers": self.config.n_layers,
            "heads": self.config.n_heads,
            "error": self.own_error,
        }

    def texts(self) -> dict[str, Words]:
        report = self.timeline.report
        held_out = report.held_out
        texts: dict[str, Words] = {
            "e01.finding": says.finding(
                report, len(self.corpus.tokenizer), self.shares, self.even_share
            ),
            "e01.look": self._look(),
            "e01.train": f"{report.loss:.2f}",
            "e01.held": f"{held_out.loss:.2f}" if held_out else "–",
            "e01.top1": percent(held_out.top_1) if held_out else "–",
        }
        for name in self.sentences:
            texts[f"e01.blank.{name}"] = self.guesses[name][0][0]
        for layer, head in np.ndindex(self.attn_weights.shape[:2]):
            texts[f"e01.head.{layer + 1}.{head + 1}"] = self._head_caption(layer, head)
        return texts

    def _clause_share(self, attn_weights: np.ndarray) -> np.ndarray | None:
        return own_clause_share(attn_weights, self._words, self.corpus.joins)

    def _head_caption(self, layer: int, head: int) -> str:
        share = None if self.shares is None else self.shares[layer, head]
        return says.head_caption(self.attn_weights[layer, head], share)

    def _look(self) -> list[Piece]:
        words = self._labels_of_words()
        return says.look_said(self._looks(), words, self._from, self._gap, self.head)

    def labels(self) -> dict[str, str]:
        report = self.timeline.report
        loss = f"At step {report.step} the training loss is {report.loss:.2f}."
        labels = {"e01.loss": " ".join([loss, *self.timeline.stops.values()])}
        for name in self.sentences:
            best = ", ".join(f"{w} {percent(p)}" for w, p in self.guesses[name])
            labels[f"e01.guess.{name}"] = f"{' '.join(self.sentences[name])}: {best}."
        look = plain(self._look())
        labels["e01.look"] = labels["e01.lens"] = look
        for layer, head in np.ndindex(self.attn_weights.shape[:2]):
            weights = self.attn_weights[layer, head, self._gap]
            word = self._labels_of_words()[int(weights.argmax())]
            labels[f"e01.map.{layer + 1}.{head + 1}"] = (
                f"The gap looks most at {word}, {percent(weights.max())}; "
                f"{self._head_caption(layer, head)}."
            )
        return labels

    def tables(self) -> list[Table]:
        timeline, (layer, head) = self.timeline, self.head
        weights = self.attn_weights[layer - 1, head - 1]
        where = f"step {timeline.step}, layer {layer}, head {head}"
        guesses = [
            (words, self.answers.get(name, "–"), self.guesses[name])
            for name, words in self.sentences.items()
        ]
        return [
            says.guess_table(guesses, timeline.step),
            says.attention_table(weights, self._labels_of_words(), where),
            says.loss_table(timeline.losses, timeline.held_out),
        ]
