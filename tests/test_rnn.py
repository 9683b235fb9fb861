"""Recurrent models: gradients, what a state may know, the start, training."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.config import Config
from fishformer.model import make_model
from fishformer.rnn import (
    matched_config,
    orthogonal,
    recurrent_shapes,
    state_input_gradient,
)
from fishformer.tasks import Question, Questions
from fishformer.tokenizer import PAD
from fishformer.training import Trainer
from test_gradients import (
    BATCHES,
    NUDGE,
    asked,
    away_from_the_start,
    check_every_parameter,
)

KINDS = ("elman", "lstm")
SMALL = {"d_model": 6, "n_heads": 1, "dtype": "float64"}


def mid_training(kind, **changes):
    return away_from_the_start(Config(model=kind, **SMALL, **changes))


# ---- gradients -------------------------------------------------------------------


@pytest.mark.parametrize("rows", BATCHES)
@pytest.mark.parametrize("n_layers", (1, 2, 3))
@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter(kind, n_layers, rows):
    model = mid_training(kind, n_layers=n_layers)
    check_every_parameter(model, asked(BATCHES[rows]))


@pytest.mark.parametrize("n_layers", (1, 2))
@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_a_state_by_each_word(kind, n_layers):
    model = mid_training(kind, n_layers=n_layers)
    before = model.params.buffer.copy(), model.grads.buffer.copy()
    sentence, place = np.array([5, 2, 7, 3, 8]), 3
    found = state_input_gradient(model, sentence, place)
    np.testing.assert_array_equal(model.params.buffer, before[0])
    np.testing.assert_array_equal(model.grads.buffer, before[1])

    def state():
        return model.read(sentence[None])[-1].states[0, place]

    expected = []
    for token_id in sentence:  # each stands once in the sentence
        columns = []
        for number in range(6):
            vector = model.params["tok_emb"][token_id]
            kept = vector[number]
            vector[number] = kept + NUDGE
            up = state()
            vector[number] = kept - NUDGE
            columns.append((up - state()) / (2 * NUDGE))
            vector[number] = kept
        expected.append(np.linalg.norm(columns))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    assert found[4] == 0  # a word that comes later
    assert (found[:4] > 0).all()


# ---- what a state may know -------------------------------------------------------

sentences = st.lists(
    st.lists(st.integers(2, 8), min_size=1, max_size=5), min_size=1, max_size=4
)


def padded(rows, length=5):
    return np.array([row + [PAD] * (length - len(row)) for row in rows])


def last_words(rows):
    return np.arange(len(rows)), np.array([len(row) - 1 for row in rows])


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(rows=sentences, more=st.integers(0, 3))
def test_padding_changes_nothing(kind, rows, more):
    model, places = mid_training(kind), last_words(rows)
    logits, _ = model.forward(padded(rows), places)
    longer, _ = model.forward(padded(rows, 5 + more), places)
    np.testing.assert_allclose(longer, logits, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(rows=sentences)
def test_a_sentence_does_not_depend_on_its_batch(kind, rows):
    model = mid_training(kind)
    together, _ = model.forward(padded(rows), last_words(rows))
    alone = [model.forward(padded([row]), last_words([row]))[0][0] for row in rows]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(
    first=st.lists(st.integers(0, 8), min_size=6, max_size=6),
    later=st.lists(st.integers(0, 8), min_size=1, max_size=5),
)
def test_no_bit_of_a_later_word_comes_back(kind, first, later):
    model = mid_training(kind)
    changed = first[: -len(later)] + later
    known = 6 - len(later)
    for one, other in zip(
        *(model.read(np.array([row])) for row in (first, changed)), strict=True
    ):
        np.testing.assert_array_equal(one.states[:, :known], other.states[:, :known])


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_words_matters(kind):
    model, end = mid_training(kind), (np.array([0]), np.array([2]))
    logits = [model.forward(np.array([r]), end)[0] for r in ([3, 4, 5], [4, 3, 5])]
    assert np.abs(logits[0] - logits[1]).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_two_words_and_a_long_sentence(kind):
    model = make_model(Config(model=kind), 2, 2000, np.random.default_rng(0))
    logits, trace = model.forward(np.ones((1, 2000), int), (np.array([0]), [1999]))
    grads = model.backward(np.ones_like(logits), trace)
    assert logits.shape == (1, 2)
    assert np.isfinite(grads.buffer).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_belongs_to_other_models_is_refused(kind):
    model, row = mid_training(kind), np.array([[2, 3]])
    place = (np.array([0]), np.array([1]))
    with pytest.raises(ValueError, match="no source to read and no heads"):
        model.forward(row, place, source_ids=row)
    with pytest.raises(ValueError, match="no source to read and no heads"):
        model.forward(row, place, keep=np.ones((2, 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_webassembly_way_to_multiply_gives_the_same_model(kind, monkeypatch):
    model, batch = mid_training(kind), asked(BATCHES["padded rows"])
    grads = []
    for _ in range(2):
        logits, trace = model.forward(batch.token_ids, batch.places)
        grads.append(model.backward(logits, trace).buffer.copy())
        monkeypatch.setattr("fishformer.layers.IN_WEBASSEMBLY", True)
    np.testing.assert_allclose(grads[1], grads[0], rtol=1e-9, atol=1e-12)


# ---- the start -------------------------------------------------------------------


def untrained(kind, seed=0, **changes):
    config = Config(model=kind, **{"n_layers": 1, "dtype": "float64"} | changes)
    return make_model(config, 50, 30, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_start(kind):
    params = untrained(kind, n_layers=2).params
    for name in ("layer_1.w_xh", "layer_2.w_hh", "w_vocab"):
        assert 0.95 / math.sqrt(32) < np.abs(params[name]).max() < 1 / math.sqrt(32)
    assert not params["layer_1.b_h"].any()
    assert params["tok_emb"].std() == pytest.approx(0.1, rel=0.1)


def test_the_orthogonal_start():
    params = untrained("elman", orthogonal=True, n_layers=3).params
    first, *others = (params[f"layer_{k}.w_hh"] for k in (1, 2, 3))
    for w_hh in (first, *others):
        np.testing.assert_allclose(w_hh @ w_hh.T, np.eye(32), atol=1e-12)
    assert np.abs(first - others[0]).max() > 0.1
    np.testing.assert_array_equal(
        untrained("lstm", orthogonal=True).params.buffer,
        untrained("lstm").params.buffer,
    )


def test_all_orthogonal_matrices_are_equally_likely():
    rng = np.random.default_rng(0)
    assert {float(orthogonal(1, rng)[0, 0]) for _ in range(20)} == {-1.0, 1.0}


@pytest.mark.parametrize("seed", range(5))
def test_only_the_orthogonal_start_keeps_the_first_word(seed):
    sentence = np.random.default_rng(seed).integers(4, 50, 22)
    default, rotating = (
        state_input_gradient(
            untrained("elman", seed, orthogonal=on), sentence, place=21
        )
        for on in (False, True)
    )
    assert default[0] < 1e-3 * default[21]
    assert rotating[0] > 0.3 * rotating[21]


@pytest.mark.parametrize("kind", KINDS)
def test_settings_of_a_transformer_make_no_difference(kind):
    changes = {"norm": "none", "positions": "none", "d_ff": 7, "n_heads": 8}
    np.testing.assert_array_equal(
        untrained(kind, **changes).params.buffer, untrained(kind).params.buffer
    )


@pytest.mark.parametrize("n_layers", (1, 2))
@pytest.mark.parametrize("kind", KINDS)
def test_matched_sizes(kind, n_layers):
    def size(config):
        return sum(map(math.prod, recurrent_shapes(config, 150).values()))

    wanted = make_model(Config(), 150, 12, np.random.default_rng(0)).params.buffer.size
    config = matched_config(Config(model=kind, n_layers=n_layers), 150, wanted)
    assert size(config) == pytest.approx(wanted, rel=0.02)
    for other in (config.d_model - 1, config.d_model + 1):
        further = abs(size(replace(config, d_model=other)) - wanted)
        assert abs(size(config) - wanted) <= further


# ---- training --------------------------------------------------------------------

QUICK = {"d_model": 16, "n_heads": 1, "n_layers": 1, "batch_size": 16, "lr": 1e-2}


@pytest.fixture(scope="module")
def first_of_three():
    """What was the first word? Asked at the third."""
    rows = [(a, b, c) for a in "pike eel cod ray".split() for b in "abc" for c in "abc"]
    questions = [Question(row, 2, row[0]) for row in rows]
    return Questions("first of three", tuple(questions[::2]), tuple(questions[1::2]))


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_to_recall(kind, first_of_three):
    trainer = Trainer(Config(model=kind, **QUICK), first_of_three)
    for _ in range(150):
        trainer.update()
    assert trainer.report.held_out.top_1 == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_the_next_word(kind, small):
    trainer = Trainer(Config(model=kind, **QUICK), small)
    assert trainer.report.loss == pytest.approx(np.log(len(small.tokenizer)), abs=0.2)
    start = trainer.report.loss
    for _ in range(100):
        trainer.update()
    assert trainer.report.loss < start / 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_gives_back_the_same_bits(kind, small):
    trainer = Trainer(Config(model=kind, **QUICK), small)
    for _ in range(7):
        trainer.update()
    checkpoint = trainer.checkpoint()
    ahead = [trainer.update() for _ in range(8)]
    after = trainer.model.params.buffer.copy()
    trainer.restore(checkpoint)
    assert [trainer.update() for _ in range(8)] == ahead
    np.testing.assert_array_equal(trainer.model.params.buffer, after)
