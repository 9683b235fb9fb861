"""The other data keep their promises: right, known, held out, always the same."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.datasets import (
    KING,
    PREFIXES,
    load_french,
    load_it,
    load_prefixes,
    recall,
)
from fishformer.datasets.french import (
    BEFORE,
    COLOURS,
    GENDERS,
    N_PAIRS,
    Lexicon,
    alignment,
    lexicon,
    listed_pairs,
    write_french,
)
from fishformer.grammar import GrammarError, read_data
from fishformer.tasks import Questions, task_for
from fishformer.tokenizer import split_sentence

LOADERS = {
    "it": load_it,
    "french": load_french,
    "prefixes": load_prefixes,
    "recall 5": lambda: recall(5),
    "recall 40": lambda: recall(40),
}


@pytest.fixture(scope="module", params=LOADERS)
def data(request):
    return LOADERS[request.param]()


def words_of(item):
    """All words of a pair or of a question with its answer."""
    if hasattr(item, "answer"):
        return {*item.words, item.answer}
    return {*item.source, *item.target}


# ---- what all of them promise ------------------------------------------------------


def test_held_out_is_not_in_training(data):
    assert data.held_out and not set(data.train) & set(data.held_out)


def test_every_held_out_word_is_known(data):
    known = set().union(*map(words_of, data.train))
    assert set().union(*map(words_of, data.held_out)) <= known


def test_it_is_the_same_every_time(data):
    assert LOADERS[data.name]() == data


def test_a_visitor_can_type_every_word(data):
    words = {w for item in (*data.train, *data.held_out) for w in words_of(item)}
    assert all(split_sentence(word) == [word] for word in words)


def test_a_model_can_learn_from_it(data):
    kind = "encoder" if isinstance(data, Questions) else "encoder-decoder"
    task = task_for(Config(model=kind), data)
    batch = task.draw(np.random.default_rng(0), 32)
    assert len(batch.token_ids) == 32
    assert len(task.held_out().token_ids) == len(data.held_out)


# ---- what "it" is ------------------------------------------------------------------


def pair_of(question):
    """The two things of a sentence, in no order."""
    return frozenset((question.words[1], question.words[7]))


def test_it_has_each_pair_of_things_four_times_in_one_split():
    data = load_it()
    assert (len(data.train), len(data.held_out)) == (828, 276)
    for split in (data.train, data.held_out):
        assert set(Counter(map(pair_of, split)).values()) == {4}
    apart = set(map(pair_of, data.held_out))
    assert not apart & set(map(pair_of, data.train))
    assert {"trophy", "bag"} in apart


def test_it_has_each_thing_in_either_role():
    data = load_it()
    things = {question.answer for question in data.train}
    assert len(things) == 24
    for role in (1, 7):
        assert {question.words[role] for question in data.train} == things
    every = {pair_of(question) for question in (*data.train, *data.held_out)}
    assert every == set(map(frozenset, combinations(things, 2)))


def test_it_asks_at_it_and_the_size_decides():
    for words, position, answer in (*load_it().train, *load_it().held_out):
        sentence = " ".join(words)
        assert words[position] == "it"
        meant = {"big": words[1], "small": words[7]}[words[-1]]
        assert answer == meant
        assert sentence.endswith(f"because it was too {words[-1]}")
        assert sentence.startswith(f"the {words[1]} did not fit in the {words[7]} ")


# ---- French ------------------------------------------------------------------------


def test_french_has_600_pairs_and_holds_out_the_king():
    data = load_french()
    assert (len(data.train), len(data.held_out)) == (540, 60)
    assert len({pair.source for pair in (*data.train, *data.held_out)}) == N_PAIRS
    assert data.held_out[0] == KING
    assert len(data.tokenizer) <= 110


def test_the_listing_is_what_the_grammar_says(tmp_path):
    write_french(tmp_path)
    listed = (tmp_path / "french.txt").read_text(encoding="utf-8")
    assert listed == read_data("french.txt")


def test_gender_agrees_in_every_phrase():
    """From one determiner to the next, whatever shows a gender shows the noun's."""
    words = lexicon()
    pairs = [forms for forms, _ in words.determiners]
    pairs += [adjective.forms for adjective in words.adjectives]
    pairs.append(tuple(title for title, _ in words.titles.values()))
    gender_of = {noun.french: noun.gender for noun in words.nouns}
    for forms in pairs:
        if forms[0] != forms[1]:
            gender_of |= dict(zip(forms, GENDERS, strict=True))
    starters = {form for forms, _ in words.determiners for form in forms}
    for pair in listed_pairs():
        starts = [k for k, word in enumerate(pair.source) if word in starters]
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            phrase = pair.source[start:end]
            assert len({gender_of[w] for w in phrase if w in gender_of}) == 1, pair


def test_nothing_has_to_be_elided():
    for noun in lexicon().nouns:
        assert noun.french[0] not in "aeiouhyéè"


def test_an_stands_before_vowels_only():
    for pair in listed_pairs():
        for article, following in zip(pair.target, pair.target[1:], strict=False):
            if article in ("a", "an"):
                assert (article == "an") == (following[0] in "aeiou"), pair


def test_adjectives_stand_on_their_side_of_the_noun():
    words = lexicon()
    nouns = {noun.french for noun in words.nouns}
    place = {form: a.place for a in words.adjectives for form in a.forms}
    swapped = 0
    for pair in listed_pairs():
        for left, right in zip(pair.source, pair.source[1:], strict=False):
            if left in place and right in nouns:
                assert place[left] == BEFORE, pair
            if left in nouns and right in place:
                assert place[right] != BEFORE, pair
        places = alignment(pair, words.english_of())
        swapped += places != tuple(sorted(places))
    assert 0.4 < swapped / N_PAIRS < 0.7


def test_french_and_english_have_the_same_words():
    english_of = lexicon().english_of()
    for pair in listed_pairs():
        places = alignment(pair, english_of)
        assert sorted(places) == list(range(len(pair.source))), pair
    black_cat = alignment(
        next(p for p in listed_pairs() if "noir" in p.source and "chat" in p.source),
        english_of,
    )
    assert black_cat != tuple(sorted(black_cat))


def test_no_red_fish_and_no_big_king():
    """Kinds keep out what would mean something else: see the grammar."""
    for pair in listed_pairs():
        text = " ".join(pair.source)
        for wrong in ("grand roi", "grande reine", "roi noir", "reine noire"):
            assert wrong not in text
        assert not text.startswith(("un ", "une ")) or " est " not in text
    colours = [a for a in lexicon().adjectives if a.place == COLOURS]
    assert colours and all("person" not in colour.kinds for colour in colours)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: "chat m cat animal\n" + text, "before any"),
        (lambda text: text.replace("[shares]", "[others]"), "shares"),
        (lambda text: text.replace("verb 20", "verb often"), "shares"),
        (lambda text: text.replace("chat m cat animal", "chat"), "incomplete"),
    ],
)
def test_a_spoilt_grammar_is_refused(spoil, message):
    with pytest.raises(GrammarError, match=message):
        Lexicon(spoil(read_data("french_grammar.txt")))


def test_a_grammar_too_small_says_so():
    text = read_data("french_grammar.txt")
    for line in ("verb and object 45", "is adjective 23", "is title 12", "one 44"):
        text = text.replace(line, line.rstrip("0123456789") + "0")
    few = Lexicon(text.replace("two 18", "two 0"))  # 13 who act, 4 articles, 4 verbs
    assert len(few.generate(150, seed=0)) == 150
    with pytest.raises(GrammarError, match="too small for 209"):
        few.generate(209, seed=0)


# ---- prefixes ----------------------------------------------------------------------


def test_each_sentence_has_every_prefix_in_one_split():
    data = load_prefixes()
    french = load_french()
    for split, pairs in ((data.train, french.train), (data.held_out, french.held_out)):
        assert len(split) == 3 * len(pairs)
        for prefix in PREFIXES:
            with_it = [p.source[1:] for p in split if p.source[0] == prefix]
            assert with_it == [pair.source for pair in pairs]


def test_each_prefix_asks_for_something_else():
    targets = {pair.source: pair.target for pair in load_prefixes().held_out}
    assert targets["translate", *KING.source] == KING.target
    assert targets["reverse", *KING.source] == ("roi", "est", "chat", "mon")
    assert targets["classify", *KING.source] == ("animal",)
    kinds = Counter(
        p.target for p in load_prefixes().train if p.source[0] == "classify"
    )
    assert set(kinds) == {("animal",), ("person",)}
    assert min(kinds.values()) > 150


# ---- recall ------------------------------------------------------------------------


def test_recall_has_2200_sequences():
    assert (len(recall(10).train), len(recall(10).held_out)) == (2000, 200)
    assert len({q.words for q in (*recall(1).train, *recall(1).held_out)}) == 64


@pytest.mark.parametrize("distance", [1, 5, 40])
def test_recall_asks_for_the_first_word_at_the_last(distance):
    data = recall(distance, n_symbols=6)
    for words, position, answer in data.train[:100]:
        assert len(words) == distance + 1 and position == distance
        assert answer == words[0]
    symbols = Counter(question.answer for question in recall(40, 6).train)
    assert len(symbols) == 6
    assert min(symbols.values()) > 0.8 * len(recall(40, 6).train) / 6


@pytest.mark.parametrize("wrong", [(0, 8), (5, 1), (5, 17)])
def test_recall_refuses_what_it_cannot_ask(wrong):
    with pytest.raises(ValueError, match=f"distance = {wrong[0]}"):
        recall(*wrong)
