from dataclasses import replace

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.tasks import hide, random_positions
from fishformer.tokenizer import MASK, PAD
from fishformer.training import Trainer, train

QUICK = Config(d_model=16, n_heads=2, d_ff=32, batch_size=16, steps=20)


def test_hide_takes_one_word_of_each_sentence_and_remembers_it():
    token_ids = np.array([[5, 6, 7, PAD], [8, 9, PAD, PAD]])
    masked = hide(token_ids, np.array([2, 0]))
    assert masked.token_ids.tolist() == [[5, 6, MASK, PAD], [MASK, 9, PAD, PAD]]
    assert masked.targets.tolist() == [7, 8]
    assert token_ids[0, 2] == 7  # the corpus is untouched


def test_random_positions_never_fall_on_padding_and_reach_every_word():
    token_ids = np.array([[5, 6, 7, PAD]] * 3 + [[8, PAD, PAD, PAD]])
    rng = np.random.default_rng(0)
    drawn = np.array([random_positions(rng, token_ids) for _ in range(200)])
    assert set(drawn[:, 0]) == {0, 1, 2}
    assert set(drawn[:, 3]) == {0}


def test_train_reports_every_step_from_the_untrained_model_on(small):
    reports = list(train(QUICK, small))
    assert [r.step for r in reports] == list(range(21))
    assert reports[0].loss == pytest.approx(np.log(len(small.tokenizer)), abs=0.2)
    assert reports[-1].loss < reports[0].loss - 0.05
    assert all(r.trouble is None for r in reports)


def test_the_same_seed_gives_the_same_bits_and_another_does_not(small):
    first, again = (Trainer(QUICK, small) for _ in range(2))
    for _ in range(5):
        first.update()
        again.update()
    buffers = first.model.params.buffer, again.model.params.buffer
    np.testing.assert_array_equal(*buffers)
    other = Trainer(replace(QUICK, seed=8), small)
    assert (
        other.model.params.buffer != Trainer(QUICK, small).model.params.buffer
    ).any()


def test_a_checkpoint_gives_back_the_same_bits(small):
    trainer = Trainer(QUICK, small)
    for _ in range(7):
        trainer.update()
    checkpoint = trainer.checkpoint()
    ahead = [trainer.update() for _ in range(8)]
    after = trainer.checkpoint()
    assert trainer.restore(checkpoint) == trainer.report
    assert trainer.report.step == 7
    assert [trainer.update() for _ in range(8)] == ahead
    for name in ("params", "adam_m", "adam_v"):
        np.testing.assert_array_equal(
            getattr(trainer.checkpoint(), name), getattr(after, name)
        )


def test_looking_at_the_held_out_sentences_changes_nothing(small, monkeypatch):
    looking = [r.loss for r in train(QUICK, small)]
    monkeypatch.setattr(Trainer, "_measure_held_out", lambda self: None)
    assert [r.loss for r in train(QUICK, small)] == looking


def test_the_optimiser_is_adam_as_published(small):
    """Against the formulas of Kingma and Ba 2015, in float64, one number at a time."""
    config = replace(QUICK, dtype="float64", lr=3e-3, warmup=3, clip=0.1)
    trainer = Trainer(config, small)
    theta = trainer.model.params.buffer.copy()
    m, v = np.zeros((2, theta.size))
    for t in range(1, 7):
        g = trainer.grads.buffer.copy()
        g *= min(1, 0.1 / np.linalg.norm(g))
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        lr = 3e-3 * min(1, t / 3)
        theta -= lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        trainer.update()
        np.testing.assert_allclose(trainer.model.params.buffer, theta, rtol=1e-9)


def test_a_runaway_loss_stops_training_and_says_what_to_try(small):
    config = replace(QUICK, lr=1, clip=1e6, warmup=0, steps=300)
    reports = list(train(config, small))
    assert len(reports) < 301
    assert "Try a learning rate below" in reports[-1].trouble
    assert all(r.trouble is None for r in reports[:-1])


def test_a_loss_that_is_no_number_is_named(small):
    trainer = Trainer(QUICK, small)
    trainer.model.params["w_vocab"][:] = np.nan
    report = trainer.update()
    assert report.trouble.startswith("The loss is no longer a number.")
