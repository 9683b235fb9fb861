"""A sentence that a visitor has typed, split and counted."""

from fishformer.corpus import Words
from fishformer.tokenizer import split_sentence


class SentenceError(ValueError):
    """A sentence cannot be shown; the message says why."""


def read_words(text: str, most: int, alone: str) -> Words:
    """Its words, known or not: two or more, up to `most`.

    Raises SentenceError, which says of one word why it is too few: `alone`.
    """
    words = tuple(split_sentence(text))
    if len(words) < 2:
        raise SentenceError(f"That takes two words or more: {alone}.")
    if len(words) > most:
        raise SentenceError(
            f"This sentence has {len(words)} words; the model has places for {most}."
        )
    return words
