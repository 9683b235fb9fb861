from dataclasses import replace

import numpy as np
import pytest

from fishformer import timeline as module
from fishformer.checkpoint import Checkpoint, ShortCheckpoint
from fishformer.config import Config
from fishformer.timeline import Timeline

QUICK = Config(d_model=8, n_heads=2, d_ff=8, batch_size=8, steps=60)
SHORT = {"float32": ShortCheckpoint, "float64": Checkpoint}
KINDS = ("encoder", "decoder", "encoder-decoder", "elman", "lstm")


def made(data, steps, config=QUICK):
    timeline = Timeline(config, data)
    buffers = [timeline.trainer.model.params.buffer.copy()]
    for _ in range(steps):
        timeline.advance()
        buffers.append(timeline.trainer.model.params.buffer.copy())
    return timeline, buffers


@pytest.mark.parametrize("order", [[0, 34, 17], [33, 12, 13, 34, 5], [20, 20, 9, 10]])
def test_any_step_comes_back_bit_for_bit(small, order):
    timeline, buffers = made(small, 34)
    losses = timeline.losses[:]
    for step in order:
        for _ in timeline.seek(step):
            pass
        assert timeline.step == step
        assert timeline.report.loss == losses[step]
        buffer = timeline.trainer.model.params.buffer
        np.testing.assert_array_equal(buffer, buffers[step])
    assert timeline.losses == losses


@pytest.mark.parametrize("model", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_kind_of_model_comes_back_bit_for_bit(small, backwards, model, dtype):
    data = backwards if model == "encoder-decoder" else small
    timeline, buffers = made(data, 30, replace(QUICK, model=model, dtype=dtype))
    kinds = [type(kept) for kept in timeline.checkpoints.values()]
    assert kinds == [Checkpoint, *2 * [SHORT[dtype]]]
    for step in (26, 29, 13, 12, 0):
        list(timeline.seek(step))
        assert timeline.report.loss == timeline.losses[step]
        buffer = timeline.trainer.model.params.buffer
        np.testing.assert_array_equal(buffer, buffers[step])


def test_training_on_from_the_past_runs_through_the_same_history(small):
    straight, buffers = made(small, 40)
    wound, _ = made(small, 25)
    list(wound.seek(8))
    while wound.step < 40:
        wound.advance()
    assert wound.losses == straight.losses
    assert wound.held_out == straight.held_out
    np.testing.assert_array_equal(wound.trainer.model.params.buffer, buffers[40])


def test_a_seek_that_is_given_up_stands_at_a_true_step(small):
    timeline, buffers = made(small, 38)
    seek = timeline.seek(33)
    assert next(seek) == 7  # from the checkpoint at 26
    assert next(seek) == 6
    seek.close()
    np.testing.assert_array_equal(
        timeline.trainer.model.params.buffer, buffers[timeline.step]
    )


@pytest.mark.parametrize("step", [-1, 31, 10**9])
def test_a_step_off_the_timeline_is_refused(small, step):
    timeline, _ = made(small, 30)
    with pytest.raises(
        ValueError, match=f"step = {step} is not on the timeline, 0 to 30"
    ):
        list(timeline.seek(step))


def test_checkpoints_are_thinned_and_still_reach_every_step(small, monkeypatch):
    a_few = 3.5 * 5 * Timeline(QUICK, small).trainer.model.params.buffer.size
    monkeypatch.setattr(module, "ROOM", a_few)
    timeline, buffers = made(small, 60)
    assert sorted(timeline.checkpoints) == [0, 26, 52]
    for step in (59, 31, 7):
        list(timeline.seek(step))
        np.testing.assert_array_equal(
            timeline.trainer.model.params.buffer, buffers[step]
        )


def test_a_way_made_again_leaves_checkpoints_for_the_next_time(small):
    timeline, buffers = made(small, 34)
    kept = {**timeline.checkpoints}
    del timeline.checkpoints[13], timeline.checkpoints[26]
    list(timeline.seek(0))
    assert len([*timeline.seek(30)]) == 30
    assert [*timeline.checkpoints] == [0, 13, 26]
    for step in (13, 26):
        for mine, made_first in zip(
            timeline.checkpoints[step], kept[step], strict=True
        ):
            np.testing.assert_equal(mine, made_first)
    assert len([*timeline.seek(14)]) == 1
    np.testing.assert_array_equal(timeline.trainer.model.params.buffer, buffers[14])
