"""Short checkpoints: what they lose, what they must not, and what they take."""

from dataclasses import replace

import numpy as np
import pytest

from fishformer import training
from fishformer.checkpoint import (
    END,
    LARGEST,
    PARAM_DIGITS,
    SCALE,
    Checkpoint,
    ShortCheckpoint,
    lengthened,
    shortened,
)
from fishformer.config import Config
from fishformer.training import Trainer

QUICK = Config(d_model=16, n_heads=2, d_ff=32, batch_size=16)
NO_LUCK = np.uint32(0)


def state(params, m=None, v=None, step=0):
    arrays = (params, np.zeros_like(params) if m is None else m)
    return Checkpoint(step, *arrays, abs(arrays[1]) if v is None else v, {}, None)


def after(config, small, steps):
    trainer = Trainer(config, small)
    for _ in range(steps):
        trainer.update()
    return trainer


def test_a_rounded_run_is_kept_whole_in_five_bytes_a_number(small):
    kept = after(QUICK, small, 26).checkpoint()
    short = kept.short()
    assert isinstance(short, ShortCheckpoint)
    assert short.nbytes == 5 * kept.params.size
    again = short.whole()
    for name in ("params", "adam_m", "adam_v"):
        np.testing.assert_array_equal(getattr(again, name), getattr(kept, name))
        assert getattr(again, name).dtype == np.float32


def test_between_two_roundings_something_is_lost_but_little(small):
    kept = after(QUICK, small, 20).checkpoint()
    again = kept.short().whole()
    assert (again.params != kept.params).any()
    np.testing.assert_allclose(again.params, kept.params, rtol=2**-13, atol=1e-7)
    np.testing.assert_allclose(again.adam_m, kept.adam_m, rtol=2**-2, atol=1e-7)
    np.testing.assert_allclose(again.adam_v, kept.adam_v, rtol=2**-7, atol=1e-12)


@pytest.mark.parametrize("digits", [2, 8, 13])
def test_short_floats_are_the_floats_below(digits):
    rng = np.random.default_rng(0)
    x = (rng.choice([-1, 1], 999) * 2 ** rng.uniform(-13, 15, 999)).astype(np.float32)
    fraction, exponent = np.frexp(x.astype(float))
    below = np.ldexp(np.trunc(np.ldexp(fraction, digits + 1)), exponent - digits - 1)
    found = lengthened(shortened(x, digits, NO_LUCK), digits)
    np.testing.assert_array_equal(found, below)


def test_nothing_stays_nothing():
    zeros = np.zeros(9, np.float32)
    again = state(zeros).short().whole()
    for array in again[1:4]:
        np.testing.assert_array_equal(array, zeros)


def test_on_average_the_smallest_update_counts():
    """1 + a hundredth of what the digits can tell apart: often 1, seldom more."""
    apart = 2.0**-PARAM_DIGITS
    x = np.full(100_000, 1 + apart / 100, np.float32)
    again = state(x, step=13).short().whole().params
    assert set(again) == {np.float32(1), np.float32(1 + apart)}
    assert (again.mean(dtype=float) - 1) / apart == pytest.approx(0.01, rel=0.15)


def test_a_slow_run_learns_the_same_with_and_without(small, monkeypatch):
    config = replace(QUICK, lr=1e-5, warmup=0)
    start = Trainer(config, small).model.params.buffer.copy()
    rounded = after(config, small, 52)
    monkeypatch.setattr(training, "ROUND_EVERY", 10**9)
    exact = after(config, small, 52)
    way = exact.model.params.buffer - start
    apart = rounded.model.params.buffer - exact.model.params.buffer
    assert 0 < np.linalg.norm(apart) < 0.1 * np.linalg.norm(way)
    assert rounded.report.loss == pytest.approx(exact.report.loss, abs=1e-3)


def test_float64_is_kept_as_it_is(small, monkeypatch):
    config = replace(QUICK, dtype="float64")
    kept = after(config, small, 20).checkpoint()
    assert kept.short() is kept
    monkeypatch.setattr(training, "ROUND_EVERY", 10**9)
    unrounded = after(config, small, 20).checkpoint()
    np.testing.assert_array_equal(kept.params, unrounded.params)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -END])
def test_what_has_run_away_is_no_number_any_more(wrong):
    params = np.array([3, wrong, -5], np.float32)
    again = state(params).short().whole().params
    np.testing.assert_array_equal(again, [3, np.nan, -5])


def test_moments_of_huge_gradients_stay_huge():
    m = np.array([-1e6, 1, 1e6], np.float32)
    again = state(np.zeros_like(m), m, m * m).short().whole()
    np.testing.assert_array_equal(again.adam_m, [-LARGEST / SCALE, 1, LARGEST / SCALE])
    np.testing.assert_allclose(np.sqrt(again.adam_v), abs(again.adam_m))
