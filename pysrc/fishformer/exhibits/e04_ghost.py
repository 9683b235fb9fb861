"""E04, The ghost: how much of a word is left when the reader has come further."""

from typing import Any

import numpy as np

from fishformer.cells import elman_backward, elman_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.ink import Reader, ink
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words
from fishformer.experiments import state_input_gradient
from fishformer.lessons.ghost import NETS, Reading
from fishformer.rnn import Recurrent, orthogonal
from fishformer.rnn import state_input_gradient as recurrent_gradient
from fishformer.timeline import Timeline

SENTENCES = {
    "1": "grandmother who had fished this river with her two brothers since the "
    "summer when the old bridge fell never ate a trout",
    "2": "keys to the blue boat that nobody had moved since the storm took the roof "
    "off the harbour office are missing again",
}
STAND = 20  # the word where the reader stands at first, from 1
STARTS = ("default", "orthogonal")
LEAST = 1e-6  # of the axis


class Ghost(Exhibit):
    """Two sentences of more than 20 words, each read word by word."""

    id = "e04"
    canvases = ("e04.ink", "e04.fall")
    shows_code = (
        recurrent_gradient,
        elman_forward,
        elman_backward,
        orthogonal,
        Recurrent.read_backward,
        state_input_gradient,
    )
    terms = {  # noqa: RUF012 (never changed)
        "state": (elman_forward, "states[:, t] = h"),
        "word": (elman_forward, "from_words ="),
        "before": (elman_forward, "h = np.tanh("),
    }
    live = False
    of_corpus = False

    def __init__(self, config: Config, corpus: Corpus):
        self.seed = config.seed
        self.sentence = "1"
        self.followed = 0
        self.start = "default"
        self.stand = STAND - 1
        self._hovered: int | None = None
        self._readings: dict[str, Reading] = {}

    @property
    def words(self) -> list[str]:
        """The sentence that is read."""
        return SENTENCES[self.sentence].split()

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name != "at":
            self._hovered = None
        if name == "sentence" and value in SENTENCES:
            self.sentence, self.followed, self.stand = value, 0, STAND - 1
        elif name == "start" and value in STARTS:
            self.start = value
        elif name == "word":
            self.followed = self.numbered(value, len(self.words))
            self.stand = max(self.stand, self.followed)
        elif name == "stand":
            place = self.numbered(value, len(self.words), 1) - 1
            self.stand = max(place, self.followed)
        elif name == "at":
            self._point(value)
        else:
            super().handle(name, value)

    def _point(self, at: dict[str, Any]) -> None:
        """Over the lines the pointer moves the reader, for good where it presses."""
        self._hovered = None
        if at["kind"] == "leave" or self._plot is None:
            return
        left, right = self._plot.left, self._plot.right
        part = (at["x"] - left) / max(right - left, 1)
        last = len(self.words) - 1
        place = min(max(round(part * last), self.followed), last)
        if at["kind"] == "press":
            self.stand = place
        else:
            self._hovered = place

    @property
    def here(self) -> int:
        """Where the reader is: where the pointer is, or else where it was put."""
        return self.stand if self._hovered is None else self._hovered

    # ---- the job ------------------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        if self.sentence not in self._readings:
            reading = Reading(SENTENCES[self.sentence], self.seed)
            self._readings[self.sentence] = reading

    @property
    def busy(self) -> bool:
        return self.sentence in self._readings and self._reading.done < 1

    def work(self) -> None:
        self._reading.read_on()

    @property
    def _reading(self) -> Reading:
        return self._readings[self.sentence]

    def left(self, net: str) -> np.ndarray:
        """How much of the followed word is left at each word: (T,), NaN before it."""
        return self._reading.shares[net][:, self.followed]

    # ---- what is drawn ------------------------------------------------------------

    def _shown(self) -> list[str]:
        return [self.start, "lstm", "attention"]

    _plot = None  # of the lines, as they were last drawn

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e04.ink":
            readers = [
                Reader(NETS[net].name, self.left(net), self._part(net))
                for net in self._shown()
            ]
            lit = self.lit_as("word") or ""
            return ink(size, self.words, readers, self.followed, self.here, lit)
        places = np.arange(1.0, len(self.words) + 1)
        looks = {
            "attention": ("sea", 2.0, ()),
            self.start: ("coral-ink", 2.0, ()),
            "lstm": ("ink-2", 1.25, (5.0, 3.0)),
        }
        other = "default" if self.start == "orthogonal" else "orthogonal"
        looks[other] = ("edge", 1.25, ())
        names = {
            "attention": "attention", "default": "Elman", "lstm": "LSTM",
            "orthogonal": "orthogonal",
        }  # fmt: skip
        curves = []
        for net, (stroke, wide, dash) in looks.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                y = np.log10(np.fmax(self.left(net), LEAST))
            y[np.isnan(self.left(net))] = np.nan
            curves.append(Curve(places, y, names[net], stroke, wide, dash))
        x_axis, y_axis = self._axes()
        self._plot = plot_of(size, x_axis, y_axis, curves)
        return series(size, x_axis, y_axis, curves, at=self.here + 1.0)

    def _axes(self) -> tuple[Axis, Axis]:
        T = len(self.words)
        x_axis = Axis(1, T, [(n, str(n)) for n in (1, 5, 10, 15, 20)])
        powers = ["all", "10%", "1%", "10⁻³", "10⁻⁴", "10⁻⁵", "10⁻⁶"]
        return x_axis, Axis(-6, 0, [(-n, text) for n, text in enumerate(powers)])

    # ---- what is said -------------------------------------------------------------

    def _part(self, net: str, place: int | None = None) -> str:
        share = self.left(net)[self.here if place is None else place]
        return "…" if np.isnan(share) else part(float(share))

    def view(self) -> dict[str, Any]:
        words = [
            Item(str(n), word, n == self.followed, f"word:{word}")
            for n, word in enumerate(self.words)
        ]
        state = {
            "e04.sentence": self.sentence,
            "e04.start": self.start,
            "e04.word": str(self.followed),
            "e04.stand": self.stand + 1,
            "e04.busy": self.busy,
            "e04.progress": self._reading.done,
        }
        return {"state": state, "lists": {"e04.words": words}}

    def texts(self) -> dict[str, Words]:
        place = self.here + 1
        return {
            "e04.size": str(Config().d_model),
            "e04.stand": f"{place}, {self.words[self.here]}",
            "e04.followed": self.words[self.followed],
            "e04.readout": self._readout(),
            "e04.answer": self._answer(),
            "e04.factor": self._factor(),
            "e04.status": f"Reading, {self._reading.done:.0%}" if self.busy else "",
            "e04.finding": self._finding(),
        }

    def _readout(self) -> list[Piece]:
        word, here = self.words[self.followed], self.words[self.here]
        pieces: list[Piece] = [
            ("At word ", ""),
            (str(self.here + 1), "num"),
            (f", {here}, there is left of ", ""),
            (word, "strong"),
            (": ", ""),
        ]
        for net in NETS:
            name = NETS[net].name
            pieces += [(f"{name} ", ""), (self._part(net), "num"), (", ", "")]
        pieces[-1] = ("" if pieces[-2][0] == "…" else ".", "")
        return pieces

    def _factor(self) -> str:
        """What one word leaves of what was there before it, on average."""
        n = self.here - self.followed
        share = self.left(self.start)[self.here]
        if not n or np.isnan(share):
            return ""
        each = float(share) ** (1 / n)
        return (
            f"In the {NETS[self.start].name} each word leaves, on average, "
            f"{each:.2f} of what was there. {n} times in a row, {each:.2f} × "
            f"{each:.2f} × …, makes {part(float(share))}."
        )

    def _answer(self) -> str:
        """Of word 1 at word 20, whatever else is chosen."""
        shares = {net: self._reading.shares[net][STAND - 1, 0] for net in NETS}
        if np.isnan(list(shares.values())).any():
            return "The networks are still reading."
        told = {net: part(float(share)) for net, share in shares.items()}
        return (
            f"In the Elman network {told['default']}, in the LSTM {told['lstm']}; with "
            f"an orthogonal start {told['orthogonal']}, with attention "
            f"{told['attention']}. The first two have a ghost, the other two a memory."
        )

    def _finding(self) -> str:
        last = len(self.words) - 1
        shares = [self._reading.shares[net][last, 0] for net in NETS]
        if np.isnan(shares).any():
            return "Each state is followed back to each word, one network at a time."
        elman, rotated, lstm, attention = (part(float(share)) for share in shares)
        return (
            f"Before any training, of the first of {last + 1} words there is left at "
            f"the last, compared with the last word itself: {elman} in an Elman "
            f"network, {lstm} in an LSTM, {attention} with attention. Another start, "
            f"orthogonal, keeps {rotated} in the same Elman network."
        )

    def labels(self) -> dict[str, str]:
        told = ", ".join(f"{NETS[net].name} {self._part(net)}" for net in NETS)
        where = f"at word {self.here + 1}, {self.words[self.here]}"
        left = f"Left of {self.words[self.followed]} {where}: {told}."
        return {"e04.ink": left, "e04.fall": left}

    def tables(self) -> list[Table]:
        rows = [
            [str(n + 1), word, *(self._part(net, n) for net in NETS)]
            for n, word in enumerate(self.words)
        ]
        word = self.words[self.followed]
        caption = f"How much is left of word {self.followed + 1}, {word}"
        columns = ["Place", "Word", *(net.name for net in NETS.values())]
        return [Table(caption, columns, rows)]


def part(share: float) -> str:
    """A share in words for everybody: "17%", "0.4%", "1 in 53,000"."""
    if share >= 0.0995:
        return f"{share:.0%}"
    if share >= 0.00095:
        return f"{share:.1%}"
    parts = 1 / share
    digits = max(len(f"{parts:.0f}") - 2, 0)
    return f"1 in {round(parts, -digits):,.0f}"
