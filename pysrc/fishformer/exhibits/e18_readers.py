"""E18, Reader or writer: one corpus, with or without a mask on what comes after."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from fishformer.attention import attention_forward, causal_mask
from fishformer.charts.bars import guesses, percent
from fishformer.charts.drawing import Drawing
from fishformer.completion import GapError, fill_gaps, read_gapped, top_words
from fishformer.config import Config
from fishformer.corpus import Corpus, Words
from fishformer.exhibits.draft import (
    ALL_WORDS,
    Count,
    Draft,
    look,
    shown,
    write_and_count,
)
from fishformer.exhibits.e18_pictures import (
    FIRST_END,
    LAST_END,
    LISTED,
    counts_matrix,
    loss_chart,
    next_chart,
    who_sees_whom,
)
from fishformer.exhibits.e18_words import (
    asked_said,
    mask_said,
    verdict_said,
    writer_finding,
    writer_tables,
)
from fishformer.exhibits.exhibit import Item, Matrix, Piece, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.trained import Trained
from fishformer.lessons.runs import WriterRun
from fishformer.lessons.verdict import Judge
from fishformer.sampling import AS_IT_IS, Sampling, WritingError, distribution, write
from fishformer.tasks import continued, hide
from fishformer.timeline import Timeline
from fishformer.tokenizer import (
    MASK,
    SPECIALS,
    START,
    UnknownWordError,
    split_sentence,
)

GAP = SPECIALS[MASK]
KINDS = ("reader", "writer")
GAPPED = (
    "the ___ floods its bank while the trout takes the fly",
    "the ___ closes at night and the bass plays a low tune",
    "the bank counts its ___ while the river floods its bank",
    "the old bass never ___ but the singer plays the bass",
)
OPENING = "the river"
LOOK_EVERY = 50
A_WORD = 0.5  # seconds, while it writes
TOP = 5
N_COUNTED = 40  # sentences
COUNTS_KEPT = 4


def blank(words: Words) -> str:
    """A sentence as one types it, with ___ for its gap."""
    return " ".join("___" if word == GAP else word for word in words)


class ReaderOrWriter(Trained[WriterRun]):
    """The live encoder as a reader, and a decoder of its own that writes."""

    id = "e18"
    canvases = ("e18.reader", "e18.guesser", "e18.next", "e18.loss")
    shows_code = (
        attention_forward, causal_mask, hide, continued, fill_gaps, distribution, write,
    )  # fmt: skip
    terms = {  # noqa: RUF012
        "query": (attention_forward, 'x, p["w_q"]'),
        "key": (attention_forward, 'p["w_k"]'),
        "mask": (attention_forward, "scores += mask"),
        "future": (causal_mask, "return np.triu"),
        "value": (attention_forward, "heads = attn_weights @"),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.config = config
        self.corpus = corpus
        self.kind = "reader"
        self.typed = self.error = self.opening_typed = self.opening_error = ""
        self.writing = False
        self.counts: list[Count] = []
        self._waited = 0.0
        self._read_with: tuple[Any, ...] | None = None

    # ---- set up when it is first seen -----------------------------------------

    def begin(self) -> None:
        """The writer's run, and sentences in the words of this corpus."""
        self._run = WriterRun(self.config, self.corpus, FIRST_END, LOOK_EVERY)
        known = self.corpus.tokenizer
        split = [tuple(split_sentence(text)) for text in GAPPED]
        self.examples = [
            words for words in split if all(word in known for word in words)
        ] or [blanked.words for blanked in self.corpus.featured]
        self._gap(self.examples[0])
        self.draft = Draft(self._run, self.config.seed)
        opening = tuple(OPENING.split())
        if all(word in known for word in opening):
            self.opening_typed = OPENING
            self.draft.open(opening)

    @cached_property
    def judge(self) -> Judge:
        """What it takes to judge a sentence of this corpus."""
        return Judge(self.corpus)

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        run = self.run
        draft = self.draft
        match name:
            case "kind" if value in KINDS:
                self.kind, self.writing = value, False
                self.live = value == "reader"
            case "typed":
                self._read(str(value))
            case "sentence":
                self._gap(self.examples[self.numbered(value, len(self.examples))])
            case "train":
                if run.done and not run.trouble:
                    run.end = LAST_END
                super().handle(name, value)
            case "opening":
                self._open(str(value))
            case "temperature":
                draft.temperature = Sampling(temperature=float(value)).temperature
            case "top_k":
                draft.top_k = min(Sampling(top_k=int(value)).top_k, ALL_WORDS)
            case "top_p":
                draft.top_p = Sampling(top_p=float(value)).top_p
            case "next":
                self._write_word()
                self.writing = False
            case "write":
                self._write()
            case "halt":
                self.writing = False
            case "again":
                draft.begin()
                self.writing = False
            case "another":
                draft.seed = (draft.seed + 1) % 2**32
                draft.begin()
                self._write()
            case "look":
                draft.look_at(int(value))
                self.writing = False
            case "count":
                self.job = None if self.job else self._count()
            case _:
                super().handle(name, value)

    def _gap(self, words: Words) -> None:
        self.gapped, self.typed, self.error = words, blank(words), ""

    def _read(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            words = read_gapped(text, self.corpus.tokenizer, self.corpus.max_len)
        except UnknownWordError as error:
            self.error = f"{str(error).capitalize()}."
        except GapError as error:
            self.error = str(error)
        else:
            self.gapped = words

    def _open(self, text: str) -> None:
        """Other first words; if they cannot be used, those before them stay."""
        self.opening_typed, self.opening_error = text, ""
        before = self.draft.opening
        try:
            self.draft.open(tuple(split_sentence(text)))
        except UnknownWordError as error:
            self.opening_error = f"{str(error).capitalize()}."
        except WritingError as error:
            self.opening_error = str(error)
        self.writing = self.writing and self.draft.opening == before

    # ---- writing --------------------------------------------------------------

    def _write(self) -> None:
        """Write on to the end, a word at a time."""
        self.writing, self._waited = not self.draft.ended, A_WORD
        self.draft.at = None

    def _write_word(self) -> None:
        self.draft.write_word(self.step)
        self.writing = self.writing and not self.draft.ended

    @property
    def moving(self) -> bool:
        return self.writing and not self.still

    def tick(self, seconds: float) -> None:
        self._waited += seconds
        if self._waited >= A_WORD:
            self._waited = 0.0
            self._write_word()

    # ---- jobs -----------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return super().busy or (self.writing and self.still)

    def work(self) -> None:
        if self.writing and self.still:
            self._write_word()
        else:
            super().work()

    def _count(self) -> Iterator[None]:
        count = Count(self.step, self.draft.sampling, [], [])
        self.counts = [*self.counts, count][-COUNTS_KEPT:]
        return write_and_count(self.run, self.judge, count, N_COUNTED, self.draft.seed)

    # ---- what the models make of it -------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        step = self.step
        self.draft.see(step)
        now = (timeline, timeline.step, self.gapped, step)
        first = self._read_with is None
        if self._read_with == now or (self.kind == "writer" and not first):
            return
        self._read_with = now
        self.reader_step = timeline.step
        model = timeline.trainer.model
        probs, trace = fill_gaps(model, self.corpus.tokenizer, [self.gapped])
        self.reader_probs = probs[0]  # (V,)
        self.reader_looks = trace.blocks[0].attention.attn_weights[0]  # (H, T, T)
        ids = [START, *self.corpus.tokenizer.encode(self.before)]
        logits, _ = look(self.run, step, ids)
        self.guesser_probs = distribution(logits[-1], AS_IT_IS)  # (V,)

    @property
    def before(self) -> Words:
        """What the writer has read when it comes to the gap."""
        return self.gapped[: self.gapped.index(GAP)]

    # ---- what is drawn --------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e18.next":
            return next_chart(size, self.draft)
        if canvas == "e18.loss":
            return loss_chart(size, self.run, self.step)
        of = self.reader_probs if canvas == "e18.reader" else self.guesser_probs
        best = top_words(of, self.corpus.tokenizer, TOP)
        words, probs = [word for word, _ in best], [share for _, share in best]
        return guesses(size, words, probs, words[0])

    # ---- what the page must know ----------------------------------------------

    def view(self) -> dict[str, Any]:
        run, draft = self.run, self.draft
        n_open = len(draft.opening)
        more = run.done and run.end < LAST_END and not run.trouble
        state = {
            **self.training_state(),
            "kind": self.kind,
            "reads": self.kind == "reader",
            "writes": self.kind == "writer",
            "typed": self.typed,
            "opening": self.opening_typed,
            "more": more and not self.training,
            "temperature": draft.temperature,
            "top_k": draft.top_k,
            "top_p": draft.top_p,
            "writing": self.writing,
            "resting": not self.writing,
            "write.off": draft.ended,
            "next.off": draft.ended,
            "again.off": len(draft.written) == n_open,
            "counting": self.job is not None,
        }
        written = self.corpus.tokenizer.decode(draft.written)
        return {
            "state": {f"e18.{key}": value for key, value in state.items()},
            "lists": {
                "e18.sentence": [
                    Item(n, blank(words), words == self.gapped)
                    for n, words in enumerate(self.examples)
                ],
                "e18.look": [
                    Item(place, shown(word), place == draft.at, f"word:{word}")
                    for place, word in enumerate(written[n_open:], n_open)
                ],
            },
            "matrices": {
                "e18.mask": self.mask(),
                "e18.counts": counts_matrix(
                    self.counts, self.judge.clauses is not None
                ),
            },
        }

    def mask(self) -> Matrix:
        """The first words of a sentence: who may look at whom, and how much they do."""
        if self.kind == "reader":
            return who_sees_whom(self.gapped, self.reader_looks, masked=False)
        words = SPECIALS[START], *self.draft.words
        return who_sees_whom(words, self.draft.looks, masked=True)

    # ---- what is said ---------------------------------------------------------

    def texts(self) -> dict[str, Said]:
        draft = self.draft
        looks = self.reader_looks if self.kind == "reader" else draft.looks
        likely = f"{draft.temperature:.1f}" if draft.temperature else "0, the likeliest"
        gap: list[Piece] = [(f"{' '.join(self.before)} ", ""), ("___", "strong")]
        return {
            "e18.status": self._status(),
            "e18.error": self.error,
            "e18.opening_error": self.opening_error,
            "e18.shown": f"step {self.step:,}",
            "e18.masked": mask_said(looks, self.kind == "writer"),
            "e18.temperature_said": likely,
            "e18.top_k_said": "all" if draft.top_k >= ALL_WORDS else str(draft.top_k),
            "e18.top_p_said": f"{draft.top_p:.2f}" if draft.top_p < 1 else "1, all",
            "e18.seed": str(draft.seed),
            "e18.left": self.left(),
            "e18.questions": f"{self._questions():.1f}",
            "e18.reader_title": f"The reader, step {self.reader_step:,}, has read",
            "e18.reader_sees": self._sees(),
            "e18.guesser_title": f"The writer, step {self.step:,}, has read",
            "e18.guesser_sees": gap if self.before else [("nothing yet", "quiet")],
            "e18.start": " ".join(draft.opening) or "(start)",
            "e18.asked": asked_said(draft),
            "e18.counted": self._counted(),
            "e18.verdict": verdict_said(draft, self.judge),
            "e18.finding": self._finding(),
        }

    def _sees(self) -> list[Piece]:
        after = " ".join(self.gapped[len(self.before) + 1 :])
        before = " ".join(self.before)
        return [(f"{before} ".lstrip(), ""), ("___", "strong"), (f" {after}", "")]

    def _status(self) -> str:
        run = self.run
        if self.training:
            writer = f"training the writer, step {run.step:,} of {run.end:,}"
        elif run.done and not run.trouble:
            writer = f"the writer, trained for {run.step:,} steps"
        elif run.step:
            writer = f"the writer, stopped at step {run.step:,}"
        else:
            writer = "the writer, not trained yet"
        if self.kind == "writer":
            return writer.capitalize()
        return f"The live model, step {self.reader_step:,}; {writer}"

    def _questions(self) -> float:
        """How many words a training sentence asks of the writer, its end included."""
        train = self.corpus.train
        return sum(len(words) + 1 for words in train) / len(train)

    def _counted(self) -> str:
        if not self.counts:
            return f"{N_COUNTED} sentences, each from nothing, with the settings above"
        count = self.counts[-1]
        return f"{len(count.sentences)} of {N_COUNTED} written and judged"

    def _finding(self) -> str:
        if self.kind == "writer":
            return writer_finding(self.run, self.step, self.counts)
        if not self.reader_step and not self.step:
            return (
                "Neither of the two is trained: every word is about as likely as any "
                "other. The reader is the live model, and learns as you watch."
            )
        tokenizer = self.corpus.tokenizer
        [(word, share)] = top_words(self.reader_probs, tokenizer, 1)
        other = float(self.guesser_probs[tokenizer.encode([word])[0]])
        before = " ".join(self.before)
        read = f"has read only “{before}”" if before else "has read nothing"
        says = f"The reader’s first guess is {word}, {percent(share)}."
        if not self.step:
            return f"{says} The writer is not trained yet."
        return f"{says} The writer, which {read}, gives that word {percent(other)}."

    def labels(self) -> dict[str, str]:
        tokenizer = self.corpus.tokenizer

        def told(probs: np.ndarray) -> str:
            best = top_words(probs, tokenizer, TOP)
            return ", ".join(f"{word} {percent(share)}" for word, share in best)

        _, after = self.draft.shares()
        shares = ", ".join(
            f"{shown(tokenizer.words[k])} {percent(after[k])}"
            for k in self.draft.likeliest(LISTED)
        )
        losses = ", ".join(f"{v:.2f} at step {k}" for k, v in self.run.held_out.items())
        return {
            "e18.loss": f"The writer’s loss, held out: {losses or 'not measured yet'}.",
            "e18.reader": f"The reader’s guesses: {told(self.reader_probs)}.",
            "e18.guesser": f"The writer’s guesses: {told(self.guesser_probs)}.",
            "e18.next": f"The next word is drawn from: {shares}.",
        }

    def tables(self) -> list[Table]:
        mask = self.mask()
        said = "Attention of layer 1, per cent, mean of heads; −∞: forbidden"
        tables = [mask.table(said, "from \\ to")]
        return tables + (
            [self._guesses_table()]
            if self.kind == "reader"
            else writer_tables(self.draft, self.counts)
        )

    def _guesses_table(self) -> Table:
        tokenizer = self.corpus.tokenizer
        reader = top_words(self.reader_probs, tokenizer, TOP)
        writer = top_words(self.guesser_probs, tokenizer, TOP)
        rows = [
            [ours, f"{a:.1%}", theirs, f"{b:.1%}"]
            for (ours, a), (theirs, b) in zip(reader, writer, strict=True)
        ]
        columns = ["reader", "share", "writer", "share"]
        return Table(f"Guesses for “{blank(self.gapped)}”", columns, rows)
