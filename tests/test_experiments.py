"""What the measures of a whole model say, against what they should."""

import numpy as np
import pytest

from fishformer.attention import causal_mask, padding_mask
from fishformer.block import block_forward
from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.experiments import (
    ablation_costs,
    logit_lens,
    loss_without,
    sense_vectors,
    state_input_gradient,
    untrained,
    vectors_by_layer,
)
from fishformer.geometry import sense_split
from fishformer.layers import layer_norm_forward
from fishformer.model import make_model
from fishformer.rnn import state_input_gradient as recurrent_gradient
from fishformer.softmax import softmax_forward
from fishformer.training import Trainer

SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 6, "batch_size": 4}
TRANSFORMERS = ("encoder", "decoder", "encoder-decoder")
NORMS = ("post", "pre", "none")
TOKEN_IDS = np.array([5, 4, 7, 4, 6])
SOURCE_IDS = np.array([6, 8, 0])


def make(model="encoder", **changes):
    """A model whose attention is far from even."""
    config = Config(**{**SMALL, "dtype": "float64", "model": model, **changes})
    made = make_model(config, 12, 6, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    made.params.buffer += 0.5 * rng.standard_normal(made.params.buffer.size)
    return made


def source_of(model):
    return SOURCE_IDS if model == "encoder-decoder" else None


def a_pass(model, places=((0,), (0,))):
    """A pass over one sentence."""
    sources = source_of(model.config.model)
    places = tuple(map(np.array, places))
    return model.forward(
        TOKEN_IDS[None], places, None if sources is None else sources[None]
    )


# ---- the untrained ---------------------------------------------------------------


@pytest.mark.parametrize("model", [*TRANSFORMERS, "elman"])
def test_the_untrained_model_is_that_of_step_0(model, small, backwards):
    data = backwards if model == "encoder-decoder" else small
    trainer = Trainer(Config(**SMALL, model=model), data)
    start = trainer.model.params.buffer.copy()
    trainer.update()
    fresh = untrained(trainer.config, trainer.task)
    np.testing.assert_array_equal(fresh.params.buffer, start)


# ---- logit lens ------------------------------------------------------------------


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("model", TRANSFORMERS)
def test_the_lens_at_the_last_layer_is_what_the_model_says(model, norm):
    model = make(model, norm=norm, n_layers=3)
    places = ((0, 0), (3, 1))
    logits, trace = a_pass(model, places)
    lens = logit_lens(model, trace.stack, tuple(map(np.array, places)))
    assert lens.shape == (4, 2, 12)
    np.testing.assert_allclose(lens.sum(axis=-1), 1)
    np.testing.assert_allclose(lens[-1], softmax_forward(logits), rtol=1e-12)
    at_the_start = trace.stack.embedded[0, 3]
    if norm == "pre":
        ln = model.stack.p
        at_the_start, _ = layer_norm_forward(
            at_the_start, ln["ln_final.gain"], ln["ln_final.bias"]
        )
    scores = at_the_start @ model.params["w_vocab"] + model.params["b_vocab"]
    np.testing.assert_allclose(lens[0, 0], softmax_forward(scores), rtol=1e-9)


def test_vectors_at_some_places_only_are_refused():
    model = make()
    places = np.array([0]), np.array([2])
    _, trace = model.forward(TOKEN_IDS[None], places, only_places=True)
    with pytest.raises(ValueError, match="only_places"):
        vectors_by_layer(trace.stack)


# ---- ablation --------------------------------------------------------------------


@pytest.mark.parametrize("model", TRANSFORMERS)
def test_ablation_is_the_same_as_clearing_a_heads_rows_of_w_o(model, small, backwards):
    data = backwards if model == "encoder-decoder" else small
    config = Config(**SMALL, model=model, dtype="float64")
    trainer = Trainer(config, data)
    for _ in range(5):
        trainer.update()
    model, batch = trainer.model, trainer.task.draw(np.random.default_rng(0), 8)
    found = ablation_costs(model, batch)
    all_heads = np.ones((2, 2))
    assert found.loss == pytest.approx(loss_without(model, batch, all_heads), abs=0)
    assert found.heads.shape == (2, 2) and found.layers.shape == (2,)
    for layer in range(2):
        w_o = model.params[f"{model.stack.prefix}layer_{layer + 1}.w_o"]
        kept = w_o.copy()
        w_o[4:] = 0  # what the second head hands over
        loss = loss_without(model, batch, all_heads)
        w_o[...] = 0
        without_all = loss_without(model, batch, all_heads)
        w_o[...] = kept
        assert found.heads[layer, 1] == pytest.approx(loss - found.loss, abs=1e-12)
        assert found.layers[layer] == pytest.approx(without_all - found.loss, abs=1e-12)


# ---- gradient by a word ----------------------------------------------------------


def rest_of_the_model(model, trace, x):
    """From the vectors that enter the first block to those that leave the last."""
    stack, config = model.stack, model.config
    mask = padding_mask(TOKEN_IDS[None], config.dtype)
    if stack.causal:
        mask = mask + causal_mask(len(TOKEN_IDS), config.dtype)
    memory = None
    if trace.source is not None:
        memory = trace.source.out, padding_mask(SOURCE_IDS[None], config.dtype)
    for weights, _ in stack.blocks:
        x, _ = block_forward(x, mask, weights, config, memory=memory)
    if config.norm == "pre":
        p = stack.p
        x, _ = layer_norm_forward(x, p["ln_final.gain"], p["ln_final.bias"])
    return x[0]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("model", TRANSFORMERS)
def test_the_gradient_by_a_word_against_differences(model, norm):
    source_ids, model = source_of(model), make(model, norm=norm)
    _, trace = a_pass(model)
    x = trace.stack.embedded
    np.testing.assert_allclose(
        rest_of_the_model(model, trace, x), trace.stack.out[0], rtol=1e-12
    )
    jacobian = np.empty((5, 8, 5, 8))  # of each word's vector, by each word
    for word, number in np.ndindex(5, 8):
        nudge = np.zeros_like(x)
        nudge[0, word, number] = 1e-6
        up, down = (rest_of_the_model(model, trace, x + d) for d in (nudge, -nudge))
        jacobian[:, :, word, number] = (up - down) / 2e-6
    expected = np.sqrt((jacobian**2).sum(axis=(1, 3)))
    found = [state_input_gradient(model, TOKEN_IDS, k, source_ids) for k in range(5)]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    if model.stack.causal:
        assert (np.triu(found, k=1) == 0).all()


def test_the_gradient_in_a_recurrent_model_is_its_own():
    model = make("elman")
    np.testing.assert_array_equal(
        state_input_gradient(model, TOKEN_IDS, 4),
        recurrent_gradient(model, TOKEN_IDS, 4),
    )


def test_the_gradient_needs_a_source_where_there_is_one():
    with pytest.raises(ValueError, match="source_ids"):
        state_input_gradient(make("encoder-decoder"), TOKEN_IDS, 1)


# ---- senses ----------------------------------------------------------------------


@pytest.mark.parametrize("model", ["encoder", "decoder"])
def test_vectors_of_a_word_in_all_its_uses(model, fish):
    trainer = Trainer(Config(**SMALL, model=model), fish)
    model = trainer.model
    found = sense_vectors(model, fish, "bass", ("held_out", "held_out_by_hand"))
    assert len(found.senses) == 20 and set(found.senses) == {"fish", "music"}
    assert found.vectors.shape == (3, 20, 8)
    own = model.params["tok_emb"][fish.tokenizer.encode(["bass"])]
    np.testing.assert_array_equal(found.vectors[0], np.repeat(own, 20, axis=0))
    use = next(u for u in fish.senses if (u.split, u.word) == ("held_out", "bass"))
    words = list(fish.held_out[use.sentence])
    start = ["[start]"] if trainer.config.model == "decoder" else []
    token_ids = np.array([fish.tokenizer.encode(start + words)])
    trace = model.stack.forward(token_ids)
    here = use.position + len(start)
    np.testing.assert_allclose(found.vectors[2, 0], trace.out[0, here], atol=1e-5)


def test_at_the_word_itself_no_sense_can_be_told(fish):
    trainer = Trainer(Config(**SMALL), fish)
    found = sense_vectors(trainer.model, fish, "bank", ("train",))
    split = sense_split(found.vectors, found.senses)
    assert split.separation[0] == pytest.approx(0, abs=1e-12)
    assert split.found[0] == split.chance == 0.5


def test_a_word_without_marked_senses_is_refused(fish):
    model = Trainer(Config(**SMALL), fish).model
    with pytest.raises(ValueError, match=r"'cod' is marked in train$"):
        sense_vectors(model, fish, "cod", ("train",))
    corpus = load_corpus("\n".join(f"the cod number {n} swims" for n in "abcde"))
    with pytest.raises(ValueError, match=r"'bank' is marked in train, held_out$"):
        sense_vectors(model, corpus, "bank", ("train", "held_out"))
