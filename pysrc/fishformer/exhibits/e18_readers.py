"""E18, Reader or writer: one corpus, with or without a mask on what comes after."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from fishformer.attention import attention_forward, causal_mask
from fishformer.charts.bars import guesses, percent
from fishformer.charts.drawing import Drawing
from fishformer.completion import as_typed, fill_gaps, top_words
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e18_words as says
from fishformer.exhibits.draft import Count, Draft, look, shown, write_and_count
from fishformer.exhibits.e18_gapped import Gapped
from fishformer.exhibits.e18_pictures import (
    FIRST_END,
    LAST_END,
    counts_matrix,
    loss_chart,
    next_chart,
    who_sees_whom,
)
from fishformer.exhibits.exhibit import Item, Matrix, Table
from fishformer.exhibits.exhibit import Words as Said
from fishformer.exhibits.trained import Trained
from fishformer.lessons.runs import WriterRun
from fishformer.lessons.verdict import Judge
from fishformer.sampling import AS_IT_IS, distribution, write
from fishformer.tasks import continued, hide
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, START

KINDS = ("reader", "writer")
OPENING = "the river"
LOOK_EVERY = 50
TOP = 5
N_COUNTED = 40  # sentences
COUNTS_KEPT = 4


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
        self.counts: list[Count] = []
        self._read_with: tuple[Any, ...] | None = None

    # ---- set up when it is first seen -----------------------------------------

    def begin(self) -> None:
        """The writer's run, and sentences in the words of this corpus."""
        self._run = WriterRun(self.config, self.corpus, FIRST_END, LOOK_EVERY)
        self.asked = Gapped(self.corpus)
        self.draft = Draft(self._run, self.config.seed)
        opening = tuple(OPENING.split())
        if all(word in self.corpus.tokenizer for word in opening):
            self.draft.typed = OPENING
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
                self.kind, draft.writing = value, False
                self.live = value == "reader"
            case "typed":
                self.asked.read(str(value))
            case "sentence":
                self.asked.choose(self.numbered(value, len(self.asked.examples)))
            case "train":
                if run.done and not run.trouble:
                    run.end = LAST_END
                super().handle(name, value)
            case "count":
                self.job = None if self.job else self._count()
            case _:
                if not draft.handle(name, value, self.step):
                    super().handle(name, value)

    # ---- what moves by itself, and jobs ---------------------------------------

    @property
    def moving(self) -> bool:
        return self.draft.writing and not self.still

    def tick(self, seconds: float) -> None:
        self.draft.tick(seconds, self.step)

    @property
    def busy(self) -> bool:
        return super().busy or (self.draft.writing and self.still)

    def work(self) -> None:
        if self.draft.writing and self.still:
            self.draft.write_on(self.step)
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
        now = (timeline, timeline.step, self.asked.words, step)
        first = self._read_with is None
        if self._read_with == now or (self.kind == "writer" and not first):
            return
        self._read_with = now
        self.reader_step = timeline.step
        model = timeline.trainer.model
        probs, trace = fill_gaps(model, self.corpus.tokenizer, [self.asked.words])
        self.reader_probs = probs[0]  # (V,)
        self.reader_looks = trace.blocks[0].attention.attn_weights[0]  # (H, T, T)
        ids = [START, *self.corpus.tokenizer.encode(self.asked.before)]
        logits, _ = look(self.run, step, ids)
        self.guesser_probs = distribution(logits[-1], AS_IT_IS)  # (V,)

    # ---- what is drawn --------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e18.next":
            return next_chart(size, self.draft)
        if canvas == "e18.loss":
            return loss_chart(size, self.run, self.step)
        of = self.reader_probs if canvas == "e18.reader" else self.guesser_probs
        words, probs = zip(*self._best(of), strict=True)
        return guesses(size, words, probs, words[0])

    def _best(self, probs: np.ndarray) -> list[tuple[str, float]]:
        """The likeliest words for the gap: probs (V,)."""
        return top_words(probs, self.corpus.tokenizer, TOP)

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
            "typed": self.asked.typed,
            "opening": draft.typed,
            "more": more and not self.training,
            "temperature": draft.temperature,
            "top_k": draft.top_k,
            "top_p": draft.top_p,
            "writing": draft.writing,
            "resting": not draft.writing,
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
                    Item(n, as_typed(words), words == self.asked.words)
                    for n, words in enumerate(self.asked.examples)
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
            return who_sees_whom(self.asked.words, self.reader_looks, masked=False)
        words = SPECIALS[START], *self.draft.words
        return who_sees_whom(words, self.draft.looks, masked=True)

    # ---- what is said ---------------------------------------------------------

    def texts(self) -> dict[str, Said]:
        draft = self.draft
        looks = self.reader_looks if self.kind == "reader" else draft.looks
        heat, top_k, top_p = says.sampling_said(draft)
        before, sees = self.asked.before, says.gapped_said(self.asked.words)
        return {
            "e18.status": self._status(),
            "e18.error": self.asked.error,
            "e18.opening_error": draft.error,
            "e18.shown": f"step {self.step:,}",
            "e18.masked": says.mask_said(looks, self.kind == "writer"),
            "e18.temperature_said": heat,
            "e18.top_k_said": top_k,
            "e18.top_p_said": top_p,
            "e18.seed": str(draft.seed),
            "e18.left": self.left(),
            "e18.questions": f"{says.questions(self.corpus):.1f}",
            "e18.reader_title": f"The reader, step {self.reader_step:,}, has read",
            "e18.reader_sees": sees,
            "e18.guesser_title": f"The writer, step {self.step:,}, has read",
            "e18.guesser_sees": sees[:2] if before else [("nothing yet", "quiet")],
            "e18.start": " ".join(draft.opening) or "(start)",
            "e18.asked": says.asked_said(draft),
            "e18.counted": says.counted_said(self.counts, N_COUNTED),
            "e18.verdict": says.verdict_said(draft, self.judge),
            "e18.finding": self._finding(),
        }

    def _status(self) -> str:
        writer = says.writer_said(self.run, self.training)
        if self.kind == "writer":
            return writer.capitalize()
        return f"The live model, step {self.reader_step:,}; {writer}"

    def _finding(self) -> str:
        if self.kind == "writer":
            return says.writer_finding(self.run, self.step, self.counts)
        if not self.reader_step and not self.step:
            return says.UNTRAINED
        [(word, share)] = self._best(self.reader_probs)[:1]
        other = float(self.guesser_probs[self.corpus.tokenizer.encode([word])[0]])
        theirs = other if self.step else None
        return says.reader_finding((word, share), self.asked.before, theirs)

    def labels(self) -> dict[str, str]:
        return {
            "e18.loss": says.loss_said(self.run),
            "e18.reader": f"The reader’s guesses: {self._told(self.reader_probs)}.",
            "e18.guesser": f"The writer’s guesses: {self._told(self.guesser_probs)}.",
            "e18.next": says.next_said(self.draft),
        }

    def _told(self, probs: np.ndarray) -> str:
        return ", ".join(
            f"{word} {percent(share)}" for word, share in self._best(probs)
        )

    def tables(self) -> list[Table]:
        said = "Attention of layer 1, per cent, mean of heads; −∞: forbidden"
        mask = self.mask().table(said, "from \\ to")
        if self.kind == "writer":
            return [mask, *says.writer_tables(self.draft, self.counts)]
        reader, writer = map(self._best, (self.reader_probs, self.guesser_probs))
        return [mask, says.guesses_table(self.asked.words, reader, writer)]
