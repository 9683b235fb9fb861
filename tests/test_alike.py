"""How alike vectors are, and whether those of one sense lie together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.geometry import mean_cosine, sense_axis, sense_split, unit_length

often = settings(deadline=None, max_examples=40, database=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(1, 12), st.integers(1, 9))  # points, numbers


# ---- how alike vectors are -------------------------------------------------------


def test_unit_length():
    found = unit_length(np.array([[3.0, 4.0], [0, 0], [1e-3, 0]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0], [1, 0]])


@often
@given(sizes, seeds)
def test_mean_cosine_is_the_mean_over_pairs(size, seed):
    vectors = np.random.default_rng(seed).standard_normal((2, *size))
    found = mean_cosine(vectors)
    N = size[0]
    if N < 2:
        assert np.isnan(found).all()
        return
    units = unit_length(vectors)
    pairs = (units @ units.swapaxes(1, 2))[:, ~np.eye(N, dtype=bool)]
    np.testing.assert_allclose(found, np.mean(pairs, axis=1), atol=1e-12)


def test_a_cloud_that_has_collapsed_has_mean_cosine_1():
    rng = np.random.default_rng(0)
    one = np.ones((30, 8))
    assert mean_cosine(one) == pytest.approx(1)
    assert mean_cosine(one + 0.01 * rng.standard_normal((30, 8))) > 0.99
    assert abs(mean_cosine(rng.standard_normal((500, 64)))) < 0.01
    assert mean_cosine(np.zeros((3, 8))) == 0


# ---- senses ----------------------------------------------------------------------


def test_two_senses_far_apart():
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [0, 2]])
    found = sense_split(vectors, ["fish", "fish", "music", "music", "music"])
    assert found.found == 1 and found.chance == 0.5
    assert found.within > 0.99 and found.across < 0.11
    assert found.separation == found.within - found.across


def test_a_use_is_not_compared_with_itself():
    vectors = np.array([[1, 0], [0, 1], [0, 1], [1, 0]])
    found = sense_split(vectors, ["a", "a", "b", "b"])
    assert found.found == 0
    assert found.separation == pytest.approx(-0.5)


def test_where_all_uses_are_the_same_one_can_but_guess():
    vectors = np.tile(
        np.random.default_rng(0).standard_normal(7).astype(np.float32), (2, 9, 1)
    )
    found = sense_split(vectors, ["a"] * 4 + ["b"] * 3 + ["c"] * 2)
    np.testing.assert_allclose(found.separation, 0, atol=1e-12)
    np.testing.assert_allclose(found.found, 1 / 3)
    assert found.chance == pytest.approx(1 / 3)


@pytest.mark.parametrize("senses", [[], ["a"], ["a", "a"], ["a", "b"]])
def test_too_few_uses_give_no_number(senses):
    found = sense_split(np.ones((3, len(senses), 4)), senses)
    assert found.found.shape == found.within.shape == (3,)
    assert np.isnan(found.separation).all()


@often
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), seeds)
def test_senses_by_hand(senses, seed):
    vectors = np.random.default_rng(seed).standard_normal((len(senses), 5))
    found = sense_split(vectors, senses)
    units, right, within, across = unit_length(vectors), [], [], []
    for i, sense in enumerate(senses):
        near = {}
        for j, other in enumerate(senses):
            if i != j:
                near.setdefault(other, []).append(units[i] @ units[j])
                (within if sense == other else across).append(units[i] @ units[j])
        if sense in near:
            best = max(near, key=lambda name: np.mean(near[name]))
            right.append(best == sense)
    for value, expected in (
        (found.within, within),
        (found.across, across),
        (found.found, right),
    ):
        if expected:
            assert value == pytest.approx(np.mean(expected), abs=1e-12)
        else:
            assert np.isnan(value)


def test_an_axis_between_senses():
    vectors = np.array([[[1.0, 0], [3, 0], [0, 1], [0, 5]]])
    axis = sense_axis(vectors, np.array([False, False, True, True]))
    np.testing.assert_allclose(axis.middle, [[1, 1.5]])
    np.testing.assert_allclose(np.linalg.norm(axis.direction, axis=-1), 1)
    along = axis.along(vectors)
    assert along.shape == (1, 4)
    np.testing.assert_array_equal(along[0] > 0, [False, False, True, True])
    assert axis.along(axis.middle[:, None])[0, 0] == 0
    with pytest.raises(ValueError, match="both"):
        sense_axis(vectors, np.ones(4, bool))
