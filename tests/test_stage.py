"""The page's run and E01, driven as the page drives them, without a page."""

import numpy as np
import pytest

from fishformer.completion import GAP
from fishformer.corpus import CorpusError
from fishformer.exhibits.stage import Stage
from fishformer.player import MORE
from fishformer.workbench import read_settings
from staging import LINES, SMALL, marks, run, small_stage, to_step


@pytest.fixture
def stage():
    return small_stage()


def test_it_trains_by_itself_to_the_end(stage):
    assert stage.state == "training"
    run(stage)
    assert stage.state == "done"
    assert stage.timeline.step == 40
    assert stage.frame()["texts"]["e01.status"] == "Trained, 40 steps"


def test_every_chart_changes_at_every_step(stage):
    charts = [c for c in stage.canvases() if not c.endswith(".own")]
    assert len(charts) == 1 + 3 + 3 + 2 * 2
    stage.command("pause")
    for _ in range(3):
        before = {c: marks(stage, c) for c in charts}
        stage.command("step")
        same = [c for c in charts if marks(stage, c) == before[c]]
        assert not same


def test_pause_and_step(stage):
    to_step(stage, 5)
    assert stage.state == "paused"
    assert not stage.work()
    stage.command("step")
    assert (stage.timeline.step, stage.state) == (6, "paused")


def test_everything_follows_the_scrubber_back_and_forth(stage):
    seen = []
    stage.command("pause")
    for _ in range(27):
        seen.append((stage.frame()["texts"], marks(stage, "e01.map.2.1")))
        stage.command("step")
    for step in (13, 2, 26, 0):
        stage.command("seek", step)
        run(stage)
        texts = stage.frame()["texts"]
        assert texts["e01.status"] == f"Step {step}, wound back from 27" or step == 0
        shown = {k: v for k, v in texts.items() if k != "e01.status"}
        first = {k: v for k, v in seen[step][0].items() if k != "e01.status"}
        assert shown == first
        assert marks(stage, "e01.map.2.1") == seen[step][1]
    stage.command("latest")
    run(stage)
    assert stage.timeline.step == 27


def test_a_later_seek_overtakes_an_earlier_one(stage):
    to_step(stage, 38)
    stage.command("seek", 19)
    stage.work()
    stage.command("seek", 7)
    run(stage)
    assert stage.timeline.step == 7
    assert stage.state == "paused"


def test_training_goes_on_from_where_the_scrubber_stands(stage):
    to_step(stage, 30)
    losses = stage.timeline.losses[:]
    stage.command("seek", 12)
    run(stage)
    stage.command("train")
    assert stage.state == "training"
    stage.work()
    assert stage.timeline.step == 13
    run(stage)
    assert stage.timeline.losses[:31] == losses
    assert stage.timeline.step == 40


def test_train_in_the_middle_of_a_seek_stands_at_a_true_step(stage):
    to_step(stage, 38)
    stage.command("seek", 19)
    stage.work()
    stage.command("train")
    run(stage)
    assert stage.state == "done"
    assert len(stage.timeline.losses) == 41


def test_after_the_end_training_can_go_on(stage):
    run(stage)
    stage.command("train")
    assert stage.timeline.end == 40 + MORE
    stage.work()
    assert stage.timeline.step == 41


def test_restart_gives_the_same_run_again(stage):
    to_step(stage, 15)
    losses = stage.timeline.losses[:]
    stage.command("restart")
    assert stage.timeline.step == 0
    assert stage.state == "training"
    to_step(stage, 15)
    assert stage.timeline.losses == losses


def test_a_link_to_a_step_goes_there_and_stops():
    stage = Stage({**SMALL, "step": "17"})
    stage.open()
    assert stage.in_haste
    run(stage)
    assert (stage.timeline.step, stage.state) == (17, "paused")
    assert not stage.in_haste


@pytest.mark.parametrize("step", ["41", "-1", "x", "1e3"])
def test_a_link_to_a_step_that_cannot_be_is_named(step):
    stage = Stage({**SMALL, "step": step})
    assert stage.player.goal is None
    assert f"step = {step!r} is not allowed" in stage.notices[0]


def test_what_is_noticed_later_makes_another_view(stage):
    before = stage.views()["run"]
    stage.notices.append("A run could not be read.")
    assert stage.views()["run"] != before


def test_bad_settings_are_named_and_the_others_kept():
    config, notices = read_settings({"layers": "99", "seed": "3", "fish": "1"})
    assert config.seed == 3
    assert config.n_layers == 2
    assert "layers = 99" in notices[0]
    assert "no setting 'fish'" in notices[1]


def test_another_kind_of_model_is_for_the_terminal():
    config, notices = read_settings({"model": "lstm", "seed": "3"})
    assert (config.model, config.seed) == ("encoder", 3)
    assert "model = lstm" in notices[0]


def test_settings_that_do_not_go_together_are_named():
    config, notices = read_settings({"heads": "3"})
    assert config.n_heads == 4
    assert "heads = 3 does not divide d_model = 32" in notices[0]


def test_a_runaway_run_fails_keeps_its_history_and_can_be_wound_back():
    stage = Stage(
        {**SMALL, "lr": "1", "clip": "1000000", "warmup": "0", "steps": "500"}
    )
    stage.open()
    run(stage)
    assert stage.state == "failed"
    failed_at = stage.timeline.step
    trouble = stage.views()["run"]["trouble"]
    assert trouble["step"] == failed_at
    assert "Try a learning rate below 1" in trouble["what"]
    for command in ("train", "step"):
        stage.command(command)
        assert (stage.state, stage.timeline.step) == ("failed", failed_at)
    stage.command("seek", trouble["back"])
    run(stage)
    assert stage.state == "paused"
    assert stage.timeline.step == trouble["back"] < failed_at
    assert stage.views()["run"]["trouble"] is None
    for canvas in stage.canvases():
        stage.draw(canvas, 300, 200)  # a loss that is no number spoils no chart


# ---- E01 --------------------------------------------------------------------------


def test_a_sentence_of_ones_own(stage):
    words = stage.corpus.train[0]
    stage.event("e01", "typed", " ".join(["___", *words[1:]]))
    view = stage.views()["e01"]
    assert view["error"] is None
    assert view["shown"] == "own"
    assert view["words"] == ["gap", *words[1:]]
    assert len(stage.draw("e01.guess.own", 300, 120).marks) == 20
    stage.event("e01", "typed", "")
    assert stage.views()["e01"]["shown"] == "1"
    assert stage.draw("e01.guess.own", 300, 120).marks == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("the ___ reads hieroglyphs in zanzibar", "hieroglyphs, zanzibar"),
        ("the bass sleeps", "this one has 0"),
        ("the ___ sleeps in the ___", "this one has 2"),
        ("___", "A gap alone"),
        ("the ___ " + "the " * 40, "has 42 words; the model has places for"),
        ("<img src=x onerror=alert(1)> ___", "img"),
    ],
)
def test_a_sentence_that_cannot_be_read_is_explained(stage, text, says):
    stage.event("e01", "typed", text)
    assert says in stage.views()["e01"]["error"]
    assert stage.views()["e01"]["shown"] == "1"
    stage.work()  # and training goes on


def test_head_and_word_choose_what_is_looked_at(stage):
    stage.event("e01", "head", [1, 2])
    stage.event("e01", "word", 0)
    first = stage.views()["e01"]["words"][0]
    look = "".join(text for text, _ in stage.frame()["texts"]["e01.look"])
    assert look.startswith(f"Layer 1, head 2: {first} gives ")
    with pytest.raises(ValueError, match="no layer 3, head 1"):
        stage.event("e01", "head", [3, 1])
    with pytest.raises(ValueError, match="no event 'jump'"):
        stage.event("e01", "jump", None)


def test_tables_and_labels_say_what_the_charts_show(stage):
    to_step(stage, 20)
    guesses, attention, loss = stage.tables("e01")
    assert guesses.rows[0][1] == stage.corpus.featured[0].answer
    for row in attention.rows:
        shares = [float(cell.rstrip("%")) for cell in row[1:]]
        assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares))
    assert [row[0] for row in loss.rows] == ["0", "10", "20"]
    assert float(loss.rows[-1][1]) == pytest.approx(stage.timeline.losses[20], abs=1e-3)
    drawn = {c for c in stage.canvases() if c.startswith("e01.") and "own" not in c}
    assert set(stage.labels()) == drawn


def test_attention_in_the_exhibit_is_that_of_the_model(stage):
    to_step(stage, 10)
    exhibit = stage.exhibits["e01"]
    words = exhibit.sentences["1"]
    token_ids = np.array([stage.corpus.tokenizer.encode(words)])
    gap = (np.array([0]), np.array([words.index(GAP)]))
    _, trace = stage.timeline.trainer.model.forward(token_ids, gap)
    for layer, block in enumerate(trace.blocks):
        np.testing.assert_allclose(
            exhibit.attn_weights[layer], block.attention.attn_weights[0], rtol=1e-4
        )


# ---- other sentences ----------------------------------------------------------------


def test_another_corpus_and_back_to_the_fish(stage):
    stage.command("corpus", LINES)
    about = stage.views()["run"]["corpus"]
    assert about["own"] and about["report"][0] == (
        f"Learning from 6 sentences, a vocabulary of {len(stage.corpus.tokenizer)}."
    )
    assert stage.corpus.report.memorises
    assert stage.frame()["texts"]["e01.held"] == "–"
    assert run(stage).state == "done"
    stage.command("corpus", None)
    assert stage.views()["run"]["corpus"]["own"] is False
    assert stage.corpus.report.memorises is False
    assert stage.timeline.step == 0


def test_a_corpus_that_is_refused_leaves_the_run_alone(stage):
    to_step(stage, 8)
    with pytest.raises(CorpusError):
        stage.command("corpus", "only one sentence")
    assert stage.timeline.step == 8
    assert stage.corpus.report.n_sentences > 800


def test_unknown_commands_are_refused(stage):
    with pytest.raises(ValueError, match="no command 'fly'"):
        stage.command("fly")
