"""Corpora of our own beside the fish, each small and made to show one thing."""

from typing import NamedTuple

from fishformer.grammar import read_data


class ReadyMade(NamedTuple):
    """A corpus, and what there is to see in it."""

    title: str
    look_for: str

    @staticmethod
    def text(key: str) -> str:
        """Its sentences, one a line."""
        return read_data(f"ready_{key}.txt")


READY_MADE = {
    "counting": ReadyMade(
        "Counting",
        "Up, down and by twos. A hidden number is known from either neighbour: watch "
        "heads turn to the word before or after, and the main axes of their vectors "
        "lay the numbers in a row.",
    ),
    "senses": ReadyMade(
        "Two senses",
        "A crane lifts steel or wades in reeds; a bat, a seal. Only the other words "
        "tell which, so the deeper layers pull each word’s uses apart.",
    ),
    "german": ReadyMade(
        "A little German",
        "der, die or das goes with the noun, and der becomes den when it is the one "
        "that is seen. Hide an article: the model has to know both.",
    ),
}


def title_of(text: str | None) -> str:
    """What sentences are called."""
    if text is None:
        return "The fish"
    for key, ready in READY_MADE.items():
        if text == ready.text(key):
            return ready.title
    return "Sentences of your own"
