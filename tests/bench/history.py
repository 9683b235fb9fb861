"""What a long run keeps, and how long it takes to go back to any step of it."""

import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.stage import Stage
from fishformer.timeline import Timeline

# What is kept does not depend on the batch, so a batch of one fills a history quickly.
QUICK = {"batch": "1", "lr": "1e-6"}


def bytes_kept(timeline: Timeline) -> int:
    """Bytes of everything that a timeline holds besides the model in training."""
    seen: set[int] = set()

    def size(thing: Any) -> int:
        if id(thing) in seen:
            return 0
        seen.add(id(thing))
        total = sys.getsizeof(thing)
        if isinstance(thing, np.ndarray):
            return total if thing.base is None else total + size(thing.base)
        if isinstance(thing, dict):
            return total + sum(size(key) + size(value) for key, value in thing.items())
        if isinstance(thing, list | tuple):
            return total + sum(map(size, thing))
        return total

    parts = {k: part for k, part in vars(timeline).items() if k != "trainer"}
    return size(parts)


def growth(steps: int, every: int) -> list[tuple[int, int]]:
    """(step, bytes kept) all along a run of the default model on the fish."""
    timeline = Timeline(Config.from_strings(QUICK), load_fish())
    kept = []
    while timeline.step < steps:
        timeline.advance()
        if timeline.step % every == 0:
            kept.append((timeline.step, bytes_kept(timeline)))
    return kept


def seeks(steps: int, count: int) -> list[float]:
    """Milliseconds to go to `count` random steps of a run, at the default batch."""
    stage = Stage(QUICK)
    trainer = stage.timeline.trainer
    while stage.timeline.step < steps:
        stage.timeline.advance()
    batch_size = Config().batch_size
    trainer.config = replace(trainer.config, batch_size=batch_size)
    taken = []
    for step in np.random.default_rng(0).integers(steps, size=count):
        began = time.perf_counter()
        stage.command("seek", int(step))
        while stage.busy:
            stage.work()
        taken.append((time.perf_counter() - began) * 1000)
        assert stage.timeline.step == step
    return taken
