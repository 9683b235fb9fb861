"""E12: what heads do, step by step; test_e12_costs.py has what they cost."""

import numpy as np
import pytest

from exhibiting import draw_all, finish, go_on, shown, told
from fishformer.charts.drawing import Line, Text
from fishformer.charts.steps import Curve, Level, step_lines
from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.exhibits.e12_heads import Heads
from fishformer.experiments import untrained
from fishformer.lessons.heads import HeadMeasures
from fishformer.probes import (
    attention_entropy,
    attention_of,
    cue_places,
    own_clause_share,
    previous_word,
    sense_cues,
    share_on,
)
from fishformer.timeline import Timeline

SIZE = 680.0, 320.0


@pytest.fixture(scope="module")
def run(fish):
    return go_on(Timeline(Config(seed=3), fish), 28)


@pytest.fixture
def exhibit(fish, run):
    return shown(Heads(Config(seed=3), fish), run)


# ---- scores ----------------------------------------------------------------------


def test_the_scores_are_those_of_the_probes(exhibit, run, fish):
    measures = exhibit.measures
    token_ids = measures.token_ids
    anywhere = (np.array([0]), np.array([0]))
    _, trace = run.trainer.model.forward(token_ids, anywhere)
    attention = attention_of(trace.stack)
    T = token_ids.shape[1]
    before = share_on(attention.weights, previous_word(T), attention.seen)
    shares = exhibit.now.shares
    assert np.array_equal(shares["previous word"].score, before.score)
    cues = cue_places(fish, "held_out", sense_cues(fish))[: len(token_ids), :T, :T]
    expected = share_on(attention.weights, cues, attention.seen)
    assert np.array_equal(shares["sense cue"].score, expected.score)
    assert shares["sense cue"].even == expected.even
    assert np.array_equal(
        exhibit.now.evenness, attention_entropy(attention.weights, attention.seen)
    )


def test_own_clause_of_one_sentence_is_that_of_the_probe(fish, run):
    words = fish.held_out[0]
    measures = HeadMeasures(fish, sentences=1)
    model = run.trainer.model
    token_ids = np.array([fish.tokenizer.encode(words)])
    _, trace = model.forward(token_ids, (np.array([0]), np.array([0])))
    weights = np.stack([block.attention.attn_weights[0] for block in trace.blocks])
    np.testing.assert_allclose(
        measures.scores(model).shares["own clause"].score,
        own_clause_share(weights, words, fish.joins),
        rtol=1e-5,
    )


def test_at_the_start_all_heads_look_evenly(fish):
    timeline, exhibit = Timeline(Config(), fish), Heads(Config(), fish)
    exhibit.compute(timeline)
    for share in exhibit.now.shares.values():
        np.testing.assert_allclose(share.score, share.even, atol=0.03)
    assert exhibit.now.evenness.min() > 0.99


def test_the_history_comes_from_the_checkpoints(fish, run):
    exhibit = Heads(Config(seed=3), fish)
    exhibit.compute(run)
    for _ in range(3):  # steps 0, 13 and 26
        assert exhibit.busy
        exhibit.work()
    assert not exhibit.busy
    exhibit.compute(run)
    assert sorted(exhibit.history) == [0, 13, 26]
    model = untrained(run.trainer.config, run.trainer.task)
    model.params.buffer[...] = run.checkpoints[13].whole().params
    again = exhibit.measures.scores(model)
    assert np.array_equal(exhibit.history[13].evenness, again.evenness)
    drawing = exhibit.draw("e12.history", *SIZE)
    lines = [mark for mark in drawing.marks if isinstance(mark, Line)]
    assert len(lines) == 8
    assert all(len(line.xy) == 4 for line in lines)  # and the step where it stands


def test_another_run_starts_a_new_history(exhibit, run, fish):
    finish(exhibit, run)
    exhibit.handle("switch", "1.1")
    finish(exhibit, run)
    other = Timeline(Config(seed=4), fish)
    exhibit.compute(other)
    assert list(exhibit.history) == [0]
    assert exhibit.off == {(1, 1)}
    assert exhibit.costs.set_cost is None and exhibit.busy
    finish(exhibit, other)
    assert exhibit.costs.set_cost.step == 0


# ---- events ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("switch", "3.1"),
        ("switch", "x"),
        ("layer", 7),
        ("measure", "subject"),
        ("row", ["scores", 8]),
        ("jump", None),
    ],
)
def test_events_that_make_no_sense_are_refused(exhibit, name, value):
    with pytest.raises(ValueError, match=r"E12|There is no"):
        exhibit.handle(name, value)


# ---- other corpora and models ----------------------------------------------------


def test_a_corpus_without_senses_or_clauses(small):
    config = Config(n_layers=1, n_heads=2, d_model=8, d_ff=8)
    timeline, exhibit = Timeline(config, small), Heads(config, small)
    exhibit.compute(timeline)
    assert exhibit.names == ["previous word", "next word", "same word", "evenness"]
    assert exhibit.shown == "evenness"
    exhibit.handle("each", None)
    finish(exhibit, timeline)
    assert exhibit.costs.each.heads.shape == (1, 2)
    draw_all(exhibit, SIZE)


def test_a_corpus_with_nothing_held_out():
    lines = ["a cod swims", "the eel sleeps", "one crab hides", "my pike turns"] * 2
    lines += ["the old cod sleeps"]
    corpus = load_corpus("\n".join(lines))
    assert not corpus.held_out
    config = Config(d_model=8, n_heads=2, d_ff=8)
    timeline, exhibit = Timeline(config, corpus), Heads(config, corpus)
    exhibit.compute(timeline)
    exhibit.handle("switch", "1.1")
    finish(exhibit, timeline)
    assert "the loss on training sentences" in told(exhibit, "e12.cost")
    assert "training sentences" in exhibit.texts()["e12.sample"]


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_failed_says_so(fish, before):
    timeline, exhibit = Timeline(Config(), fish), Heads(Config(), fish)
    if before:
        exhibit.compute(timeline)
        timeline.advance()
    timeline.trainer.model.params.buffer[...] = np.nan
    exhibit.compute(timeline)
    exhibit.handle("switch", "1.1")
    exhibit.handle("each", None)
    assert not exhibit.view()["state"]["e12.measuring"]
    assert "This run has failed" in told(exhibit, "e12.cost")
    assert exhibit.texts()["e12.finding"].startswith("This run has failed")
    exhibit.tables()
    draw_all(exhibit, SIZE)
    list(timeline.seek(0))
    timeline.trainer.restore(timeline.checkpoints[0])
    exhibit.compute(timeline)
    assert exhibit.texts()["e12.finding"].startswith("At step 0")


# ---- drawings and words ----------------------------------------------------------


@pytest.mark.parametrize("size", [SIZE, (328.0, 280.0)])
def test_drawings(exhibit, run, size):
    assert exhibit.draw("e12.costs", *size).marks == []
    exhibit.handle("each", None)
    finish(exhibit, run)
    for name in exhibit.names:
        exhibit.handle("measure", name)
        draw_all(exhibit, size)


def test_a_lit_head_stands_out(exhibit, run):
    finish(exhibit, run)

    def bold():
        marks = exhibit.draw("e12.history", *SIZE).marks
        return [m.text for m in marks if isinstance(m, Text) and m.weight == 600]

    assert bold() == ["2.1"]
    exhibit.lit = "head:1.3"
    assert bold() == ["1.3"]
    exhibit.lit = "word:bass"
    exhibit.handle("row", ["scores", 6])
    assert bold() == ["2.3"]


def test_names_at_the_ends_of_lines_do_not_touch():
    curves = [
        Curve(f"1.{n}", np.array([0.0, 10.0]), np.array([0.5, 0.5 + n / 1000]))
        for n in range(8)
    ]
    marks = step_lines(SIZE, curves, 10, 10, [Level(0.4, "even")]).marks
    ends = sorted(m.y for m in marks if isinstance(m, Text) and m.text.startswith("1."))
    assert np.diff(ends).min() >= 13.9
    order = [m.text for m in sorted(
        (m for m in marks if isinstance(m, Text) and m.text.startswith("1.")),
        key=lambda m: m.y,
    )]  # fmt: skip
    assert order == [f"1.{n}" for n in reversed(range(8))]
    half = next(m.y for m in marks if isinstance(m, Text) and m.text == "50%")
    assert abs(np.mean(ends) - half) < 14, "as far above the lines as below"


def test_words_and_tables(exhibit, run):
    finish(exhibit, run)
    assert exhibit.texts()["e12.finding"].startswith("At step 28 heads give from ")
    exhibit.handle("measure", "evenness")
    assert "100% is an even look" in exhibit.texts()["e12.finding"]
    assert len(exhibit.tables()) == 2
    exhibit.handle("each", None)
    finish(exhibit, run)
    scores, cost, history = exhibit.tables()
    assert len(scores.rows) == 8 and len(cost.rows) == 12
    assert [row[0] for row in history.rows] == ["0", "13", "26"]


def test_heads_are_counted_in_other_models_too(exhibit):
    texts = exhibit.texts()
    assert (texts["e12.ours"], texts["e12.gpt3"]) == ("8", "9,216")
    assert texts["e12.sizes"].startswith(
        "Ours: 2 layers of 4. GPT-2 in its small size: "
    )
    assert "12 of 12, which is 144 heads. GPT-3: 96 of 96" in texts["e12.sizes"]
