"""E23, Any number: its arithmetic, its Python, its gradient, and a check of that."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.shuffled import coloured
from fishformer.charts.tiles import Tile, tile_frame, tiles
from fishformer.charts.way import Stop, way, way_frame
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e23_tables as shown
from fishformer.exhibits import e23_words as said
from fishformer.exhibits.e23_names import capital, figure
from fishformer.exhibits.e23_walk import NumberWalk
from fishformer.exhibits.exhibit import Exhibit, Item, Table, Words
from fishformer.lessons.making import made
from fishformer.lessons.places import (
    LOSS,
    lines_of,
    split,
)
from fishformer.lessons.watching import statement
from fishformer.timeline import Timeline
from fishformer.tokenizer import SPECIALS

MOVES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
TEXTS = (
    "status", "asked", "problem", "error", "name", "value", "window", "made", "rest",
    "where", "line", "into", "gradient", "unseen", "back_where", "back_line",
    "check", "way", "finding",
)  # fmt: skip


class AnyNumber(Exhibit):
    """One pass of the live model, opened number by number."""

    id = "e23"
    glance = 0.25

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.walk = NumberWalk(config, corpus)
        self.gradients = False  # whether the large matrix shows them
        self.error = ""
        self._sizes: dict[str, Size] = {}
        self._mark_lines()

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("e23.map", "e23.way")

    # ---- events --------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        self.error = ""
        walk = self.walk
        if name in MOVES and not walk.lost:
            walk.page(*MOVES[name])
            return
        act = getattr(self, f"_on_{name}", None)
        if act is None:
            raise ValueError(f"E23 has no event {name!r} with the value {value!r}.")
        if not walk.lost:
            act(value)
            self._mark_lines()

    def _which(self, value: Any, count: int, first: int = 0) -> int:
        for number in range(first, first + count):
            if str(value) == str(number):
                return number
        raise ValueError(f"E23 has {count} of these; there is no {value!r}.")

    def _on_sentence(self, value: Any) -> None:
        self.walk.ask(self._which(value, len(self.walk.sentences)))

    def _on_batch(self, value: Any) -> None:
        count = self.walk.batch_size
        try:
            self.walk.in_batch = self._which(int(value), count, 1) - 1
        except (TypeError, ValueError):
            self.error = f"The batch has {count} sentences; {value!r} is none of them."

    def _on_part(self, value: Any) -> None:
        part = self._which(value, self.config.n_layers + 2)
        self.walk.go(self.walk.first_of(part))

    def _on_place(self, value: Any) -> None:
        if value not in self.walk.reading.values:
            raise ValueError(f"E23 has no place {value!r}.")
        self.walk.go(self.walk.near(value))

    def _on_head(self, value: Any) -> None:
        head = self._which(value, self.config.n_heads, 1) - 1
        if self.walk.reading.values[self.walk.opened.place].ndim == 3:
            self.walk.go(self.walk.opened._replace(head=head))

    def _on_open(self, value: Any) -> None:
        matrix, row, column = value
        links = self.walk.links().get(matrix)
        if links is None:
            raise ValueError(f"E23 has no numbers {matrix!r} to open.")
        if not (row in range(len(links)) and column in range(len(links[row]))):
            raise ValueError(f"{matrix} has no row {row + 1} with column {column + 1}.")
        number = links[row][column]
        if number is not None:
            self.walk.go(number)

    def _on_stop(self, value: Any) -> None:
        self.walk.go(self.walk.way[self._which(value, len(self.walk.way))])

    def _on_from(self, value: Any) -> None:
        others = self.walk.others()
        self.walk.go(others[self._which(value, len(others))])

    def _on_number(self, value: Any) -> None:
        self.walk.follow(str(value))

    def _on_row(self, value: Any) -> None:
        self._go_to("row", value)

    def _on_column(self, value: Any) -> None:
        self._go_to("column", value)

    def _go_to(self, name: str, value: Any) -> None:
        """A row or a column by its number; what does not exist is named."""
        count = self.walk.shape(self.walk.opened.place)[name == "column"]
        try:
            at = self._which(int(value), count, 1) - 1
        except (TypeError, ValueError):
            self.error = (
                f"Here are {count:,} {name}s, from 1; {name} {value!r} is not among "
                "them."
            )
            return
        opened = self.walk.opened
        row, column = (at, opened.column) if name == "row" else (opened.row, at)
        self.walk.go(opened._replace(row=row, column=column))

    def _on_back(self, _: Any) -> None:
        self.walk.go_back()

    def _on_side(self, value: Any) -> None:
        self.gradients = value == "gradients"

    def _on_all(self, value: Any) -> None:
        self.walk.every = bool(value)

    def _on_check(self, _: Any) -> None:
        if self.walk.opened.place == LOSS:
            self.error = "The loss is what is measured: there is nothing to check."
        else:
            self.walk.check()

    def _on_term(self, _: Any) -> None:
        """The page shows the source by itself."""

    def _on_at(self, at: dict[str, Any]) -> None:
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

    def _lengths(self) -> list[float]:
        """Of the whole gradient at each stop of the way; last, the number's own."""
        found = []
        for stop in self.walk.way:
            array = self.walk.reading.gradients[stop.place]
            found.append(float(np.sqrt((array**2).sum())))
        return found

    # ---- what is drawn -------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = self._sizes[canvas] = width, height
        if self.walk.lost:
            return Drawing(width, height)
        if canvas == "e23.map":
            return self._draw_map(size)
        names, reading = self.walk.names, self.walk.reading
        stops = [
            Stop(names.where(stop.place), length, abs(reading.gradient(stop)),
                 figure(length))
            for stop, length in zip(self.walk.way, self._lengths(), strict=True)
        ]  # fmt: skip
        return way(size, stops, len(stops) - 1)

    def _draw_map(self, size: Size) -> Drawing:
        walk = self.walk
        passed = {stop.place for stop in walk.way}

        def tile(place: str) -> Tile:
            array = walk.reading.values[place]
            head = min(walk.opened.head, len(array) - 1)
            values = array[head] if array.ndim == 3 else array
            shares = split(place)[1] in ("attn_weights", "probs")
            most = float(np.abs(values).max()) or 1.0
            return Tile(
                place, walk.names.place(place),
                values if shares else coloured(values, most),
                "seq" if shares else "div", shown.tone_of(place), place in passed,
            )  # fmt: skip

        groups = [(name, [tile(p) for p in places]) for name, places in walk.groups()]
        return tiles(size, groups, walk.opened.place)

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
            "e23.heads": walk.reading.values[walk.opened.place].ndim == 3,
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
                Item(n, self._written(asked.words),
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

    @staticmethod
    def _written(words: tuple[str, ...]) -> str:
        return " ".join("___" if word in SPECIALS else word for word in words)

    def texts(self) -> dict[str, Words]:
        texts: dict[str, Words] = {f"e23.{key}": "" for key in TEXTS}
        texts["e23.problem"] = self.walk.problem
        texts["e23.status"] = f"Step {self.walk.step:,}"
        if self.walk.lost:
            return texts
        walk = self.walk
        reading, opened = walk.reading, walk.opened
        exact = walk.checked[0] if walk.checked else None
        lengths = self._lengths()
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
            "e23.way": said.way_said(walk.names, walk.way, lengths),
            "e23.finding": said.finding(reading),
        }
        for term, where, line in (
            ("line", "where", "line"), ("back", "back_where", "back_line")
        ):  # fmt: skip
            found = statement(*self.terms[term])
            if found:
                texts[f"e23.{where}"] = f"{found.file}, line {found.first}" + (
                    f", an argument of {self.terms[term][0].__name__}"
                    if found.is_argument
                    else ""
                )
                texts[f"e23.{line}"] = found.text
        return texts

    def labels(self) -> dict[str, str]:
        if self.walk.lost:
            return {canvas: self.walk.problem for canvas in self.canvases}
        walk = self.walk
        places = [walk.names.place(p) for _, group in walk.groups() for p in group]
        return {
            "e23.map": (
                f"The matrices of this part of the model: {', '.join(places)}. Opened: "
                f"{walk.names.full(walk.opened)}."
            ),
            "e23.way": said.way_said(walk.names, walk.way, self._lengths()),
        }

    def tables(self) -> list[Table]:
        if self.walk.lost:
            return []
        walk = self.walk
        rows = [
            [walk.names.full(stop), figure(walk.reading.value(stop)),
             figure(walk.reading.gradient(stop)), figure(length)]
            for stop, length in zip(walk.way, self._lengths(), strict=True)
        ]  # fmt: skip
        caption = f"The way of the gradient, from the loss back, step {walk.step:,}"
        heads = ["number", "value", "gradient", "length of its place’s gradient"]
        return [Table(caption, heads, rows)]
