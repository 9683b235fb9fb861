"""E02, Static vectors: one vector a word, and a word of two senses stuck in between."""

from collections import Counter
from typing import Any

import numpy as np

from fishformer.charts.between import Way, row_at, ways
from fishformer.charts.drawing import Drawing
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e02_words as says
from fishformer.exhibits.e02_map import Company, WordMap
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words, plain
from fishformer.exhibits.numerals import signed
from fishformer.lessons.senses import centred, mean_cosine_with, place_between
from fishformer.probes import Cues, sense_cues
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS, UnknownWordError
from fishformer.word2vec import (
    Word2Vec,
    Word2VecConfig,
    skip_gram_backward,
    skip_gram_forward,
)

STEPS = 1000
STEPS_A_PIECE = 6  # some 6 ms in the page
FIRST_WORD = "bass"
N_NEAR = 8
SHOWN = ("piano", "football", "trout", "soldiers", "river", "chef")


class StaticVectors(Exhibit):
    """word2vec on the same sentences, trained when it is asked for."""

    id = "e02"
    canvases = ("e02.map", "e02.between")
    shows_code = (
        skip_gram_forward,
        skip_gram_backward,
        Word2Vec.update,
        Word2Vec.nearest,
        centred,
        place_between,
    )
    live = False

    def __init__(self, config: Config, corpus: Corpus):
        self.corpus = corpus
        self.config = Word2VecConfig(seed=config.seed)
        self.training = False
        self.error: str | None = None
        self.typed = ""
        self.model: Word2Vec | None = None

    def _set_up(self) -> None:
        """What takes too long for a page that scrolls by."""
        cues = sense_cues(self.corpus)
        ambiguous = {word for word, _ in cues}
        known = self.corpus.tokenizer.words
        self.cues: Cues = {
            key: frozenset(words - ambiguous) for key, words in cues.items()
        }
        # Only words whose two senses both have cues can lie between them.
        pairs: dict[str, list[str]] = {}
        for word, sense in sorted(self.cues):
            if self.cues[word, sense]:
                pairs.setdefault(word, []).append(sense)
        self.senses = {w: (s[0], s[1]) for w, s in pairs.items() if len(s) == 2}
        self.words = known[len(SPECIALS) :]
        self.map = WordMap(self.words)
        self.ids = self.map.ids
        counts = Counter(word for words in self.corpus.train for word in words)
        common = [word for word, _ in counts.most_common()]
        common = [word for word in common if len(word) > 2] or common
        listed = [word for word in SHOWN if word in self.ids]
        if not listed:
            listed = common[: 2 * len(SHOWN)]
        self.listed = [*self.senses, *listed]
        self.word = FIRST_WORD if FIRST_WORD in self.ids else self.listed[0]
        self._restart()

    def _restart(self) -> None:
        self.model = Word2Vec(self.config, self.corpus)
        self._look(self.model)
        self.start = self.places
        self.map.look_anew()

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "train":
            assert self.model is not None
            if self.model.report.step >= STEPS:
                self._restart()
            self.training = True
        elif name == "stop":
            self.training = False
        elif name == "reset":
            self.training = False
            self._restart()
        elif name in ("word", "typed"):
            self._choose(str(value).strip().lower(), name == "typed")
        elif name == "at":
            self._point(value)
        else:
            super().handle(name, value)

    def _choose(self, word: str, typed: bool) -> None:
        """A word that is not in the sentences leaves the one before it in place."""
        self.error, self.typed = None, word if typed else ""
        if typed and not word:
            return
        try:
            self.corpus.tokenizer.encode([word])
        except UnknownWordError:
            self.error = f"“{word}” is not in the sentences, so it has no vector."
            return
        if word not in self.ids:
            self.error = f"“{word}” is a sign of the model’s own, not a word."
            return
        self.word = word

    def _point(self, at: dict[str, Any]) -> None:
        """The pointer lights up the word that it is on; a press chooses it."""
        word = None
        if at["kind"] != "leave":
            if at["canvas"] == "e02.map":
                word = self.map.word_at(at["x"], at["y"])
            else:
                row = row_at(at["y"], len(self.senses))
                word = None if row is None else list(self.senses)[row]
        self.lit = None if word is None else f"word:{word}"
        if at["kind"] == "press" and word is not None:
            self._choose(word, typed=False)

    # ---- the job ------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self.training

    def work(self) -> None:
        assert self.model is not None
        for _ in range(min(STEPS_A_PIECE, STEPS - self.model.report.step)):
            self.model.update()
        if self.model.report.step >= STEPS:
            self.training = False

    def compute(self, timeline: Timeline) -> None:
        if self.model is None:
            self._set_up()
        assert self.model is not None
        if self.model.report.step != self._seen:
            self._look(self.model)

    def _look(self, model: Word2Vec) -> None:
        """Where every word lies, and between its senses each that has two."""
        self._seen = model.report.step
        self.vectors = centred(model.vectors[len(SPECIALS) :])
        self.places: dict[str, float] = {}
        self.nearness: dict[str, tuple[float, float, float]] = {}
        for word, senses in self.senses.items():
            own = self.vectors[self.ids[word]]
            first, second = (self._of(self.cues[word, sense]) for sense in senses)
            self.places[word] = place_between(own, first, second)
            cues = self.cues[word, senses[0]] | self.cues[word, senses[1]]
            rest = self._of(w for w in self.words if w != word and w not in cues)
            self.nearness[word] = (
                mean_cosine_with(own, first),
                mean_cosine_with(own, second),
                mean_cosine_with(own, rest),
            )

    def _of(self, words: Any) -> np.ndarray:
        return self.vectors[[self.ids[word] for word in sorted(words)]]

    @property
    def step(self) -> int:
        """Steps of word2vec so far."""
        return 0 if self.model is None else self.model.report.step

    def _near(self) -> list[tuple[str, float]]:
        assert self.model is not None
        return self.model.nearest(self.word, N_NEAR)

    # ---- what is drawn ------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        lit = self.lit_as("word") or ""
        if canvas == "e02.between":
            rows = [
                Way(
                    word,
                    *senses,
                    self.places[word],
                    self.start[word] if self.step else None,
                )
                for word, senses in self.senses.items()
            ]
            return ways((width, height), rows, self.word, lit)
        company = self._company()
        size = width, height
        return self.map.draw(size, self.step, self.vectors, company, lit)

    def _company(self) -> Company:
        """The words that the chosen one is seen with."""
        if self.word not in self.senses:
            return Company(self.word, near=[word for word, _ in self._near()])
        senses = self.senses[self.word]
        first, second = (self.cues[self.word, sense] for sense in senses)
        return Company(self.word, (), first, second, senses)

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {
            "e02.word": self.word,
            "e02.typed": self.typed,
            "e02.busy": self.training,
            "e02.idle": not self.training,
            "e02.trained": self.step > 0,
            "e02.progress": self.step / STEPS,
            "e02.senses": bool(self.senses),
        }
        near = [
            Item(word, f"{word} {signed(cosine)}", False, f"word:{word}")
            for word, cosine in self._near()
        ]
        words = [Item(w, w, w == self.word, f"word:{w}") for w in self.listed]
        return {"state": state, "lists": {"e02.near": near, "e02.words": words}}

    def texts(self) -> dict[str, Words]:
        return {
            "e02.status": self._status(),
            "e02.train": says.button_said(self.step, STEPS),
            "e02.error": self.error or "",
            "e02.chosen": self.word,
            "e02.place": self._place(),
            "e02.plane": self._plane(),
            "e02.answer": self._answer(),
            "e02.finding": self._finding(),
        }

    def _status(self) -> str:
        assert self.model is not None
        return says.status_said(self.model.report, STEPS, self.config)

    def _place(self) -> list[Piece]:
        if self.word not in self.senses:
            return says.one_sense_said(self.word)
        place, near = self.places[self.word], self.nearness[self.word]
        return says.place_said(self.word, self.senses[self.word], place, near)

    def _plane(self) -> str:
        size = len(self.words), self.config.dim
        return says.plane_said(self.word, self.senses.get(self.word), size)

    def _between(self) -> int:
        return sum(0 < place < 1 for place in self.places.values())

    def _drawn(self) -> int:
        """Words that are nearer to the cues of both their senses than to the rest."""
        return sum(min(a, b) > rest for a, b, rest in self.nearness.values())

    def _answer(self) -> str:
        if not self.step:
            return "Train the vectors to see."
        if FIRST_WORD not in self.senses:
            return "These sentences have no word whose senses are marked."
        place, senses = self.places[FIRST_WORD], self.senses[FIRST_WORD]
        return says.answer_said(FIRST_WORD, senses, place, self.step)

    def _finding(self) -> str:
        n = len(self.senses)
        return says.finding(n, self._between(), self._drawn(), self.step)

    def labels(self) -> dict[str, str]:
        near = ", ".join(word for word, _ in self._near())
        places = ", ".join(f"{w} {signed(p)}" for w, p in self.places.items())
        return {
            "e02.map": f"{plain(self._place())} Nearest to it: {near}.",
            "e02.between": f"From the first sense, 0, to the second, 1: {places}.",
        }

    def tables(self) -> list[Table]:
        near = [[word, signed(cosine)] for word, cosine in self._near()]
        tables = [Table(f"Nearest to {self.word}", ["Word", "Cosine"], near)]
        if self.senses:
            places = self.senses, self.start, self.places, self.nearness
            tables.append(says.between_table(*places, self.step))
        return tables
