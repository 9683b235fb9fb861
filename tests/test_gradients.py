"""Every gradient against central differences, in float64."""

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.layers import (
    cross_entropy_backward,
    cross_entropy_forward,
    layer_norm_backward,
    layer_norm_forward,
    softmax_backward,
    softmax_forward,
)
from fishformer.model import Encoder
from fishformer.tokenizer import PAD

NUDGE = 1e-6


def differences(loss, array):
    """d loss / d array by nudging each number up and down a little."""
    grad = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + NUDGE
        up = loss()
        array[place] = kept - NUDGE
        down = loss()
        array[place] = kept
        grad[place] = (up - down) / (2 * NUDGE)
    return grad


SHAPES = {
    "one layer, one head": dict(n_layers=1, n_heads=1, d_model=4, d_ff=6),
    "two layers, two heads": dict(n_layers=2, n_heads=2, d_model=6, d_ff=5),
    "three layers, one number a head": dict(n_layers=3, n_heads=4, d_model=4, d_ff=7),
}
BATCHES = {
    "full rows": [[2, 3, 4, 1, 5], [6, 1, 7, 8, 2]],
    "padded rows": [[2, 1, PAD, PAD, PAD], [6, 2, 7, 1, PAD], [3, 1, 3, 3, 3]],
    "one sentence of one word": [[1]],
}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_parameter_of_the_encoder(shape, batch):
    config = Config(dtype="float64", **SHAPES[shape])
    token_ids = np.array(BATCHES[batch])
    gaps = np.nonzero(token_ids == 1)
    targets = np.arange(2, 2 + len(gaps[0]))
    rng = np.random.default_rng(3)
    model = Encoder(config, vocab_size=9, max_len=5, rng=rng)
    # Away from the start, where w_q and w_k are so small that they hardly matter.
    model.params.buffer += 0.5 * rng.standard_normal(model.params.buffer.size)

    def loss():
        return cross_entropy_forward(model.forward(token_ids, gaps)[0], targets)[0]

    logits, trace = model.forward(token_ids, gaps)
    _, probs = cross_entropy_forward(logits, targets)
    grads = model.backward(cross_entropy_backward(probs, targets), trace)
    largest = np.abs(grads.buffer).max()
    for name, values in model.params.views.items():
        expected = differences(loss, values)
        # Where the true gradient is zero, rounding is all that is left of it.
        scale = max(np.abs(expected).max(), 1e-3 * largest)
        error = np.abs(grads[name] - expected).max() / scale
        assert error < 1e-6, f"{name}: {error:.1e}"


def test_softmax():
    rng = np.random.default_rng(0)
    scores, weights = rng.standard_normal((2, 3, 5))
    grad = softmax_backward(weights, softmax_forward(scores))
    expected = differences(lambda: (weights * softmax_forward(scores)).sum(), scores)
    np.testing.assert_allclose(grad, expected, rtol=1e-6, atol=1e-9)


def test_layer_norm():
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((2, 2, 3, 4))
    gain, bias = rng.standard_normal((2, 4))
    dgain, dbias = np.zeros((2, 4))
    _, cache = layer_norm_forward(x, gain, bias)
    dx = layer_norm_backward(weights, cache, gain, dgain, dbias)

    def loss():
        return (weights * layer_norm_forward(x, gain, bias)[0]).sum()

    for grad, array in ((dx, x), (dgain, gain), (dbias, bias)):
        np.testing.assert_allclose(grad, differences(loss, array), rtol=1e-6, atol=1e-9)
