"""Somebody's text, one sentence a line: what can be used, and why not the rest."""

import re
from collections import Counter
from typing import NamedTuple

from fishformer.tokenizer import MASK, SPECIALS, split_sentence

Words = tuple[str, ...]

MIN_SENTENCES, MAX_SENTENCES = 5, 2_000
MIN_WORDS, MAX_WORDS = 2, 32  # of a sentence
MAX_CHARACTERS = 400_000
MAX_VOCABULARY = 2_000

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")


class CorpusError(ValueError):
    """A text that cannot be a corpus; the message says why and what would do."""


class Skipped(NamedTuple):
    """A line that was left out."""

    line_number: int  # from 1
    text: str
    reason: str


def read_sentences(text: str) -> tuple[list[Words], list[Skipped]]:
    """The different sentences of a text in their order, and the lines left out.

    Raises CorpusError where a limit is passed, too little is left, or it is not text.
    """
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    if not lines[-1]:
        lines.pop()  # what follows the last line's end is not a line
    _check_lines(lines)
    first_seen: dict[Words, int] = {}
    skipped = []
    for number, line in enumerate(lines, start=1):
        words = tuple(split_sentence(line))
        reason = _unfit(line, words, first_seen.get(words))
        if reason:
            skipped.append(Skipped(number, line, reason))
        else:
            first_seen[words] = number
    n_words = len({word for words in first_seen for word in words})
    if n_words > MAX_VOCABULARY:
        raise CorpusError(
            f"This text has {n_words:,} different words; "
            f"the limit is {MAX_VOCABULARY:,}."
        )
    if len(first_seen) < MIN_SENTENCES:
        raise CorpusError(_too_few(len(first_seen), skipped))
    return list(first_seen), skipped


def _check_lines(lines: list[str]) -> None:
    n = sum(1 for line in lines if line.strip())
    if n > MAX_SENTENCES:
        raise CorpusError(
            f"This text has {n:,} lines; "
            f"the limit is {MAX_SENTENCES:,} sentences, one a line."
        )
    size = sum(len(line) + 1 for line in lines)
    if size > MAX_CHARACTERS:
        raise CorpusError(
            f"This text has {size:,} characters; the limit is {MAX_CHARACTERS:,}."
        )
    for number, line in enumerate(lines, start=1):
        strange = _NOT_TEXT.search(line)
        if strange:
            raise CorpusError(
                f"Line {number} holds U+{ord(strange[0]):04X}, which no text has. "
                "Is this a text file, saved as UTF-8?"
            )


def _unfit(line: str, words: Words, seen: int | None) -> str | None:
    """Why a line cannot be used, or None."""
    if not line.strip():
        return "empty"
    if not words:
        return "no words in it"
    if SPECIALS[MASK] in words:
        return "it has a gap"
    if len(words) < MIN_WORDS:
        return "one word only: nothing to guess it from"
    if len(words) > MAX_WORDS:
        return f"{len(words)} words; the limit is {MAX_WORDS}"
    return f"the same words as line {seen}" if seen else None


def _too_few(n: int, skipped: list[Skipped]) -> str:
    """Why there is no corpus, with the commonest reason for leaving a line out."""
    message = f"It takes {MIN_SENTENCES} different sentences or more, one a line. "
    message += f"This text has {n or 'none'}"
    reasons = Counter(line.reason for line in skipped if line.reason != "empty")
    if not reasons:
        return message + "."
    reason, times = reasons.most_common(1)[0]
    first = next(line.line_number for line in skipped if line.reason == reason)
    where = f"line {first}" + (f" and {times - 1} more" if times > 1 else "")
    return f"{message}; {len(skipped)} left out, such as {where}: {reason}."
