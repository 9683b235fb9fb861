"""Data for the other exhibits, our own, each with a part that is never trained on.

load_it: what does "it" mean? load_french: French to English. load_prefixes: three
tasks for one model. recall: what was the first word?
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from fishformer.datasets.french import HELD_OUT_EVERY, KING, lexicon, listed_pairs
from fishformer.datasets.french import sections as sections_of
from fishformer.grammar import read_data
from fishformer.tasks import Pair, Pairs, Question, Questions

__all__ = ["KING", "load_french", "load_it", "load_prefixes", "recall"]

IT_HELD_OUT_EVERY = 4  # pairs of things
SYMBOLS = (
    "bass carp cod eel perch pike sole trout char dab ide ling ray shad smelt tench"
)
N_RECALL = 2_200  # sequences; a few less where there are not so many
RECALL_HELD_OUT_EVERY = 11
PREFIXES = ("translate", "reverse", "classify")


def load_it() -> Questions:
    """What is "it"? "The trophy did not fit in the bag because it was too big."

    1,104 sentences: each two of 24 things, in either role, with either size. The four
    sentences of every fourth pair of things are held out, those of the trophy and the
    bag among them: what is tested is a pair of things never seen together.
    """
    parts = sections_of(read_data("it.txt"))
    [sentence] = parts["sentence"]
    sizes = dict(line.split() for line in parts["sizes"])
    things = [word for line in parts["things"] for word in line.split()]
    train: list[Question] = []
    held_out: list[Question] = []
    for number, pair in enumerate(combinations(things, 2)):
        split = train if number % IT_HELD_OUT_EVERY else held_out
        for thing, place in (pair, pair[::-1]):
            for size, meant in sizes.items():
                filled = {"THING": thing, "PLACE": place, "SIZE": size}
                words = tuple(filled.get(word, word) for word in sentence.split())
                split.append(Question(words, words.index("it"), filled[meant]))
    return Questions("it", tuple(train), tuple(held_out))


def load_french() -> Pairs:
    """600 French sentences and their English; a tenth is held out, KING among it.

    Each word of a held-out pair also stands in a training pair.
    """
    train, held_out = _split(listed_pairs())
    return Pairs("french", tuple(train), tuple(held_out))


def load_prefixes() -> Pairs:
    """Each French sentence three times, the first word saying what to do with it.

    "translate le chat noir dort" -> "the black cat sleeps", "reverse ..." -> "dort noir
    chat le", "classify ..." -> "animal" (or "person": who it is about). A sentence is
    held out with all three. Source: Raffel et al. 2019, section 2.4.
    """
    kinds = {noun.french: noun.kind for noun in lexicon().nouns}

    def three(pair: Pair) -> list[Pair]:
        subject = next(word for word in pair.source if word in kinds)
        targets = (pair.target, pair.source[::-1], (kinds[subject],))
        return [
            Pair((prefix, *pair.source), target)
            for prefix, target in zip(PREFIXES, targets, strict=True)
        ]

    train, held_out = _split(listed_pairs())
    return Pairs(
        "prefixes",
        tuple(task for pair in train for task in three(pair)),
        tuple(task for pair in held_out for task in three(pair)),
    )


def recall(distance: int, n_symbols: int = 8, seed: int = 7) -> Questions:
    """Random words of a small vocabulary; asked at the last: which was the first?

    The last word stands `distance` words after the first, and nothing between them
    helps: guessing is right once in n_symbols. No sequence stands twice. Raises
    ValueError for a distance below 1 or more symbols than there are.
    """
    symbols = SYMBOLS.split()
    if distance < 1 or not 2 <= n_symbols <= len(symbols):
        raise ValueError(
            f"distance = {distance}, n_symbols = {n_symbols}: they are at least 1, "
            f"and from 2 to {len(symbols)}"
        )
    rng = np.random.default_rng(seed)
    drawn = (rng.random((N_RECALL, distance + 1)) * n_symbols).astype(int)
    sequences = dict.fromkeys(tuple(symbols[k] for k in row) for row in drawn.tolist())
    questions = tuple(Question(words, distance, words[0]) for words in sequences)
    n_train = len(questions) - len(questions) // RECALL_HELD_OUT_EVERY
    return Questions(f"recall {distance}", questions[:n_train], questions[n_train:])


def _split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Every tenth pair is held out, or the next one that leaves no word unknown."""
    left = Counter(word for pair in pairs for words in pair for word in set(words))
    train: list[Pair] = []
    held_out: list[Pair] = []
    for number, pair in enumerate(pairs):
        words = {word for words in pair for word in words}
        due = len(held_out) <= number // HELD_OUT_EVERY
        if due and all(left[word] > 1 for word in words):
            held_out.append(pair)
            left.subtract(words)
        else:
            train.append(pair)
    return train, held_out
