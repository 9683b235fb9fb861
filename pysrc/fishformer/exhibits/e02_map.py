"""The map of E02: all words as points, seen from the side that tells most."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.scatter import Dot, Guide, fitted_to, nearest_to, scatter
from fishformer.geometry import Frame, Projector, unit_length


class Company(NamedTuple):
    """The chosen word, and the words that it is seen with.

    Of a word with one sense these are all `near`; of a word with two, those of its
    `first` sense and of its `second`, and `senses` are their names.
    """

    word: str
    near: Collection[str] = ()
    first: Collection[str] = ()
    second: Collection[str] = ()
    senses: tuple[str, str] | None = None

    def kinds(self) -> dict[str, str]:
        """What each of these words is on the map."""
        groups = {"near": self.near, "first": self.first, "second": self.second}
        kinds = {word: kind for kind, words in groups.items() for word in words}
        return kinds | {self.word: "word"}


class WordMap:
    """A view that stays steady while the vectors learn; another word, another view."""

    def __init__(self, words: Sequence[str]):
        self.words = words
        self.ids = {word: k for k, word in enumerate(words)}
        self.places: np.ndarray = np.empty((0, 2))  # px, as last drawn
        self.guides: list[Guide] = []
        self.look_anew()

    def look_anew(self) -> None:
        """Forget from where the words were seen before."""
        self._word = ""
        self._projector = Projector(2)

    def word_at(self, x: float, y: float) -> str | None:
        """The word that a pointer is on."""
        found = nearest_to(self.places, x, y)
        return None if found is None else self.words[found]

    def draw(
        self, size: Size, step: int, vectors: np.ndarray, company: Company, lit: str
    ) -> Drawing:
        """vectors (V, D), one a word; `lit` is a word to be seen above all others."""
        if company.word != self._word:
            self._word = company.word
            self._projector = Projector(1 if company.senses else 2)
        frame = self._frame(step, vectors, company)
        self.places = fitted_to(size, frame.project(vectors))
        self.guides = self._guides(vectors, company)
        kinds = company.kinds()
        dots = [
            Dot(
                word,
                "lit" if word == lit else kinds.get(word, "other"),
                word in kinds or word == lit,
            )
            for word in self.words
        ]
        return scatter(size, self.places, dots, self.guides)

    def _frame(self, step: int, vectors: np.ndarray, company: Company) -> Frame:
        """The side to look from: level, the way between two senses, if there are two.

        The rest is the plane, or of it the upright, that shows most of the words with
        names.
        """
        points = self._of(vectors, company.kinds())
        if not company.senses:
            self._projector.keep(step, points)
            return self._projector.frame(step, points)
        start, end = self._ends(vectors, company)
        way = unit_length(end - start)
        beside = points - (points @ way)[:, None] * way
        self._projector.keep(step, beside)
        upright = self._projector.frame(step, beside)
        axes = np.stack([way, unit_length(upright.axes[0])])
        return Frame(points.mean(axis=0), axes, upright.shares)

    def _guides(self, vectors: np.ndarray, company: Company) -> list[Guide]:
        """Where on the map the way between the two senses starts and ends."""
        if not company.senses:
            return []
        start, end = self._ends(vectors, company)
        along = vectors @ unit_length(end - start)
        # The map is one scale and a shift: two of its points give both.
        low, high = int(along.argmin()), int(along.argmax())
        x_low, x_high = self.places[[low, high], 0]
        scale = (x_high - x_low) / (along[high] - along[low])
        first, second = company.senses
        return [
            Guide(float(x_low + (at - along[low]) * scale), label, ink)
            for at, label, ink in (
                (start @ unit_length(end - start), f"{first}, 0", "sea"),
                (end @ unit_length(end - start), f"{second}, 1", "ink"),
            )
        ]

    def _ends(
        self, vectors: np.ndarray, company: Company
    ) -> tuple[np.ndarray, np.ndarray]:
        """The middle of the words of each sense."""
        return (
            self._of(vectors, company.first).mean(axis=0),
            self._of(vectors, company.second).mean(axis=0),
        )

    def _of(self, vectors: np.ndarray, words: Collection[str]) -> np.ndarray:
        return vectors[[self.ids[word] for word in sorted(words)]]
