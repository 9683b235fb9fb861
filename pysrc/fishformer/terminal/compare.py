"""compare: which kind of model still knows the first word of a long sentence?"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from fishformer.config import Config
from fishformer.datasets import recall
from fishformer.experiments import untrained
from fishformer.rnn import matched_config
from fishformer.tasks import Questions, task_for
from fishformer.terminal.commands import config_of
from fishformer.terminal.console import (
    Interrupt,
    UsageError,
    check_number,
    run_training,
)
from fishformer.training import Trainer

RACERS = {
    "rnn": "elman",
    "transformer": "encoder",
    **{kind: kind for kind in ("elman", "lstm", "encoder", "decoder")},
}
RECURRENT = ("elman", "lstm")
DISTANCES = (5, 10, 20, 40)
FARTHEST, MOST_SEEDS = 500, 100

Results = dict[tuple[str, int], list[float]]  # shares right, one a seed


def compare(options: argparse.Namespace) -> int:
    """compare: train each model at each distance; then a table of what it recalls."""
    check_number("n", options.n, MOST_SEEDS)
    models, distances = (
        list(dict.fromkeys(each)) for each in (options.models, options.distances)
    )
    for distance in distances:
        check_number("distance", distance, FARTHEST)
    if options.model is not None:
        raise UsageError("the models to compare are named first: leave out --model.")
    base = config_of(options)
    results: Results = {}
    with Interrupt() as interrupt:
        for distance in distances:
            data = recall(distance)
            for name in models:
                config = matched(replace(base, model=RACERS[name]), data)
                for seed in range(base.seed, base.seed + options.n):
                    trainer = Trainer(replace(config, seed=seed), data)
                    title = f"{name}, distance {distance}, seed {seed}: "
                    report = run_training(trainer, interrupt, title)
                    if interrupt.asked:
                        print_table(models, distances, results)
                        return 130
                    if report.held_out:
                        shares = results.setdefault((name, distance), [])
                        shares.append(report.held_out.top_1)
    print_table(models, distances, results)
    return 0


def matched(config: Config, data: Questions) -> Config:
    """A recurrent model gets as many parameters as the transformer of its settings."""
    if config.model not in RECURRENT:
        return config
    task = task_for(config, data)
    transformer = untrained(replace(config, model="encoder"), task)
    n_params = transformer.params.buffer.size
    return matched_config(config, len(task.tokenizer), n_params)


def print_table(
    models: Sequence[str], distances: Sequence[int], results: Results
) -> None:
    """A row for each model, a column for each distance; one share right a seed."""
    cells = {
        (name, distance): " ".join(
            f"{share:.0%}" for share in results.get((name, distance), [])
        )
        for name in models
        for distance in distances
    }
    width = max(4, *map(len, cells.values()))
    margin = max(map(len, ("distance", *models)))
    titles = (f"{distance:>{width}}" for distance in distances)
    print(f"{'distance':<{margin}}  " + "  ".join(titles))
    for name in models:
        row = (f"{cells[name, distance]:>{width}}" for distance in distances)
        print(f"{name:<{margin}}  " + "  ".join(row).rstrip())
