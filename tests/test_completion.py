import numpy as np
import pytest

from fishformer.completion import GAP, fill_gaps, read_gapped, top_words
from fishformer.config import Config
from fishformer.tokenizer import MASK, PAD
from fishformer.training import Trainer


@pytest.fixture(scope="module")
def trainer(small):
    config = Config(d_model=16, n_heads=2, d_ff=32, batch_size=16, lr=0.01)
    trainer = Trainer(config, small)
    for _ in range(150):
        trainer.update()
    return trainer


def test_probabilities_are_shares_of_one_whole(trainer):
    sentences = [("a", GAP, "swims"), ("the", "eel", "hides", "near", "a", GAP)]
    probs, trace = fill_gaps(trainer.model, trainer.data.tokenizer, sentences)
    assert probs.shape == (2, len(trainer.data.tokenizer))
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
    assert (trace.stack.token_ids[0, 3:] == PAD).all()


def test_a_sentence_gets_the_same_guesses_alone_and_in_company(trainer):
    one = ("a", GAP, "swims", "in", "the", "sea")
    other = ("my", "pike", "sleeps", "under", "the", GAP)
    tokenizer = trainer.data.tokenizer
    together, _ = fill_gaps(trainer.model, tokenizer, [one, other])
    alone, _ = fill_gaps(trainer.model, tokenizer, [one])
    np.testing.assert_allclose(together[0], alone[0], rtol=1e-3, atol=1e-6)


def test_a_trained_model_fills_in_what_its_sentences_say(trainer):
    gapped = ("the", "eel", "hides", "near", "a", GAP)
    probs, _ = fill_gaps(trainer.model, trainer.data.tokenizer, [gapped])
    best = top_words(probs[0], trainer.data.tokenizer)
    assert best[0][0] == "reef"
    assert best[0][1] > 0.7


def test_top_words_are_ranked_and_never_special(small):
    tokenizer = small.tokenizer
    probs = np.zeros(len(tokenizer))
    probs[[PAD, MASK, 5, 4, 9]] = 0.4, 0.3, 0.15, 0.1, 0.05
    best = top_words(probs, tokenizer, 3)
    assert [word for word, _ in best] == [tokenizer.words[k] for k in (5, 4, 9)]
    assert [share for _, share in best] == [0.15, 0.1, 0.05]


def test_reading_accepts_case_and_punctuation(small):
    words = read_gapped("The ___ swims, in the SEA.", small.tokenizer, 9)
    assert words == ("the", GAP, "swims", "in", "the", "sea")
