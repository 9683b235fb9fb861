"""What makes the model what it is, each as one short test.

These are the tests that the page runs first, and against which its challenges are
measured: each says in its name what holds, and takes well under a second.
"""

import numpy as np
import pytest

from fishformer.attention import attention_forward
from fishformer.block import block_forward, block_shapes
from fishformer.config import Config
from fishformer.layers import (
    feed_forward_backward,
    feed_forward_forward,
    layer_norm_backward,
    layer_norm_forward,
)
from fishformer.model import make_model
from fishformer.softmax import (
    cross_entropy_backward,
    cross_entropy_forward,
    softmax_backward,
    softmax_forward,
)
from fishformer.tokenizer import PAD

SIZES = {"d_model": 4, "n_heads": 2, "d_ff": 3, "n_layers": 2, "dtype": "float64"}
SENTENCES = np.array([[4, 5, 6, 7, 8], [6, 9, 4, PAD, PAD]])
SOURCES = np.array([[5, 8, 4], [7, 6, PAD]])
EVERYWHERE = np.nonzero(SENTENCES != PAD)
ALL_PLACES = np.nonzero(SENTENCES >= 0)
ROWS_AND_COLUMNS = (2, 5, -1)


def made(kind="encoder", **changes):
    """A small model far from its start, so that everything in it matters."""
    config = Config(**SIZES, model=kind, **changes)
    model = make_model(config, 10, 5, np.random.default_rng(0))
    noise = np.random.default_rng(1).standard_normal(model.params.buffer.size)
    model.params.buffer += 0.5 * noise
    return model


def scores_of(model, token_ids=SENTENCES):
    """The scores at every place: (sentences, places, words)."""
    sources = SOURCES if model.config.model == "encoder-decoder" else None
    logits, _ = model.forward(token_ids, ALL_PLACES, sources)
    return logits.reshape(ROWS_AND_COLUMNS)


def attention(n_heads=2, d_model=6):
    """One attention step over random vectors, with everything that went into it."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 5, d_model))
    p = {w: rng.standard_normal((d_model, d_model)) for w in "w_q w_k w_v w_o".split()}
    config = Config(**{**SIZES, "n_heads": n_heads, "d_model": d_model})
    out, cache = attention_forward(x, x, np.zeros((2, 1, 1, 5)), p, config)
    return x, p, out, cache


def slopes(loss, values):
    """The slope of a loss along each number, by nudging it to both sides."""
    found = np.empty_like(values)
    for place in np.ndindex(values.shape):
        kept, nudge = values[place], 1e-6
        values[place] = kept + nudge
        above = loss()
        values[place] = kept - nudge
        found[place] = (above - loss()) / (2 * nudge)
        values[place] = kept
    return found


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


# ---- attention ---------------------------------------------------------------------


def test_rows_of_attention_sum_to_1():
    _, trace = made().forward(SENTENCES, EVERYWHERE)
    for block in trace.blocks:
        weights = block.attention.attn_weights
        close(weights.sum(axis=-1), 1)
        assert (weights >= 0).all()


def test_nobody_looks_at_padding():
    _, trace = made().forward(SENTENCES, EVERYWHERE)
    for block in trace.blocks:
        on_padding = block.attention.attn_weights[1, :, :, 3:]
        assert (on_padding == 0).all()


def test_scores_are_divided_by_the_root_of_d_k():
    _, _, _, cache = attention()
    products = cache.q @ cache.k.transpose(0, 1, 3, 2)
    close(cache.scores, products / np.sqrt(cache.q.shape[-1]))


def test_each_head_has_numbers_of_its_own():
    _, _, _, cache = attention()
    one, other = cache.attn_weights[:, 0], cache.attn_weights[:, 1]
    assert np.abs(one - other).max() > 0.01


def test_attention_is_a_blend_of_the_values():
    x, p, out, cache = attention(n_heads=1)
    close(out, cache.attn_weights[:, 0] @ (x @ p["w_v"]) @ p["w_o"])


@pytest.mark.parametrize("kind", ["decoder", "encoder-decoder"])
def test_no_word_of_a_writer_sees_what_comes_after_it(kind):
    model, changed = made(kind), SENTENCES.copy()
    changed[0, 3:] = 9, 4
    before, after = scores_of(model), scores_of(model, changed)
    np.testing.assert_array_equal(after[0, :3], before[0, :3])


def test_a_word_of_a_reader_does():
    model, changed = made(), SENTENCES.copy()
    changed[0, 4] = 9
    assert np.abs(scores_of(model, changed) - scores_of(model))[0, :4].max() > 1e-3


# ---- order -------------------------------------------------------------------------


ORDER = [3, 0, 4, 1, 2]


def test_without_positions_a_shuffle_shuffles_the_output():
    model = made(positions="none")
    whole = SENTENCES[[0, 0]]
    close(scores_of(model, whole[:, ORDER]), scores_of(model, whole)[:, ORDER])


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_with_positions_the_order_of_the_words_matters(positions):
    model = made(positions=positions)
    whole = SENTENCES[[0, 0]]
    moved = scores_of(model, whole[:, ORDER]) - scores_of(model, whole)[:, ORDER]
    assert np.abs(moved).max(axis=-1).min() > 1e-6


# ---- add and normalise -------------------------------------------------------------


def test_what_comes_into_a_step_is_added_to_what_it_makes():
    """Where both steps of a block make nothing, what comes in goes through."""
    config = Config(**SIZES, norm="none")
    p = {name: np.zeros(shape) for name, shape in block_shapes(config, False).items()}
    x = np.random.default_rng(3).standard_normal((2, 5, SIZES["d_model"]))
    out, _ = block_forward(x, np.zeros((2, 1, 1, 5)), p, config)
    np.testing.assert_array_equal(out, x)


def test_layer_norm_leaves_mean_0_and_variance_1():
    x = 3 + 2 * np.random.default_rng(4).standard_normal((2, 5, 64))
    y, _ = layer_norm_forward(x, np.ones(64), np.zeros(64))
    np.testing.assert_allclose(y.mean(axis=-1), 0, atol=1e-9)
    np.testing.assert_allclose(y.std(axis=-1), 1, rtol=1e-4)


# ---- gradients: the slope of the loss, by another way ------------------------------


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_every_gradient_is_the_slope_of_the_loss(kind):
    model = made(kind)
    targets = np.arange(len(EVERYWHERE[0]))

    def loss():
        logits, _ = model.forward(SENTENCES, EVERYWHERE)
        return cross_entropy_forward(logits, targets)[0]

    logits, trace = model.forward(SENTENCES, EVERYWHERE)
    _, probs = cross_entropy_forward(logits, targets)
    grads = model.backward(cross_entropy_backward(probs, targets), trace)
    for name, values in model.params.views.items():
        expected = slopes(loss, values)
        wrong = np.abs(grads[name] - expected).max() / max(np.abs(expected).max(), 1e-3)
        assert wrong < 1e-4, f"the gradient of {name} is wrong"


def test_the_gradient_of_layer_norm():
    rng = np.random.default_rng(5)
    x, toward = rng.standard_normal((2, 3, 6))
    gain, bias = rng.standard_normal((2, 6))
    dgain, dbias = np.zeros((2, 6))
    _, cache = layer_norm_forward(x, gain, bias)
    dx = layer_norm_backward(toward, cache, gain, dgain, dbias)

    def loss():
        return (toward * layer_norm_forward(x, gain, bias)[0]).sum()

    for found, values in ((dx, x), (dgain, gain), (dbias, bias)):
        close(found, slopes(loss, values))


def test_the_gradient_of_softmax():
    scores, toward = np.random.default_rng(6).standard_normal((2, 3, 5))
    found = softmax_backward(toward, softmax_forward(scores))
    close(found, slopes(lambda: (toward * softmax_forward(scores)).sum(), scores))


def test_the_gradient_of_the_feed_forward_step():
    rng = np.random.default_rng(7)
    shapes = {"w_in": (4, 7), "b_in": (7,), "w_out": (7, 4), "b_out": (4,)}
    p = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    grads = {name: np.zeros(shape) for name, shape in shapes.items()}
    x, toward = rng.standard_normal((2, 3, 4))
    _, cache = feed_forward_forward(x, p, "relu")
    dx = feed_forward_backward(toward, cache, p, grads, "relu")

    def loss():
        return (toward * feed_forward_forward(x, p, "relu")[0]).sum()

    for found, values in ((dx, x), *((grads[name], p[name]) for name in shapes)):
        close(found, slopes(loss, values))
