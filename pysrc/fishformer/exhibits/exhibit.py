"""What every exhibit is: the one protocol between the model and the page.

An exhibit never sees a browser. It gets events, looks at the live model, and gives
drawings, words and tables; whoever shows it decides when and where.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from fishformer.charts.drawing import Drawing
from fishformer.timeline import Timeline

Piece = tuple[str, str]  # a text and its class: "strong", "num" or ""
Words = str | list[Piece]


class Table(NamedTuple):
    """A chart in numbers, for those who cannot see it or want to check it."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


class Exhibit:
    """The base of every exhibit; each method says nothing until it is overridden.

    `shows_code` holds the very functions that compute what it shows.
    """

    id = ""
    shows_code: tuple[Callable, ...] = ()

    @property
    def canvases(self) -> tuple[str, ...]:
        """The names of its charts, each starting with its id and a dot."""
        return ()

    def handle(self, name: str, value: Any) -> None:
        """An event from the page. Raises ValueError where it is not understood."""
        raise ValueError(f"{self.id} has no event {name!r}.")

    def compute(self, timeline: Timeline) -> None:
        """Look at the live model at the step where the timeline stands."""

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        """One chart, in CSS pixels, of what compute() saw."""
        raise NotImplementedError

    def backdrop(self, canvas: str, width: float, height: float) -> Drawing | None:
        """What lies under draw() and seldom changes; while it does not, one object."""

    def view(self) -> dict[str, Any]:
        """What the page must know to lay the exhibit out; plain values only."""
        return {}

    def texts(self) -> dict[str, Words]:
        """The words that change with the step, by their key in the page."""
        return {}

    def labels(self) -> dict[str, str]:
        """A sentence for each canvas that says what it shows now."""
        return {}

    def tables(self) -> list[Table]:
        """What the charts show, in numbers."""
        return []
