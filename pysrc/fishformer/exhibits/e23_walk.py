"""E23's walk: which number is opened, in which sentence, and how it came there."""

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Blanked, Corpus
from fishformer.exhibits.e23_names import Names, group_of
from fishformer.exhibits.e23_tables import ACROSS, DOWN, Linked, Window, terms, uses
from fishformer.exhibits.number_link import read_link
from fishformer.lessons.lab import Check, Lab, Reading
from fishformer.lessons.making import made
from fishformer.lessons.places import LOSS, Number, split
from fishformer.lessons.wiring import Wiring
from fishformer.tasks import Batch
from fishformer.timeline import Timeline
from fishformer.tokenizer import PAD

KEPT = 200  # numbers that "Back" goes back to


class NumberWalk:
    """One pass of the live model, and the number of it that is looked at.

    `read` must have been called before anything else is asked. `way` leads from the
    loss to the number; `checked` has its gradient tried, in float64 and in float32.
    """

    reading: Reading
    wiring: Wiring
    names: Names
    _lab: Lab

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.sentences = list(corpus.featured)
        self.asked = self.sentences[0]
        self.in_batch: int | None = None  # which sentence of the live batch, if any
        self.batch_size = 1
        self.opened = Number("layer_1.attn_weights", self.asked.position, 0, 0)
        self.window = Window().on(self.opened)
        self.history: list[Number] = []
        self.every = False  # whether long sums are shown whole
        self.problem = ""
        self.checked: tuple[Check, Check] | None = None
        self.way: list[Number] = []
        self.step = 0
        self.lost = False  # nothing can be read any more
        self._of: Timeline | None = None  # whose parameters the lab has
        self._wanted: Number | None = None  # named by a link, not yet looked for
        self._seen: tuple | None = None

    # ---- the pass ------------------------------------------------------------------

    def read(self, timeline: Timeline) -> None:
        """Look at the live model where it stands."""
        batch = timeline.trainer.batch
        self.batch_size = len(batch.token_ids)
        if self.in_batch is not None:
            self.asked = self._drawn(batch)
        now = timeline, timeline.step, self.asked
        if self._seen != now:
            self._seen = now
            self._read_pass(timeline)
        if not self.lost:
            self._settle()

    def _read_pass(self, timeline: Timeline) -> None:
        model, self.step = timeline.trainer.model, timeline.step
        new = self._of is not timeline
        if new:
            self._lab = Lab(self.config, self.corpus.tokenizer, model.max_len)
            self._of = timeline
        self._lab.load(model.params.buffer)
        self.checked, self.problem, self.way = None, "", []
        if not np.isfinite(model.params.buffer).all():
            self.problem = (
                f"This run has failed: at step {self.step:,} its numbers are no longer "
                "numbers. Shown is the start; wind the run back to an earlier step."
            )
            self._lab.load(self._lab.start.buffer)
        ids = self.corpus.tokenizer.encode(self.asked.words)
        try:
            self.reading = self._lab.read(self.asked)
            self.wiring = Wiring(self.config, self.reading, ids)
            self.names = Names(self.config, self.corpus.tokenizer, self.reading)
            if new:
                self._try_all()
            self.lost = False
        except Exception as error:  # the visitor may have edited anything
            self.lost = True
            self.problem = (
                "The code that runs here has been changed so far that its numbers can "
                f"no longer be told apart ({type(error).__name__}: {error})."
            )

    def _try_all(self) -> None:
        """One number of each place, so that what is missing shows at once."""
        for place, values in self.reading.values.items():
            if self.reading.gradients[place].shape != values.shape:
                raise ValueError(f"{place} has a gradient of another shape")
            number = Number(place)
            made(self.wiring, number)
            self.wiring.way(number)
            self.names.short(number)

    def _drawn(self, batch: Batch) -> Blanked:
        """A sentence of the batch that the next update is made of."""
        tokenizer = self.corpus.tokenizer
        self.in_batch = min(self.in_batch or 0, self.batch_size - 1)
        ids = [n for n in batch.token_ids[self.in_batch].tolist() if n != PAD]
        asked = int((batch.places[0] == self.in_batch).argmax())
        (answer,) = tokenizer.decode([batch.targets[asked]])
        return Blanked(
            tuple(tokenizer.decode(ids)), int(batch.places[1][asked]), answer
        )

    def _settle(self) -> None:
        """Stand on a number that this pass has."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            if self._exists(wanted):
                self.go(wanted)
            else:
                self.problem = "The number that was to be opened is not in this model."
        if not self._exists(self.opened):
            place = self.opened.place
            self.opened = self.near(place if place in self.reading.values else LOSS)
            self.window = Window().on(self.opened)
        if not self.way or self.way[-1] != self.opened:
            self.way = self.wiring.way(self.opened)[::-1]

    # ---- going from number to number -----------------------------------------------

    def ask(self, n: int) -> None:
        """Another sentence, by its place in the list."""
        self.in_batch = None
        self.asked = self.sentences[n]

    def go(self, number: Number, keep: bool = True) -> None:
        """Open a number, and remember the one before."""
        if number == self.opened:
            return
        if keep:
            self.history = [*self.history[-KEPT:], self.opened]
        elsewhere = (number.place, number.head) != (self.opened.place, self.opened.head)
        self.opened, self.checked = number, None
        if elsewhere or not self.window.holds(number):
            self.window = Window().on(number)
        self.way = self.wiring.way(number)[::-1]

    def go_back(self) -> None:
        """To the number before, if it is still there."""
        while self.history:
            number = self.history.pop()
            if self._exists(number):
                self.go(number, keep=False)
                return

    def follow(self, text: str) -> None:
        """Another exhibit has one of its numbers opened here."""
        self._wanted, asked = read_link(text, self.corpus)
        self.in_batch = None
        self.asked = asked
        if asked not in self.sentences:
            self.sentences = [*self.corpus.featured, asked]

    def page(self, down: int, right: int) -> None:
        """Move the window, unless nothing lies there."""
        row = self.window.row + down * DOWN
        column = self.window.column + right * ACROSS
        if self.on_page(row, column):
            self.window = Window(row, column)

    def on_page(self, row: int, column: int) -> bool:
        """Whether the opened array has a number there."""
        rows, columns = self.shape(self.opened.place)
        return 0 <= row < rows and 0 <= column < columns

    def check(self) -> None:
        """Nudge the number and compute the loss again, in float64 and in float32.

        Raises ValueError for the loss, which is what is measured.
        """
        rough = Lab(self.config, self.corpus.tokenizer, self._lab.model.max_len,
                    "float32")  # fmt: skip
        rough.load(self._lab.model.params.buffer)
        exact = self._lab.check(self.reading, self.opened)
        in_training = rough.slope(rough.read(self.asked), self.opened, exact.by)
        self.checked = exact, in_training

    def started(self) -> float:
        """What the opened parameter was at step 0."""
        return self._lab.started(self.opened)

    def lengths(self) -> list[float]:
        """Of the whole gradient at each stop of the way; last, the number's own."""
        arrays = (self.reading.gradients[stop.place] for stop in self.way)
        return [float(np.sqrt((array**2).sum())) for array in arrays]

    # ---- what there is -------------------------------------------------------------

    def shape(self, place: str) -> tuple[int, int]:
        """Rows and columns of a place."""
        rows, columns = self.reading.values[place].shape[-2:]
        return rows, columns

    @property
    def has_heads(self) -> bool:
        """Whether the opened place has a matrix for each head."""
        return self.reading.values[self.opened.place].ndim == 3

    def _exists(self, number: Number) -> bool:
        array = self.reading.values.get(number.place)
        if array is None:
            return False
        heads = array.shape[0] if array.ndim == 3 else 1
        rows, columns = array.shape[-2:]
        inside = number.row < rows and number.column < columns and number.head < heads
        return inside and min(number[1:]) >= 0

    def near(self, place: str) -> Number:
        """The number of a place that stands where the opened one does, if it can."""
        rows, columns = self.shape(place)
        row = self.opened.row
        if split(place)[1] == "tok_emb" and place != self.opened.place:
            row = self.wiring.token_ids[min(row, len(self.wiring.token_ids) - 1)]
        elif self.opened.place == "tok_emb" and rows == len(self.asked.words):
            row = self.asked.position
        column = min(self.opened.column, columns - 1)
        scores = "logits", "probs"
        if place in scores and self.opened.place not in scores:
            column = self.reading.target
        head = self.opened.head if self.reading.values[place].ndim == 3 else 0
        return Number(place, min(row, rows - 1), column, head)

    def part_of(self, place: str) -> int:
        """Which part of the map a place is in: 0 below, 1 to L, L + 1 above."""
        layer, name = split(place)
        below = name in ("embedding", "embedded", "tok_emb", "pos_emb")
        if layer or below or name.startswith("ln_emb"):
            return layer
        return self.config.n_layers + 1

    def _in_part(self, part: int) -> list[str]:
        return [p for p in self.reading.values if self.part_of(p) == part]

    def first_of(self, part: int) -> Number:
        """In another layer the same place, or else the first."""
        layer, name = split(self.opened.place)
        same = f"layer_{part}.{name}"
        places = self._in_part(part)
        return self.near(same if layer and same in places else places[0])

    def groups(self) -> list[tuple[str, list[str]]]:
        """The places of this part of the map, by what they belong to."""
        places = self._in_part(self.part_of(self.opened.place))
        groups: dict[str, list[str]] = {}
        for place in places:
            groups.setdefault(group_of(place), []).append(place)
        return list(groups.items())

    def terms(self) -> Linked | None:
        """What the opened number is made of."""
        found = made(self.wiring, self.opened)
        if found is None:
            return None
        return terms(self.names, found, self.opened, self.every)

    def uses(self) -> Linked | None:
        """What the opened number goes into."""
        return uses(self.names, self.wiring, self.opened, self.every)

    def others(self) -> list[Number]:
        """Numbers that the steps after the sum use: a gain, a bias."""
        found = made(self.wiring, self.opened)
        return [step.number for step in found.steps if step.number] if found else []

    def links(self) -> dict[str, list[list[Number | None]]]:
        """The numbers that each matrix of the page leads to, by its name."""
        rows, columns = self.shape(self.opened.place)
        window = self.window
        across = range(window.column, min(window.column + ACROSS, columns))
        found: dict[str, list[list[Number | None]]] = {
            "numbers": [
                [self.opened._replace(row=row, column=column) for column in across]
                for row in range(window.row, min(window.row + DOWN, rows))
            ]
        }
        for name, linked in (("terms", self.terms()), ("uses", self.uses())):
            if linked:
                found[name] = linked.links
        return found
