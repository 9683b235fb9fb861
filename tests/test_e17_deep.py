"""E17's deep models: trained, recorded, kept in a file, fetched."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from exhibiting import do, shown, told
from fishformer.config import Config
from fishformer.exhibits.e17_deep import FILE
from fishformer.exhibits.e17_geometry import Geometry
from fishformer.lessons.deep import (
    MOMENTS,
    NORMS,
    DeepRun,
    deep_config,
    packed,
    shortened,
    unpacked,
)
from fishformer.lessons.kinship import kinship
from fishformer.timeline import Timeline
from fishformer.training import Trainer

STEPS = 30  # of the short recording


def recorded(config, fish):
    run = DeepRun(config, fish)
    while run.advance():
        pass
    return run.recording


@pytest.fixture(scope="module")
def recordings(fish):
    return {n: recorded(replace(deep_config(n), steps=STEPS), fish) for n in NORMS}


@pytest.fixture(scope="module")
def timeline(fish):
    return Timeline(Config(), fish)


@pytest.fixture
def fresh(fish, timeline):
    return shown(Geometry(Config(), fish), timeline)


@pytest.mark.parametrize("norm", NORMS)
def test_a_deep_run_is_a_run_like_any_other(fish, norm):
    config = replace(deep_config(norm), steps=4)
    trainer = Trainer(config, fish)
    held_out = trainer.report.held_out.loss
    losses = [trainer.report.loss]
    losses += [trainer.update().loss for _ in range(config.steps)]
    recording = recorded(config, fish)
    assert recording.losses == losses
    assert recording.moments[0].held_out == pytest.approx(held_out)


def test_post_norm_collapses_at_once_and_pre_norm_nearly_does(recordings):
    for norm, recording in recordings.items():
        moment = recording.moments[-1]
        assert moment.step == STEPS
        alike = kinship(moment.states, recording.cloud)
        assert alike.everyone[-1] > (0.999 if norm == "post" else 0.9)
        assert alike.everyone[0] < 0.2


def test_a_recording_comes_back_from_its_file(recordings):
    data = packed(recordings)
    moments = len(recordings["pre"].moments)
    assert len(data) / moments * len(MOMENTS) < 2.2e6  # later ones pack better
    back = unpacked(data)
    for norm, recording in recordings.items():
        assert back[norm].config == recording.config
        assert back[norm].losses == pytest.approx(recording.losses)
        assert back[norm].cloud.words == recording.cloud.words
        for ours, theirs in zip(back[norm].moments, recording.moments, strict=True):
            assert ours.step == theirs.step and ours.held_out == theirs.held_out
            np.testing.assert_array_equal(ours.states, theirs.states)


def test_the_same_numbers_are_the_same_bytes_however_long_they_took(recordings):
    norm = NORMS[0]
    slower = copy(recordings[norm])
    slower.seconds += 1.5
    assert packed(recordings | {norm: slower}) == packed(recordings)


def test_what_is_kept_is_near_to_what_was_there():
    states = 30 * np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)
    kept = shortened(states)
    assert kept.dtype == np.float16
    np.testing.assert_allclose(kept, states, rtol=1 / 256)


@pytest.mark.parametrize("data", [b"", b"<html>", packed.__doc__.encode()])
def test_other_files_are_refused(data):
    with pytest.raises(ValueError, match="no recording"):
        unpacked(data)


def test_the_recording_is_fetched_once_it_is_wanted(fresh, timeline, recordings):
    assert fresh.wants is None
    do(fresh, "model", "post", timeline)
    assert fresh.wants == FILE and fresh.live is False
    assert "on its way" in fresh.texts()["e17.finding"]
    fresh.draw("e17.space", 328, 350)
    fresh.receive(FILE, packed(recordings))
    fresh.compute(timeline)
    assert fresh.wants is None and fresh.going.layer == 12
    assert "run together" in fresh.texts()["e17.finding"]
    assert "any two words 1.00" in told(fresh, "e17.here")
    assert "seed 7" in fresh.texts()["e17.made"]
    assert "python3 -m fishformer.lessons.deep" in fresh.texts()["e17.made"]
    assert fresh.view()["state"]["e17.moment"] == len(recordings["post"].moments) - 1
    do(fresh, "moment", 0, timeline)
    assert fresh._sight.step == 0
    assert "held-out loss is 5." in fresh.texts()["e17.deepnote"]
    do(fresh, "model", "live", timeline)
    assert fresh.live and fresh.going.layer == 2


def test_without_a_recording_it_says_so_and_can_train(fresh, timeline):
    do(fresh, "model", "pre", timeline)
    fresh.receive_failed(FILE, "404 Not Found")
    fresh.compute(timeline)
    assert "404 Not Found" in fresh.texts()["e17.problem"]
    assert fresh.wants is None
    do(fresh, "train", timeline=timeline)
    assert fresh.busy
    while not fresh.deep.own["pre"].moments:
        fresh.work()
    fresh.compute(timeline)
    assert fresh._sight.n_layers == 12 and "step 0 of 500" in fresh.texts()["e17.job"]
    do(fresh, "stop", timeline=timeline)
    assert not fresh.busy and "Stopped at step 0" in fresh.texts()["e17.job"]
    assert "in this browser" in fresh.texts()["e17.made"]


def test_rubbish_for_a_recording_is_told(fresh, timeline):
    do(fresh, "model", "pre", timeline)
    fresh.receive(FILE, b"<html>not found</html>")
    fresh.compute(timeline)
    assert "no recording" in fresh.texts()["e17.problem"]
