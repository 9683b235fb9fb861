"""Every gradient against central differences, in float64."""

import numpy as np
import pytest

from fishformer import layers
from fishformer.config import Config
from fishformer.model import make_model
from fishformer.softmax import (
    cross_entropy_backward,
    cross_entropy_forward,
)
from fishformer.tasks import Batch
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


SIZES = {"n_layers": 2, "n_heads": 2, "d_model": 6, "d_ff": 5}
SETTINGS = {
    "the default": {},
    "one layer, one head": {"n_layers": 1, "n_heads": 1, "d_model": 4, "d_ff": 6},
    "one number a head": {"n_layers": 3, "n_heads": 4, "d_model": 4, "d_ff": 7},
    "pre-norm": {"norm": "pre"},
    "no norm": {"norm": "none"},
    "sinusoidal positions": {"positions": "sinusoidal"},
    "no positions": {"positions": "none"},
    "gelu": {"activation": "gelu"},
    "no residual": {"residual": False},
    "no residual, pre-norm": {"residual": False, "norm": "pre"},
    "no square root of d_k": {"scale_scores": False},
    "no feed-forward step": {"feed_forward": False},
}
MODELS = ("encoder", "decoder", "encoder-decoder")
BATCHES = {
    "full rows": [[2, 3, 4, 1, 5], [6, 1, 7, 8, 2]],
    "padded rows": [[2, 1, PAD, PAD, PAD], [6, 2, 7, 1, PAD], [3, 1, 3, 3, 3]],
    "one sentence of one word": [[1]],
}
SOURCES = np.array([[4, 2, PAD], [3, 5, 6], [7, PAD, PAD]])


def away_from_the_start(config):
    """A model whose small matrices are not small, so that all of them matter."""
    rng = np.random.default_rng(3)
    model = make_model(config, 9, 5, rng)
    model.params.buffer += 0.5 * rng.standard_normal(model.params.buffer.size)
    return model


def losses_and_gradients(model, batch, **options):
    """The loss as a function of the parameters as they are, and its gradients."""
    token_ids, places, targets, source_ids = batch

    def forward():
        return model.forward(token_ids, places, source_ids, **options)

    logits, trace = forward()
    _, probs = cross_entropy_forward(logits, targets)
    grads = model.backward(cross_entropy_backward(probs, targets), trace)
    return lambda: cross_entropy_forward(forward()[0], targets)[0], grads


def check_every_number(model, batch):
    """Each number of each parameter, nudged alone."""
    loss, grads = losses_and_gradients(model, batch)
    largest = np.abs(grads.buffer).max()
    for name, values in model.params.views.items():
        expected = differences(loss, values)
        # Where the true gradient is zero, rounding is all that is left of it.
        scale = max(np.abs(expected).max(), 1e-3 * largest)
        error = np.abs(grads[name] - expected).max() / scale
        assert error < 1e-6, f"{name}: {error:.1e}"


def check_every_parameter(model, batch, **options):
    """All numbers of a parameter nudged at once, in a few directions by lot."""
    rng = np.random.default_rng(4)
    loss, grads = losses_and_gradients(model, batch, **options)
    largest = np.abs(grads.buffer).max()
    for name, values in model.params.views.items():
        kept = values.copy()
        scale = max(np.linalg.norm(grads[name]), 1e-3 * largest * values.size**0.5)
        for _ in range(4):
            way = rng.standard_normal(values.shape)
            values[...] = kept + NUDGE * way
            up = loss()
            values[...] = kept - NUDGE * way
            down = loss()
            values[...] = kept
            error = abs((grads[name] * way).sum() - (up - down) / (2 * NUDGE)) / scale
            assert error < 1e-6, f"{name}: {error:.1e}"


def asked(rows, sources=False):
    """The words after the 1s, made up, are asked for at the 1s."""
    token_ids = np.array(rows)
    places = np.nonzero(token_ids == 1)
    targets = np.arange(2, 2 + len(places[0]))
    return Batch(token_ids, places, targets, SOURCES[: len(rows)] if sources else None)


CASES = [
    *(("the default", rows) for rows in BATCHES),
    *((settings, "padded rows") for settings in SETTINGS if settings != "the default"),
]


@pytest.mark.parametrize(("settings", "rows"), CASES)
@pytest.mark.parametrize("model", MODELS)
def test_every_parameter(model, settings, rows):
    changes = {**SIZES, **SETTINGS[settings], "model": model, "dtype": "float64"}
    batch = asked(BATCHES[rows], sources=model == "encoder-decoder")
    check_every_parameter(away_from_the_start(Config(**changes)), batch)


@pytest.mark.parametrize("model", MODELS)
def test_every_number(model):
    batch = asked(BATCHES["padded rows"], sources=model == "encoder-decoder")
    config = Config(**SIZES, model=model, dtype="float64")
    check_every_number(away_from_the_start(config), batch)


def test_every_parameter_with_a_head_switched_off():
    model = away_from_the_start(Config(**SIZES, dtype="float64"))
    keep = np.array([[1.0, 0.0], [0.0, 1.0]])
    check_every_parameter(model, asked(BATCHES["padded rows"]), keep=keep)


def logits_and_gradients(model, batch, only_places):
    token_ids, places, targets, source_ids = batch
    logits, trace = model.forward(
        token_ids, places, source_ids, only_places=only_places
    )
    _, probs = cross_entropy_forward(logits, targets)
    grads = model.backward(cross_entropy_backward(probs, targets), trace)
    return logits, grads.buffer.copy()


def same(one, other):
    np.testing.assert_allclose(other[0], one[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other[1], one[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("model", MODELS)
def test_the_asked_places_alone_give_the_same_loss_and_gradients(model, settings):
    changes = {**SIZES, **SETTINGS[settings], "model": model, "dtype": "float64"}
    batch = asked(BATCHES["padded rows"], sources=model == "encoder-decoder")
    model = away_from_the_start(Config(**changes))
    found = []
    for only_places in (False, True):
        found.append(logits_and_gradients(model, batch, only_places))
    same(*found)


@pytest.mark.parametrize("only_places", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_webassembly_takes_other_ways_to_the_same_gradients(
    model, only_places, monkeypatch
):
    config = Config(**SIZES, model=model, dtype="float64")
    batch = asked(BATCHES["padded rows"], sources=model == "encoder-decoder")
    model = away_from_the_start(config)
    found = []
    for there in (False, True):
        monkeypatch.setattr(layers, "IN_WEBASSEMBLY", there)
        found.append(logits_and_gradients(model, batch, only_places))
    same(*found)
