"""Anybody's text loads, or says why not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.corpus import CorpusError, load_corpus
from fishformer.corpus_text import MAX_CHARACTERS, MAX_SENTENCES, MAX_VOCABULARY
from fishformer.tokenizer import PAD, SPECIALS

FIVE = "a cod swims\nan eel hides\nthe crab sleeps\na pike waits\nthe ray rests\n"


def test_a_small_text():
    corpus = load_corpus(FIVE, "mine")
    assert corpus.name == "mine" and len(corpus.train) == 5
    assert corpus.train[0] == ("a", "cod", "swims")
    assert corpus.held_out == () and corpus.token_ids("held_out").shape == (0, 3)
    assert corpus.senses == corpus.joins == ()
    assert corpus.references.grammar_floor is None
    assert corpus.references.train_floor == 0
    assert corpus.report.memorises
    assert "learning them by heart" in corpus.report.notes[0]
    assert "No held-out loss" in corpus.report.notes[1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "empty"),
        ("   \t ", "empty"),
        ("?! --", "no words"),
        ("Fish!", "one word only"),
        ("the ___ swims", "a gap"),
        (" ".join(["fish"] * 33), "33 words; the limit is 32"),
        ("An EEL “hides”!", "as line 2"),
    ],
)
def test_lines_left_out_are_reported(line, reason):
    corpus = load_corpus(FIVE + line + "\nthe last line\n")
    (skipped,) = corpus.report.skipped
    assert (skipped.line_number, skipped.text) == (6, line)
    assert reason in skipped.reason
    assert corpus.train[-1] == ("the", "last", "line")
    assert corpus.report.n_sentences == 6 and corpus.report.n_words == 18


def test_a_sentence_of_32_words_is_taken():
    assert load_corpus(FIVE + " ".join(["fish"] * 32)).max_len == 32


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_line_ends_and_byte_order_mark(end):
    corpus = load_corpus("\ufeff" + end.join(["Fish!", *FIVE.splitlines()]))
    assert corpus.train == load_corpus(FIVE).train
    assert [skipped.text for skipped in corpus.report.skipped] == ["Fish!"]


def test_other_scripts():
    text = "Το ψάρι κολυμπά\nРыба плывёт\nالسمكة تسبح\nमछली पानी में\n魚が泳ぐ"
    corpus = load_corpus(text)
    assert [len(words) for words in corpus.train] == [3, 2, 2, 3, 4]
    assert corpus.report.notes[-1] == (
        "Where a script has no spaces, each character counts as a word."
    )
    assert not any("script" in note for note in load_corpus(FIVE).report.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "5 different sentences or more.* has none"),
        ("one sentence only", "has 1"),
        ("fish\ncod\neel", "none; 3 left out, such as line 1 and 2 more: one word"),
        ("a cod\na cod\na cod\na cod\na cod", "has 1; 4 left out, .*line 2 and 3 more"),
        (
            "a cod\na cod\na cod",
            "has 1; 2 left out, such as line 2 and 1 more: the same",
        ),
        ("a cod\nfish", "has 1; 1 left out, such as line 2: one word"),
        (FIVE + "PK\x00\x03", r"Line 6 .*U\+0000, .*saved as UTF-8\?"),
        (FIVE + "\ufffd\ufffd", r"Line 6 .*U\+FFFD"),
        (FIVE + "\ud800", r"Line 6 .*U\+D800"),
        ("a cod swims\n" * 50_000, "50,000 lines; the limit is 2,000"),
        ("fish " * MAX_CHARACTERS, "characters; the limit is 400,000"),
        ("\n" * (MAX_CHARACTERS + 1), "characters; the limit is 400,000"),
    ],
)
def test_texts_that_are_refused(text, message):
    with pytest.raises(CorpusError, match=message):
        load_corpus(text)


def test_limits_are_inside():
    most = "\n".join(f"cod eel{k % 1000} crab{k // 1000}" for k in range(MAX_SENTENCES))
    assert load_corpus(most + "\n \n").report.n_sentences == MAX_SENTENCES
    words = [f"w{k}" for k in range(MAX_VOCABULARY)]
    text = "\n".join(" ".join(words[k : k + 20]) for k in range(0, len(words), 20))
    assert len(load_corpus(text).tokenizer) == MAX_VOCABULARY + len(SPECIALS)
    with pytest.raises(CorpusError, match="2,001 different words; the limit is 2,000"):
        load_corpus(text + "\nw0 more")


def test_what_is_too_small_to_generalise(fish):
    lines = [" ".join(words) for words in fish.train]
    assert load_corpus("\n".join(lines[:299])).report.memorises
    enough = load_corpus("\n".join(lines[:400])).report
    assert not enough.memorises and enough.notes == ()
    rare = "\n".join(f"the cod{k} meets the eel{k}" for k in range(400))
    report = load_corpus(rare).report
    assert report.memorises
    assert report.notes[1:] == (
        "No held-out loss: each sentence has a word of its own.",
    )


def test_held_out_starts_at_fifty_sentences():
    lines = [f"{a} {b} {c}" for a in "abcd" for b in "efgh" for c in "ijkl"]
    assert load_corpus("\n".join(lines[:49])).held_out == ()
    assert len(load_corpus("\n".join(lines[:50])).held_out) == 5


def test_what_is_featured_of_any_text():
    lines = [f"the {a} {b} {c}" for a in "abcd" for b in "efgh" for c in "ijkl"]
    for n in (5, 20, 64):
        corpus = load_corpus("\n".join(lines[:n]))
        assert len({blanked.whole for blanked in corpus.featured}) == 3
        for blanked in corpus.featured:
            assert blanked.whole in (corpus.held_out or corpus.train)
            assert blanked.words[blanked.position] == "[mask]"
            assert blanked.answer != "the"
    own = load_corpus(FIVE).featured[0]  # "a" is the only word of another sentence
    assert own == (("[mask]", "cod", "swims"), 0, "a")


def test_a_word_that_would_be_lost_keeps_its_sentence_in_training():
    lines = [f"{a} {b} {c}" for a in "abcd" for b in "efgh" for c in "ijkl"]
    lines[9] = "only here"
    corpus = load_corpus("\n".join(lines))
    assert ("only", "here") in corpus.train
    assert corpus.held_out[0] == tuple(lines[10].split())
    assert len(corpus.held_out) == 6


def test_of_two_sentences_with_a_rare_word_one_is_held_out():
    lines = [f"{a} {b} {c}" for a in "abcd" for b in "efgh" for c in "ijkl"]
    lines[:4] = ["one word", "one a", "a it", "it is is"]
    lines[9], lines[19] = "a rare word", "rare it is"  # both are due
    corpus = load_corpus("\n".join(lines))
    assert ("a", "rare", "word") in corpus.held_out
    assert ("rare", "it", "is") in corpus.train


def check(corpus):
    """What holds for every corpus."""
    V = len(corpus.tokenizer)
    known = {word for words in corpus.train for word in words}
    assert all(set(words) <= known for words in corpus.held_out)
    assert not set(corpus.train) & set(corpus.held_out)
    for split in ("train", "held_out"):
        token_ids = corpus.token_ids(split)
        assert token_ids.shape == (len(getattr(corpus, split)), corpus.max_len)
        assert (
            (token_ids == PAD) | ((token_ids >= len(SPECIALS)) & (token_ids < V))
        ).all()
        for row, words in zip(token_ids, getattr(corpus, split), strict=True):
            assert corpus.tokenizer.decode(row[: len(words)]) == list(words)
    r, report = corpus.references, corpus.report
    assert 0 <= r.train_floor <= r.frequency + 1e-9 <= r.uniform + 2e-9
    assert report.n_sentences == len(corpus.train) + len(corpus.held_out)
    assert report.memorises == any("by heart" in note for note in report.notes)


@settings(deadline=None)
@given(st.text())
def test_any_text_loads_or_is_refused(text):
    try:
        corpus = load_corpus(text)
    except CorpusError as error:
        assert str(error)
    else:
        check(corpus)


WORDS = st.text(st.characters(categories=["L", "N", "M", "P", "S", "Zs"]), max_size=6)
LINES = st.lists(WORDS, max_size=8).map(" ".join)


@settings(deadline=None)
@given(st.lists(LINES, min_size=5, max_size=80), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines_are_used_or_reported(lines, end):
    text = end.join(lines)
    try:
        corpus = load_corpus(text)
    except CorpusError:
        return
    check(corpus)
    given_lines = text.split(end)
    if not given_lines[-1]:
        given_lines.pop()
    assert corpus.report.n_sentences + len(corpus.report.skipped) == len(given_lines)
    for number, line, reason in corpus.report.skipped:
        assert given_lines[number - 1] == line and reason


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(60, 120))
def test_any_random_sentences_are_split_well(seed, n):
    rng = np.random.default_rng(seed)
    lines = [" ".join(rng.choice(list("abcdefgh"), 6)) for _ in range(n)]
    corpus = load_corpus("\n".join(lines))
    check(corpus)
    assert len(corpus.held_out) == len(set(lines)) // 10
