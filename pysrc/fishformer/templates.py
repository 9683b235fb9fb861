"""The little language of the grammar's clauses: "the {old|young} trout sleeps"."""

import re
from collections.abc import Iterator

MIN_WORDS, MAX_WORDS = 4, 16  # of a sentence, and so of a clause

Way = tuple[tuple[str, ...], float]  # something to say, and how likely it is


class GrammarError(ValueError):
    """The grammar cannot be used; the message names the line if one is to blame."""


def expand(template: str, number: int) -> list[Way]:
    """All clauses of a template, each with its probability.

    Raises GrammarError, which names the line by its `number`.
    """
    parts = re.findall(r"[{}|]|[^\s{}|]+", template)
    depth = 0
    for part in parts:
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth < 0 or (depth == 0 and part == "|"):
            raise GrammarError(f"line {number}: {part!r} outside of any {{...}}")
        if part not in "{|}" and not re.fullmatch(r"[a-z]+(/[a-z]+)?", part):
            raise GrammarError(f"line {number}: {part!r} is not a word or word/sense")
    if depth:
        raise GrammarError(f"line {number}: a {{ is never closed")
    ways = _sequence(iter(parts))
    for tokens, _ in ways:
        if not MIN_WORDS <= len(tokens) <= MAX_WORDS:
            raise GrammarError(
                f"line {number}: {' '.join(tokens)!r} has {len(tokens)} words; "
                f"a clause has {MIN_WORDS} to {MAX_WORDS}"
            )
    return ways


def _sequence(parts: Iterator[str]) -> list[Way]:
    """The ways to say what stands up to the next closing brace, or the end."""
    alternatives: list[list[Way]] = [[((), 1.0)]]
    for part in parts:
        if part == "}":
            break
        if part == "|":
            alternatives.append([((), 1.0)])
            continue
        here = _sequence(parts) if part == "{" else [((part,), 1.0)]
        alternatives[-1] = [
            (left + right, p * q) for left, p in alternatives[-1] for right, q in here
        ]
    return [(w, p / len(alternatives)) for ways in alternatives for w, p in ways]
