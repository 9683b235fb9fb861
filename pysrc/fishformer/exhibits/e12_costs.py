"""Which heads E12 takes out of a copy of the live model, and what each costs.

Shapes: L layers, H heads.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.lessons.heads import Costing
from fishformer.tasks import Batch
from fishformer.timeline import Timeline

Head = tuple[int, int]  # layer and head, from 1


class Costs(NamedTuple):
    """What it costs to take out each head alone, and each layer's all together."""

    step: int
    loss: float  # with all of them
    heads: np.ndarray  # (L, H) nats more
    layers: np.ndarray  # (L,)


def heads_of(config: Config) -> dict[str, Head]:
    """All heads by their names, such as "1.2", layer by layer."""
    every = np.ndindex(config.n_layers, config.n_heads)
    return {f"{layer + 1}.{head + 1}": (layer + 1, head + 1) for layer, head in every}


def layers_of(config: Config) -> dict[int, set[Head]]:
    """The heads of each layer."""
    H = config.n_heads
    return {
        layer: {(layer, head) for head in range(1, H + 1)}
        for layer in range(1, config.n_layers + 1)
    }


def costing_of(
    timeline: Timeline,
    config: Config,
    offs: Sequence[Collection[Head]],
    parts: list[Batch],
) -> Costing:
    """The job of measuring the live model as it is now, without some heads."""
    keeps = []
    for off in offs:
        keep = np.ones((config.n_layers, config.n_heads))
        for layer, head in off:
            keep[layer - 1, head - 1] = 0
        keeps.append(keep)
    params = timeline.trainer.model.params.buffer
    return Costing(timeline.step, params, keeps, parts)


def each_alone(config: Config) -> list[set[Head]]:
    """What is taken out in turn: nothing, each head, then each layer's together."""
    alone = [{head} for head in heads_of(config).values()]
    return [set(), *alone, *layers_of(config).values()]


def costs_of(costing: Costing, config: Config) -> Costs:
    """What a job over each_alone() has found."""
    loss, *others = costing.losses
    rises = np.array(others) - loss
    L, H = config.n_layers, config.n_heads
    return Costs(costing.step, loss, rises[: L * H].reshape(L, H), rises[L * H :])
