"""What models of this size really learn, measured: one module a group of exhibits.

An experiment trains and measures for one seed: seed -> {finding: {label: number}}.
A finding gathers a label's numbers over all seeds, and says in one sentence what they
show. tests/study.py runs all experiments and writes findings.json.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from fishformer.training import Trainer

Measured = dict[str, dict[str, float]]  # finding -> label -> number
Experiment = Callable[[int], Measured]


class Finding(NamedTuple):
    """Something that holds, or that was hoped to hold, over all seeds."""

    exhibits: str
    sentence: str  # with {label} for a mean
    claim: str  # what must hold for the article to say so
    holds: Callable[[dict[str, np.ndarray]], bool]  # of the numbers (seeds,) by label
    settings: str  # what differs from the default Config, and for how long it trained
    in_pytorch: str  # what the first trial, in PyTorch, gave


def trained(trainer: Trainer, *steps: int) -> Iterator[int]:
    """Train on and stop at each of some steps, in rising order."""
    for step in steps:
        while trainer.report.step < step:
            trainer.update()
            assert trainer.report.trouble is None, trainer.report.trouble
        yield step


def held_out_loss(trainer: Trainer) -> float:
    """The latest measure, which is of this very step if it is a multiple of ten."""
    assert trainer.report.held_out is not None
    return trainer.report.held_out.loss


def held_out_accuracy(trainer: Trainer) -> float:
    """The share of held-out places where the first guess is right."""
    assert trainer.report.held_out is not None
    return trainer.report.held_out.top_1
