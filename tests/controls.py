"""What a visitor can press, type and point at: the controls of the page."""

from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

SITE = Path(__file__).parents[1] / "site"
WORDS = (
    *("", " ", "0", "-1", "7", "1e9", "1e-9", "NaN", "inf", "1,5", "___", "___ ___"),
    *("bass", "the ___", "the cat", "the old bass never ___", "mon chat est roi"),
    *("<b>bass</b>", "seven fish\nsix fish", "x" * 5000),
)
NUMBERS = (-1, 0, 1, 7, 12, 512, 1e9)
POINTING = ("hover", "press", "down", "drag", "up", "leave")

Event = tuple[str, Any]  # its name and value


class Controls(HTMLParser):
    """All of them, of an exhibit by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed: dict[
            str, list[tuple[str, dict]]
        ] = {}  # exhibit: (name, attributes)
        self.canvases: dict[str, list[tuple[str, str]]] = {}  # exhibit: (name, canvas)
        self.lists: dict[str, str] = {}  # a list's key: what its items do
        self.terms: dict[str, list[str]] = {}
        self._select = self._formula = ""
        for page in sorted(SITE.rglob("*.html")):
            self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, given: list) -> None:
        has = dict(given)
        does = has.get("data-do") or (self._select if tag == "option" else "")
        self._formula = has.get("data-terms", self._formula)
        if tag == "select":
            self._select = does
        elif "data-list" in has and does:
            self.lists[has["data-list"]] = does
        elif does:
            exhibit, name = does.split(".", 1)
            self.fixed.setdefault(exhibit, []).append((name, has))
        if "data-point" in has:
            exhibit, name = has["data-point"].split(".", 1)
            self.canvases.setdefault(exhibit, []).append((name, has["data-canvas"]))
        if tag == "button" and "data-term" in has:
            self.terms.setdefault(self._formula, []).append(has["data-term"])

    def pick(self, chance: Random, exhibit: Any, size: tuple[int, int]) -> Event | None:
        """Something that can be done in an exhibit as it is now."""
        ways = (
            self._fixed,
            self._fixed,
            self._point,
            self._item,
            self._cell,
            self._term,
        )
        return chance.choice(ways)(chance, exhibit, size)

    def _fixed(self, chance: Random, exhibit: Any, _: Any) -> Event | None:
        if exhibit.id not in self.fixed:
            return None
        name, has = chance.choice(self.fixed[exhibit.id])
        match has.get("type"):
            case "range":
                low, high = float(has.get("min", 0)), float(has.get("max", 100))
                return name, chance.choice((low, high, chance.uniform(low, high)))
            case "number":
                return name, chance.choice(NUMBERS)
            case "checkbox":
                return name, chance.random() < 0.5
            case "text":
                return name, chance.choice(WORDS)
        return name, has.get("data-value", has.get("value"))

    def _point(
        self, chance: Random, exhibit: Any, size: tuple[int, int]
    ) -> Event | None:
        there = self.canvases.get(exhibit.id, [])
        there = [one for one in there if one[1] in exhibit.canvases]
        if not there:
            return None
        name, canvas = chance.choice(there)
        x, y = (chance.uniform(-5, side + 5) for side in size)
        return name, {"canvas": canvas, "x": x, "y": y, "kind": chance.choice(POINTING)}

    def _item(self, chance: Random, exhibit: Any, _: Any) -> Event | None:
        items = [
            (self.lists[key].split(".", 1)[1], item.value)
            for key, all_of_them in exhibit.view().get("lists", {}).items()
            if key in self.lists
            for item in all_of_them
        ]
        return chance.choice(items) if items else None

    def _cell(self, chance: Random, exhibit: Any, _: Any) -> Event | None:
        matrices = exhibit.view().get("matrices", {})
        usable = [key for key, one in matrices.items() if one.use and len(one.values)]
        if not usable:
            return None
        key = chance.choice(usable)
        matrix = matrices[key]
        row = chance.randrange(len(matrix.values))
        column = chance.randrange(len(matrix.values[row]))
        place = [key, row] if matrix.use == "row" else [key, row, column]
        typed = [chance.choice(WORDS)] if matrix.use == "edit" else []
        return matrix.use, place + typed

    def _term(self, chance: Random, exhibit: Any, _: Any) -> Event | None:
        terms = self.terms.get(exhibit.id)
        return ("term", chance.choice([*terms, None])) if terms else None
