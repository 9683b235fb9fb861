import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.config import Config
from fishformer.corpus import Corpus, CorpusReport, SenseUse
from fishformer.grammar import plain, unmark
from fishformer.model import Transformer
from fishformer.probes import (
    attention_entropy,
    attention_of,
    clause_of_words,
    cue_places,
    head_scores,
    next_word,
    own_clause_share,
    previous_word,
    same_word,
    saturation,
    sense_cues,
    share_on,
)
from fishformer.softmax import softmax_forward
from fishformer.tokenizer import PAD

JOINS = ("and", "while")
WORDS = "the bass sleeps while a band plays".split()
TOKEN_IDS = np.array([[4, 5, 4, 6, 7], [8, 9, 5, PAD, PAD], [4, PAD, PAD, PAD, PAD]])
SOURCES = np.array([[6, 5], [7, PAD], [4, 4]])


def a_pass(model="encoder", **changes):
    """A pass of a model whose attention is far from even."""
    config = Config(model=model, d_model=8, n_heads=2, d_ff=6, **changes)
    transformer = Transformer(config, 12, 6, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    buffer = transformer.params.buffer
    buffer += rng.standard_normal(buffer.size).astype(config.dtype)
    sources = SOURCES if model == "encoder-decoder" else None
    _, trace = transformer.forward(TOKEN_IDS, (np.array([0]), np.array([0])), sources)
    return trace


# ---- clauses ---------------------------------------------------------------------


def test_clauses_are_what_stands_before_and_after_the_join():
    assert clause_of_words(WORDS, JOINS).tolist() == [0, 0, 0, -1, 1, 1, 1]


@pytest.mark.parametrize(
    "sentence",
    ["the bass sleeps", "bass and drums play", "the cod and the eel while a fly sits"],
)
def test_a_sentence_that_is_not_plainly_two_clauses_has_none(sentence):
    assert clause_of_words(sentence.split(), JOINS) is None
    assert own_clause_share(np.ones((1, 1)), sentence.split(), JOINS) is None


def test_share_of_ones_own_clause():
    even = np.full((2, 7, 7), 1 / 7)
    np.testing.assert_allclose(own_clause_share(even, WORDS, JOINS), [3 / 7, 3 / 7])
    own = np.kron(np.eye(2), np.full((3, 3), 1 / 3))
    weights = np.zeros((7, 7))
    keep = [0, 1, 2, 4, 5, 6]
    weights[np.ix_(keep, keep)] = own
    weights[3] = 1 / 7
    assert own_clause_share(weights, WORDS, JOINS) == pytest.approx(1)


# ---- attention of a pass ---------------------------------------------------------


@pytest.mark.parametrize("model", ["encoder", "decoder", "encoder-decoder"])
def test_attention_of_a_pass(model):
    trace = a_pass(model, n_layers=3)
    attention = attention_of(trace.stack)
    assert attention.weights.shape == (3, 2, 3, 5, 5)
    assert attention.q.shape == attention.k.shape == (3, 2, 3, 5, 4)
    later = trace.blocks[1].attention.attn_weights[2, 1]
    np.testing.assert_array_equal(attention.weights[1, 1, 2], later)
    real = TOKEN_IDS != PAD
    expected = real[:, :, None] & real[:, None, :]
    if model != "encoder":
        expected &= np.tri(5, dtype=bool)
    np.testing.assert_array_equal(attention.seen, expected)
    unseen = ~attention.seen & real[:, :, None]
    assert (attention.weights[..., unseen] == 0).all()


def test_attention_to_a_source():
    attention = attention_of(a_pass("encoder-decoder").stack, cross=True)
    assert attention.weights.shape == (2, 2, 3, 5, 2)
    written, read = TOKEN_IDS != PAD, SOURCES != PAD
    np.testing.assert_array_equal(
        attention.seen, written[:, :, None] & read[:, None, :]
    )
    with pytest.raises(ValueError, match="no source"):
        attention_of(a_pass("encoder").stack, cross=True)


def test_a_pass_over_some_places_only_is_refused():
    model = Transformer(Config(d_model=8), 12, 5, np.random.default_rng(0))
    places = np.arange(3), np.zeros(3, int)
    _, trace = model.forward(TOKEN_IDS, places, only_places=True)
    with pytest.raises(ValueError, match="only_places"):
        attention_of(trace.stack)


# ---- entropy ---------------------------------------------------------------------


def even_spread(seen):
    return seen / np.maximum(seen.sum(axis=-1, keepdims=True), 1)


def test_entropy_of_an_even_spread_is_1_and_of_a_single_look_0():
    seen = np.tri(4, dtype=bool)[None]
    assert attention_entropy(even_spread(seen), seen) == pytest.approx(1)
    assert attention_entropy(np.eye(4)[None], seen) == 0
    halves = np.array([[[0.5, 0.5, 0, 0]] * 4])
    seen = np.ones((1, 4, 4), bool)
    assert attention_entropy(halves, seen) == pytest.approx(0.5)


def test_entropy_asks_no_padding_and_no_word_that_has_no_choice():
    seen = np.array([[[True, True], [True, True]], [[True, False], [False, False]]])
    weights = np.array([[[1.0, 0], [0.5, 0.5]], [[1, 0], [0.3, 0.7]]])
    assert attention_entropy(weights, seen) == pytest.approx(0.5)
    assert attention_entropy(weights[1:], seen[1:]) is None


# ---- where heads look ------------------------------------------------------------


def test_a_head_that_looks_at_the_word_before():
    seen = np.ones((1, 5, 5), bool)
    looks_back = np.eye(5, k=-1) + np.eye(5)[0][:, None] * np.eye(5)[0]
    weights = np.stack([looks_back, np.full((5, 5), 0.2)])[:, None]
    share = share_on(weights, previous_word(5), seen)
    np.testing.assert_allclose(share.score, [1, 0.2])
    assert share.even == pytest.approx(0.2)
    np.testing.assert_allclose(
        share_on(weights, next_word(5), seen).score, [0, 0.2], atol=1e-12
    )


def test_what_an_even_spread_would_get_depends_on_what_is_seen():
    seen = np.tri(3, dtype=bool)
    share = share_on(even_spread(seen), previous_word(3), seen)
    assert share.even == pytest.approx((1 / 2 + 1 / 3) / 2) == share.score


def test_the_same_word_elsewhere():
    expected = np.zeros((5, 5), bool)
    expected[0, 2] = expected[2, 0] = True
    np.testing.assert_array_equal(same_word(TOKEN_IDS)[0], expected)
    trace = a_pass()
    scores = head_scores(attention_of(trace.stack), TOKEN_IDS)
    weights = trace.blocks[0].attention.attn_weights[0]
    same = (weights[:, 0, 2] + weights[:, 2, 0]) / 2
    np.testing.assert_allclose(scores["same word"].score[0], same, rtol=1e-6)
    assert scores["same word"].even == pytest.approx(0.2)


def test_no_score_where_there_is_nothing_to_look_at():
    scores = head_scores(attention_of(a_pass("decoder").stack), TOKEN_IDS)
    assert scores["next word"] is None
    assert scores["previous word"].score.shape == (2, 2)
    seen = np.ones((1, 1, 1), bool)
    assert share_on(np.ones((1, 1, 1)), previous_word(1), seen) is None


@settings(deadline=None, max_examples=30, database=None)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_scores_are_shares_and_an_even_spread_scores_even(B, T, seed):
    rng = np.random.default_rng(seed)
    seen = rng.random((B, T, T)) < 0.7
    wanted = rng.random((B, T, T)) < 0.4
    scores = np.where(seen, rng.standard_normal((2, B, T, T)) * 9, -1e9)
    weights = softmax_forward(scores) * seen.any(axis=-1, keepdims=True)
    share = share_on(weights, wanted, seen)
    entropy = attention_entropy(weights, seen)
    if share:
        assert (np.abs(share.score - 0.5) <= 0.5 + 1e-9).all()
        assert share_on(even_spread(seen), wanted, seen).score == pytest.approx(
            share.even
        )
        rest = share_on(weights, ~wanted, seen)
        both = (wanted & seen).any(axis=-1) == (~wanted & seen).any(axis=-1)
        if rest and both.all():  # the same words are asked
            np.testing.assert_allclose(share.score + rest.score, 1)
    if entropy is not None:
        assert (np.abs(entropy - 0.5) <= 0.5 + 1e-9).all()
        assert attention_entropy(even_spread(seen), seen) == pytest.approx(1)


# ---- saturation ------------------------------------------------------------------


@pytest.mark.parametrize("scale_scores", [True, False])
@pytest.mark.parametrize("model", ["encoder", "decoder"])
def test_saturation_of_a_pass_is_that_of_its_weights(model, scale_scores):
    attention = attention_of(a_pass(model, scale_scores=scale_scores).stack)
    found = saturation(attention.q, attention.k, attention.seen)
    largest = attention.weights.max(axis=-1)[..., attention.seen.any(axis=-1)]
    ours = found.scaled if scale_scores else found.unscaled
    np.testing.assert_allclose(ours, largest.mean(axis=-1), rtol=1e-5)
    assert (found.scaled <= found.unscaled).all()


def test_without_the_root_wide_heads_saturate():
    """Random queries and keys of variance 1: what dividing by the root is there for."""
    rng = np.random.default_rng(0)
    seen = np.ones((50, 10, 10), bool)
    by_width = {
        width: saturation(*rng.standard_normal((2, 50, 10, width)), seen)
        for width in (8, 64, 512)
    }
    unscaled = [by_width[width].unscaled for width in (8, 64, 512)]
    scaled = [by_width[width].scaled for width in (8, 64, 512)]
    assert unscaled[0] < 0.7 < 0.8 < unscaled[1] < 0.9 < unscaled[2]
    np.testing.assert_allclose(scaled, 0.31, atol=0.03)  # whatever the width


# ---- sense cues ------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked():
    """A corpus of the word `bass`, which has two senses."""
    lines = [
        "the bass/fish swims near a reef while the band needs a bass/music",
        "the bass/fish hides while the girl plays a bass/music",
        "a bass/fish swims",
        "the bass/music hides",
    ]
    sentences = [tuple(line.split()) for line in [*lines * 3, "my bass/fish swims"]]
    senses = tuple(
        SenseUse("train", row, place, *unmark(token))
        for row, tokens in enumerate(sentences)
        for place, token in enumerate(tokens)
        if "/" in token
    )
    words = tuple(map(plain, sentences))
    report = CorpusReport(len(words), sum(map(len, words)))
    return Corpus("marked", words, (), report, senses=senses, joins=("while",))


def test_cues_stand_with_one_sense_in_its_own_clause(marked):
    cues = sense_cues(marked)
    assert cues["bass", "fish"] == {"swims", "near", "reef"}
    assert cues["bass", "music"] == {"band", "needs", "girl", "plays"}
    # "my" stands with the fish alone too, but once: that may be by chance.


def test_places_of_cues(marked):
    wanted = cue_places(marked, "train", sense_cues(marked))
    assert wanted.shape == (13, 12, 12)
    np.testing.assert_array_equal(wanted[4:8], wanted[:4])
    assert set(zip(*map(np.ndarray.tolist, np.nonzero(wanted[:4])), strict=True)) == {
        *((0, 1, place) for place in (2, 3, 5)),  # bass/fish: swims, near, reef
        *((0, 11, place) for place in (8, 9)),  # not "a": it swims with the fish
        *((1, 8, place) for place in (5, 6)),  # girl, plays
        (2, 1, 2),
    }
    assert not cue_places(marked, "held_out", sense_cues(marked)).any()


def test_the_fish_have_cues_for_nearly_every_use(fish):
    cues = sense_cues(fish)
    assert len(cues) == 22
    for split, uses in (("train", 1300), ("held_out", 150)):
        wanted = cue_places(fish, split, cues)
        assert wanted.any(axis=-1).sum() > 0.9 * uses
        token_ids = fish.token_ids(split)
        real = token_ids != PAD
        assert not (wanted & ~(real[:, :, None] & real[:, None, :])).any()
