"""The words of E13's sentence, and the order that they are put into."""

import numpy as np

from fishformer.corpus import Corpus, Words

Order = tuple[int, ...]
# A sentence and the order that it is first shuffled into.
FIRST: tuple[tuple[str, Order], ...] = (
    ("the dog bites the boy", (3, 4, 2, 0, 1)),
    ("dog bites man", (2, 1, 0)),
    ("the singer plays the bass", (3, 4, 2, 0, 1)),
)


def examples_of(corpus: Corpus) -> list[tuple[Words, Order]]:
    """Those in words of the corpus, or two of its own, and dog bites man."""
    known = corpus.tokenizer
    usual: list[tuple[Words, Order]] = [
        (tuple(text.split()), order)
        for text, order in FIRST
        if text == "dog bites man" or all(word in known for word in text.split())
    ]
    if len(usual) > 1:
        return usual
    return [*((gapped.whole, ()) for gapped in corpus.featured[:2]), *usual]


class Shuffled:
    """A sentence in two orders: order[place] is which of its words stands there."""

    def __init__(self, seed: int):
        self.seed, self.shuffles = seed, 0
        self.words: Words = ()
        self.order: Order = ()
        self.chosen = 0  # the place of the word that is moved

    def show(self, words: Words, order: Order = ()) -> None:
        """Another sentence, in an order, or shuffled."""
        self.words, self.order, self.chosen = words, order, 0
        if not order:
            self.shuffle()

    def shuffle(self) -> None:
        """Another order, by a seed: the same shuffles for everybody."""
        before, T = self.order, len(self.words)
        while True:
            self.shuffles += 1
            rng = np.random.default_rng([self.seed, self.shuffles])
            self.order = tuple(rng.permutation(T).tolist())
            if not self.in_order and (self.order != before or T < 3):
                break

    def restore(self) -> None:
        """The first order."""
        self.order = tuple(range(len(self.words)))

    @property
    def in_order(self) -> bool:
        """Whether the words stand in their first order."""
        return self.order == tuple(range(len(self.words)))

    def move(self, by: int) -> None:
        """The chosen word changes places with the one before or after it."""
        to = self.chosen + by
        if 0 <= to < len(self.words):
            order = list(self.order)
            order[self.chosen], order[to] = order[to], order[self.chosen]
            self.order, self.chosen = tuple(order), to
