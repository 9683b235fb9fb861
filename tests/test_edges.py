"""The least and the most that a model can learn from; beyond it, a text is refused."""

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.corpus import CorpusError, load_corpus
from fishformer.tasks import Pair, Pairs, Question, Questions
from fishformer.training import Trainer

MODELS = ("encoder", "decoder", "encoder-decoder", "elman", "lstm")


def few():
    return "\n".join(f"the {fish} swims" for fish in "cod eel ray pike bass".split())


def long_ones():
    """2,000 sentences of 32 words, each different."""
    names = [f"cod{n}" for n in range(50)]
    return "\n".join(
        " ".join(names[(n // 50 ** (k % 3) + k) % 50] for k in range(32))
        for n in range(2000)
    )


def trains(config, data, steps=8):
    trainer = Trainer(config, data)
    losses = [trainer.report.loss]
    for _ in range(steps):
        losses.append(trainer.update().loss)
    assert trainer.report.trouble is None
    assert np.isfinite(losses).all()
    return losses


@pytest.mark.parametrize("model", [m for m in MODELS if m != "encoder-decoder"])
def test_five_sentences_are_learned_by_heart(model):
    config = Config(model=model, d_model=8, n_heads=2, d_ff=8, lr=0.02, warmup=1)
    losses = trains(config, load_corpus(few()), 40)
    assert np.mean(losses[-5:]) < 0.8 * losses[0]


@pytest.mark.parametrize("model", MODELS)
def test_one_sentence_again_and_again(model):
    """As a text it is refused; where it may be given, it is learned."""
    with pytest.raises(CorpusError, match="same words as line 1"):
        load_corpus("the cod swims\n" * 50)
    once = ("the", "cod", "swims")
    if model == "encoder-decoder":
        data = Pairs("one", (Pair(once, once[::-1]),) * 50)
    else:
        data = Questions("one", (Question(once, 1, "swims"),) * 50)
    config = Config(model=model, d_model=8, n_heads=2, d_ff=8, lr=0.05, warmup=1)
    losses = trains(config, data, 30)
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("model", [m for m in MODELS if m != "encoder-decoder"])
def test_two_thousand_long_sentences(model):
    corpus = load_corpus(long_ones())
    assert len(corpus.train) + len(corpus.held_out) == 2000
    assert corpus.max_len == 32
    config = Config(model=model, d_model=4, n_heads=1, d_ff=4, n_layers=1, batch_size=8)
    trains(config, corpus, 3)


@pytest.mark.parametrize("model", MODELS)
def test_two_words_are_a_vocabulary(model):
    """The smallest that can be told apart, each sentence two words long."""
    both = [("cod", "eel"), ("eel", "cod"), ("cod", "cod"), ("eel", "eel")]
    if model == "encoder-decoder":
        data = Pairs("two", tuple(Pair(words, words[::-1]) for words in both))
    else:
        data = Questions("two", tuple(Question(ws, 1, ws[0]) for ws in both))
    assert len(data.tokenizer) == 6
    config = Config(model=model, d_model=8, n_heads=2, d_ff=8, lr=0.03, warmup=1)
    losses = trains(config, data, 60)
    assert np.mean(losses[-5:]) < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "none"),
        ("\n\n\n", "none"),
        ("the cod swims\nthe eel swims", "5 different sentences"),
        ("cod\neel\nray\npike\nbass", "one word only"),
        ("\n".join(f"the cod {n} swims" for n in range(2001)), "2,000 sentences"),
        ("\n".join(f"a{n} b{n}" for n in range(1500)), "2,000"),
        ("\n".join("longwords " * 30 + str(n) for n in range(2000)), "400,000"),
        ("\n".join("a " * 40 + str(n) for n in range(9)), "the limit is 32"),
    ],
    ids=lambda value: value if len(value) < 25 and "\n" not in value else "text",
)
def test_a_text_that_is_no_corpus_is_refused_by_its_reason(text, reason):
    with pytest.raises(CorpusError, match=reason):
        load_corpus(text)
