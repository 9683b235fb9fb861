"""E23, Any number: its arithmetic, its Python, its gradient, and a check of that."""

from collections.abc import Callable
from typing import Any

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.tiles import tile_frame
from fishformer.charts.way import way_frame
from fishformer.completion import as_typed
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e23_tables as shown
from fishformer.exhibits import e23_words as said
from fishformer.exhibits.e23_names import figure
from fishformer.exhibits.e23_pictures import map_chart, way_chart
from fishformer.exhibits.e23_walk import NumberWalk
from fishformer.exhibits.exhibit import Exhibit, Item, Table, Words, capital
from fishformer.lessons.making import made
from fishformer.lessons.places import LOSS, lines_of
from fishformer.lessons.watching import statement
from fishformer.timeline import Timeline

MOVES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
TEXTS = (
    "status", "asked", "problem", "error", "name", "value", "window", "made", "rest",
    "where", "line", "into", "gradient", "unseen", "back_where", "back_line",
    "check", "way", "finding",
)  # fmt: skip


class AnyNumber(Exhibit):
    """One pass of the live model, opened number by number."""

    id = "e23"
    canvases = ("e23.map", "e23.way")
    glance = 0.25

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.walk = NumberWalk(config, corpus)
        self.gradients = False  # whether the large matrix shows them
        self.error = ""
        self._sizes: dict[str, Size] = {}
        self._mark_lines()

    # ---- events --------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        self.error = ""
        walk = self.walk
        if walk.lost:
            return
        match name:
            case "left" | "right" | "up" | "down":
                walk.page(*MOVES[name])
            case "sentence":
                walk.ask(self.numbered(value, len(walk.sentences)))
            case "batch":
                self._ask_of_batch(value)
            case "part":
                part = self.numbered(value, self.config.n_layers + 2)
                walk.go(walk.first_of(part))
            case "place" if value in walk.reading.values:
                walk.go(walk.near(value))
            case "head":
                head = self.numbered(value, self.config.n_heads, 1) - 1
                if walk.has_heads:
                    walk.go(walk.opened._replace(head=head))
            case "open":
                self._open(*value)
            case "stop":
                walk.go(walk.way[self.numbered(value, len(walk.way))])
            case "from":
                others = walk.others()
                walk.go(others[self.numbered(value, len(others))])
            case "number":
                walk.follow(str(value))
            case "row" | "column":
                self._go_to(name, value)
            case "back":
                walk.go_back()
            case "side":
                self.gradients = value == "gradients"
            case "all":
                walk.every = bool(value)
            case "check" if walk.opened.place == LOSS:
                self.error = "The loss is what is measured: there is nothing to check."
            case "check":
                walk.check()
            case "at":
                self._point(value)
            case _:
                super().handle(name, value)
        self._mark_lines()

    def _ask_of_batch(self, value: Any) -> None:
        count = self.walk.batch_size
        try:
            self.walk.in_batch = self.numbered(value, count, 1) - 1
        except ValueError:
            self.error = f"The batch has {count} sentences; {value!r} is none of them."

    def _open(self, matrix: str, row: int, column: int) -> None:
        links = self.walk.links().get(matrix)
        if links is None:
            raise ValueError(f"E23 has no numbers {matrix!r} to open.")
        if not (row in range(len(links)) and column in range(len(links[row]))):
            raise ValueError(f"{matrix} has no row {row + 1} with column {column + 1}.")
        number = links[row][column]
        if number is not None:
            self.walk.go(number)

    def _go_to(self, name: str, value: Any) -> None:
        """A row or a column by its number; what does not exist is named."""
        count = self.walk.shape(self.walk.opened.place)[name == "column"]
        try:
            at = self.numbered(value, count, 1) - 1
        except ValueError:
            self.error = (
                f"Here are {count:,} {name}s, from 1; {name} {value!r} is not among "
                "them."
            )
        else:
            opened = self.walk.opened
            row, column = (at, opened.column) if name == "row" else (opened.row, at)
            self.walk.go(opened._replace(row=row, column=column))

    def _point(self, at: dict[str, Any]) -> None:
        size = self._sizes.get(at["canvas"])
        if at["kind"] != "press" or size is None:
            return
        x, y = float(at["x"]), float(at["y"])
        if at["canvas"] == "e23.map":
            groups = [places for _, places in self.walk.groups()]
            place = tile_frame(size, groups).at(x, y)
            if place:
                self.walk.go(self.walk.near(place))
            return
        n = way_frame(size, len(self.walk.way)).at(y)
        if n is not None:
            self.walk.go(self.walk.way[n])

    # ---- what the model makes of it ------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        self.walk.read(timeline)
        self._mark_lines()

    def _mark_lines(self) -> None:
        """The functions of the opened number's two lines, and the lines."""
        forward, back = lines_of(self.walk.opened.place, self.config.norm)
        self.terms: dict[str, tuple[Callable, str]] = {
            term: (function, piece if statement(function, piece) else "")
            for term, (function, piece) in (("line", forward), ("back", back))
        }
        self.shows_code = tuple(dict.fromkeys((forward[0], back[0])))

    # ---- what is drawn -------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = self._sizes[canvas] = width, height
        if self.walk.lost:
            return Drawing(width, height)
        chart = map_chart if canvas == "e23.map" else way_chart
        return chart(size, self.walk)

    # ---- what is said --------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        walk = self.walk
        if walk.lost:
            return {"state": {"e23.lost": True, "e23.troubled": True}}
        linked, uses = walk.terms(), walk.uses()
        matrices = {
            "e23.numbers": shown.numbers(
                walk.reading, walk.names, walk.opened, walk.window, self.gradients
            )
        }
        found = made(walk.wiring, walk.opened)
        if linked and found:
            matrices |= {"e23.terms": linked.matrix, "e23.products": linked.beside,
                         "e23.steps": shown.steps(found)}  # fmt: skip
        if uses:
            matrices |= {"e23.uses": uses.matrix, "e23.slopes": uses.beside}
        if walk.checked:
            matrices["e23.check"] = shown.checks(*walk.checked)
        return {
            "state": self._state(linked, uses),
            "lists": self._lists(),
            "matrices": matrices,
        }

    def _state(
        self, linked: shown.Linked | None, uses: shown.Linked | None
    ) -> dict[str, Any]:
        walk = self.walk
        row, column = walk.window
        pages = {
            f"e23.{name}.off": not walk.on_page(row + down * shown.DOWN,
                                                column + right * shown.ACROSS)
            for name, (down, right) in MOVES.items()
        }  # fmt: skip
        rows, columns = walk.shape(walk.opened.place)
        long = [part.hidden for part in (linked, uses) if part]
        return {
            "e23.lost": False,
            "e23.troubled": bool(walk.problem),
            "e23.side": "gradients" if self.gradients else "values",
            "e23.all": walk.every,
            "e23.long": walk.every or any(long),
            "e23.heads": walk.has_heads,
            "e23.of_batch": walk.in_batch is not None,
            "e23.batch": 1 if walk.in_batch is None else walk.in_batch + 1,
            "e23.row": walk.opened.row + 1,
            "e23.column": walk.opened.column + 1,
            "e23.wide": columns > shown.ACROSS,
            "e23.deep": rows > shown.DOWN,
            "e23.computed": linked is not None,
            "e23.used": uses is not None,
            "e23.checked": walk.checked is not None,
            "e23.others": bool(walk.others()),
            "e23.back.off": not walk.history,
            "e23.check.off": walk.opened.place == LOSS,
            **pages,
        }

    def _lists(self) -> dict[str, list[Item]]:
        walk, names = self.walk, self.walk.names
        L, opened = self.config.n_layers, walk.opened
        parts = ["Words in", *(f"Layer {n}" for n in range(1, L + 1)), "Words out"]
        now = walk.part_of(opened.place)
        return {
            "e23.sentence": [
                Item(n, as_typed(asked.words),
                     walk.in_batch is None and asked == walk.asked)
                for n, asked in enumerate(walk.sentences)
            ],
            "e23.part": [Item(n, said, n == now) for n, said in enumerate(parts)],
            "e23.place": [
                Item(place, names.place(place), place == opened.place)
                for _, places in walk.groups() for place in places
            ],
            "e23.head": [
                Item(n, str(n), n == opened.head + 1, f"head:{now}.{n}")
                for n in range(1, self.config.n_heads + 1)
            ],
            "e23.from": [
                Item(n, f"{names.full(at)}, {figure(walk.reading.value(at))}")
                for n, at in enumerate(walk.others())
            ],
            "e23.stop": [
                Item(n, names.where(stop.place), stop == opened)
                for n, stop in enumerate(walk.way)
            ],
        }  # fmt: skip

    def texts(self) -> dict[str, Words]:
        texts: dict[str, Words] = {f"e23.{key}": "" for key in TEXTS}
        walk = self.walk
        texts["e23.problem"] = walk.problem
        texts["e23.status"] = f"Step {walk.step:,}"
        if walk.lost:
            return texts
        reading, opened = walk.reading, walk.opened
        exact = walk.checked[0] if walk.checked else None
        texts |= {
            "e23.asked": said.asked_said(reading),
            "e23.error": self.error,
            "e23.name": capital(walk.names.full(opened)),
            "e23.value": said.value_said(reading, opened),
            "e23.window": said.window_said(walk, self.gradients),
            "e23.made": said.made_said(walk),
            "e23.rest": said.rest_said(walk.terms()),
            "e23.into": said.into_said(walk),
            "e23.gradient": said.gradient_said(walk.wiring, reading, opened),
            "e23.unseen": said.rest_said(walk.uses()),
            "e23.check": said.check_said(exact, walk.wiring, opened) if exact else "",
            "e23.way": said.way_said(walk),
            "e23.finding": said.finding(reading),
        }
        for term, place in (("line", ""), ("back", "back_")):
            found = said.line_said(*self.terms[term])
            if found:
                texts[f"e23.{place}where"], texts[f"e23.{place}line"] = found
        return texts

    def labels(self) -> dict[str, str]:
        walk = self.walk
        if walk.lost:
            return dict.fromkeys(self.canvases, walk.problem)
        return {"e23.map": said.map_said(walk), "e23.way": said.way_said(walk)}

    def tables(self) -> list[Table]:
        return [] if self.walk.lost else [said.way_table(self.walk)]
