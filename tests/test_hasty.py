"""Events that come too late, or make no sense: an exhibit refuses, and stays whole."""

import random
import re
import sys
from pathlib import Path

import pytest

import walking
from fishformer.exhibits.broken import Broken
from fishformer.exhibits.stage import EXHIBITS, Stage

SITE = Path(__file__).parents[1] / "site"
PAGE = "".join(path.read_text() for path in SITE.rglob("*.html"))
EVENTS = re.findall(r'data-do="(\w+)\.([\w.-]+)"', PAGE)
VALUES = re.findall(r'data-value="([^"]*)"', PAGE)
ODD = [
    True, False, 0, 1, 2, 7, 999, -1, 0.5, 1e9, "", "0", "3", "-1", "1e9", "nan",
    "bass", "the old bass never ___", "<b>the</b>", "mon chat est roi", "x" * 3000,
    "2.9", "word:bass", "head:9.9",
]  # fmt: skip
SETTINGS = [
    {}, {"layers": "1", "heads": "1"}, {"layers": "3", "heads": "8"},
    {"norm": "pre", "positions": "none"}, {"norm": "none", "ffn": "off"},
    {"d_model": "8", "heads": "2", "residual": "off"},
]  # fmt: skip
OWN = "\n".join(
    f"{a} fish swims {b}" for a in "one two three".split() for b in "up down".split()
)


def some_event(rng: random.Random, exhibit: str, view: dict):
    """A name and a value such as the page might send, at a bad moment."""
    matrices = list(view.get("matrices", {})) or ["no.matrix"]
    place = [rng.choice([-1, 0, 1, 3, 8, 40]) for _ in range(2)]
    kind = rng.choice(["hover", "press", "leave", "down", "drag", "up"])
    own = [name for of, name in EVENTS if of == exhibit]
    items = [i.value for items in view.get("lists", {}).values() for i in items]
    return rng.choice(
        [
            (rng.choice(own or ["none"]), rng.choice(ODD + VALUES)),
            (rng.choice(own or ["none"]), rng.choice(items or ODD)),
            ("open", [rng.choice(matrices), *place]),
            ("row", [rng.choice(matrices), place[0]]),
            ("edit", [rng.choice(matrices), *place, rng.choice(["0.5", "x", "nan"])]),
            (
                "at",
                {
                    "canvas": rng.choice(view["charts"] or ["none"]),
                    "x": rng.uniform(-20, 700),
                    "y": rng.uniform(-20, 500),
                    "kind": kind,
                },
            ),
        ]
    )


@pytest.mark.parametrize("name", EXHIBITS)
def test_no_event_breaks_an_exhibit(name):
    rng = random.Random(f"hasty {name}")
    stage = Stage()
    stage.set_on_screen(name, True)
    for _ in range(120):
        view = stage.views()[name] | {"charts": stage.exhibit(name).canvases}
        event = some_event(rng, name, view)
        try:
            if rng.random() < 0.05:
                stage.start_run(rng.choice(SETTINGS), rng.choice([None, OWN]))
            stage.event(name, *event)
        except ValueError as refused:
            assert str(refused), event
        for _ in range(rng.choice([0, 0, 0, 3])):
            stage.work_on_jobs()
        if rng.random() < 0.2:
            stage.command("step")
        for canvas in stage.exhibit(name).canvases:
            stage.draw(canvas, 300, 200)
            stage.backdrop(canvas, 300, 200)
        stage.changed.add(name)
        stage.frame(), stage.labels(), stage.tables(name)
        broken = stage.exhibits[name]
        assert not isinstance(broken, Broken), (event, broken.detail)
        stage.changed.add(name)


def test_everything_can_be_pressed_and_imports_only_what_is_listed():
    """.build/modules.txt is what the page starts with; made by the same walk."""
    before = set(sys.modules)
    walking.walk(PAGE, seconds=0.0)
    listed = (SITE.parent / ".build" / "modules.txt").read_text().split()
    new = {name for name in set(sys.modules) - before if "fishformer" not in name}
    # importlib's readers have other names in another Python.
    late = new - set(listed) - {name for name in new if name.startswith("importlib.")}
    assert not late
