"""Drawing a word: which can come, and how often."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.config import ConfigError
from fishformer.sampling import GREEDY, NEVER, Sampling, choose, distribution
from fishformer.softmax import softmax_forward

scores = st.lists(st.floats(-50, 50, width=32), min_size=5, max_size=12).map(np.array)
samplings = st.builds(
    Sampling,
    temperature=st.floats(0, 10),
    top_k=st.integers(1, 15),
    top_p=st.floats(1e-6, 1),
)
properties = settings(deadline=None, max_examples=150)


def allowed(logits):
    """The softmax over the words that can be written."""
    rest = logits.astype(float)
    rest[NEVER] = -np.inf
    return softmax_forward(rest)


@properties
@given(scores, samplings)
def test_probabilities_are_shares_of_one_whole_and_specials_have_none(logits, how):
    probs = distribution(logits, how)
    assert probs.shape == logits.shape
    assert probs.sum() == pytest.approx(1)
    assert (probs >= 0).all()
    assert (probs[NEVER] == 0).all()


@properties
@given(scores, samplings, st.integers(0, 99))
def test_what_is_drawn_can_be_drawn_and_the_seed_decides(logits, how, seed):
    token_id, probs = choose(logits, np.random.default_rng(seed), how)
    assert probs[token_id] > 0
    again, _ = choose(logits, np.random.default_rng(seed), how)
    assert again == token_id


@properties
@given(scores)
def test_the_defaults_change_nothing_but_the_specials(logits):
    np.testing.assert_allclose(distribution(logits, Sampling()), allowed(logits))


@properties
@given(scores, st.integers(1, 15))
def test_top_k_keeps_the_k_likeliest(logits, k):
    probs = distribution(logits, Sampling(top_k=k))
    kept = probs > 0
    full = allowed(logits)
    assert kept.sum() == min(k, len(logits) - len(NEVER))
    assert full[kept].min() >= full[~kept].max()
    np.testing.assert_allclose(probs[kept], full[kept] / full[kept].sum())


@properties
@given(scores, st.floats(1e-6, 1, exclude_max=True))
def test_top_p_keeps_the_fewest_likeliest_that_reach_p(logits, p):
    probs = distribution(logits, Sampling(top_p=p))
    kept = probs > 0
    full = allowed(logits)
    assert full[kept].min() >= full[~kept].max()
    assert full[kept].sum() >= p - 1e-12
    assert full[kept].sum() - full[kept].min() < p + 1e-12  # one fewer does not
    np.testing.assert_allclose(probs[kept], full[kept] / full[kept].sum())


@properties
@given(scores)
def test_cold_tends_to_the_likeliest_and_zero_is_it(logits):
    best = int(np.argmax(np.where(np.isin(np.arange(len(logits)), NEVER), -99, logits)))
    cold = distribution(logits, GREEDY)
    assert cold[best] == 1
    ties = np.isclose(logits, logits[best], atol=1e-3)
    ties[NEVER] = False
    if ties.sum() == 1:
        cooling = [distribution(logits, Sampling(t))[best] for t in (1, 1e-2, 1e-5)]
        assert cooling == sorted(cooling)
        assert cooling[-1] == pytest.approx(1)


def test_hot_is_flatter():
    logits = np.array([0, 0, 0, 1.0, 2, 3])
    largest = [distribution(logits, Sampling(t)).max() for t in (0.5, 1, 2, 10)]
    assert largest == sorted(largest, reverse=True)
    assert largest[-1] < 0.4


def test_a_temperature_however_tiny_is_no_error():
    logits = np.array([0, 0, 0, 1, 2, 3], np.float32)
    assert distribution(logits, Sampling(1e-320))[5] == 1


def test_words_are_drawn_as_often_as_their_probabilities_say():
    logits = np.log(np.array([5, 5, 5, 0.5, 0.3, 0.15, 0.05]))
    rng = np.random.default_rng(0)
    drawn = [choose(logits, rng)[0] for _ in range(4000)]
    shares = np.bincount(drawn, minlength=7) / len(drawn)
    np.testing.assert_allclose(shares, [0, 0, 0, 0.5, 0.3, 0.15, 0.05], atol=0.03)


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [
        ("temperature", -0.1, "0"),
        ("temperature", 11, "10"),
        ("temperature", float("nan"), "10"),
        ("top_k", 0, "1"),
        ("top_k", 2.5, "whole number"),
        ("top_p", 0.0, "0.000001"),
        ("top_p", 1.1, "1"),
    ],
)
def test_a_setting_out_of_bounds_is_refused_by_name(name, value, bound):
    with pytest.raises(ConfigError, match=f"{name} = {value}.*{bound}"):
        Sampling(**{name: value})
