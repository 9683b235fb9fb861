"""Interleaved rounds: every run once a round, so that a busy moment hits them all."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

Timer = Callable[[int], float]  # steps -> milliseconds a step

SECONDS = 0.3  # of one run in one round
WARM_UP = 1.0  # seconds of one run before the first round
BEGAN = time.monotonic()


class Timing(NamedTuple):
    """Milliseconds, one value a round."""

    rounds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


def interleave(
    runs: dict[str, Timer],
    rounds: int,
    seconds: float = SECONDS,
    warm_up: float = WARM_UP,
) -> dict[str, Timing]:
    """Time all runs in turn, `rounds` times, each for about `seconds` a round."""
    steps = {
        name: max(1, round(seconds * 1000 / warmed_up(timer, warm_up)))
        for name, timer in runs.items()
    }
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, timer in runs.items():
            taken[name].append(timer(steps[name]))
    return {name: Timing(values) for name, values in taken.items()}


def warmed_up(timer: Timer, seconds: float) -> float:
    """Run until compilers have had their chance; milliseconds a step at the end."""
    steps, spent = 1, 0.0
    while True:
        each = timer(steps)
        spent += each * steps / 1000
        if spent >= seconds:
            return each
        steps = max(1, min(2 * steps, round(seconds * 250 / each)))


def ratio(ours: Timing, theirs: Timing) -> float:
    """How many times as long theirs takes: the median of the rounds' own ratios."""
    pairs = zip(theirs.rounds, ours.rounds, strict=True)
    return statistics.median(a / b for a, b in pairs)


def say(text: str) -> None:
    """A line of progress."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text} ...", flush=True)


def check(peer: str, losses: list[float], expected: list[float], apart: float) -> None:
    """A peer that does not compute the same is no peer."""
    worst = max(abs(a - b) for a, b in zip(losses, expected, strict=True))
    if not worst < apart:
        raise SystemExit(f"bench: {peer} is none: its losses are {worst:.1e} off ours.")
