"""Words and their numbers: rules of the split, and round trips for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.tokenizer import (
    END,
    MASK,
    PAD,
    SPECIALS,
    START,
    Tokenizer,
    UnknownWordError,
    is_spaceless,
    split_sentence,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The BASS swims.", "the bass swims"),
        ("  tabs\tand   spaces \r\n", "tabs and spaces"),
        (
            "“Stop!” (he said); it's a-well, known… fish",
            "stop he said it's a-well known fish",
        ),
        ("the fisherman’s well‑worn net", "the fisherman's well-worn net"),
        ("'quoted' -dashed- -- o'", "quoted dashed o"),
        ("1,000 fish weigh 3.5 kg. 2nd, 4", "1,000 fish weigh 3.5 kg 2nd 4"),
        ("He ran.She swam,too", "he ran she swam too"),
        ("ΘΆΛΑΣΣΑ και ψάρι", "θάλασσα και ψάρι"),
        ("Рыба плывёт", "рыба плывёт"),
        ("السمكة تسبح، في البحر", "السمكة تسبح في البحر"),
        ("मछली पानी में है।", "मछली पानी में है"),
        ("cafe\u0301 = caf\u00e9", "caf\u00e9 caf\u00e9"),
        ("魚が泳ぐ", "魚 が 泳 ぐ"),
        ("ปลาว่าย", "ป ล า ว่ า ย"),
        ("물고기가 헤엄친다", "물고기가 헤엄친다"),
        ("🐟 fish 🐟", "fish"),
        ("?!… 🐟 --", ""),
    ],
)
def test_split(text, words):
    assert split_sentence(text) == words.split()


@pytest.mark.parametrize(
    "text",
    [
        "the ___ swims",
        "the __ swims.",
        "The [MASK] swims",
        "the _ swims",
        "the … swims",
        "the ... swims",
        "the ____, swims",
    ],
)
def test_a_blank_is_the_mask(text):
    assert split_sentence(text) == ["the", "[mask]", "swims"]


@pytest.mark.parametrize(
    "text", ["snake_case fish", "the fish swims...", "the fish swims…"]
)
def test_what_is_no_blank(text):
    assert "[mask]" not in split_sentence(text)


def test_zero_width_joiners_stay_inside_words_only():
    assert split_sentence("\u200cمی\u200cرود\u200c") == ["می\u200cرود"]


@settings(deadline=None)
@given(st.text())
def test_splitting_again_changes_nothing(text):
    words = split_sentence(text)
    assert split_sentence(" ".join(words)) == words


@settings(deadline=None)
@given(st.text())
def test_words_are_clean(text):
    for word in split_sentence(text):
        assert word
        assert not any(c.isspace() for c in word)
        assert word == SPECIALS[MASK] or any(c.isalnum() for c in word)


def test_specials_come_first():
    tokenizer = Tokenizer(["cod", "eel"])
    assert tokenizer.words == (*SPECIALS, "cod", "eel")
    for place, special in (
        (PAD, "[pad]"),
        (MASK, "[mask]"),
        (START, "[start]"),
        (END, "[end]"),
    ):
        assert tokenizer.words[place] == special
    assert len(tokenizer) == 6
    assert tokenizer.encode(["eel", "[mask]", "cod"]) == [5, 1, 4]
    assert "eel" in tokenizer and "crab" not in tokenizer


def test_unknown_words_are_all_named_once():
    with pytest.raises(UnknownWordError, match="crab, pike") as caught:
        Tokenizer(["cod"]).encode(["crab", "cod", "pike", "crab"])
    assert caught.value.words == ("crab", "pike")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("token_id", [-1, len(SPECIALS) + 1])
def test_ids_out_of_range_are_refused(token_id):
    with pytest.raises(IndexError, match=f"0 to {len(SPECIALS)}"):
        Tokenizer(["cod"]).decode([token_id])


@pytest.mark.parametrize("words", [["cod", "cod"], ["[pad]"]])
def test_a_word_twice_is_refused(words):
    with pytest.raises(ValueError, match="once"):
        Tokenizer(words)


@settings(deadline=None)
@given(st.lists(st.text()))
def test_round_trip(texts):
    sentences = [split_sentence(text) for text in texts]
    vocabulary = sorted({w for words in sentences for w in words} - set(SPECIALS))
    tokenizer = Tokenizer(vocabulary)
    for words in sentences:
        token_ids = tokenizer.encode(words)
        assert all(MASK <= k < len(tokenizer) for k in token_ids)
        assert tokenizer.decode(token_ids) == words


def test_is_spaceless():
    assert is_spaceless("魚") and is_spaceless("ว่") and not is_spaceless("물고기")
