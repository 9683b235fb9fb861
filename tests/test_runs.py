"""Runs of an exhibit's own: the bits of a Trainer, in short pieces, and judged."""

from dataclasses import replace

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.datasets import load_french, load_prefixes
from fishformer.lessons.runs import A_PIECE, RewriterRun, Run, WriterRun, written_right
from fishformer.lessons.verdict import Judge, is_grammatical
from fishformer.sampling import rewrite_all
from fishformer.tasks import Pairs, continued, padded
from fishformer.tokenizer import END, PAD
from fishformer.training import Trainer

SMALL = Config(model="decoder", batch_size=4, d_model=8, n_heads=2, d_ff=8)


def finish(run):
    while run.work():
        pass
    return run


@pytest.fixture(scope="module")
def some_french():
    pairs = load_french()
    return Pairs("some", pairs.train[:60], pairs.train[60:90])


def test_it_makes_the_steps_of_a_trainer(small):
    run = finish(Run(SMALL, small, end=20, look_every=5))
    trainer = Trainer(SMALL, small)
    start = trainer.model.params.buffer.copy()
    losses = [trainer.report.loss]
    losses += [trainer.update().loss for _ in range(20)]
    assert run.losses == losses
    assert list(run.kept) == [0, 5, 10, 15, 20]
    np.testing.assert_array_equal(run.kept[0], start)
    np.testing.assert_array_equal(run.kept[20], trainer.model.params.buffer)
    assert run.done and run.step == 20


def test_a_kept_step_is_shown_without_disturbing_the_run(small):
    run = Run(SMALL, small, end=20, look_every=5)
    for _ in range(14):
        run.work()
    run.model_at(5)
    run.model_at(0)
    np.testing.assert_array_equal(run.model_at(5).params.buffer, run.kept[5])
    finish(run)
    other = finish(Run(SMALL, small, end=20, look_every=5))
    np.testing.assert_array_equal(run.kept[20], other.kept[20])


def test_it_goes_on_to_a_later_end_and_says_how_long_it_will_take(small):
    run = Run(SMALL, small, end=10, look_every=5)
    assert run.seconds_left is None and not run.done
    finish(run)
    run.end = 20
    assert not run.done and 0 < run.seconds_left < 60
    finish(run)
    at_once = finish(Run(SMALL, small, end=20, look_every=5))
    np.testing.assert_array_equal(run.kept[20], at_once.kept[20])


def test_it_slows_down_where_it_is_told_to(small):
    slow = finish(Run(SMALL, small, end=70, look_every=10, slow_from=60))
    fast = finish(Run(SMALL, small, end=70, look_every=10))
    np.testing.assert_array_equal(slow.kept[60], fast.kept[60])
    moved = [np.linalg.norm(run.kept[70] - run.kept[60]) for run in (slow, fast)]
    assert moved[0] < 0.3 * moved[1]


def test_a_run_that_fails_ends_and_says_why(small):
    run = finish(
        Run(replace(SMALL, lr=1.0, norm="none"), small, end=300, look_every=50)
    )
    assert run.trouble and run.done and run.step < 300


def test_a_writer_is_measured_as_a_trainer_measures(small):
    run = finish(WriterRun(Config(batch_size=8), small, end=10, look_every=10))
    trainer = Trainer(Config(model="decoder", batch_size=8), small)
    while trainer.report.step < 10:
        trainer.update()
    assert run.held_out[10] == pytest.approx(trainer.report.held_out.loss, rel=1e-5)


def test_one_pass_tells_what_would_be_written_right(some_french):
    run = finish(RewriterRun(Config(), some_french, end=60, look_every=60))
    model, encode = run.model_at(60), run.tokenizer.encode
    pairs = some_french.train
    sources = padded([encode(pair.source) for pair in pairs])
    targets = padded([encode(pair.target) for pair in pairs])
    right = written_right(model, continued(targets, sources))
    written = rewrite_all(model, sources)
    same = [
        tuple(row[row != PAD]) == tuple(encode(pair.target))
        for row, pair in zip(written, pairs, strict=True)
    ]
    assert right.tolist() == same
    assert 0.1 < np.mean(same) < 0.9  # or the test would prove little


def test_shares_are_of_all_held_out_pairs_by_kind(some_french):
    run = RewriterRun(Config(), some_french, end=50, look_every=50)
    assert len(run.held_out) > A_PIECE and list(run.right) == [""]
    pairs = load_prefixes()
    run = RewriterRun(Config(), pairs, 50, 50, by_first_word=True)
    assert list(run.right) == ["translate", "reverse", "classify"]
    while run.step < 1:
        run.work()
    assert all(found == {0: 0.0} for found in run.right.values())


def test_no_words_are_missing_without_the_held_out_pairs():
    for pairs in (load_french(), load_prefixes()):
        run = RewriterRun(Config(), pairs, 50, 50)
        longest = max(len(words) for pair in pairs.held_out for words in pair)
        assert run.max_len > longest
        for pair in pairs.held_out:
            run.tokenizer.encode(pair.source + pair.target)


def test_sentences_are_judged(fish, small):
    judge = Judge(fish)
    known = fish.train[0]
    assert judge.verdict(known).recited
    one, other = ("the", "bank", "counts", "its", "coins"), ("green", "plants")
    new = (*one, "while", *"the trout takes the fly".split())
    assert is_grammatical(one, judge.clauses)
    assert judge.verdict(new).grammatical
    assert not judge.verdict((*one, "while", *other)).grammatical
    assert not judge.verdict((*one, *one)).grammatical
    held_out = [judge.verdict(words) for words in fish.held_out]
    assert all(v.grammatical and not v.recited for v in held_out)
    assert Judge(small).verdict(small.train[0]) == (True, None)


def test_the_end_is_a_word_to_get_right(some_french):
    run = RewriterRun(Config(), some_french, end=50, look_every=50)
    model = run.model_at(0)
    batch = continued(np.array([[5]]), np.array([[6]]))
    assert batch.targets.tolist() == [5, END]
    model.params["b_vocab"][5] = 50  # it says 5 for ever
    assert not written_right(model, batch).any()
