"""What must hold of softmax, attention and sinusoids, whatever they are given."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.attention import attention_forward
from fishformer.config import Config
from fishformer.softmax import softmax_forward
from fishformer.stack import sinusoids

often = settings(deadline=None, max_examples=20, database=None)
seeds = st.integers(0, 2**32 - 1)


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@often
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=6), st.integers(-900, 900))
def test_softmax_does_not_see_a_shift(scores, shift):
    scores = np.array([scores], float)
    found = softmax_forward(scores + shift)  # whole numbers: the sum is exact
    np.testing.assert_array_equal(found, softmax_forward(scores))
    near(softmax_forward(scores + shift / 7), found)
    assert found.sum() == pytest.approx(1)


@often
@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=6), seeds)
def test_softmax_stays_in_range_and_hides_what_is_hidden(scores, seed):
    hidden = np.random.default_rng(seed).random(len(scores)) < 0.5
    hidden[0] = False
    found = softmax_forward(np.where(hidden, -np.inf, scores))
    assert np.isfinite(found).all() and found.sum() == pytest.approx(1)
    assert (found[hidden] == 0).all()


@often
@given(
    *(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)),
    *(st.sampled_from([1, 2, 4]), seeds),
)
def test_attention_is_a_blend_of_what_is_looked_at(B, T, S, H, seed):
    """T and S may differ; with w_v and w_o that hand on, the blend is an average."""
    rng = np.random.default_rng(seed)
    D = 4
    x, context = rng.standard_normal((B, T, D)), rng.standard_normal((B, S, D))
    p = {"w_q": rng.standard_normal((D, D)), "w_k": rng.standard_normal((D, D))}
    p |= {"w_v": np.eye(D), "w_o": np.eye(D)}
    out, cache = attention_forward(
        x, context, np.zeros((B, 1, 1, S)), p, Config(d_model=D, n_heads=H)
    )
    assert out.shape == (B, T, D) and cache.attn_weights.shape == (B, H, T, S)
    near(cache.attn_weights.sum(axis=-1), 1)
    assert (out <= context.max(axis=1, keepdims=True) + 1e-9).all()
    assert (out >= context.min(axis=1, keepdims=True) - 1e-9).all()


def test_sinusoids_at_known_places():
    waves = sinusoids(8, 6, "float64")
    near(waves[0], np.array([0, 1, 0, 1, 0, 1]) * waves[0, 1])
    waves = waves / waves[0, 1]
    for position in range(8):
        for pair in range(3):  # 1, 10_000 ** (1 / 3), 10_000 ** (2 / 3)
            angle = position / (1, 21.5443469003, 464.1588833613)[pair]
            near(waves[position, 2 * pair], np.sin(angle))
            near(waves[position, 2 * pair + 1], np.cos(angle))


@often
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 20))
def test_sinusoids_are_equally_long_and_a_shift_is_a_turn(length, pairs, shift):
    waves = sinusoids(length + shift, 2 * pairs, "float64")
    near(np.linalg.norm(waves, axis=1), np.linalg.norm(waves[0]))
    apart = waves[:length] @ waves[shift:].T
    near(np.diag(apart), apart[0, 0])  # how alike two are depends on their distance


@often
@given(st.integers(1, 9), st.integers(2, 9))
def test_sinusoids_of_any_width(length, d_model):
    assert sinusoids(length, d_model, "float32").shape == (length, d_model)
