"""Experiments, the sentences: somebody's own, with a report while they are typed."""

from typing import TYPE_CHECKING, Any

from fishformer.corpus import Corpus, CorpusError, load_corpus
from fishformer.corpus_text import read_sentences
from fishformer.exhibits.exhibit import Exhibit, Item, Table, Words
from fishformer.exhibits.run_view import told
from fishformer.readymade import READY_MADE, ReadyMade, title_of
from fishformer.timeline import Timeline
from fishformer.tokenizer import split_sentence

if TYPE_CHECKING:
    from fishformer.exhibits.stage import Stage


class Sentences(Exhibit):
    """What a text would be as a corpus, before anything is trained on it."""

    id = "sentences"
    of_stage = True
    live = False
    shows_code = (read_sentences, split_sentence, load_corpus)

    def __init__(self, stage: "Stage"):
        self.stage = stage
        self.text = ""
        self.error = ""
        self.read: Corpus | None = None

    def handle(self, name: str, value: Any) -> None:
        if name == "typed":
            self._look_at(str(value))
        elif name == "ready" and value in READY_MADE:
            text = ReadyMade.text(value)
            self._look_at(text)
            self.stage.start_run(text=text)
        else:
            super().handle(name, value)

    def _look_at(self, text: str) -> None:
        self.text, self.error, self.read = text, "", None
        if not text.strip():
            return
        try:
            self.read = load_corpus(text)
        except CorpusError as error:
            self.error = str(error)

    def compute(self, timeline: Timeline) -> None:
        """Nothing to see in the model."""

    def view(self) -> dict[str, Any]:
        now = title_of(self.stage.text)
        items = [
            Item(key, ready.title, ready.title == now)
            for key, ready in READY_MADE.items()
        ]
        return {"state": {}, "lists": {"sentences.ready": items}}

    def texts(self) -> dict[str, Words]:
        now = title_of(self.stage.text)
        n = self.stage.corpus.report.n_sentences
        look = [r.look_for for r in READY_MADE.values() if r.title == now]
        return {
            "sentences.now": f"{now}, {n:,} sentences",
            "sentences.look": look[0] if look else "",
            "sentences.report": self._report(),
        }

    def _report(self) -> str:
        if self.error or not self.read:
            return self.error
        if self.text == self.stage.text:
            return ""  # the report of what the run learns from says it
        report = self.read.report
        n_words = len({word for words in self.read.train for word in words})
        held_out = len(self.read.held_out)
        said = (
            f"{report.n_sentences:,} sentences of "
            f"{n_words:,} different words; {len(self.read.train):,} to train "
            f"on, {held_out:,} held out."
        )
        return "\n".join([said, *report.notes, *told(report.skipped)])

    def tables(self) -> list[Table]:
        rows = [[r.title, r.look_for] for r in READY_MADE.values()]
        return [Table("Corpora that come with the page", ["Name", "Look for"], rows)]
