"""A number named in a text, so that one exhibit can have it opened by another (E23)."""

import json

from fishformer.corpus import Blanked, Corpus
from fishformer.lessons.places import Number
from fishformer.tokenizer import UnknownWordError


def link_to(number: Number, asked: Blanked) -> str:
    """The text that names a number in one sentence, asked for one word."""
    return json.dumps([*number, *asked])


def read_link(text: str, corpus: Corpus) -> tuple[Number, Blanked]:
    """The number and the sentence that a text names.

    Raises ValueError for a text that names none, or words that nobody knows.
    """
    try:
        place, row, column, head, words, position, answer = json.loads(text)
        number = Number(str(place), int(row), int(column), int(head))
        asked = Blanked(tuple(map(str, words)), int(position), str(answer))
        corpus.tokenizer.encode([*asked.words, asked.answer])
    except UnknownWordError as error:
        raise ValueError(f"E23 cannot open it: {error}.") from None
    except (TypeError, ValueError):
        raise ValueError(f"E23 has no number {text[:60]!r}.") from None
    if not (0 <= asked.position < len(asked.words) <= corpus.max_len):
        raise ValueError(f"E23 has no number {text[:60]!r}.")
    return number, asked
