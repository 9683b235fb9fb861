"""E19, Encoder and decoder: French into English, and where it looks as it writes."""

from typing import Any

import numpy as np

from fishformer.attention import attention_forward
from fishformer.charts.bars import percent
from fishformer.charts.crossing import crossing, crossing_frame
from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.steps import Curve, step_lines
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.datasets import KING, load_french
from fishformer.datasets.french import alignment, lexicon
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.rewrite import END_SAID, Rewrite
from fishformer.lessons.runs import RewriterRun, written_right
from fishformer.sampling import WritingError, translate, write
from fishformer.stack import Stack
from fishformer.tasks import Pair, Pairs, continued
from fishformer.timeline import Timeline
from fishformer.tokenizer import UnknownWordError, split_sentence

END_STEP, LOOK_EVERY = 300, 25
A_WORD = 0.8  # seconds, while one watches it write
EXAMPLES = (
    " ".join(KING.source),
    "le lapin noir mange le gâteau doré",
    "ma vieille baleine noire trouve ton pêcheur",
    "le grand poisson doré est fatigué",
    "un vieux lapin suit mon jeune chat vert",
)
MEAN = "mean"


class Translate(Exhibit):
    """An encoder-decoder of its own, one sentence, and its cross-attention."""

    id = "e19"
    live = False
    of_corpus = False
    shows_code = (
        attention_forward, Stack.forward, write, translate, continued, written_right,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "query": (attention_forward, 'project_forward(x, p["w_q"])'),
        "key": (attention_forward, 'context, p["w_k"]'),
        "value": (attention_forward, "heads = attn_weights @"),
        "root": (attention_forward, "np.sqrt(config.d_head"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.seed = config.seed
        self.source: Words = KING.source
        self.typed, self.error = " ".join(self.source), ""
        self.layer = Config().n_layers
        self.head = MEAN
        self.row: int | None = None  # None is one that has to look elsewhere
        self.training = self.watching = False
        self.chosen: int | None = None  # the step shown; None is the latest
        self._coming: Rewrite | None = None  # what is written without being watched
        self._waited = 0.0
        self._sizes: dict[str, Size] = {}

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("e19.cross", "e19.accuracy")

    # ---- set up when it is first seen -----------------------------------------

    @property
    def pairs(self) -> Pairs:
        if not hasattr(self, "_pairs"):
            self._pairs = load_french()
            self.english_of = lexicon().english_of()
            both = self._pairs.train + self._pairs.held_out
            self.english = {pair.source: pair.target for pair in both}
            self.held_out = [pair.source for pair in self._pairs.held_out]
        return self._pairs

    @property
    def run(self) -> RewriterRun:
        """The run of this seed, at its random start if nobody has trained it yet."""
        if not hasattr(self, "_run"):
            self._begin()
        return self._run

    def _begin(self) -> None:
        config = Config(seed=self.seed)
        self._run = RewriterRun(config, self.pairs, END_STEP, LOOK_EVERY)
        self.rewrite = Rewrite(self._run, 0, self.source).write_all()
        self._coming, self.watching, self.chosen = None, False, None

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        run = self.run
        match name:
            case "train":
                self.training, self.chosen = not run.done, None
            case "stop":
                self.training = False
            case "again":
                self.seed = (self.seed + 1) % 2**32
                self._begin()
                self.training = True
            case "step":
                self.chosen = int(value)
            case "sentence":
                self._show(tuple(str(value).split()))
            case "another":
                self._show(self._next_held_out())
            case "typed":
                self._read(str(value))
            case "layer":
                self.layer = self._number(value, run.config.n_layers)
            case "head" if value == MEAN:
                self.head = MEAN
            case "head":
                self.head = str(self._number(value, run.config.n_heads))
            case "look":
                self.row = self._number(value, len(self.rewrite.written), 0)
            case "watch":
                self._watch()
            case "halt":
                self.watching = False
            case "next":
                if self.rewrite.ended:
                    self._watch()
                self.watching = False
                self._write_word()
            case "at":
                self._point(value)
            case "term":
                pass
            case _:
                raise ValueError(f"E19 has no event {name!r} with the value {value!r}.")

    def _number(self, value: Any, count: int, first: int = 1) -> int:
        number = int(value)
        if not first <= number < first + count:
            raise ValueError(f"E19 has {count} of these; there is no {number}.")
        return number

    def _next_held_out(self) -> Words:
        place = -1
        if self.source in self.held_out:
            place = self.held_out.index(self.source)
        return self.held_out[(place + 1) % len(self.held_out)]

    def _read(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            words = tuple(split_sentence(text))
            if words != self.source:
                Rewrite(self.run, self.step, words)
                self._show(words)
                self.typed = text
        except UnknownWordError as error:
            self.error = f"{str(error).capitalize()}."
        except WritingError as error:
            self.error = str(error)

    def _show(self, words: Words) -> None:
        Rewrite(self.run, self.step, words)  # whether it can be read
        self.source, self.typed, self.error = words, " ".join(words), ""
        self.row, self.watching = None, False

    def _watch(self) -> None:
        """Write it once more, slowly."""
        self.rewrite = Rewrite(self.run, self.step, self.source)
        self.row, self._waited, self._coming = None, A_WORD / 2, None
        self.watching = not self.still
        if self.still:
            self.rewrite.write_all()

    def _write_word(self) -> None:
        self.rewrite.write_word()
        self.row = len(self.rewrite.written) - 1
        if self.rewrite.ended:
            self.watching, self.row = False, None

    def _point(self, at: dict[str, Any]) -> None:
        """The pointer is over the map: light the word; a press chooses the row."""
        size, found = self._sizes.get(at["canvas"]), None
        if size is not None and at["kind"] != "leave":
            rewrite = self.rewrite
            words = rewrite.source, rewrite.reads, rewrite.writes
            found = crossing_frame(size, *words).at(at["x"], at["y"])
        if found is None:
            self.lit = None
            return
        row, column = found
        self.lit = f"word:{self.rewrite.source[column]}"
        if at["kind"] == "press" and row < len(self.rewrite.written):
            self.row = row

    # ---- writing --------------------------------------------------------------

    @property
    def moving(self) -> bool:
        return self.watching

    def tick(self, seconds: float) -> None:
        self._waited += seconds
        if self._waited >= A_WORD:
            self._waited = 0.0
            self._write_word()

    @property
    def busy(self) -> bool:
        return self.training or self._coming is not None

    def work(self) -> None:
        if self._coming is not None:
            self._coming.write_word()
            if self._coming.ended:
                self.rewrite, self._coming = self._coming, None
        elif not self.run.work():
            self.training = False

    @property
    def step(self) -> int:
        """The step that is shown: one at which a copy was kept."""
        wanted = max(self.run.kept) if self.chosen is None else max(self.chosen, 0)
        return max(step for step in self.run.kept if step <= wanted)

    def compute(self, timeline: Timeline) -> None:
        """Another sentence or another step is written, a word a piece."""
        run, step = self.run, self.step
        latest = self._coming or self.rewrite
        if (latest.run, latest.step, latest.source) != (run, step, self.source):
            self._coming, self.watching = Rewrite(run, step, self.source), False

    # ---- where it looks -------------------------------------------------------

    def looks(self) -> np.ndarray:
        """Of the chosen layer, of a head or the mean of all: (T, S)."""
        looks = self.rewrite.looks()[self.layer - 1]
        return looks.mean(axis=0) if self.head == MEAN else looks[int(self.head) - 1]

    def aligned(self) -> tuple[int, ...]:
        """For each word written the French word that it translates, where known."""
        rewrite = self.rewrite
        target = self.english.get(rewrite.source)
        words = rewrite.words
        if target is not None and words == target[: len(words)]:
            return alignment(Pair(rewrite.source, target), self.english_of)[
                : len(words)
            ]
        try:
            return alignment(Pair(rewrite.source, words), self.english_of)
        except (KeyError, IndexError):
            return ()  # it wrote a word that translates none

    def hits(self) -> list[int]:
        """Of how many aligned words each layer looks most at the French word."""
        places = self.aligned()
        most = self.rewrite.looks().mean(axis=1).argmax(axis=-1)  # (L, T)
        return [
            sum(int(row[t]) == place for t, place in enumerate(places)) for row in most
        ]

    @property
    def chosen_row(self) -> int | None:
        """The row that is explained: if none was chosen, one whose word moved."""
        count = len(self.rewrite.written)
        if not count:
            return None
        if self.row is not None:
            return min(self.row, count - 1)
        moved = (t for t, place in enumerate(self.aligned()) if t != place)
        return next(moved, 0)

    # ---- what is drawn --------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        self._sizes[canvas] = size
        if canvas == "e19.accuracy":
            return self._accuracy_chart(size)
        rewrite = self.rewrite
        kind, _, word = (self.lit or "").partition(":")
        return crossing(
            size, rewrite.source, rewrite.reads, rewrite.writes, self.looks(),
            self.chosen_row, list(enumerate(self.aligned())),
            word if kind == "word" else None,
        )  # fmt: skip

    def _accuracy_chart(self, size: Size) -> Drawing:
        found = self.run.right[""]
        steps, shares = np.array(list(found), float), np.array(list(found.values()))
        return step_lines(size, [Curve("right", steps, shares)], END_STEP, self.step)

    # ---- what is said ---------------------------------------------------------

    def view(self) -> dict[str, Any]:
        run, rewrite = self.run, self.rewrite
        row = self.chosen_row
        return {
            "state": {
                "e19.typed": self.typed,
                "e19.idle": not self.training and not run.done,
                "e19.training": self.training,
                "e19.done": run.done and not self.training,
                "e19.progress": run.step / END_STEP,
                "e19.step": self.step,
                "e19.step.off": len(run.kept) < 2,
                "e19.watching": self.watching,
                "e19.resting": not self.watching,
                "e19.layer": self.layer,
                "e19.head": self.head,
            },
            "lists": {
                "e19.sentence": [
                    Item(text, text, text == " ".join(self.source)) for text in EXAMPLES
                ],
                "e19.look": [
                    Item(t, word, t == row, f"word:{word}")
                    for t, word in enumerate(rewrite.writes)
                ],
            },
        }

    def texts(self) -> dict[str, Said]:
        return {
            "e19.status": self._status(),
            "e19.error": self.error,
            "e19.left": self._left(),
            "e19.shown": f"step {self.step}",
            "e19.french": " ".join(self.rewrite.source),
            "e19.kind": self._kind(),
            "e19.verdict": self._verdict(),
            "e19.row": self._row_said(),
            "e19.aligned": self._aligned_said(),
            "e19.finding": self._finding(),
        }

    def _status(self) -> str:
        run = self.run
        if self.training:
            return f"Training, step {run.step} of {END_STEP}"
        if run.done:
            return f"Trained, {run.step} steps, seed {self.seed}"
        return f"Stopped at step {run.step}" if run.step else "Not trained yet"

    def _left(self) -> str:
        if self.run.trouble:
            return self.run.trouble
        left = self.run.seconds_left if self.training else None
        return "" if left is None else f"about {max(round(left), 1):,} s to go"

    def _kind(self) -> str:
        """Where the sentence comes from."""
        if self.rewrite.source in self.held_out:
            return "held out"
        return "a training sentence" if self.rewrite.source in self.english else "yours"

    def _verdict(self) -> list[Piece]:
        rewrite = self.rewrite
        if not rewrite.ended:
            return [("…", "quiet")]
        target = self.english.get(rewrite.source)
        if END_SAID not in rewrite.writes:
            return [("≠ it comes to no end", "differs")]
        if target is None:
            return [("nobody has told us what is right", "quiet")]
        if rewrite.words == target:
            return [("= right", "same")]
        return [("≠ right is: ", "differs"), (" ".join(target), "strong")]

    def _row_said(self) -> list[Piece]:
        """The chosen row: what went in, what came out, where it looked."""
        row = self.chosen_row
        if row is None:
            return [("Nothing is written yet.", "quiet")]
        rewrite, looks = self.rewrite, self.looks()[row]
        best = int(looks.argmax())
        places = self.aligned()
        pieces: list[Piece] = [
            ("In goes ", ""), (rewrite.reads[row], "strong"), (", out comes ", ""),
            (rewrite.writes[row], "strong"), (". Meanwhile this row gives ", ""),
            (f"{looks[best]:.0%}", "num"), (" of its attention to ", ""),
            (rewrite.source[best], "key strong"),
        ]  # fmt: skip
        if row >= len(places):
            return [*pieces, (".", "")]
        if places[row] == best:
            return [*pieces, (", which is the word to translate.", "")]
        share = float(looks[places[row]])
        return [
            *pieces, (" and ", ""), (f"{share:.0%}", "num"), (" to ", ""),
            (rewrite.source[places[row]], "key strong"),
            (", the word to translate.", ""),
        ]  # fmt: skip

    def _aligned_said(self) -> str:
        places = self.aligned()
        if not places:
            return "What it wrote cannot be laid beside the French word by word."
        told = ", ".join(
            f"layer {layer} in {hits}" for layer, hits in enumerate(self.hits(), 1)
        )
        return (
            f"The mean of the heads looks most at the word to translate, of "
            f"{len(places)} words: {told}."
        )

    def _finding(self) -> str:
        run, step = self.run, self.step
        share = run.right[""].get(step)
        if not step or share is None:
            return (
                "Not trained yet: it looks at all words of the French sentence alike, "
                "and what it writes is chance. Train it to see where it learns to look."
            )
        says = (
            f"At step {step} it translates {percent(share)} of {len(self.held_out)} "
            "held-out sentences word for word right."
        )
        if not self.rewrite.ended:
            return says
        french, english = " ".join(self.rewrite.source), " ".join(self.rewrite.words)
        return f"{says} “{french}” becomes “{english}”."

    def labels(self) -> dict[str, str]:
        rewrite, looks = self.rewrite, self.looks()
        told = "; ".join(
            f"{word} at {rewrite.source[int(row.argmax())]} {percent(row.max())}"
            for word, row in zip(rewrite.writes, looks, strict=True)
        )
        accuracy = ", ".join(
            f"{v:.0%} at step {k}" for k, v in self.run.right[""].items()
        )
        return {
            "e19.cross": f"Layer {self.layer}, where each word looks most: {told}.",
            "e19.accuracy": f"Held-out sentences right: {accuracy or 'none yet'}.",
        }

    def tables(self) -> list[Table]:
        rewrite = self.rewrite
        rows = [
            [read, write, *(f"{share:.1%}" for share in row)]
            for read, write, row in zip(
                rewrite.reads, rewrite.writes, self.looks(), strict=True
            )
        ]
        head = "mean of heads" if self.head == MEAN else f"head {self.head}"
        tables = [
            Table(
                f"Cross-attention, layer {self.layer}, {head}, step {self.step}",
                ["reads", "writes", *rewrite.source],
                rows,
            )
        ]
        found = self.run.right[""]
        if found:
            rows = [[str(step), f"{share:.1%}"] for step, share in found.items()]
            tables.append(
                Table("Held-out sentences translated right", ["Step", "Right"], rows)
            )
        return tables
