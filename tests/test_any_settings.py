"""Every exhibit bears whatever a visitor may set, and the way from run to run."""

import json

import pytest

from fishformer.browser.show import plain
from fishformer.charts.svg import to_svg
from fishformer.exhibits.broken import Broken
from fishformer.exhibits.stage import EXHIBITS, Stage

QUICK = {"d_model": "8", "d_ff": "8", "batch": "4", "heads": "2"}
SETTINGS = {
    "one layer, one head": {"layers": "1", "heads": "1"},
    "twelve layers, eight heads": {"layers": "12", "heads": "8"},
    "two numbers a word": {"d_model": "2", "heads": "1", "d_ff": "1", "batch": "1"},
    "no norms": {"norm": "none"},
    "norms before": {"norm": "pre"},
    "no positions": {"positions": "none"},
    "sinusoids": {"positions": "sinusoidal"},
    "attention alone": {"ffn": "off"},
    "no residual": {"residual": "off", "scale": "off"},
    "nothing but attention": {
        "ffn": "off", "residual": "off", "scale": "off", "norm": "none",
        "positions": "none", "layers": "1",
    },
    "gelu in float64": {"activation": "gelu", "dtype": "float64"},
    "one step": {"steps": "1"},
}  # fmt: skip
CORPORA = {
    "five sentences": "\n".join(f"one two {n}" for n in "abcde"),
    "no spaces": "\n".join("春夏秋冬天地人"[k:] + "鱼" for k in range(6)),
}


def seen(stage):
    """All that a page would show of the stage; no exhibit has stopped with an error."""
    for name in EXHIBITS:
        if name not in stage.on_screen:
            stage.set_on_screen(name, True)
    stage.changed |= stage.on_screen
    views = {name: plain(view) for name, view in stage.views().items()}
    json.dumps([views, stage.frame(), stage.labels()])
    for canvas in stage.canvases():
        to_svg(stage.draw(canvas, 328, 240))
    for name in EXHIBITS:
        stage.tables(name)
    stopped = [e.detail for e in stage.exhibits.values() if isinstance(e, Broken)]
    assert not stopped, stopped[0]


@pytest.mark.parametrize("name", SETTINGS)
def test_exhibits_bear_these_settings(name):
    stage = Stage({**QUICK, **SETTINGS[name]})
    assert not stage.notices
    stage.open()
    stage.work()
    stage.command("pause")
    seen(stage)


@pytest.mark.parametrize("name", CORPORA)
def test_exhibits_bear_these_sentences(name):
    stage = Stage(QUICK)
    seen(stage)
    stage.start_run(text=CORPORA[name])
    stage.work()
    stage.command("pause")
    seen(stage)


def test_exhibits_bear_the_way_from_one_run_to_another():
    stage = Stage({**QUICK, "layers": "3"})
    seen(stage)
    for settings in ("one layer, one head", "norms before", "two numbers a word"):
        stage.start_run({**QUICK, **SETTINGS[settings]})
        stage.work()
        stage.command("pause")
        seen(stage)
    stage.open_run(stage.runs[0])
    seen(stage)
