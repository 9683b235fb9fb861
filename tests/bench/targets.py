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


def targets(results: dict[str, Any]) -> list[Target]:
    """All of them; those without a peer are left out."""
    timings = results["drawing"]
    share = ratio(timings["train"], timings["draw"])
    most = max(size for _, size in results["history"]) / MB
    steps, _, process = results["endless"][-1]
    slowest = max(results["seeks"]["milliseconds"])
    cold = statistics.median(results["page"]["cold"]) / 1000
    products = results["chromium"]["products"]["64"]
    return [
        *_against_peers(results),
        _at_least("Chromium, B=64: share of matrix products", products, 0.7),
        _at_most("drawing all of E01, as a part of a step at B=32", share, 0.15),
        _at_most(f"MB of history, {LONG:,} steps and later", most, 150),
        _at_most(f"MB of the process at {steps:,} steps", process / MB, 250),
        _at_most(f"ms to one of {LONG:,} steps, slowest of {SEEKS}", slowest, 200),
        _at_most("s to the first step, nothing cached", cold, 4),
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


def _at_most(what: str, got: float, most: float) -> Target:
    digits = 2 if most <= 10 else 1
    return Target(what, f"at most {most:g}", f"{got:.{digits}f}", got <= most)
