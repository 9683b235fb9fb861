"""How low a loss can be: what the curve of a training run should be compared with.

All are mean surprises at a hidden word, in nats, and hide words as training does: each
sentence is as likely as any other, and so is each word within it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from fishformer.grammar import Grammar

Words = tuple[str, ...]


@dataclass(frozen=True)
class References:
    """Four losses, from knowing nothing to knowing all that can be known.

    uniform: ln V, every entry of the vocabulary equally likely.
    frequency: the best that one and the same guess for all gaps can do on the training
    sentences, which is the entropy of their words.
    train_floor: for one who knows the training sentences by heart, and nothing else.
    Where several of them differ in the hidden word only, any of those words is a fair
    guess; elsewhere there is no doubt. A training loss near it may be mere recall.
    grammar_floor: for one who knows the rules that make the sentences, but not which
    of them were drawn. A held-out loss cannot stay below it other than by luck. None
    if no grammar made them.
    """

    uniform: float
    frequency: float
    train_floor: float
    grammar_floor: float | None


def frequency_loss(sentences: Sequence[Words]) -> float:
    """Entropy of a hidden word when nothing else is known."""
    weights: defaultdict[str, float] = defaultdict(float)
    for words in sentences:
        for word in words:
            weights[word] += 1 / len(words)
    return entropy(weights.values())


def floor_of_recall(sentences: Sequence[Words]) -> float:
    """Entropy of a hidden word, given the rest of its sentence word for word."""
    weights: defaultdict[tuple, dict[str, float]] = defaultdict(dict)
    for words in sentences:
        for at, word in enumerate(words):
            here = weights[words[:at], words[at + 1 :]]
            here[word] = here.get(word, 0.0) + 1 / len(words)
    choices = (ways.values() for ways in weights.values() if len(ways) > 1)
    return sum(sum(ways) * entropy(ways) for ways in choices) / len(sentences)


def entropy(weights: Iterable[float]) -> float:
    """Entropy in nats of weights that need not sum to 1."""
    weights = list(weights)
    total = sum(weights)
    return -sum(w / total * log(w / total) for w in weights)


def grammar_floor(grammar: Grammar, sentences: Sequence[Words]) -> float:
    """Mean entropy of a hidden word, to one who knows the grammar and all other words.

    Exact for each gap: every word is tried in it, and weighs as much as the grammar is
    likely to say the completed sentence. `sentences` are a sample of what it says.
    """
    odds = Odds(grammar)
    means = []
    for words in sentences:
        doubts = [entropy(odds.at(words, k).values()) for k in range(len(words))]
        means.append(sum(doubts) / len(words))
    return sum(means) / len(means)


class Odds:
    """What a grammar makes of a sentence with a gap."""

    def __init__(self, grammar: Grammar):
        self.grammar = grammar
        self.places: defaultdict[Words, list[int]] = defaultdict(list)
        joins = {word for words in grammar.joins.values() for word in words}
        # Which words ever stand after, and before, a word; "" is a sentence's edge.
        self.after: defaultdict[str, set[str]] = defaultdict(set)
        self.before: defaultdict[str, set[str]] = defaultdict(set)
        for place, clause in enumerate(grammar.clauses):
            self.places[clause.words].append(place)
            for edge in ("", *joins):
                row = (edge, *clause.words, edge)
                for left, right in pairwise(row):
                    self.after[left].add(right)
                    self.before[right].add(left)

    def of(self, words: Words) -> float:
        """How likely the grammar is to say exactly this."""
        grammar, places = self.grammar, self.places
        odds = sum(float(grammar.singles[i]) for i in places.get(words, ()))
        for at in range(1, len(words) - 1):
            for i in places.get(words[:at], ()):
                for j in places.get(words[at + 1 :], ()):
                    joins = grammar.joins_of(grammar.clauses[i], grammar.clauses[j])
                    share = joins.count(words[at]) / len(joins)
                    odds += share * float(grammar.pairs[i, j])
        return odds

    def at(self, words: Words, gap: int) -> dict[str, float]:
        """How likely each word is in a gap, given the others; empty if none fits."""
        left, right = words[:gap], words[gap + 1 :]
        fitting = self.after[left[-1] if left else ""]
        fitting = fitting & self.before[right[0] if right else ""]
        odds = {word: self.of((*left, word, *right)) for word in sorted(fitting)}
        total = sum(odds.values())
        return {word: p / total for word, p in odds.items() if p}
