"""What is measured: the standard model, the batches, and what a peer must agree on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The model and the batch that are compared."""

    batch: int = 64
    length: int = 10
    width: int = 32
    heads: int = 4
    layers: int = 2
    hidden: int = 128
    words: int = 100


BATCHES = (64, 16)
CHECKED, EXACT = 5, 1e-4  # over so many steps, losses differ by no more
COSTS = {  # the table of costs: what is varied, from a batch of 32
    "batch": (1, 8, 16, 32, 64, 128),
    "length": (5, 10, 20, 40),
    "width": (16, 32, 64, 128),
    "layers": (1, 2, 4, 8),
}
LONG, LONGER = 10_000, 15_000  # steps of a history
ENDLESS = (10_000, 30_000, 100_000)  # steps of one run of a small model
SEEKS = 40  # to random steps of it
SEEDS = (7, 8, 9)  # of the runs to the floor
