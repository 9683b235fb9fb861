"""What is to be reached, and whether this run did."""

import statistics
from collections.abc import Iterator
from typing import Any, NamedTuple

from rounds import ratio
from standard import BATCHES, LONG, SEEKS

MB = 1e6


class Target(NamedTuple):
    """One thing to reach."""

    what: str
    reach: str
    got: str
    met: bool


class Measure(NamedTuple):
    """One number of the page's arrival: how it is told, and what it may be at most."""

    what: str
    visit: str
    key: str
    unit: float = 1
    digits: int = 0
    most: float | None = None

    def of(self, build: dict[str, Any]) -> list[float]:
        """Of each round."""
        return [value / self.unit for value in build[self.visit][self.key]]


ARRIVAL = [
    Measure("s to the first step, nothing cached", "cold", "step", 1000, 2, 1.8),
    Measure("s to the first step, kept for offline", "warm", "step", 1000, 2, 1.1),
    Measure("s until a second visit goes on with its run", "warm", "on", 1000, 2),
    Measure("MB sent before the first step, gzip", "cold", "bytes", MB, 2, 6.5),
    Measure("ms until the text is painted", "cold", "text", most=300),
    Measure("ms until the first frame of E01 is painted", "cold", "frame", most=300),
    Measure("layout shift (CLS), nothing cached", "cold", "shift", 1, 3, 0.02),
    Measure("layout shift (CLS), kept for offline", "warm", "shift", 1, 3, 0.02),
    Measure(
        "ms of the longest task over 50, nothing cached", "cold", "longest", most=50
    ),
    Measure("ms of the longest task over 50, kept", "warm", "longest", most=50),
    Measure("ms of all tasks beyond 50 each, nothing cached", "cold", "blocked"),
    Measure("ms of all tasks beyond 50 each, kept", "warm", "blocked"),
]


def targets(results: dict[str, Any]) -> list[Target]:
    """All of those that were measured."""
    others = _of_steps_and_more(results) if "native" in results else []
    return [*others, *_of_arrival(results["arrival"]["ours"])]


def _of_arrival(ours: dict[str, Any]) -> Iterator[Target]:
    for each in ARRIVAL:
        if each.most is not None:
            got = statistics.median(each.of(ours))
            yield _at_most(each.what, got, each.most, each.digits)


def _of_steps_and_more(results: dict[str, Any]) -> list[Target]:
    """Those without a peer are left out."""
    timings = results["drawing"]
    share = ratio(timings["train"], timings["draw"])
    most = max(size for _, size in results["history"]) / MB
    steps, _, process = results["endless"][-1]
    slowest = max(results["seeks"]["milliseconds"])
    products = results["chromium"]["products"]["64"]
    return [
        *_against_peers(results),
        _at_least("Chromium, B=64: share of matrix products", products, 0.7),
        _at_most("drawing all of E01, as a part of a step at B=32", share, 0.15),
        _at_most(f"MB of history, {LONG:,} steps and later", most, 150),
        _at_most(f"MB of the process at {steps:,} steps", process / MB, 250),
        _at_most(f"ms to one of {LONG:,} steps, slowest of {SEEKS}", slowest, 200),
    ]


def _against_peers(results: dict[str, Any]) -> Iterator[Target]:
    for peer, least in (("plain JavaScript", 2.5), ("TensorFlow.js wasm", 1.7)):
        for batch in BATCHES:
            timings = results["chromium"][str(batch)]
            if peer in timings:
                times = ratio(timings["ours"], timings[peer])
                yield _at_least(f"Chromium, B={batch}: {peer} / ours", times, least)
    for batch in BATCHES:
        timings = results["native"][str(batch)]
        for rows in ("", ", only places"):
            if f"PyTorch{rows}" in timings:
                share = ratio(timings[f"PyTorch{rows}"], timings[f"ours{rows}"])
                yield _at_most(f"natively, B={batch}{rows}: ours / PyTorch", share, 1)


def _at_least(what: str, got: float, least: float) -> Target:
    return Target(what, f"at least {least:g}", f"{got:.2f}", got >= least)


def _at_most(what: str, got: float, most: float, digits: int | None = None) -> Target:
    if digits is None:
        digits = 2 if most <= 10 else 1
    return Target(what, f"at most {most:g}", f"{got:.{digits}f}", got <= most)
