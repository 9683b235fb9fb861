"""Writing sentences, going on with them, rewriting them."""

import itertools

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.model import make_model
from fishformer.sampling import (
    GREEDY,
    Sampling,
    WritingError,
    distribution,
    rewrite_all,
    translate,
    write,
)
from fishformer.tasks import Pair, Pairs, padded
from fishformer.tokenizer import END, PAD, SPECIALS, UnknownWordError
from fishformer.training import Trainer

TINY = {"d_model": 16, "n_heads": 2, "d_ff": 32, "batch_size": 16, "lr": 0.01}


# ---- one sentence ----------------------------------------------------------------


@pytest.fixture(scope="module")
def writer(small):
    trainer = Trainer(Config(model="decoder", **TINY), small)
    for _ in range(200):
        trainer.update()
    return trainer


def sentence(trainer, start, seed=0, how=GREEDY):
    rng = np.random.default_rng(seed)
    steps = list(write(trainer.model, trainer.data.tokenizer, start, rng, how))
    return [*start, *(step.word for step in steps if step.token_id != END)]


def test_a_trained_model_writes_sentences_of_its_grammar(writer):
    told = {*writer.data.train, *writer.data.held_out}
    rng = np.random.default_rng(1)
    tokenizer = writer.data.tokenizer
    right = 0
    for _ in range(20):
        steps = list(write(writer.model, tokenizer, (), rng, Sampling(0.5)))
        assert steps[-1].word == "[end]"
        right += tuple(step.word for step in steps[:-1]) in told
    assert right >= 18


def test_it_goes_on_from_the_first_words(writer):
    start = ("one", "old")
    for step in write(
        writer.model, writer.data.tokenizer, start, np.random.default_rng(0)
    ):
        assert step.word == writer.data.tokenizer.words[step.token_id]
        assert step.probs[step.token_id] > 0
    assert sentence(writer, start)[2] == "crab"


def test_each_word_comes_from_all_before_it(writer):
    tokenizer = writer.data.tokenizer
    rng = np.random.default_rng(0)
    steps = list(write(writer.model, tokenizer, ("the", "eel"), rng))
    words = ["[start]", "the", "eel"]
    for step in steps:
        assert tokenizer.decode(step.trace.stack.token_ids[0]) == words
        last = np.array([len(words) - 1])
        logits, _ = writer.model.forward(
            np.array([tokenizer.encode(words)]), (np.array([0]), last)
        )
        np.testing.assert_array_equal(step.probs, distribution(logits[0], Sampling()))
        words.append(step.word)


def test_the_seed_decides_and_seeds_differ(writer):
    def written(seed):
        return [sentence(writer, (), s, Sampling()) for s in (seed, seed + 1, seed + 2)]

    assert written(5) == written(5)
    assert len({tuple(words) for words in written(5)}) > 1


def test_writing_can_stop_and_go_on(writer):
    tokenizer = writer.data.tokenizer
    steps = write(writer.model, tokenizer, (), np.random.default_rng(3))
    first = [step.word for step in itertools.islice(steps, 2)]
    rest = [step.word for step in steps]
    whole = write(writer.model, tokenizer, (), np.random.default_rng(3))
    assert first + rest == [step.word for step in whole]


@pytest.mark.parametrize("model", ["decoder", "elman", "lstm"])
def test_an_untrained_model_ends_where_its_places_do_and_never_writes_specials(
    small, model
):
    trainer = Trainer(Config(model=model, **TINY), small)
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(30):
        words = [s.word for s in write(trainer.model, small.tokenizer, (), rng)]
        ended += words[-1] == SPECIALS[END]
        words = words[:-1] if words[-1] == SPECIALS[END] else words
        assert len(words) <= trainer.model.max_len
        assert not set(words) & set(SPECIALS)
    assert 0 < ended < 30


def test_what_cannot_be_gone_on_from_is_refused_at_once(writer):
    def begin(*start):
        write(writer.model, writer.data.tokenizer, start, np.random.default_rng(0))

    with pytest.raises(UnknownWordError, match="zebra"):
        begin("the", "zebra")
    with pytest.raises(WritingError, match="leave out the ___"):
        begin("the", "[mask]")
    most = writer.model.max_len - 1
    begin(*["the"] * most)
    with pytest.raises(WritingError, match=f"{most + 1} words already.* {most}"):
        begin(*["the"] * (most + 1))


# ---- rewriting -------------------------------------------------------------------


@pytest.fixture(scope="module")
def translator():
    """Adjectives change places with their nouns: "chat noir" -> "black cat"."""
    nouns = {"chat": "cat", "roi": "king", "chien": "dog", "lapin": "rabbit"}
    adjectives = {"noir": "black", "blanc": "white", "vert": "green"}
    verbs = {"dort": "sleeps", "chante": "sings"}
    pairs = [
        Pair((n, a, v)[: 2 + k], (adjectives[a], nouns[n], verbs[v])[: 2 + k])
        for n, a, v, k in itertools.product(nouns, adjectives, verbs, (0, 1))
        if k or v == "dort"
    ]
    held_out = tuple(pairs[4::8])
    train = tuple(pair for pair in pairs if pair not in held_out)
    config = Config(model="encoder-decoder", n_layers=1, **TINY)
    trainer = Trainer(config, Pairs("adjectives", train, held_out))
    for _ in range(300):
        trainer.update()
    return trainer


def source_ids(pairs, tokenizer):
    return padded([tokenizer.encode(pair.source) for pair in pairs])


def test_it_translates_what_it_never_saw(translator):
    pairs, tokenizer = translator.data.held_out, translator.data.tokenizer
    assert {len(pair.source) for pair in pairs} == {2, 3}
    written = rewrite_all(translator.model, source_ids(pairs, tokenizer))
    targets = padded([tokenizer.encode(pair.target) for pair in pairs])
    np.testing.assert_array_equal(written, targets)


@pytest.mark.parametrize("steps", [0, 300])
def test_many_at_once_are_written_as_one_by_one(translator, steps):
    model, tokenizer = translator.model, translator.data.tokenizer
    if steps == 0:  # untrained: sentences of all lengths, some without an end
        model = make_model(
            translator.config, len(tokenizer), model.max_len, np.random.default_rng(1)
        )
        model.params.buffer *= 5
    pairs = translator.data.train + translator.data.held_out
    together = rewrite_all(model, source_ids(pairs, tokenizer))
    for row, pair in zip(together, pairs, strict=True):
        words = translate(model, tokenizer, pair.source).words
        assert tuple(tokenizer.decode(row[row != PAD])) == words
        assert (row[len(words) :] == PAD).all()


def test_rewriting_stops_at_max_len(translator):
    pairs, tokenizer = translator.data.train[:5], translator.data.tokenizer
    written = rewrite_all(translator.model, source_ids(pairs, tokenizer), max_len=1)
    assert written.tolist() == [tokenizer.encode(pair.target[:1]) for pair in pairs]


def test_a_translation_shows_where_it_looked(translator):
    model, tokenizer = translator.model, translator.data.tokenizer
    found = translate(model, tokenizer, ("chat", "noir", "dort"))
    assert found.words == ("black", "cat", "sleeps")
    H, V = translator.config.n_heads, len(tokenizer)
    assert found.attn_weights.shape == (1, H, 4, 3)  # with the row that wrote [end]
    np.testing.assert_allclose(found.attn_weights.sum(axis=-1), 1, rtol=1e-5)
    looks = found.attn_weights.mean(axis=(0, 1))
    assert looks[0].argmax() == 1  # the row that writes "black" looks at "noir"
    assert found.probs.shape == (4, V)
    assert [tokenizer.words[k] for k in found.probs.argmax(axis=1)] == [
        *found.words,
        "[end]",
    ]


def test_each_word_looked_then_as_the_last_pass_says(translator):
    model, tokenizer = translator.model, translator.data.tokenizer
    source = ("lapin", "vert", "chante")
    found = translate(model, tokenizer, source)
    rng = np.random.default_rng(0)
    for row, step in enumerate(write(model, tokenizer, (), rng, GREEDY, source)):
        then = step.trace.blocks[0].cross.attn_weights[0, :, -1]
        np.testing.assert_allclose(found.attn_weights[0, :, row], then, atol=1e-6)


def test_a_translation_can_be_drawn(translator):
    model, tokenizer = translator.model, translator.data.tokenizer

    def drawn(seed):
        rng = np.random.default_rng(seed)
        return translate(model, tokenizer, ("roi", "noir"), rng, Sampling(5.0)).words

    assert drawn(1) == drawn(1)
    assert len({drawn(seed) for seed in range(5)}) > 1


def test_a_source_that_cannot_be_read_is_refused(translator):
    model, tokenizer = translator.model, translator.data.tokenizer
    for source, says in (((), "has 1 to 3 words"), (("chat",) * 4, "this one has 4")):
        with pytest.raises(WritingError, match=says):
            translate(model, tokenizer, source)


def test_nothing_here_changes_a_model(writer, translator):
    before = [t.model.params.buffer.copy() for t in (writer, translator)]
    grads = [t.model.grads.buffer.copy() for t in (writer, translator)]
    sentence(writer, (), 0, Sampling(2.0))
    tokenizer = translator.data.tokenizer
    translate(translator.model, tokenizer, ("roi", "noir"))
    rewrite_all(translator.model, source_ids(translator.data.train, tokenizer))
    for k, trainer in enumerate((writer, translator)):
        np.testing.assert_array_equal(trainer.model.params.buffer, before[k])
        np.testing.assert_array_equal(trainer.model.grads.buffer, grads[k])
