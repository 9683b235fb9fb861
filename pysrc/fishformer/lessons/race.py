"""A race for the first word: recurrent networks and a transformer, ever further back.

All racers have about as many numbers to learn, the same data and the same steps.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.datasets import recall
from fishformer.grammar import read_data
from fishformer.model import make_model
from fishformer.rnn import matched_config
from fishformer.tasks import Answering, Questions
from fishformer.training import Trainer

DISTANCES = (5, 10, 20, 40)
SYMBOLS = 8  # words to choose from: chance is one in so many
ASKED = 25  # held-out questions a piece of work
ASK_EVERY = 100  # steps


class Racer(NamedTuple):
    """One kind of model; `recorded` is its name in data/findings.json."""

    name: str
    recorded: str
    settings: dict[str, Any]


RACERS = {
    "elman": Racer("Elman", "Elman", {"model": "elman"}),
    "orthogonal": Racer(
        "Elman, orthogonal", "Elman orthogonal", {"model": "elman", "orthogonal": True}
    ),
    "lstm": Racer("LSTM", "LSTM", {"model": "lstm"}),
    "transformer": Racer("Transformer", "transformer", {"model": "encoder"}),
}
# Larger steps of Adam spoil the orthogonal start before anything is learned.
RACE = Config(lr=5e-4, steps=900)


def racer_config(racer: str, data: Questions, seed: int) -> Config:
    """The settings of one run: as many numbers to learn as the transformer has."""
    encoder = replace(RACE, seed=seed)
    config = replace(encoder, **RACERS[racer].settings)
    if config.model == "encoder":
        return config
    V, max_len = len(data.tokenizer), Answering(data).max_len
    transformer = make_model(encoder, V, max_len, np.random.default_rng(0))
    return matched_config(config, V, transformer.params.buffer.size)


class Told(NamedTuple):
    """How far a run is."""

    step: int
    accuracy: float | None  # on held-out questions, when they were last asked


def race(racer: str, distance: int, seed: int) -> Iterator[Told]:
    """One run in short pieces; the last thing it yields is how it ended.

    The held-out questions are asked apart from training, a few at a time: together
    they would take longer than ten steps.
    """
    yield Told(0, None)
    data = recall(distance, SYMBOLS)
    yield Told(0, None)
    config = racer_config(racer, data, seed)
    yield Told(0, None)
    held_out = Answering(data).held_out()
    assert held_out is not None
    trainer = Trainer(config, replace(data, held_out=()))
    accuracy = None
    while True:
        step = trainer.report.step
        if step and (step % ASK_EVERY == 0 or step == RACE.steps):
            right: list[bool] = []
            for first in range(0, len(held_out.targets), ASKED):
                rows = slice(first, first + ASKED)
                ids, targets = held_out.token_ids[rows], held_out.targets[rows]
                places = (np.arange(len(ids)), held_out.places[1][rows])
                logits, _ = trainer.model.forward(ids, places, only_places=True)
                right += (logits.argmax(axis=1) == targets).tolist()
                yield Told(step, accuracy)
            accuracy = float(np.mean(right))
        yield Told(step, accuracy)
        if step >= RACE.steps:
            return
        trainer.update()


def steps_in_turn(n_words: int) -> tuple[int, int]:
    """Steps that must wait for one another in one layer: recurrent, attention.

    A recurrent layer has one for each word; in attention no word waits for another.
    Source: Vaswani et al. 2017, table 1.
    """
    return n_words, 1


def path_length(first: int, last: int) -> tuple[int, int]:
    """Hops from one word to a later one in one layer: recurrent, attention."""
    return last - first, 1


class Recorded(NamedTuple):
    """The runs that were made before, by the same code."""

    seeds: list[int]
    accuracy: dict[str, dict[int, list[float]]]  # by racer and distance


def recorded() -> Recorded:
    """What data/findings.json says of the race."""
    findings = json.loads(read_data("findings.json"))
    measured = findings["findings"]["recall"]["measured"]
    return Recorded(
        findings["seeds"],
        {
            racer: {d: measured[f"{r.recorded}, {d}"]["values"] for d in DISTANCES}
            for racer, r in RACERS.items()
        },
    )
