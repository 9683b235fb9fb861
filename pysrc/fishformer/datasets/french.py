"""French sentences with their English, from a grammar, and which words belong together.

`data/french_grammar.txt` holds the lexicon and explains itself; `data/french.txt` is
what it says with this seed (`python -m fishformer.datasets` writes it).
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from fishformer.grammar import GrammarError, read_data
from fishformer.tasks import Pair, Words

N_PAIRS = 600
SEED = 7
KING = Pair(("mon", "chat", "est", "roi"), ("my", "cat", "is", "king"))
HELD_OUT_EVERY = 10
GENDERS = ("m", "f")  # the order of the forms in the grammar
BESIDE = " = "  # between the two languages in the listing

MADE = "# Made by python -m fishformer.datasets: change french_grammar.txt instead.\n"

T = TypeVar("T")


class Noun(NamedTuple):
    """A noun of both languages."""

    french: str
    gender: str  # one of GENDERS
    english: str
    kind: str


class Adjective(NamedTuple):
    """An adjective of both languages."""

    forms: tuple[str, str]  # French, by gender
    english: str
    kinds: frozenset[str]  # of nouns that it goes with
    place: str  # its section of the grammar


class Verb(NamedTuple):
    """A verb of both languages."""

    french: str
    english: str
    kinds: frozenset[str]  # of objects that it takes; none if it takes no object


class Phrase(NamedTuple):
    """A noun with what belongs to it, in both languages."""

    pair: Pair
    noun: Noun
    adjectives: tuple[Adjective, ...]


BEFORE, AFTER, COLOURS = ("before the noun", "after the noun", "colours after the noun")


class Lexicon:
    """The words of the grammar and how often it says what."""

    def __init__(self, text: str):
        """Read a grammar. Raises GrammarError, which names the section or the line."""
        lines = sections(text)
        self.shapes = _shares(lines, "shares")
        self.counts = _shares(lines, "adjectives of a noun")
        rows = {name: [line.split() for line in found] for name, found in lines.items()}
        try:
            self.determiners = [
                ((m, f), english) for m, f, english in rows["determiners"]
            ]
            self.nouns = [Noun(*row) for row in rows["nouns"]]
            [(king, english_king, queen, english_queen)] = rows["titles"]
            self.adjectives = [
                Adjective((m, f), english, frozenset(kinds), place)
                for place in (BEFORE, AFTER, COLOURS)
                for m, f, english, *kinds in rows[place]
            ]
            self.verbs = [
                Verb(french, english, frozenset(kinds))
                for name in ("verbs", "verbs with an object")
                for french, english, *kinds in rows[name]
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise GrammarError(f"the French grammar is incomplete: {error}") from None
        self.definite = [row for row in self.determiners if row[1] != "a"]
        self.titles = {"m": (king, english_king), "f": (queen, english_queen)}

    def generate(self, n: int, seed: int) -> list[Pair]:
        """n different pairs. Raises GrammarError where the grammar says too little."""
        rng = np.random.default_rng(seed)
        pairs: dict[Words, Pair] = {}
        for _ in range(100 * n):
            pair = self._sentence(rng)
            pairs.setdefault(pair.source, pair)
            if len(pairs) == n:
                return list(pairs.values())
        raise GrammarError(f"the grammar is too small for {n} different sentences")

    def _sentence(self, rng: np.random.Generator) -> Pair:
        shape = _weighted(rng, self.shapes)
        actors = {"animal"} if shape == "is title" else {"animal", "person"}
        subjects = [noun for noun in self.nouns if noun.kind in actors]
        if shape.startswith("is "):
            subject = self._phrase(rng, subjects, self.definite)
            return _joined(subject.pair, self._predicate(rng, shape, subject))
        subject = self._phrase(rng, subjects, self.determiners)
        noun = subject.noun
        verb = _one_of(
            rng, [v for v in self.verbs if bool(v.kinds) == (shape != "verb")]
        )
        said = Pair((verb.french,), (verb.english,))
        if not verb.kinds:
            return _joined(subject.pair, said)
        objects = [n for n in self.nouns if n.kind in verb.kinds and n != noun]
        object_ = self._phrase(rng, objects, self.determiners, subject.adjectives)
        return _joined(subject.pair, said, object_.pair)

    def _predicate(self, rng: np.random.Generator, shape: str, subject: Phrase) -> Pair:
        """What a subject is: king, or an adjective unlike those that it has."""
        noun = subject.noun
        if shape == "is title":
            title, english = self.titles[noun.gender]
            return Pair(("est", title), ("is", english))
        places = {adjective.place for adjective in subject.adjectives}
        fitting = [a for a in self._fitting(noun, ()) if a.place not in places]
        adjective = _one_of(rng, fitting)
        return Pair(("est", _form(adjective, noun)), ("is", adjective.english))

    def _phrase(
        self,
        rng: np.random.Generator,
        nouns: Sequence[Noun],
        determiners: Sequence[tuple[tuple[str, str], str]],
        said: tuple[Adjective, ...] = (),
    ) -> Phrase:
        """One of some nouns, a determiner, and adjectives that were not said yet."""
        noun = _one_of(rng, nouns)
        forms, english = _one_of(rng, determiners)
        count = _weighted(rng, self.counts)
        fitting = self._fitting(noun, said)
        before = [a for a in fitting if a.place == BEFORE]
        colours = [a for a in fitting if a.place == COLOURS]
        chosen: tuple[Adjective, ...] = ()
        if count == "two" and colours:
            chosen = (_one_of(rng, before), _one_of(rng, colours))
        elif count != "none":
            chosen = (_one_of(rng, fitting),)
        source = (
            forms[GENDERS.index(noun.gender)],
            *(_form(a, noun) for a in chosen if a.place == BEFORE),
            noun.french,
            *(_form(a, noun) for a in chosen if a.place != BEFORE),
        )
        following = (*(a.english for a in chosen), noun.english)
        if english == "a" and following[0][0] in "aeiou":
            english = "an"
        return Phrase(Pair(source, (english, *following)), noun, chosen)

    def _fitting(self, noun: Noun, said: tuple[Adjective, ...]) -> list[Adjective]:
        return [a for a in self.adjectives if noun.kind in a.kinds and a not in said]

    def english_of(self) -> dict[str, str]:
        """The English of each French word, out of context: "a" and not "an"."""
        both = {noun.french: noun.english for noun in self.nouns}
        both |= {verb.french: verb.english for verb in self.verbs}
        both |= dict(self.titles.values()) | {"est": "is"}
        for forms, english in self.determiners:
            both |= dict.fromkeys(forms, english)
        for adjective in self.adjectives:
            both |= dict.fromkeys(adjective.forms, adjective.english)
        return both


def alignment(pair: Pair, english_of: dict[str, str]) -> tuple[int, ...]:
    """For each English word the place of the French word that it comes from.

    Where an English word stands twice, so does a French one, in the same order.
    """
    french = [english_of[word] for word in pair.source]
    seen: Counter[str] = Counter()
    places = []
    for word in pair.target:
        plain = "a" if word == "an" else word
        places.append([k for k, w in enumerate(french) if w == plain][seen[plain]])
        seen[plain] += 1
    return tuple(places)


def sections(text: str) -> dict[str, list[str]]:
    """The lines below each [name: comment], without comments and empty lines."""
    found: dict[str, list[str]] = {}
    inside = None
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("["):
            inside = found.setdefault(line.strip("[]").partition(":")[0], [])
        elif line and not line.startswith("#"):
            if inside is None:
                raise GrammarError(
                    f"line {number}: {line!r} stands before any [section]"
                )
            inside.append(line)
    return found


def _shares(lines: dict[str, list[str]], name: str) -> dict[str, int]:
    try:
        return {
            what: int(n) for what, n in (ln.rsplit(maxsplit=1) for ln in lines[name])
        }
    except (KeyError, ValueError) as error:
        raise GrammarError(f"section [{name}] is missing or unclear: {error}") from None


def _one_of(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.random() * len(choices))]


def _weighted(rng: np.random.Generator, weights: dict[str, int]) -> str:
    return _one_of(
        rng, [name for name, weight in weights.items() for _ in range(weight)]
    )


def _form(adjective: Adjective, noun: Noun) -> str:
    return adjective.forms[GENDERS.index(noun.gender)]


def _joined(*parts: Pair) -> Pair:
    """Pieces of a sentence, one after another in both languages."""
    return Pair(
        tuple(word for part in parts for word in part.source),
        tuple(word for part in parts for word in part.target),
    )


def lexicon() -> Lexicon:
    """The lexicon of the French sentences."""
    return Lexicon(read_data("french_grammar.txt"))


def listed_pairs() -> list[Pair]:
    """All French pairs, as listed; KING is the first."""
    lines = read_data("french.txt").splitlines()
    both = (line.split(BESIDE) for line in lines if not line.startswith("#"))
    return [Pair(tuple(f.split()), tuple(e.split())) for f, e in both]


def write_french(folder: Path) -> None:
    """Write the listing that follows from the grammar."""
    others = [p for p in lexicon().generate(N_PAIRS, SEED) if p != KING]
    pairs = [KING, *others][:N_PAIRS]
    lines = "\n".join(" ".join(f) + BESIDE + " ".join(e) for f, e in pairs)
    (folder / "french.txt").write_text(f"{MADE}{lines}\n", encoding="utf-8")
