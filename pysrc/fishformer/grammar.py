"""The fish grammar: a readable file of clause templates, and the sentences it makes.

`data/fish_grammar.txt` explains its own format; `data/fish_sentences.txt` is what it
says with this seed (`python -m fishformer.corpus` writes it).
"""

import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from fishformer.templates import MAX_WORDS, GrammarError, expand

N_SENTENCES = 800
SEED = 7

KINDS = ("one clause", "two clauses", "two senses")  # of sentences
JOINS = ("and", "while", "but")  # the words that may join two clauses
MOODS_OF_TWO = ("same", "different")
MOODS = ("quiet", "lively")
SECTIONS = ("shares", "openings", "joins", "may repeat", *MOODS)


class Clause(NamedTuple):
    """One clause that the grammar can say."""

    tokens: tuple[str, ...]  # with sense marks, such as "bass/fish"
    words: tuple[str, ...]  # the same without them
    mood: str
    line: int  # of its template in the file
    probability: float


def unmark(token: str) -> tuple[str, str]:
    """A word and its sense: "bass/fish" -> ("bass", "fish"), "the" -> ("the", "")."""
    word, _, sense = token.partition("/")
    return word, sense


def plain(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The words of marked tokens."""
    return tuple(unmark(token)[0] for token in tokens)


@dataclass(frozen=True)
class Grammar:
    """Clauses with their probabilities, and how they make sentences."""

    clauses: tuple[Clause, ...]
    shares: dict[str, float]  # of each of KINDS; they sum to 1
    openings: dict[int, float]  # of each length of a first of two clauses, likewise
    joins: dict[str, tuple[str, ...]]
    may_repeat: frozenset[str]
    senses: dict[str, tuple[str, ...]]  # of each word that has more than one

    @cached_property
    def singles(self) -> np.ndarray:
        """Probability that a sentence is just this clause (C,)."""
        p = np.array([c.probability for c in self.clauses])
        return self.shares["one clause"] * p

    @cached_property
    def pairs(self) -> np.ndarray:
        """Probability that a sentence is this clause, then that one (C, C)."""
        words = sorted({w for c in self.clauses for w in c.words} - self.may_repeat)
        holds = np.array([[w in c.words for w in words] for c in self.clauses], int)
        shared = holds @ holds.T
        length = np.array([len(c.words) for c in self.clauses])
        fits = length[:, None] + 1 + length <= MAX_WORDS
        p = np.array([c.probability for c in self.clauses])
        opens = np.zeros_like(p)
        for n_words, share in self.openings.items():
            opens += share * _normalised(p * (length == n_words))
        chance = np.outer(opens, p) * fits
        pairs = self.shares["two clauses"] * _normalised(chance * (shared == 0))
        for word, senses in self.senses.items():
            sense = np.array([_sense_in(c, word, senses) for c in self.clauses])
            differ = (sense[:, None] != sense) & (sense[:, None] >= 0) & (sense >= 0)
            ways = _normalised(chance * (differ & (shared == 1)))
            pairs += self.shares["two senses"] / len(self.senses) * ways
        return pairs

    def joins_of(self, first: Clause, second: Clause) -> tuple[str, ...]:
        """The words that may join two clauses, each equally likely."""
        return self.joins["same" if first.mood == second.mood else "different"]

    def generate(self, n: int, seed: int) -> list[tuple[str, ...]]:
        """n sentences of marked tokens, no two of them made of the same clauses.

        Raises GrammarError when the grammar seems too small for n.
        """
        rng = np.random.default_rng(seed)
        C = len(self.clauses)
        ladder = np.cumsum(np.concatenate([self.singles, self.pairs.ravel()]))
        sentences: dict[frozenset[int], tuple[str, ...]] = {}
        for _ in range(100 * n):
            draw, turn = rng.random(2)
            place = int(np.searchsorted(ladder, draw * ladder[-1], side="right"))
            chosen = (place,) if place < C else divmod(place - C, C)
            first, second = self.clauses[chosen[0]], self.clauses[chosen[-1]]
            tokens = first.tokens
            if place >= C:
                joins = self.joins_of(first, second)
                tokens = (*tokens, joins[int(turn * len(joins))], *second.tokens)
            sentences.setdefault(frozenset(chosen), tokens)
            if len(sentences) == n:
                return list(sentences.values())
        raise GrammarError(f"the grammar is too small for {n} different sentences")


def parse_grammar(text: str) -> Grammar:
    """Read a grammar. Raises GrammarError, which names the line."""
    sections: dict[str, list[tuple[int, str]]] = {name: [] for name in SECTIONS}
    inside = None
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            inside = line[1:-1]
            if inside not in sections or not line.endswith("]"):
                known = ", ".join(SECTIONS)
                raise GrammarError(f"line {number}: no section {line}; known: {known}")
        elif inside is None:
            raise GrammarError(f"line {number}: {line!r} stands before any [section]")
        else:
            sections[inside].append((number, line))
    templates = [(number, line, m) for m in MOODS for number, line in sections[m]]
    if not templates:
        raise GrammarError("the grammar has no clauses")
    clauses = tuple(
        Clause(tokens, plain(tokens), mood, number, p / len(templates))
        for number, line, mood in templates
        for tokens, p in expand(line, number)
    )
    shares = _settings(sections["shares"], rf"({'|'.join(KINDS)}) (\d+)")
    openings = _settings(sections["openings"], r"(\d+) words (\d+)")
    one = f"({'|'.join(JOINS)})"
    joins = _settings(sections["joins"], f"({'|'.join(MOODS_OF_TWO)}) ({one}( {one})*)")
    for name in (*KINDS, *MOODS_OF_TWO):
        if name not in shares and name not in joins:
            raise GrammarError(f"the grammar does not say {name!r}")
    return Grammar(
        clauses,
        _portions(shares),
        {int(n): share for n, share in _portions(openings).items()},
        {kind: tuple(words.split()) for kind, words in joins.items()},
        frozenset(word for _, line in sections["may repeat"] for word in line.split()),
        _senses(clauses),
    )


def read_data(name: str) -> str:
    """The text of one of the package's data files."""
    return files("fishformer").joinpath("data", name).read_text(encoding="utf-8")


def fish_grammar() -> Grammar:
    """The grammar of the fish sentences."""
    return parse_grammar(read_data("fish_grammar.txt"))


def _settings(lines: list[tuple[int, str]], pattern: str) -> dict[str, str]:
    """A section whose lines hold a name and its value."""
    values: dict[str, str] = {}
    for number, line in lines:
        found = re.fullmatch(pattern, line)
        if not found or found[1] in values:
            raise GrammarError(f"line {number}: {line!r} is unclear, or said twice")
        values[found[1]] = found[2]
    return values


def _portions(weights: dict[str, str]) -> dict[str, float]:
    """Weights as shares of their sum."""
    total = sum(map(int, weights.values()))
    if not total:
        raise GrammarError("shares and openings need a number above 0")
    return {name: int(weight) / total for name, weight in weights.items()}


def _senses(clauses: tuple[Clause, ...]) -> dict[str, tuple[str, ...]]:
    """The senses of each marked word; each must have two or more, and always a mark."""
    senses: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    for clause in clauses:
        for word, sense in map(unmark, clause.tokens):
            if sense:
                senses.setdefault(word, set()).add(sense)
                lines[word] = clause.line
    for clause in clauses:
        for token in clause.tokens:
            if token in JOINS:
                raise GrammarError(
                    f"line {clause.line}: {token!r} joins clauses and stands in none"
                )
            if token in senses:
                raise GrammarError(
                    f"line {clause.line}: {token!r} needs a sense here, one of "
                    + ", ".join(sorted(senses[token]))
                )
    for word, found in senses.items():
        if len(found) == 1:
            raise GrammarError(f"line {lines[word]}: {word!r} has only this one sense")
    return {word: tuple(sorted(senses[word])) for word in sorted(senses)}


def _sense_in(clause: Clause, word: str, senses: tuple[str, ...]) -> int:
    """The number of the sense that a word has in a clause, -1 where it is absent."""
    for token in clause.tokens:
        found, sense = unmark(token)
        if found == word and sense:
            return senses.index(sense)
    return -1


def _normalised(chance: np.ndarray) -> np.ndarray:
    total = chance.sum()
    if not total:
        raise GrammarError("no clauses go together by these rules")
    return chance / total
