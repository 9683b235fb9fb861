"""The grammar says what its file says, with the probabilities that it should."""

from collections import Counter
from math import log

import numpy as np
import pytest

from fishformer.corpus import write_fish
from fishformer.grammar import (
    JOINS,
    N_SENTENCES,
    SEED,
    GrammarError,
    fish_grammar,
    parse_grammar,
    plain,
    read_data,
    unmark,
)
from fishformer.references import Odds, grammar_floor

SMALL = """\
# a comment
[shares]
one clause 1
two clauses 2
two senses 1
[openings]
4 words 3
5 words 1
[joins]
same and while
different but
[may repeat]
the a in of
[quiet]
the bass/fish {swims|{sleeps|naps}} well
the sea is calm
[lively]
a bass/music {plays|hums} loudly {now|}
the {big|} gulls cry loudly
"""


@pytest.fixture(scope="module")
def grammar():
    return fish_grammar()


@pytest.fixture(scope="module")
def made(grammar):
    return grammar.generate(N_SENTENCES, SEED)


# ---- the fish ------------------------------------------------------------------


def test_the_files_are_what_the_grammar_makes(tmp_path):
    write_fish(tmp_path)
    for name in ("fish_sentences.txt", "fish_floor.txt"):
        assert (tmp_path / name).read_text(encoding="utf-8") == read_data(name), (
            f"{name} is out of date: run python -m fishformer.corpus"
        )


def test_there_is_variety(grammar, made):
    assert len({clause.line for clause in grammar.clauses}) >= 60
    assert len(grammar.senses) >= 8
    assert len(made) == 800
    assert len({plain(tokens) for tokens in made}) == 800
    assert all(4 <= len(tokens) <= 16 for tokens in made)


def test_each_sense_has_clauses_enough(grammar):
    lines = {(t, c.line) for c in grammar.clauses for t in c.tokens if "/" in t}
    templates = Counter(token for token, _ in lines)
    assert min(templates.values()) >= 2
    assert set(templates) == {
        f"{w}/{s}" for w in grammar.senses for s in grammar.senses[w]
    }


def test_clauses_agree_with_their_articles(grammar):
    for clause in grammar.clauses:
        for article, noun in zip(clause.words, clause.words[1:], strict=False):
            if article in ("a", "an"):
                assert (noun[0] in "aeiou") == (article == "an"), clause.words


def test_shares_are_kept(grammar, made):
    kinds = Counter()
    for tokens in made:
        uses = Counter(word for word, sense in map(unmark, set(tokens)) if sense)
        joined = any(token in JOINS for token in tokens)
        kinds["two senses" if 2 in uses.values() else joined] += 1
    for kind, share in (("two senses", 1 / 3), (True, 0.56), (False, 0.11)):
        assert kinds[kind] / len(made) == pytest.approx(share, abs=0.05)


def test_clauses_of_one_sentence_share_small_words_only(grammar, made):
    for tokens in made:
        at = [k for k, token in enumerate(tokens) if token in JOINS]
        if not at:
            continue
        left, right = set(plain(tokens[: at[0]])), set(plain(tokens[at[0] + 1 :]))
        shared = (left & right) - grammar.may_repeat
        assert shared <= set(grammar.senses) and len(shared) <= 1, tokens


# ---- probabilities -------------------------------------------------------------


def test_probabilities_sum_to_one():
    for grammar in (fish_grammar(), parse_grammar(SMALL)):
        assert grammar.singles.sum() + grammar.pairs.sum() == pytest.approx(1)


def test_alternatives_are_equally_likely():
    odds = {c.words: c.probability for c in parse_grammar(SMALL).clauses}
    assert len(odds) == 10
    assert odds["the", "sea", "is", "calm"] == pytest.approx(1 / 4)
    assert odds["the", "bass", "swims", "well"] == pytest.approx(1 / 8)
    assert odds["the", "bass", "naps", "well"] == pytest.approx(1 / 16)


def test_sentences_come_as_often_as_their_probability_says():
    grammar = parse_grammar(SMALL)
    odds = Odds(grammar)
    rng = np.random.default_rng(0)
    drawn = Counter(
        plain(grammar.generate(1, int(seed))[0])
        for seed in rng.integers(2**32, size=4000)
    )
    assert sum(odds.of(words) for words in drawn) == pytest.approx(1, abs=0.01)
    for words, times in drawn.most_common(5):
        p = odds.of(words)
        assert times == pytest.approx(4000 * p, abs=5 * (4000 * p) ** 0.5)


def test_openings_have_the_lengths_they_should(made):
    lengths = Counter(
        k for tokens in made for k, token in enumerate(tokens) if token in JOINS
    )
    assert lengths[5] / lengths.total() == pytest.approx(0.9, abs=0.04)


def test_a_missing_word_weighs_as_much_as_its_sentences():
    grammar = parse_grammar(SMALL)
    odds = Odds(grammar)
    words = ("the", "sea", "is", "calm", "but", "a", "bass", "hums", "loudly")
    assert odds.at(words, 7) == {"hums": 0.5, "plays": 0.5}
    assert odds.at(words, 4) == {"but": 1.0}  # moods differ: nothing else may join
    same = (*words[:4], "and", "the", "bass", "swims", "well")
    assert odds.at(same, 4) == {"and": 0.5, "while": 0.5}
    assert odds.at(same, 7) == pytest.approx(
        {"swims": 0.5, "sleeps": 0.25, "naps": 0.25}
    )
    assert odds.at(("no", "such", "words", "here"), 1) == {}


def test_the_floor_is_the_mean_entropy():
    grammar = parse_grammar(SMALL)
    alone = grammar_floor(grammar, [("the", "sea", "is", "calm")])
    assert alone == 0
    same = ("the", "sea", "is", "calm", "and", "the", "bass", "swims", "well")
    doubts = log(2) + 1.5 * log(2)  # of the join, and of what the bass does
    assert grammar_floor(grammar, [same]) == pytest.approx(doubts / 9)


# ---- errors --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# a comment", "the eel sleeps here", "line 1: .* before any"),
        ("[quiet]", "[silent]", "line 14: no section"),
        ("one clause 1", "one clause many", "line 3: .*unclear"),
        ("two senses 1", "two clauses 1", "line 5: .*said twice"),
        ("two senses 1", "", "does not say 'two senses'"),
        ("different but", "different or", "line 11"),
        ("4 words 3\n5 words 1", "4 words 0", "number above 0"),
        ("the sea is calm", "the {sea is calm", "line 16: .*never closed"),
        ("the sea is calm", "the sea} is calm", "line 16: '}'"),
        ("the sea is calm", "the sea | is calm", "line 16: '|'"),
        ("the sea is calm", "the Sea is calm", "line 16: 'Sea'"),
        ("the sea is calm", "the sea/ is calm", "line 16: 'sea/'"),
        ("the sea is calm", "the sea calms", "line 16: .*3 words"),
        ("the sea is calm", "the bass is calm", "line 16: 'bass' needs a sense"),
        ("the sea is calm", "the eel/fish is calm", "line 16: 'eel' has only"),
        ("the sea is calm", "calm and the sea", "line 16: 'and' joins"),
    ],
)
def test_errors_name_the_line(old, new, message):
    assert old in SMALL
    with pytest.raises(GrammarError, match=message):
        parse_grammar(SMALL.replace(old, new))


def test_a_grammar_that_is_too_small_says_so():
    with pytest.raises(GrammarError, match="too small for 5000"):
        parse_grammar(SMALL).generate(5000, 1)


def test_a_grammar_without_clauses_says_so():
    with pytest.raises(GrammarError, match="no clauses"):
        parse_grammar(SMALL[: SMALL.index("[quiet]")])


def test_openings_that_no_clause_has_are_refused():
    with pytest.raises(GrammarError, match="no clauses go together"):
        parse_grammar(SMALL.replace("5 words 1", "9 words 1")).generate(1, 1)
