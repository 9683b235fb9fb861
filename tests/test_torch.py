"""The same models in PyTorch, with the same weights: the same scores and gradients."""

import os

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.model import make_model
from fishformer.optim import Adam, clip_gradient, gradient_norm, learning_rate
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tasks import Batch, Pair, Pairs
from fishformer.tokenizer import PAD
from fishformer.training import Trainer

if "CI" in os.environ:  # there it has to be installed
    import torch
else:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn

from in_torch import TorchModel


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    torch.set_num_threads(1)


def difference(found, expected):
    """The largest difference, as a share of the largest number."""
    return np.abs(found - expected).max() / np.abs(expected).max()


V, T, B = 23, 9, 6
LENGTHS = (9, 4, 1, 7, 2, 9)


def padded_ids(rng):
    token_ids = rng.integers(4, V, (B, T))
    token_ids[np.arange(T) >= np.array(LENGTHS)[:, None]] = PAD
    return token_ids


SIZES = {"n_layers": 2, "n_heads": 4, "d_model": 16, "d_ff": 24}
SETTINGS = {
    "post-norm, relu": {},
    "post-norm, gelu": {"activation": "gelu"},
    "pre-norm, relu": {"norm": "pre"},
    "pre-norm, gelu": {"norm": "pre", "activation": "gelu"},
    "one layer, one head": {"n_layers": 1, "n_heads": 1},
}
TRANSFORMERS = ("encoder", "decoder", "encoder-decoder")
RECURRENT = ("elman", "lstm")
CASES = [
    *((model, settings) for model in TRANSFORMERS for settings in SETTINGS),
    *((model, "post-norm, relu") for model in RECURRENT),
    *((model, "one layer, one head") for model in RECURRENT),
]


@pytest.mark.parametrize(("kind", "settings"), CASES)
def test_scores_and_gradients(kind, settings):
    rng = np.random.default_rng(0)
    model = make_model(Config(model=kind, **{**SIZES, **SETTINGS[settings]}), V, T, rng)
    noise = rng.standard_normal(model.params.buffer.size)
    model.params.buffer += 0.2 * noise  # so that all of them matter
    token_ids, source_ids = padded_ids(rng), None
    if kind == "encoder-decoder":
        source_ids = padded_ids(rng)[::-1].copy()
    asked = np.nonzero((token_ids != PAD) & (rng.random((B, T)) < 0.6))
    batch = Batch(token_ids, asked, rng.integers(0, V, len(asked[0])), source_ids)
    theirs = TorchModel(model, T)
    expected = theirs(token_ids, source_ids).detach().numpy()[asked]
    loss = theirs.loss(batch)
    loss.backward()

    logits, trace = model.forward(token_ids, asked, source_ids)
    our_loss, probs = cross_entropy_forward(logits, batch.targets)
    grads = model.backward(cross_entropy_backward(probs, batch.targets), trace)
    assert difference(logits, expected) < 1e-5
    assert our_loss == pytest.approx(loss.item(), rel=1e-5)
    compared = set()
    for name, tensor, rows in theirs.names():
        gradient = theirs.turned(name, tensor.grad[rows].numpy())
        assert difference(grads[name], gradient) < 1e-4, name
        compared.add(name)
    assert compared == set(model.params.views)


@pytest.fixture(scope="module")
def backwards():
    """Sentences of one word to five, to say backwards."""
    rng = np.random.default_rng(0)
    words = np.array("a cod eel hides in my pike sea swims the".split())
    rows = [tuple(rng.choice(words, rng.integers(1, 6))) for _ in range(60)]
    return Pairs("backwards", tuple(Pair(row, row[::-1]) for row in rows))


@pytest.mark.parametrize("kind", (*TRANSFORMERS, *RECURRENT))
def test_ten_steps_of_training(kind, small, backwards):
    data = backwards if kind == "encoder-decoder" else small
    config = Config(model=kind, **SIZES, batch_size=8, warmup=3, clip=0.5)
    trainer = Trainer(config, data)
    theirs = TorchModel(trainer.model, trainer.model.max_len)
    trained = [p for p in theirs.parameters() if p.requires_grad]
    adam = torch.optim.Adam(trained)
    for step in range(1, 12):  # the untrained model and ten updates
        loss = theirs.loss(trainer.batch)
        assert trainer.report.loss == pytest.approx(loss.item(), rel=1e-4)
        adam.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(trained, config.clip)
        assert trainer.report.grad_norm == pytest.approx(norm.item(), rel=1e-3)
        adam.param_groups[0]["lr"] = learning_rate(config, step)
        adam.step()
        trainer.update()


def test_adam():
    rng = np.random.default_rng(0)
    buffer = rng.standard_normal(50)
    tensor = torch.tensor(buffer, requires_grad=True)
    ours, theirs = Adam(buffer), torch.optim.Adam([tensor], lr=3e-3)
    for step in range(1, 30):
        gradient = rng.standard_normal(50) * 10.0 ** rng.integers(-9, 3, 50)
        tensor.grad = torch.tensor(gradient)
        theirs.step()
        ours.update(buffer, gradient, 3e-3, step)
        np.testing.assert_allclose(buffer, tensor.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("limit", (0.1, 1.0, 1e6))
def test_clipping(limit):
    gradient = np.random.default_rng(0).standard_normal(50)
    tensor = torch.zeros(50, dtype=torch.float64, requires_grad=True)
    tensor.grad = torch.tensor(gradient)
    norm = nn.utils.clip_grad_norm_([tensor], limit)
    assert gradient_norm(gradient) == pytest.approx(norm.item(), rel=1e-12)
    clip_gradient(gradient, norm.item(), limit)
    np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-6)
