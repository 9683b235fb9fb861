import numpy as np
import pytest

from fishformer.probes import clause_of_words, own_clause_share

JOINS = ("and", "while")
WORDS = "the bass sleeps while a band plays".split()


def test_clauses_are_what_stands_before_and_after_the_join():
    assert clause_of_words(WORDS, JOINS).tolist() == [0, 0, 0, -1, 1, 1, 1]


@pytest.mark.parametrize(
    "sentence",
    ["the bass sleeps", "bass and drums play", "the cod and the eel while a fly sits"],
)
def test_a_sentence_that_is_not_plainly_two_clauses_has_none(sentence):
    assert clause_of_words(sentence.split(), JOINS) is None
    assert own_clause_share(np.ones((1, 1)), sentence.split(), JOINS) is None


def test_share_of_ones_own_clause():
    even = np.full((2, 7, 7), 1 / 7)
    np.testing.assert_allclose(own_clause_share(even, WORDS, JOINS), [3 / 7, 3 / 7])
    own = np.kron(np.eye(2), np.full((3, 3), 1 / 3))
    weights = np.zeros((7, 7))
    keep = [0, 1, 2, 4, 5, 6]
    weights[np.ix_(keep, keep)] = own
    weights[3] = 1 / 7
    assert own_clause_share(weights, WORDS, JOINS) == pytest.approx(1)
