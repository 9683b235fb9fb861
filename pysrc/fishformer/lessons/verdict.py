"""What to think of a sentence that a model wrote: is it new, and is it one?"""

from typing import NamedTuple

from fishformer.corpus import Corpus, Words
from fishformer.grammar import JOINS, fish_grammar

Clauses = frozenset[Words]


class Verdict(NamedTuple):
    """Two questions to one sentence."""

    recited: bool  # it stands in the training sentences, word for word
    grammatical: bool | None  # None where there is no grammar to ask


def is_grammatical(words: Words, clauses: Clauses) -> bool:
    """Whether it is one of the clauses, or two of them with a word that joins.

    The fish grammar itself also minds the mood of the clauses, and repeats no word.
    """
    return words in clauses or any(
        word in JOINS and words[:k] in clauses and words[k + 1 :] in clauses
        for k, word in enumerate(words)
    )


class Judge:
    """Judges sentences by a corpus and, if it is the fish, by their grammar."""

    def __init__(self, corpus: Corpus):
        self.known = frozenset(corpus.train)
        self.clauses: Clauses | None = None
        if corpus.joins:
            self.clauses = frozenset(clause.words for clause in fish_grammar().clauses)

    def verdict(self, words: Words) -> Verdict:
        """On one sentence, without its [end]."""
        grammatical = None
        if self.clauses is not None:
            grammatical = is_grammatical(words, self.clauses)
        return Verdict(words in self.known, grammatical)
