"""E18: who may look at whom, and what may be asked; test_e18_writer.py has the rest."""

import numpy as np
import pytest

from exhibiting import do, draw_all, finish, go_on, shown, told, work
from fishformer.charts.drawing import Rect, Text
from fishformer.charts.draws import draws
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.exhibits.e18_gapped import EXAMPLES
from fishformer.exhibits.e18_readers import (
    ReaderOrWriter,
)
from fishformer.timeline import Timeline
from fishformer.tokenizer import split_sentence

SIZE = 680.0, 300.0


@pytest.fixture(scope="module")
def timeline(fish):
    return go_on(Timeline(Config(), fish), 5)


@pytest.fixture
def fresh(fish, timeline):
    return shown(ReaderOrWriter(Config(), fish), timeline)


# ---- the mask -----------------------------------------------------------------


def test_the_reader_looks_everywhere_and_the_writer_never_ahead(fresh, timeline):
    mask = fresh.mask()
    assert not any("−∞" in row for row in mask.values)
    T = len(fresh.asked.words)
    np.testing.assert_allclose(fresh.reader_looks.sum(axis=-1), 1, rtol=1e-5)
    assert f"each of the {T} words" in told(fresh, "e18.masked")
    do(fresh, "kind", "writer", timeline)
    mask = fresh.mask()
    for r, row in enumerate(mask.values):
        assert [value == "−∞" for value in row] == [c > r for c in range(len(row))]
    looks = fresh.draft.looks
    assert looks[:, *np.triu_indices(looks.shape[-1], k=1)].max() == 0
    assert mask.rows[0] == "1 (start)" and mask.values[0][0] == "100"
    said_of_it = told(fresh, "e18.masked")
    assert "added to 3 of 9 scores" in said_of_it and "a weight of 0:" in said_of_it


def test_only_the_reader_follows_the_live_model(fresh, fish):
    timeline = Timeline(Config(), fish)
    fresh.compute(timeline)
    assert fresh.live
    before = fresh.reader_probs
    timeline.advance()
    fresh.compute(timeline)
    assert fresh.reader_step == 1 and (fresh.reader_probs != before).any()
    do(fresh, "kind", "writer", timeline)
    assert not fresh.live
    do(fresh, "kind", "reader", timeline)
    assert fresh.live


# ---- the gap ------------------------------------------------------------------


def test_the_examples_are_not_training_sentences(fish):
    for text in EXAMPLES:
        words = split_sentence(text)
        gap = words.index("[mask]")
        known = {(*w[:gap], "[mask]", *w[gap + 1 :]) for w in fish.train}
        assert tuple(words) not in known
        fish.tokenizer.encode(words)


def test_a_sentence_that_cannot_be_read_is_refused_with_a_reason(fresh, timeline):
    before = fresh.asked.words
    for text, reason in {
        "the zyzzyva ___ its bank": "zyzzyva",
        "the bank": "this one has 0",
        "___": "A gap alone",
        "the " * 20 + "___": "21 words",
    }.items():
        do(fresh, "typed", text, timeline)
        assert reason in fresh.texts()["e18.error"]
        assert fresh.asked.words == before
    do(fresh, "typed", "the bass ___", timeline)
    assert fresh.texts()["e18.error"] == "" and len(fresh.asked.words) == 3


# ---- training -----------------------------------------------------------------


def test_training_shows_progress_and_can_be_cancelled(fresh, timeline):
    state = fresh.view()["state"]
    assert state["e18.idle"] and state["e18.step.off"]
    do(fresh, "train", timeline=timeline)
    work(fresh, 90, timeline)
    state = fresh.view()["state"]
    assert state["e18.training"] and 0 < state["e18.progress"] < 1
    assert "s to go" in fresh.texts()["e18.left"]
    assert "training the writer" in fresh.texts()["e18.status"]
    do(fresh, "stop", timeline=timeline)
    assert not fresh.busy and fresh.step == 50
    assert "stopped at step" in fresh.texts()["e18.status"]


# ---- what is refused ----------------------------------------------------------


def test_it_refuses_what_is_out_of_bounds(fresh):
    for name, value in (
        ("temperature", -1), ("top_k", 0), ("top_p", 2), ("sentence", 9), ("kind", "x"),
        ("fly", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name}|{value}"):
            fresh.handle(name, value)


# ---- somebody's own sentences -------------------------------------------------


def test_it_learns_any_corpus(small):
    timeline = Timeline(Config(), small)
    exhibit = ReaderOrWriter(Config(), small)
    exhibit.compute(timeline)
    assert exhibit.asked.words == small.featured[0].words
    assert exhibit.draft.opening == ()
    assert exhibit.view()["matrices"]["e18.counts"].values == []
    do(exhibit, "train", timeline=timeline)
    finish(exhibit, timeline)
    do(exhibit, "kind", "writer", timeline)
    do(exhibit, "count", timeline=timeline)
    finish(exhibit, timeline)
    [row] = exhibit.view()["matrices"]["e18.counts"].values
    assert row[0] == "–" and row[2].endswith("%")
    few = load_corpus(
        "a cod swims\na carp sleeps\nan eel hides\na pike turns\nmy cod eats"
    )
    exhibit = ReaderOrWriter(Config(), few)
    exhibit.compute(Timeline(Config(), few))
    do(exhibit, "train", timeline=Timeline(Config(), few))
    finish(exhibit, Timeline(Config(), few))
    exhibit.handle("kind", "writer")
    assert "nothing is held out" in exhibit.texts()["e18.finding"]


# ---- the chart of a draw ------------------------------------------------------


def test_a_draw_shows_both_shares_and_what_is_out():
    drawing = draws(SIZE, ["cod", "eel"], [0.6, 0.3], [1.0, 0.0], "cod", (5, 0.1, 0.0))
    texts = [mark.text for mark in drawing.marks if isinstance(mark, Text)]
    assert texts[:2] == ["model", "draw"]
    assert {"60%", "30%", "10%", "100%", "5 others"} <= set(texts)
    assert texts.count("out") == 2
    wide = [m.width for m in drawing.marks if isinstance(m, Rect) and m.fill == "sea"]
    thin = [m.width for m in drawing.marks if isinstance(m, Rect) and m.fill == "edge"]
    assert thin[0] == pytest.approx(0.6 * wide[0])
    to_svg(drawing)


def test_all_charts_are_drawn(fresh):
    draw_all(fresh, (328, 220), SIZE)
