"""What every exhibit is: the one protocol between the model and the page.

An exhibit never sees a browser. It gets events, looks at the live model, and gives
drawings, words and tables; whoever shows it decides when and where.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fishformer.charts.drawing import Drawing
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.timeline import Timeline

Piece = tuple[str, str]  # a text and its class: "strong", "num" or ""
Words = str | list[Piece]


def plain(words: Words) -> str:
    """What a text says, without its classes."""
    return words if isinstance(words, str) else "".join(text for text, _ in words)


def capital(text: str) -> str:
    """With a capital at its start."""
    return text[:1].upper() + text[1:]


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


class Table(NamedTuple):
    """A chart in numbers, for those who cannot see it or want to check it."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


class Item(NamedTuple):
    """One of a list of words or choices in the page; its value goes with its event."""

    value: Any
    words: str
    lit: bool = False
    thing: str = ""  # what it is a view of: see Exhibit.lit


class Matrix(NamedTuple):
    """Numbers in rows and columns, as the page sets them in brackets.

    `use` says what a visitor can do: nothing (""), "open" a cell, which becomes the
    event ("open", [key, row, column]), "edit" it, ("edit", [key, row, column, text]),
    or choose a whole "row", ("row", [key, row]).
    """

    values: Sequence[Sequence[str]]
    rows: Sequence[str] = ()  # labels
    columns: Sequence[str] = ()
    tone: str = ""  # query, key, value
    lit: Sequence[tuple[int, int]] = ()  # cells with a soft tint
    opened: tuple[int, int] | None = None  # the cell whose sum is shown
    marks: Sequence[Sequence[str]] = ()  # same, differs, edited, quiet or "", by cell
    shade: Sequence[Sequence[float]] = ()  # 0 to 1, along the ramp of attention
    use: str = ""

    def table(self, caption: str, corner: str) -> Table:
        """The same as a table; `corner` heads the column of the rows' labels."""
        named = zip(self.rows, self.values, strict=True)
        rows = [[name, *values] for name, values in named]
        return Table(caption, [corner, *self.columns], rows)


class Exhibit:
    """The base of every exhibit; each method says nothing until it is overridden.

    `shows_code` holds the very functions that compute what it shows; `terms` says in
    which of them, and in which line, a term of a formula stands. An exhibit that is
    not `live` does not look at the live model, one that is not `of_corpus` is kept
    when the visitor brings other sentences. One `of_stage` is made with the whole
    stage, for it shows and changes runs, and stays.

    `lit` is what is lit up in all views at once, such as "word:bass" or "head:1.2";
    an exhibit whose canvas is pointed at may change its own, and all the others follow.

    `job` is what takes too long for one piece of work: it goes on, on or off the
    screen, by pieces of some 10 ms in the page, until it ends or is set to None.
    """

    id = ""
    shows_code: tuple[Callable, ...] = ()
    terms: Mapping[str, tuple[Callable, str]] = {}
    live = True
    glance = 0.05  # seconds between two looks at a model in training
    of_corpus = True
    of_stage = False
    lit: str | None = None
    still = False  # the visitor wants nothing to move by itself
    job: Iterator[Any] | None = None

    def __init__(self, config: Config, corpus: Corpus):
        """Quick, for it may happen while somebody scrolls: the work is compute()'s."""

    @property
    def canvases(self) -> tuple[str, ...]:
        """The names of its charts, each starting with its id and a dot."""
        return ()

    def handle(self, name: str, value: Any) -> None:
        """An event from the page. Raises ValueError where it is not understood.

        A "term" of a formula is lit up by the page; few exhibits do more about it.
        """
        if name != "term":
            said = f"{self.id.upper()} has no event {name!r}"
            raise ValueError(f"{said} with the value {value!r}.")

    def numbered(self, value: Any, count: int, first: int = 0) -> int:
        """Which of `count` things an event names. Raises ValueError if none."""
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = first - 1
        if not first <= number < first + count:
            allowed = f"{first} to {first + count - 1}"
            raise ValueError(f"{self.id.upper()} has no {value!r} here: {allowed}.")
        return number

    def within(self, value: Any, low: float, high: float) -> float:
        """A number from an event. Raises ValueError outside of the bounds."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"{value!r} is not a number.") from None
        if not low <= number <= high:
            bounds = f"from {low:g} to {high:g}".replace("-", "−")
            raise ValueError(f"{value!r} is not allowed: it is {bounds}.")
        return number

    def lit_as(self, kind: str) -> str | None:
        """Which "word", "head" ... is lit up, if it is one of that kind."""
        lit, _, name = (self.lit or "").partition(":")
        return name if lit == kind else None

    def compute(self, timeline: Timeline) -> None:
        """Look at the live model at the step where the timeline stands."""

    @property
    def busy(self) -> bool:
        """Whether a job of its own is under way."""
        return self.job is not None

    def work(self) -> None:
        """One piece of that job."""
        if self.job is not None and next(self.job, self) is self:
            self.job = None

    @property
    def moving(self) -> bool:
        """Whether it moves by itself while it is on the screen; never if `still`."""
        return False

    def tick(self, seconds: float) -> None:
        """So much time has passed; called for every frame while it is moving."""

    @property
    def wants(self) -> str | None:
        """A file of the site, made when it was built, that it needs now."""
        return None

    def receive(self, name: str, data: bytes) -> None:
        """A file that it wanted."""

    def receive_failed(self, name: str, message: str) -> None:
        """A file that it wanted cannot be had; the message says why."""

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        """One chart, in CSS pixels, of what compute() saw."""
        raise NotImplementedError

    def backdrop(self, canvas: str, width: float, height: float) -> Drawing | None:
        """What lies under draw() and seldom changes; while it does not, one object."""

    def view(self) -> dict[str, Any]:
        """What the page must know to lay the exhibit out.

        "state" maps the keys of controls and conditions to their values, "lists" keys
        to Items, "matrices" keys to Matrix. A control of the key k is out of use while
        state[k + ".off"] is true.
        """
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
