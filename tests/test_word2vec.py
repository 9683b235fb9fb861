"""Skip-gram: its gradients, its randomness, and what it learns of the fish."""

from collections import Counter

import numpy as np
import pytest

from fishformer.config import ConfigError
from fishformer.corpus import load_corpus
from fishformer.tokenizer import PAD, SPECIALS, UnknownWordError
from fishformer.word2vec import (
    Word2Vec,
    Word2VecConfig,
    neighbours,
    skip_gram_backward,
    skip_gram_forward,
)

SEEDS = (7, 8, 9)
STEPS = 1000


# ---- the model -------------------------------------------------------------------


def differences(loss, array):
    """d loss / d array by nudging each number up and down a little."""
    grad = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + 1e-6
        up = loss()
        array[place] = kept - 1e-6
        grad[place] = (up - loss()) / 2e-6
        array[place] = kept
    return grad


@pytest.mark.parametrize(
    ("B", "K", "V", "D"), [(5, 3, 7, 4), (1, 1, 2, 1), (9, 2, 3, 5)]
)
def test_gradients(B, K, V, D):
    rng = np.random.default_rng(0)
    tables = rng.standard_normal((2, V, D))
    centres = rng.integers(V, size=B)
    others = rng.integers(V, size=(B, 1 + K))  # some words stand there twice

    def forward():
        return skip_gram_forward(centres, others, *tables)

    grads = np.zeros_like(tables)
    skip_gram_backward(forward()[1], *grads)
    expected = differences(lambda: forward()[0], tables)
    error = np.abs(grads - expected).max() / np.abs(expected).max()
    assert error < 1e-6


def test_loss_by_hand():
    vectors = np.array([[1.0, 2.0], [0.0, 0.0]])
    company = np.array([[0.5, 0.25], [-1.0, 0.0]])
    loss, _ = skip_gram_forward(np.array([0]), np.array([[0, 1]]), vectors, company)

    def s(x):
        return 1 / (1 + np.exp(-x))

    assert loss == pytest.approx(-np.log(s(1.0)) - np.log(s(1.0)))


def test_large_scores_are_no_error():
    tables = np.full((2, 2, 1), 40.0, np.float32)
    centres, others = np.array([0]), np.array([[1, 1]])
    loss, cache = skip_gram_forward(centres, others, *tables)
    assert loss == pytest.approx(1600)
    grads = np.zeros_like(tables)
    skip_gram_backward(cache, *grads)
    assert np.isfinite(grads).all()


# ---- pairs and negatives -----------------------------------------------------------


def test_neighbours_are_all_pairs_within_the_window_and_never_padding():
    token_ids = np.array([[4, 5, 6, 7], [8, 9, PAD, PAD]])
    pairs = [tuple(pair) for pair in neighbours(token_ids, 2).tolist()]
    expected = [
        (4, 5), (5, 4), (5, 6), (6, 5), (6, 7), (7, 6), (8, 9), (9, 8),
        (4, 6), (6, 4), (5, 7), (7, 5),
    ]  # fmt: skip
    assert sorted(pairs) == sorted(expected)
    assert len(neighbours(token_ids, 32)) == len(pairs) + 2


def test_negatives_follow_the_words_to_the_power_of_three_quarters(small):
    model = Word2Vec(Word2VecConfig(batch_size=4096, negatives=20), small)
    drawn = Counter(np.concatenate([model._draw()[1][:, 1:].ravel() for _ in "abc"]))
    counts = Counter(word for words in small.train for word in words)
    total = sum(n**0.75 for n in counts.values())
    for token_id, word in enumerate(small.tokenizer.words):
        share = drawn[token_id] / drawn.total()
        assert share == pytest.approx(counts[word] ** 0.75 / total, abs=0.004)
    assert not any(drawn[k] for k in range(len(SPECIALS)))


# ---- a run -------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bits(small):
    def run(seed):
        model = Word2Vec(Word2VecConfig(seed=seed), small)
        return [model.report, *(model.update() for _ in range(20))], model.vectors

    (reports, vectors), (again, same) = run(3), run(3)
    assert reports == again
    np.testing.assert_array_equal(vectors, same)
    assert run(4)[0] != reports


@pytest.mark.parametrize("negatives", [1, 5])
def test_it_starts_from_knowing_nothing(small, negatives):
    report = Word2Vec(Word2VecConfig(negatives=negatives), small).report
    assert report.step == 0
    assert report.loss == pytest.approx((1 + negatives) * np.log(2))


def test_the_vectors_of_specials_stay_as_they_were(small):
    model = Word2Vec(Word2VecConfig(), small)
    before = model.vectors.copy()
    for _ in range(30):
        model.update()
    n = len(SPECIALS)
    np.testing.assert_array_equal(model.vectors[:n], before[:n])
    assert (model.vectors[n:] != before[n:]).any(axis=1).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_have_the_format_that_was_asked_for(small, dtype):
    model = Word2Vec(Word2VecConfig(dtype=dtype), small)
    model.update()
    assert model.vectors.dtype == model.grads.buffer.dtype == dtype


def test_the_smallest_corpus_trains():
    corpus = load_corpus("a b\na c\nb c\nc d\nd a")
    model = Word2Vec(
        Word2VecConfig(window=32, batch_size=1, negatives=1, dim=2), corpus
    )
    for _ in range(50):
        model.update()
    assert np.isfinite(model.vectors).all()
    assert len(model.nearest("a", 9)) == 3


def test_nearest_are_ranked_and_leave_out_the_word_and_the_specials(small):
    model = Word2Vec(Word2VecConfig(), small)
    for _ in range(100):
        model.update()
    everyone = model.nearest("cod", 1000)
    words = [word for word, _ in everyone]
    assert sorted([*words, "cod"]) == sorted(small.tokenizer.words[len(SPECIALS) :])
    cosines = [cosine for _, cosine in everyone]
    assert cosines == sorted(cosines, reverse=True)
    cod, best = (
        model.vectors[small.tokenizer.encode([w])[0]] for w in ("cod", words[0])
    )
    by_hand = cod @ best / np.sqrt((cod @ cod) * (best @ best))
    assert cosines[0] == pytest.approx(by_hand, rel=1e-5)
    assert model.nearest("cod", 3) == everyone[:3]
    with pytest.raises(UnknownWordError, match="zebra"):
        model.nearest("zebra")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1), ("dim", 1), ("dim", 257), ("window", 0), ("negatives", 0),
        ("batch_size", 5000), ("lr", 2), ("lr", float("nan")), ("dtype", "float16"),
    ],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name.removesuffix("_size")):
        Word2VecConfig(**{name: value})


# ---- what it learns of the fish (E02) ----------------------------------------------


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def learned(request, fish):
    model = Word2Vec(Word2VecConfig(seed=request.param), fish)
    for _ in range(STEPS):
        model.update()
    return model


def companions(fish):
    """For each word of two senses, the words that keep company with one of them.

    {word: (those of one sense, those of the other)}: content words that stand within
    four places of one sense, five times or more, and seldom elsewhere.
    """
    sentences_with = Counter(word for words in fish.train for word in set(words))
    near: dict[tuple[str, str], Counter] = {}
    for use in fish.senses:
        if use.split == "train":
            words, at = fish.train[use.sentence], use.position
            around = words[max(0, at - 4) : at] + words[at + 1 : at + 5]
            near.setdefault((use.word, use.sense), Counter()).update(around)
    two_senses = {word for word, _ in near}
    found = {}
    for word in sorted(two_senses):
        one, other = (near[key] for key in sorted(near) if key[0] == word)
        found[word] = tuple(
            [
                w
                for w, n in mine.most_common()
                if n >= 5 and n > 4 * others[w] and n > 0.3 * sentences_with[w]
                if w not in two_senses
            ][:5]
            for mine, others in ((one, other), (other, one))
        )
    return found


def directions(model):
    """Unit vectors about their common mean, which all words of a corpus share."""
    vectors = model.vectors[len(SPECIALS) :].astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return dict(zip(model.tokenizer.words[len(SPECIALS) :], vectors, strict=True))


def along(x, start, end):
    """How far x has come on the way from start (0) to end (1)."""
    way = end - start
    return (x - start) @ way / (way @ way)


def test_a_word_of_two_senses_is_stuck_between_the_companies_of_both(learned, fish):
    x = directions(learned)
    places, own = [], []
    for word, sides in companions(fish).items():
        one, other = (np.mean([x[w] for w in side], axis=0) for side in sides)
        assert min(x[word] @ one, x[word] @ other) > 0
        places.append(along(x[word], one, other))
        for side, opposite in ((sides[0], other), (sides[1], one)):
            for w in side:  # its own side computed without it
                mine = np.mean([x[v] for v in side if v != w], axis=0)
                own.append(along(x[w], mine, opposite))
    assert len(places) == 11
    assert np.mean(places) == pytest.approx(0.5, abs=0.12)
    assert min(places) > 0
    assert max(places) < 1
    assert np.mean(own) < 0.35  # while words of one sense stand on their own side
    assert np.mean(np.array(own) < 0.5) > 0.7


def test_the_neighbours_of_such_a_word_belong_to_both_senses(learned, fish):
    both = 0
    for word, sides in companions(fish).items():
        near = {w for w, _ in learned.nearest(word, 10)}
        both += all(near & set(side) for side in sides)
    assert both >= 9  # of 11


def test_the_loss_falls(learned):
    assert learned.report.loss < 2.7  # (1 + 5) log 2 = 4.16 is knowing nothing
