"""Measures of what a model does. They only read: nothing here changes a model."""

from collections.abc import Collection, Sequence

import numpy as np


def clause_of_words(words: Sequence[str], joins: Collection[str]) -> np.ndarray | None:
    """Which clause each word stands in: 0, 1, or -1 for the word that joins them.

    None unless exactly one of `joins` stands between two words or more and two.
    """
    places = [i for i, word in enumerate(words) if word in joins]
    if len(places) != 1 or not 2 <= places[0] < len(words) - 2:
        return None
    clauses = (np.arange(len(words)) > places[0]).astype(int)
    clauses[places[0]] = -1
    return clauses


def own_clause_share(
    attn_weights: np.ndarray, words: Sequence[str], joins: Collection[str]
) -> np.ndarray | None:
    """The share of attention that stays within a word's own clause, mean over words.

    attn_weights (..., T, T) -> (...); None where the sentence is not two clauses.
    """
    clauses = clause_of_words(words, joins)
    if clauses is None:
        return None
    in_clause = clauses >= 0
    same = (clauses[:, None] == clauses) & in_clause
    return (attn_weights * same).sum(axis=-1)[..., in_clause].mean(axis=-1)
