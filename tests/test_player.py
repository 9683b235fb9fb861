"""Stopping by itself, what settings would do, and the sentences that come with it."""

from array import array
from types import SimpleNamespace

import numpy as np
import pytest

from fishformer.charts.drawing import Rule
from fishformer.config import Config, ConfigError
from fishformer.corpus import load_corpus, load_fish
from fishformer.exhibits.run_view import remedy
from fishformer.exhibits.stage import Stage
from fishformer.lessons.forecast import forecast
from fishformer.readymade import READY_MADE, ReadyMade, title_of
from fishformer.stopping import MEAN_OF, StopRules, best_look, stop_at
from fishformer.training import HeldOut
from test_any_settings import QUICK, SETTINGS


def history(losses, held_out=()):
    """A timeline that stands at the last of these losses; looks every ten steps."""
    looks = {10 * n: HeldOut(loss, 0.0, 0.0) for n, loss in enumerate(held_out)}
    return SimpleNamespace(
        step=len(losses) - 1, losses=array("d", losses), held_out=looks
    )


def stops(rules, losses, held_out=()):
    """The steps at which a run of these losses would stop."""
    found = (
        stop_at(
            rules,
            history(
                losses[: k + 1], [h for n, h in enumerate(held_out) if 10 * n <= k]
            ),
        )
        for k in range(len(losses))
    )
    return [stop.step for stop in found if stop]


def test_at_a_step_and_not_again_after_it():
    assert stops(StopRules(at_step=7), [1.0] * 20) == [7]
    assert stops(StopRules(), [0.0] * 20) == []


def test_at_a_loss_counts_the_mean_of_ten_steps():
    falling = np.linspace(3, 1, 41)
    means = np.convolve(falling, np.ones(MEAN_OF) / MEAN_OF, "valid")
    first = int(np.argmax(means <= 2.0)) + MEAN_OF - 1
    assert stops(StopRules(at_loss=2.0), falling.tolist()) == [first]
    lucky = [3.0] * 15 + [0.1] + [3.0] * 15  # one batch alone stops nothing
    assert stops(StopRules(at_loss=2.0), lucky) == []


def test_when_the_held_out_loss_has_had_no_new_best():
    held_out = [3.0, 2.0, 1.0, 1.5, 1.0, 1.2, 1.3, 0.5, 0.6]
    assert stops(StopRules(patience=3), [1.0] * 90, held_out) == [50]
    stop = stop_at(StopRules(patience=3), history([1.0] * 51, held_out[:6]))
    assert stop.best == 20 and "not come below 1.00" in stop.reason
    assert best_look(history([1.0] * 90, held_out), 89) == 70
    assert stops(StopRules(patience=3), [1.0] * 90) == []  # nothing is held out


@pytest.mark.parametrize(
    "wrong", [{"at_step": -1}, {"at_loss": 101}, {"patience": 1.5}]
)
def test_rules_have_bounds(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        StopRules(**wrong)


def stopped_at_6():
    """A page whose run of 40 steps a rule has stopped."""
    stage = Stage({**QUICK, "steps": "40"})
    stage.event("setup", "stop.at_step", "6")
    stage.open()
    while stage.busy:
        stage.work()
    return stage


def test_a_rule_pauses_the_run_and_training_can_go_on():
    stage = stopped_at_6()
    assert (stage.state, stage.timeline.step) == ("paused", 6)
    assert stage.player.stopped.reason == "Stopped at step 6, as you asked."
    stage.command("train")
    stage.work()
    assert stage.timeline.step == 7 and stage.player.stopped is None


def test_where_a_rule_stopped_it_is_marked_and_told_and_kept():
    stage = stopped_at_6()
    assert stage.player.status == "Stopped by your rule at step 6"

    def ticks(canvas):
        marks = stage.draw(canvas, 400, 300).marks
        return [m for m in marks if isinstance(m, Rule) and m.stroke == "ink"]

    stage.command("train")
    while stage.busy and stage.timeline.step < 20:
        stage.work()
    assert len(ticks("e01.loss")) == 1
    stage.on_screen |= {"runs"}
    stage.refresh()
    assert len(ticks("runs.curves")) == 1
    assert "Stopped at step 6, as you asked." in stage.labels()["e01.loss"]
    assert "Stopped at step 6, as you asked." in stage.labels()["runs.curves"]
    stage.event("setup", "stop.at_step", "")
    again = Stage()
    again.unpack(stage.pack())
    assert again.timeline.stops == {6: "Stopped at step 6, as you asked."}


@pytest.mark.parametrize("name", SETTINGS)
def test_numbers_to_learn_are_forecast_to_the_last(name):
    stage = Stage({**QUICK, **SETTINGS[name]})
    made = stage.timeline.trainer.model.params.buffer.size
    assert forecast(stage.config, stage.corpus).parameters == made


def test_more_work_takes_longer():
    fish = load_fish()
    now = forecast(Config(), fish)
    for more in ({"n_layers": 4}, {"batch_size": 64}, {"d_model": 64}, {"d_ff": 512}):
        assert 1.2 < forecast(Config(**more), fish).seconds(1.0, now) < 4
    assert forecast(Config(n_heads=8), fish).seconds(1.0, now) == 1.0


def test_the_form_refuses_in_words_and_can_undo():
    stage = Stage(QUICK)
    stage.event("setup", "heads", 3)
    stage.event("setup", "lr", "abc")
    setup = stage.exhibit("setup")
    assert "2 would do" in setup.errors["heads"] and "'abc'" in setup.errors["lr"]
    assert setup.view()["state"]["setup.train.off"]
    for _ in range(2):
        stage.event("setup", "undo", None)
    assert not setup.errors and not setup.changes
    stage.event("setup", "defaults", None)
    stage.event("setup", "train", None)
    assert stage.config == Config()


def test_a_tenth_of_the_learning_rate_down_to_the_least():
    assert remedy(Config(lr=1.0))["settings"]["lr"] == "0.1"
    assert Config.from_strings(remedy(Config(lr=2e-5))["settings"]).lr == 2e-6
    assert remedy(Config(lr=5e-6)) is None


@pytest.mark.parametrize("key", READY_MADE)
def test_ready_made_sentences_are_all_used(key):
    corpus = load_corpus(ReadyMade.text(key))
    assert not corpus.report.skipped and corpus.held_out
    assert 100 <= corpus.report.n_sentences <= 300
    assert title_of(ReadyMade.text(key)) == READY_MADE[key].title
    assert title_of("else") == "Sentences of your own" and title_of(None) == "The fish"
