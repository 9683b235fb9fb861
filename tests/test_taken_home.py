"""Saved pictures and tables show the run as it is now, on the screen or not."""

import csv
from collections import defaultdict

import pytest

from fishformer.browser.files import Files
from fishformer.exhibits.kept import KeptRuns
from fishformer.exhibits.stage import Stage
from staging import LONG, to_step


class Page:
    """Stands for the Show and its canvases."""

    def __init__(self, stage):
        self.stage, self.canvases = stage, self
        self.tokens = defaultdict(lambda: "#123456")
        self.fonts = defaultdict(lambda: "serif")
        self.saved, self.refused = {}, []
        self.files = Files(self)

    def tell(self, part, name, value, data=None):
        if name == "file":
            self.saved[value["name"]] = data.decode()
        else:
            self.refused.append(value["message"])

    def picture(self, canvas, size=(280, 200)):
        about = {"canvas": canvas, "ending": "svg", "size": size, "title": canvas}
        self.files.handle("picture", about)

    def table(self, exhibit, place=0):
        self.files.handle("table", {"exhibit": exhibit, "place": place})


@pytest.fixture
def page():
    """All runs were on the screen; then another one has begun."""
    stage = Stage(LONG)
    stage.open()
    stage.set_on_screen("runs", True)
    to_step(stage, 3)
    stage.set_on_screen("runs", False)
    stage.start_run({**LONG, "layers": "1"})
    return Page(stage)


def test_a_picture_of_runs_has_the_one_that_has_just_begun(page):
    page.picture("runs.curves")
    [(name, svg)] = page.saved.items()
    assert name.endswith("-step-0.svg")
    assert "First run" in svg and "2 layers → 1 layer" in svg
    assert isinstance(page.stage.exhibit("runs"), KeptRuns)


def test_so_has_a_table(page):
    to_step(page.stage, 5)
    page.table("runs")
    [data] = page.saved.values()
    rows = csv.DictReader(data.removeprefix("\ufeff").splitlines())
    steps = {row["Run"]: row["Steps"] for row in rows}
    assert steps == {"First run": "3", "2 layers → 1 layer": "5"}


def test_what_the_run_does_not_have_is_refused_and_harms_nothing(page):
    page.picture("e01.map.2.1")  # the page may still have it from the run before
    page.picture("e01.map.1.1", (0, 0))
    page.table("runs", 7)
    assert page.refused == [
        "'e01.map.2.1' is not on show.",
        "'e01.map.1.1' is not on show.",
        "This table is no longer there: the run is another now.",
    ]
    page.picture("e01.map.1.1")
    assert len(page.saved) == 1
