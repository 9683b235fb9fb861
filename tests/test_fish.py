"""The fish sentences keep their promises."""

from collections import Counter
from math import log

import numpy as np
import pytest

from fishformer.corpus import SPLITS, load_fish
from fishformer.grammar import JOINS, fish_grammar, read_data
from fishformer.references import floor_of_recall, frequency_loss
from fishformer.tokenizer import MASK, PAD


def lines_of(name):
    return [ln for ln in read_data(name).splitlines() if not ln.startswith("#")]


def clauses_of(words):
    """The two clauses of a sentence, in no order; the sentence itself if it is one."""
    for k, word in enumerate(words):
        if word in JOINS:
            return frozenset({words[:k], words[k + 1 :]})
    return frozenset({words})


def test_size(fish):
    by_hand = lines_of("fish_by_hand.txt")
    assert 100 <= len(by_hand) <= 150
    assert fish.report.n_sentences == 800 + len(by_hand)
    assert sum(len(getattr(fish, split)) for split in SPLITS) == fish.report.n_sentences
    assert 130 <= len(fish.tokenizer) <= 200
    assert fish.max_len == 16
    everything = fish.train + fish.held_out + fish.held_out_by_hand
    assert len(set(everything)) == len(everything)
    assert fish.report.n_words == sum(map(len, everything))
    assert not fish.report.memorises and not fish.report.skipped


def test_every_word_stands_in_three_sentences(fish):
    uses = Counter(
        word
        for split in SPLITS
        for words in getattr(fish, split)
        for word in set(words)
    )
    assert [word for word, n in uses.items() if n < 3] == []


def test_held_out_words_and_clauses_are_known(fish):
    known = {word for words in fish.train for word in words}
    clauses = {clause for words in fish.train for clause in clauses_of(words)}
    company = {clauses_of(words) for words in fish.train}
    assert len(fish.held_out) == 80 and len(fish.held_out_by_hand) >= 10
    assert f"{len(fish.train) / fish.report.n_sentences:.1f}" == "0.9"  # nine in ten
    for words in fish.held_out + fish.held_out_by_hand:
        assert set(words) <= known
        assert clauses_of(words) not in company
    pairs = [pair for pair in map(clauses_of, fish.held_out) if len(pair) == 2]
    familiar = [pair for pair in pairs if pair <= clauses]
    assert len(pairs) >= 60 and len(familiar) >= 0.9 * len(pairs)


def test_words_of_two_senses_are_always_marked(fish):
    senses = fish_grammar().senses
    for name in ("fish_sentences.txt", "fish_by_hand.txt"):
        for line in lines_of(name):
            for token in line.split():
                word, _, sense = token.partition("/")
                assert bool(sense) == (word in senses), line
                assert not sense or sense in senses[word], line
    assert {(use.word, use.sense) for use in fish.senses if use.split == "train"} == {
        (word, sense) for word, found in senses.items() for sense in found
    }
    for use in fish.senses:
        assert getattr(fish, use.split)[use.sentence][use.position] == use.word


def test_featured_sentences_were_never_trained_on(fish):
    assert len(fish.featured) == 3
    for blanked in fish.featured:
        assert blanked.whole in fish.held_out
        assert 9 <= len(blanked.words) <= 11
        assert blanked.words[blanked.position] == "[mask]"
        assert fish.tokenizer.encode(blanked.words).count(MASK) == 1
        assert len(clauses_of(blanked.whole)) == 2
    assert any(
        left & right & set(fish_grammar().senses)
        for left, right in (map(set, clauses_of(b.whole)) for b in fish.featured)
    )


def test_the_same_split_every_time(fish):
    again = load_fish()
    assert again == fish and again.tokenizer.words == fish.tokenizer.words


def test_references_of_the_fish(fish):
    r = fish.references
    assert r.uniform == log(len(fish.tokenizer))
    assert 0 < r.train_floor < r.grammar_floor < 0.3
    assert 3.5 < r.frequency < 4.5 < r.uniform


def test_token_ids(fish):
    token_ids = fish.token_ids("held_out")
    assert token_ids.shape == (80, 16) and np.issubdtype(token_ids.dtype, np.integer)
    for row, words in zip(token_ids, fish.held_out, strict=True):
        assert fish.tokenizer.decode(row[: len(words)]) == list(words)
        assert (row[len(words) :] == PAD).all()
    with pytest.raises(ValueError, match="split = 'test'"):
        fish.token_ids("test")


# ---- references ----------------------------------------------------------------


def test_frequency_is_the_entropy_of_a_hidden_word():
    assert frequency_loss([("a", "b"), ("a", "b")]) == pytest.approx(log(2))
    # Each sentence weighs the same: "a" is hidden half of the time, b and c a quarter.
    assert frequency_loss([("a",), ("b", "c")]) == pytest.approx(1.5 * log(2))


def test_recall_doubts_only_where_sentences_differ_in_the_hidden_word():
    assert floor_of_recall([("a", "b"), ("c", "d")]) == 0
    # Hide the second word of a b or a c: two fair guesses. Hide the first: no doubt.
    assert floor_of_recall([("a", "b"), ("a", "c")]) == pytest.approx(log(2) / 2)
    assert floor_of_recall([("a", "b"), ("a", "b"), ("x", "y")]) == 0
    # Where a sentence has more words, each is hidden less often.
    assert floor_of_recall([("a", "b", "x"), ("a", "c", "x")]) == pytest.approx(
        log(2) / 3
    )
