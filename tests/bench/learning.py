"""How long the default run takes to come near what can be known."""

import time

from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.training import Trainer

NEAR = 0.5  # nats above the floor of the grammar
PATIENCE = 3000  # steps


def to_the_floor(seed: int) -> dict[str, float]:
    """Steps and seconds until the held-out loss is near the grammar's floor."""
    corpus = load_fish()
    floor = corpus.references.grammar_floor
    assert floor is not None
    trainer = Trainer(Config(seed=seed), corpus)
    began = time.perf_counter()
    while trainer.report.step < PATIENCE:
        held_out = trainer.update().held_out
        if held_out and held_out.loss < floor + NEAR:
            break
    seconds = time.perf_counter() - began
    return {"steps": trainer.report.step, "seconds": seconds}
