"""E18's writer: what 300 steps have taught it, and how it writes, word for word."""

import numpy as np
import pytest

from exhibiting import do, draw_all, finish, go_on, told
from fishformer.config import Config
from fishformer.exhibits.draft import ALL_WORDS
from fishformer.exhibits.e18_readers import (
    FIRST_END,
    LAST_END,
    N_COUNTED,
    ReaderOrWriter,
)
from fishformer.sampling import Sampling, write
from fishformer.timeline import Timeline
from fishformer.tokenizer import END

SIZE = 680.0, 300.0


def write_out(exhibit, timeline):
    exhibit.handle("write", None)
    for _ in range(60):
        if not exhibit.moving:
            break
        exhibit.tick(0.6)
        exhibit.compute(timeline)
    return exhibit.draft.words


@pytest.fixture(scope="module")
def timeline(fish):
    return go_on(Timeline(Config(), fish), 5)


@pytest.fixture(scope="module")
def _trained(fish, timeline):
    exhibit = ReaderOrWriter(Config(), fish)
    exhibit.compute(timeline)
    exhibit.handle("train", None)
    return finish(exhibit, timeline)


@pytest.fixture
def trained(_trained, timeline):
    """A writer of 300 steps; its settings as they are at the start."""
    for name, value in (
        ("kind", "writer"), ("step", FIRST_END), ("temperature", 0.7),
        ("top_k", ALL_WORDS), ("top_p", 1), ("opening", "the river"), ("again", None),
    ):  # fmt: skip
        do(_trained, name, value, timeline)
    _trained.draft.seed = 7
    return _trained


def test_the_writer_guesses_from_the_words_before_the_gap_alone(trained, timeline):
    do(trained, "kind", "reader", timeline)
    do(
        trained,
        "typed",
        "the bank counts its ___ while the river floods its bank",
        timeline,
    )
    ours = trained.guesser_probs
    do(trained, "typed", "the bank counts its ___", timeline)
    np.testing.assert_array_equal(trained.guesser_probs, ours)
    best = trained.corpus.tokenizer.words[int(ours.argmax())]
    assert best in ("coins", "money") and ours.max() > 0.4
    model, tokenizer = trained.run.model_at(trained.step), trained.run.tokenizer
    start = "the bank counts its".split()
    first = next(iter(write(model, tokenizer, start, np.random.default_rng(0))))
    np.testing.assert_allclose(first.probs, ours, atol=1e-6)


def test_what_stands_after_a_gap_helps_the_reader_only(trained, fish):
    """After the whole run the reader knows who floods a bank; the writer cannot."""
    timeline = Timeline(Config(), fish)
    while timeline.step < 1000:
        timeline.advance()
    do(trained, "kind", "reader", timeline)
    do(trained, "sentence", "0", timeline)
    lakes = fish.tokenizer.encode(["lake", "river"])
    assert trained.reader_probs[lakes].sum() > 0.8
    assert trained.guesser_probs[lakes].sum() < 0.1
    finding = trained.texts()["e18.finding"]
    assert "which has read only “the”" in finding


def test_it_writes_as_well_as_five_runs_say_and_recites_later(trained, timeline):
    do(trained, "count", timeline=timeline)
    finish(trained, timeline)
    count = trained.counts[-1]
    assert len(count.sentences) == N_COUNTED and count.step == FIRST_END
    assert count.share("grammatical") > 0.65  # .85 of 200 in five runs
    assert count.share("new") > 0.4
    assert count.share("recited") < 0.4
    state = trained.view()["state"]
    assert state["e18.more"] and not state["e18.idle"]
    do(trained, "train", timeline=timeline)
    finish(trained, timeline)
    assert trained.step == LAST_END and not trained.view()["state"]["e18.more"]
    losses = trained.run.held_out
    assert min(losses.values()) < losses[LAST_END] - 0.04  # it rises again
    training = trained.run.losses
    assert np.mean(training[-50:]) < np.mean(training[250:300]) - 0.1
    do(trained, "count", timeline=timeline)
    finish(trained, timeline)
    assert trained.counts[-1].share("recited") > count.share("recited") + 0.2
    rows = trained.view()["matrices"]["e18.counts"].rows
    assert rows[:2] == ["five runs, step 300", "five runs, step 1,000"]
    assert rows[2] == "here, step 300, T 0.7"
    assert "stand word for word in training" in trained.texts()["e18.finding"]
    assert len(trained.tables()[-1].rows) == N_COUNTED


def test_the_seed_makes_the_sentence(trained, timeline):
    first = write_out(trained, timeline)
    assert first[:2] == ("the", "river") and trained.draft.ended
    do(trained, "again", timeline=timeline)
    assert trained.draft.words == ("the", "river")
    assert write_out(trained, timeline) == first
    others = set()
    for _ in range(5):
        do(trained, "another", timeline=timeline)
        others.add(write_out(trained, timeline))
    assert len(others) > 1
    assert trained.texts()["e18.seed"] == "12"


def test_it_stops_and_goes_on_with_the_same_words(trained, timeline):
    whole = write_out(trained, timeline)
    do(trained, "again", timeline=timeline)
    do(trained, "write", timeline=timeline)
    trained.tick(0.6)
    do(trained, "halt", timeline=timeline)
    assert not trained.moving and len(trained.draft.written) == 3
    while not trained.draft.ended:
        do(trained, "next", timeline=timeline)
    assert trained.draft.words == whole
    do(trained, "next", timeline=timeline)  # there is nothing more to write
    assert trained.draft.words == whole


def test_at_temperature_0_no_seed_matters(trained, timeline):
    do(trained, "temperature", 0, timeline)
    sentences = set()
    for _ in range(3):
        do(trained, "another", timeline=timeline)
        sentences.add(write_out(trained, timeline))
    assert len(sentences) == 1
    do(trained, "temperature", 1.3, timeline)
    do(trained, "top_k", 1, timeline)
    do(trained, "again", timeline=timeline)
    assert {write_out(trained, timeline)} == sentences


def test_each_word_shows_what_it_was_drawn_from(trained, timeline):
    write_out(trained, timeline)
    items = trained.view()["lists"]["e18.look"]
    assert [item.words for item in items][-1] == "(end)"
    do(trained, "look", items[0].value, timeline)
    draft = trained.draft
    own, after = draft.shares()
    np.testing.assert_allclose([own.sum(), after.sum()], 1, rtol=1e-6)
    assert draft.drawn == draft.written[2]
    assert after[draft.drawn] > 0
    asked = told(trained, "e18.asked")
    assert asked.startswith("After (start) the river it drew ")
    do(trained, "top_k", 3, timeline)
    assert (draft.shares()[1] > 0).sum() == 3
    do(trained, "top_k", ALL_WORDS, timeline)
    do(trained, "top_p", 0.5, timeline)
    assert (draft.shares()[1] > 0).sum() < 20
    assert draft.sampling == Sampling(0.7, len(trained.run.tokenizer), 0.5)
    with pytest.raises(ValueError, match="No word number 1"):
        trained.handle("look", 1)


def test_every_sentence_that_ends_is_judged(trained, timeline):
    for _ in range(12):
        do(trained, "another", timeline=timeline)
        words = write_out(trained, timeline)
        verdict = told(trained, "e18.verdict")
        assert verdict.startswith("Recited" if words in trained.judge.known else "New")
    do(trained, "again", timeline=timeline)
    assert told(trained, "e18.verdict") == ""


def test_first_words_may_be_anything_that_it_knows(trained, timeline):
    do(trained, "opening", "", timeline)
    assert trained.draft.words == () and trained.texts()["e18.start"] == "(start)"
    write_out(trained, timeline)
    do(trained, "opening", "the zebra", timeline)
    assert "zebra" in trained.texts()["e18.opening_error"]
    do(trained, "opening", "the ___", timeline)
    assert "gap" in trained.texts()["e18.opening_error"]
    do(trained, "opening", "the " * 30, timeline)
    assert "places for 16" in trained.texts()["e18.opening_error"]
    do(trained, "opening", "the " * 16, timeline)
    assert trained.texts()["e18.opening_error"] == ""
    write_out(trained, timeline)
    if END not in trained.draft.written:
        assert "No place is left" in told(trained, "e18.verdict")


def test_without_motion_it_writes_at_once(trained, timeline):
    whole = write_out(trained, timeline)
    trained.still = True
    do(trained, "again", timeline=timeline)
    do(trained, "write", timeline=timeline)
    assert not trained.moving and trained.busy
    finish(trained, timeline)
    assert trained.draft.words == whole
    trained.still = False


def test_its_charts_are_drawn(trained):
    draw_all(trained, (328, 220), SIZE)
