"""numpy.random, loaded by parts in the page (.build/lean/random.py), is whole there."""

import copy
import pickle

import numpy as np
import pytest

WHOLE = ["RandomState", "MT19937", "Philox", "SFC64", "PCG64DXSM", "SeedSequence"]


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), [1, 2], np.random.SeedSequence(7)])
def test_a_seed_gives_the_generator_that_numpy_says(seed):
    known = np.random.Generator(np.random.PCG64(seed)).integers(1 << 30, size=5)
    assert np.random.default_rng(seed).integers(1 << 30, size=5).tolist() == [*known]


def test_a_generator_stays_itself_and_no_seed_gives_ever_others():
    rng = np.random.default_rng(7)
    assert np.random.default_rng(rng) is rng
    assert np.random.default_rng().random() != np.random.default_rng().random()
    with pytest.raises(TypeError):
        np.random.default_rng("seven")


def test_a_generator_can_be_copied_and_kept():
    rng = np.random.default_rng(7)
    copies = copy.deepcopy(rng), pickle.loads(pickle.dumps(rng))
    told = rng.random(3).tolist()
    assert [c.random(3).tolist() for c in copies] == [told, told]


def test_all_else_is_there_when_asked_for():
    assert set(WHOLE) <= set(dir(np.random))
    np.random.seed(3)
    old = np.random.RandomState(3).rand(4)
    assert np.random.rand(4).tolist() == old.tolist()
    for name in ("MT19937", "Philox", "SFC64"):
        bits = getattr(np.random, name)(1)
        assert 0 <= np.random.Generator(bits).random() < 1
    with pytest.raises(AttributeError, match="no_such"):
        _ = np.random.no_such
