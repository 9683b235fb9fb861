"""Everything that the page can ask of Python, once: for what it imports on the way."""

import contextlib
import time
from html.parser import HTMLParser
from typing import Any

from fishformer.browser.source import Source
from fishformer.exhibits.broken import Broken
from fishformer.exhibits.catalogue import EXHIBITS
from fishformer.exhibits.stage import Stage
from fishformer.exporting.opening import open_file
from fishformer.exporting.tables import to_csv
from fishformer.exporting.taking import Taken

SMALL = {"d_model": "8", "heads": "2", "d_ff": "8", "batch": "4", "layers": "1"}
WORDS = ("the old bass never ___", "mon chat est roi", "river", "0.5", "3")


def walk(html: str, seconds: float) -> None:
    """Press everything, wait so long for each exhibit's own work, take all home."""
    page, stage = Controls(html), Stage(SMALL)
    stage.open()
    for _ in range(5):
        stage.work()
    for name in EXHIBITS:
        stage.set_on_screen(name, True)
        look(stage, name, page)
        for event, value in page.found.get(name, ()):
            with contextlib.suppress(ValueError):
                stage.event(name, event, value)
            until = time.perf_counter() + seconds
            while stage.has_jobs and time.perf_counter() < until:
                stage.work_on_jobs()
            look(stage, name, page)
        if stage.moving:
            stage.tick(0.1)
        assert not isinstance(stage.exhibit(name), Broken), stage.exhibit(name).detail
        stage.set_on_screen(name, False)
    stage.command("seek", 2)
    while stage.busy:
        stage.work()
    settings(stage)
    files(stage)
    stage.unpack(stage.pack())


class Controls(HTMLParser):
    """Each event that the page's controls can tell an exhibit, with its values."""

    def __init__(self, html: str):
        super().__init__()
        self.found: dict[str, list[tuple[str, Any]]] = {}
        self.lists: dict[str, str] = {}  # key of a list -> the event of its buttons
        self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        key = given.get("data-do", "")
        if tag == "select":
            self.select = key
        elif tag == "option":
            self._add(self.select, given.get("value", ""))
        elif tag == "input":
            for value in self._values(given):
                self._add(key, value)
        elif key and "data-list" in given:
            self.lists[given["data-list"]] = key.partition(".")[2]
        elif key:
            self._add(key, given.get("data-value") or given.get("value"))

    def _values(self, given: dict[str, str]) -> list[Any]:
        bounds = [float(given[key]) for key in ("min", "max") if given.get(key)]
        values: dict[str, list[Any]] = {
            "checkbox": [True, False],
            "range": bounds,
            "number": [*bounds, 3],
            "radio": [given.get("value")],
        }
        return values.get(given.get("type", ""), [*WORDS])

    def _add(self, key: str, value: Any) -> None:
        exhibit, _, event = key.partition(".")
        if event:
            self.found.setdefault(exhibit, []).append((event, value))


def look(stage: Stage, name: str, page: Controls) -> None:
    """All that the page shows of one exhibit."""
    exhibit = stage.exhibit(name)
    for canvas in exhibit.canvases:
        stage.draw(canvas, 300, 200), stage.backdrop(canvas, 300, 200)
    for table in stage.tables(name):
        to_csv(table.columns, table.rows)
    stage.changed.add(name)
    stage.views(), stage.frame(), stage.labels()
    for key, items in exhibit.view().get("lists", {}).items():
        for item in items[:1] if key in page.lists else ():
            with contextlib.suppress(ValueError):
                stage.event(name, page.lists[key], item.value)


def settings(stage: Stage) -> None:
    """Each choice that a setting of the page's model has, and other sentences."""
    choices = {
        "norm": ["pre", "none"],
        "positions": ["sinusoidal", "none"],
        "activation": ["gelu"],
        "residual": ["off"],
        "scale": ["off"],
        "ffn": ["off"],
        "dtype": ["float64"],
    }
    for key, values in choices.items():
        for value in values:
            stage.start_run({**SMALL, key: value})
            for _ in range(14):
                stage.work()
    stage.start_run(SMALL, "one fish\ntwo fish\nred fish\nblue fish\nold fish\n")
    stage.work()


def files(stage: Stage) -> None:
    """Each kind of file, out and in again."""
    source = Source()
    for ending in ("npz", "safetensors", "json", "py", "ipynb"):
        data = Taken(stage.capture(), stage.timeline).as_file(ending)
        data = data.encode() if isinstance(data, str) else data
        with contextlib.suppress(ValueError):
            open_file(f"a.{ending}", data, {}, source.original)
