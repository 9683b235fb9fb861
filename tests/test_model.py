import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.config import Config
from fishformer.layers import relu_forward
from fishformer.model import Transformer
from fishformer.softmax import softmax_forward
from fishformer.tokenizer import MASK, PAD


def make(seed=0, max_len=9, vocab_size=13, **changes):
    config = Config(d_model=8, n_heads=2, d_ff=12, dtype="float64", **changes)
    return Transformer(config, vocab_size, max_len, np.random.default_rng(seed))


def mid_training(seed=0, **changes):
    """A model whose attention is far from uniform."""
    model = make(seed, **changes)
    rng = np.random.default_rng(seed + 1)
    model.params.buffer += 0.5 * rng.standard_normal(model.params.buffer.size)
    return model


sentences = st.lists(
    st.lists(st.integers(2, 12), min_size=1, max_size=6), min_size=1, max_size=4
)


def padded(rows, length):
    return np.array([row + [PAD] * (length - len(row)) for row in rows])


def first_gaps(rows):
    return (np.arange(len(rows)), np.zeros(len(rows), int))


@settings(deadline=None, max_examples=40)
@given(sentences)
def test_each_row_of_attention_is_a_share_of_one_whole(rows):
    token_ids = padded(rows, 6)
    _, trace = mid_training().forward(token_ids, first_gaps(rows))
    for block in trace.blocks:
        weights = block.attention.attn_weights
        assert weights.shape == (len(rows), 2, 6, 6)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
        assert (weights >= 0).all()
        on_padding = np.where((token_ids == PAD)[:, None, None], weights, 0)
        assert (on_padding == 0).all()


@settings(deadline=None, max_examples=40)
@given(sentences, st.integers(0, 3))
def test_padding_changes_nothing(rows, more):
    model, gaps = mid_training(), first_gaps(rows)
    logits, _ = model.forward(padded(rows, 6), gaps)
    longer, _ = model.forward(padded(rows, 6 + more), gaps)
    np.testing.assert_allclose(longer, logits, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(sentences)
def test_a_sentence_does_not_depend_on_its_batch(rows):
    model = mid_training()
    together, _ = model.forward(padded(rows, 6), first_gaps(rows))
    alone = [model.forward(padded([row], 6), first_gaps([row]))[0][0] for row in rows]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)


def test_a_word_depends_on_the_words_around_it_and_on_their_order():
    model, gap = mid_training(), (np.array([0]), np.array([0]))
    logits = [
        model.forward(np.array([row]), gap)[0]
        for row in ([MASK, 3, 4], [MASK, 3, 5], [MASK, 4, 3])
    ]
    assert np.abs(logits[0] - logits[1]).max() > 1e-3
    assert np.abs(logits[0] - logits[2]).max() > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_at_the_start_attention_is_uniform_to_the_eye(seed):
    rng = np.random.default_rng(seed)
    model = Transformer(Config(), 170, 16, rng)
    token_ids = rng.integers(2, 170, (20, 11))
    _, trace = model.forward(token_ids, first_gaps(token_ids))
    for block in trace.blocks:
        weights = block.attention.attn_weights
        entropy = -(weights * np.log(weights)).sum(axis=-1) / np.log(11)
        assert entropy.mean() > 0.99
        assert weights.max() < 0.25  # 1/11 is even: no cell stands out


def test_at_the_start_all_words_are_about_as_likely():
    model = Transformer(Config(), 170, 16, np.random.default_rng(0))
    token_ids = np.arange(2, 162).reshape(16, 10)
    probs = softmax_forward(model.forward(token_ids, first_gaps(token_ids))[0])
    assert probs.max() < 4 / 170


def test_relu_in_webassembly_is_the_same_to_the_bit(monkeypatch):
    x = np.array([-np.inf, -1e-40, -0.0, 0.0, 1e-40, 2.5, np.inf], np.float32)
    plain = relu_forward(x)
    monkeypatch.setattr("fishformer.layers.IN_WEBASSEMBLY", True)
    np.testing.assert_array_equal(relu_forward(x), plain)


def test_the_webassembly_way_to_multiply_gives_the_same_model(monkeypatch):
    model = mid_training()
    token_ids = np.array([[2, MASK, 4], [5, 6, MASK]])
    gaps = np.nonzero(token_ids == MASK)
    logits, _ = model.forward(token_ids, gaps)
    monkeypatch.setattr("fishformer.layers.IN_WEBASSEMBLY", True)
    np.testing.assert_allclose(model.forward(token_ids, gaps)[0], logits, rtol=1e-9)
