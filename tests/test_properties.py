"""What must hold of any model, whatever its settings, for any sentence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.config import Config
from fishformer.model import make_model
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tokenizer import PAD

often = settings(deadline=None, max_examples=20, database=None)
seeds = st.integers(0, 2**32 - 1)

V, MAX_LEN = 11, 7
SIZES = {"d_model": 6, "n_heads": 2, "d_ff": 5, "dtype": "float64"}
TRANSFORMERS = ("encoder", "decoder", "encoder-decoder")
MODELS = (*TRANSFORMERS, "elman", "lstm")
NORMS = ("post", "pre", "none")
POSITIONS = ("learned", "sinusoidal", "none")
WRITERS = [
    (model, norm, positions)
    for model in ("decoder", "encoder-decoder")
    for norm in NORMS
    for positions in POSITIONS
] + [("elman", "post", "none"), ("lstm", "post", "none")]
ALL_KINDS = [
    ("encoder", norm, positions) for norm in NORMS for positions in POSITIONS
] + WRITERS

words = st.integers(4, V - 1)
rows_of_words = st.lists(
    st.lists(words, min_size=1, max_size=MAX_LEN), min_size=1, max_size=4
)


def make(model, norm="post", positions="learned", vocab_size=V, **changes):
    """A model far from its start, so that everything in it matters."""
    config = Config(**SIZES, model=model, norm=norm, positions=positions)
    config = replace(config, **changes)
    made = make_model(config, vocab_size, MAX_LEN, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(made.params.buffer.size)
    made.params.buffer += (0.5 * noise).astype(config.dtype)
    return made


def padded(rows, length=None):
    length = length or max(map(len, rows))
    return np.array([row + [PAD] * (length - len(row)) for row in rows])


def source_of(model, n_rows, rng, length=5):
    """Sources of different lengths for an encoder-decoder; other models have none."""
    if model != "encoder-decoder":
        return None
    sources = rng.integers(4, V, (n_rows, length))
    lengths = rng.integers(1, length + 1, n_rows)
    return np.where(np.arange(length) < lengths[:, None], sources, PAD)


def at_all_words(token_ids):
    return np.nonzero(token_ids != PAD)


def everywhere(model, token_ids, source_ids=None):
    """The logits at every place, padding too: (B, T, V)."""
    B, T = token_ids.shape
    places = np.repeat(np.arange(B), T), np.tile(np.arange(T), B)
    return model.forward(token_ids, places, source_ids)[0].reshape(B, T, -1)


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


# ---- no word sees what comes after it ----------------------------------------------


@pytest.mark.parametrize(("model", "norm", "positions"), WRITERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@often
@given(rows_of_words, seeds)
def test_a_later_word_changes_no_bit_of_what_came_before(
    model, norm, positions, dtype, rows, seed
):
    rng = np.random.default_rng(seed)
    writer = make(model, norm, positions, dtype=dtype)
    sources = source_of(model, len(rows), rng)
    token_ids = padded(rows)
    first = int(rng.integers(0, token_ids.shape[1]))  # the first place that changes
    changed = token_ids.copy()
    changed[:, first:] = rng.integers(4, V, changed[:, first:].shape)
    before = everywhere(writer, token_ids, sources)[:, :first]
    after = everywhere(writer, changed, sources)[:, :first]
    real = token_ids[:, :first] != PAD
    np.testing.assert_array_equal(after[real], before[real])


@pytest.mark.parametrize(("model", "norm", "positions"), WRITERS)
@often
@given(rows_of_words, seeds)
def test_no_gradient_reaches_a_later_word(model, norm, positions, rows, seed):
    """A loss at one place leaves the embeddings of words that only follow it alone."""
    writer = make(model, norm, positions)
    rng = np.random.default_rng(seed)
    row = rng.permutation(np.arange(4, V))[: len(rows[0])]
    sources = source_of(model, 1, rng)
    place = int(rng.integers(0, len(row)))
    logits, trace = writer.forward(
        row[None], (np.array([0]), np.array([place])), sources
    )
    grads = writer.backward(rng.standard_normal(logits.shape), trace)
    read = set(row[: place + 1]) | set([] if sources is None else sources[0])
    later = [word for word in row[place + 1 :] if word not in read]
    assert (grads["tok_emb"][later] == 0).all()
    assert (grads["tok_emb"][row[place]] != 0).any()


@pytest.mark.parametrize("norm", NORMS)
def test_a_reader_does_see_what_comes_after(norm):
    reader = make("encoder", norm)
    logits = [everywhere(reader, np.array([[4, 5, last]]))[0, 0] for last in (6, 7)]
    assert np.abs(logits[1] - logits[0]).max() > 1e-3


# ---- order -------------------------------------------------------------------------


@pytest.mark.parametrize("norm", NORMS)
@often
@given(rows_of_words, seeds)
def test_without_positions_a_shuffle_shuffles_the_output(norm, rows, seed):
    reader = make("encoder", norm, "none")
    token_ids = padded(rows, MAX_LEN)
    order = np.random.default_rng(seed).permutation(MAX_LEN)  # padding moves too
    shuffled = everywhere(reader, token_ids[:, order])
    real = token_ids[:, order] != PAD
    near(shuffled[real], everywhere(reader, token_ids)[:, order][real])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
@often
@given(st.permutations(range(4, V)), st.permutations(range(5)))
def test_with_positions_it_does_not(norm, positions, row, order):
    reader = make("encoder", norm, positions)
    token_ids = np.array([row[:5]])
    logits = everywhere(reader, token_ids)[:, order]
    shuffled = everywhere(reader, token_ids[:, order])
    moved = np.flatnonzero(np.array(order) != np.arange(5))
    assert (np.abs(shuffled - logits)[0, moved].max(axis=-1) > 1e-6).all()


@pytest.mark.parametrize("norm", NORMS)
@often
@given(rows_of_words, seeds)
def test_the_order_of_a_source_without_positions_does_not_matter(norm, rows, seed):
    rng = np.random.default_rng(seed)
    writer = make("encoder-decoder", norm, "none")
    sources = source_of("encoder-decoder", len(rows), rng)
    order = rng.permutation(sources.shape[1])
    near(
        everywhere(writer, padded(rows), sources[:, order]),
        everywhere(writer, padded(rows), sources),
    )


# ---- batches and padding -----------------------------------------------------------


@pytest.mark.parametrize(("model", "norm", "positions"), ALL_KINDS)
@often
@given(rows_of_words, seeds)
def test_a_sentence_depends_on_no_other_in_its_batch(
    model, norm, positions, rows, seed
):
    made = make(model, norm, positions)
    sources = source_of(model, len(rows), np.random.default_rng(seed))
    token_ids = padded(rows)
    together = everywhere(made, token_ids, sources)
    for row, token_row in enumerate(rows):
        source = None if sources is None else sources[row : row + 1]
        alone = everywhere(made, np.array([token_row]), source)[0]
        near(together[row, : len(token_row)], alone)


@pytest.mark.parametrize(("model", "norm", "positions"), ALL_KINDS)
@often
@given(rows_of_words, st.integers(1, 3), seeds)
def test_padding_changes_neither_logits_nor_gradients(
    model, norm, positions, rows, more, seed
):
    """More of it after the words, and after the source, where there is one."""
    rows = [row[: MAX_LEN - more] for row in rows]
    made, rng = make(model, norm, positions), np.random.default_rng(seed)
    sources = source_of(model, len(rows), rng, length=MAX_LEN - more)
    token_ids = padded(rows)
    targets = rng.integers(0, V, len(at_all_words(token_ids)[0]))
    found = []
    for extra in (0, more):
        longer = np.pad(token_ids, ((0, 0), (0, extra)), constant_values=PAD)
        read = sources
        if sources is not None:
            read = np.pad(sources, ((0, 0), (0, extra)), constant_values=PAD)
        logits, trace = made.forward(longer, at_all_words(longer), read)
        _, probs = cross_entropy_forward(logits, targets)
        grads = made.backward(cross_entropy_backward(probs, targets), trace)
        found.append((logits, grads.buffer.copy(), grads["tok_emb"][PAD].copy()))
    near(found[1][0], found[0][0])
    near(found[1][1], found[0][1])
    assert (found[1][2] == 0).all()  # nothing is learned about padding


@pytest.mark.parametrize("model", ["encoder", "decoder", "encoder-decoder"])
@pytest.mark.parametrize("norm", NORMS)
@often
@given(rows_of_words, seeds)
def test_what_stands_in_for_padding_does_not_matter(model, norm, rows, seed):
    made, rng = make(model, norm), np.random.default_rng(seed)
    sources = source_of(model, len(rows), rng)
    token_ids = padded(rows)
    real = token_ids != PAD
    before = everywhere(made, token_ids, sources)[real]
    made.params["tok_emb"][PAD] = 9 * rng.standard_normal(SIZES["d_model"])
    near(everywhere(made, token_ids, sources)[real], before)


# ---- shapes ------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@often
@given(
    *(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3)),
    *(st.sampled_from([1, 2, 3]), st.integers(1, 3), st.integers(1, 9)),
    *(st.integers(6, 9), seeds),
)
def test_any_shape(model, B, T, S, n_layers, n_heads, d_head, d_ff, vocab_size, seed):
    """One sentence, one word, two words in all: a step of training is always sound."""
    sizes = {"n_layers": n_layers, "n_heads": n_heads, "d_ff": d_ff}
    sizes["d_model"] = max(2, n_heads * d_head)
    if sizes["d_model"] % n_heads:
        sizes["n_heads"] = 1
    made = make(model, vocab_size=vocab_size, **sizes)
    rng = np.random.default_rng(seed)
    token_ids = rng.integers(4, vocab_size, (B, T))
    places = at_all_words(token_ids)
    sources = None
    if model == "encoder-decoder":
        sources = rng.integers(4, vocab_size, (B, S))
    logits, trace = made.forward(token_ids, places, sources)
    assert logits.shape == (B * T, vocab_size)
    targets = rng.integers(4, vocab_size, B * T)
    _, probs = cross_entropy_forward(logits, targets)
    grads = made.backward(cross_entropy_backward(probs, targets), trace)
    assert np.isfinite(grads.buffer).all() and grads.buffer.any()
    length, start = np.linalg.norm(grads.buffer), made.params.buffer.copy()
    around = []
    for way in (-1, 1):  # as short where it is steep, or the slope is another there
        made.params.buffer[:] = start + way * 1e-7 / length * grads.buffer
        logits, _ = made.forward(token_ids, places, sources)
        around.append(cross_entropy_forward(logits, targets)[0])
    assert around[1] - around[0] == pytest.approx(2e-7 * length, rel=0.001, abs=1e-13)
