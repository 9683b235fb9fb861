"""The part in Chromium: the peers in workers of one page, then the page itself."""

import statistics
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from chromium import Bench, charts, liveliness
from playwright.sync_api import Browser
from rounds import Timing, check, interleave, say
from standard import BATCHES, CHECKED, COSTS, EXACT, LONG, SEEDS, SEEKS, Shape

PLAIN = {"plain JavaScript": "plain", "JavaScript, register-blocked": "blocked"}
TENSORFLOW = {"TensorFlow.js wasm": "wasm", "TensorFlow.js cpu": "cpu"}
FEWER = {"rounds": 3, "seconds": 0.15, "warm_up": 0.2}  # for the table of costs
FIRST_STEPS, DRAWN_STEPS = 300, 40  # before drawing is timed; in each round of it


def timer(bench: Bench, run: str) -> Callable[[int], float]:
    """Times one of our own runs in the page."""
    return lambda steps: bench.python(
        "ours", "ours", "time_steps", run=run, steps=steps
    )


def steps(bench: Bench, rounds: int, with_tensorflow: bool) -> dict[str, Any]:
    """{batch: {peer: timing}}, and under "products" their share of our step."""
    peers = PLAIN | (TENSORFLOW if with_tensorflow else {})
    for name, worker in peers.items():
        say(f"starting {name}")
        bench.start(worker, "plain" if name in PLAIN else "tensorflow")
    results: dict[str, Any] = {"products": {}}
    for batch in BATCHES:
        say(f"Chromium, B = {batch}")
        shape = asdict(Shape(batch=batch))
        runs = {}
        for name, only_places in (("ours", False), ("ours, only places", True)):
            given = {"run": name, "shape": shape, "only_places": only_places}
            bench.python("ours", "ours", "begin", **given)
            runs[name] = timer(bench, name)
        start = bench.python("ours", "ours", "start", run="ours")
        expected = bench.python("ours", "ours", "losses", run="ours", steps=CHECKED)
        for name, worker in peers.items():
            bench.ask(worker, "model", shape=shape, start=start)
            check(name, bench.ask(worker, "losses", steps=CHECKED), expected, EXACT)
            runs[name] = lambda steps, worker=worker: bench.ask(
                worker, "time", steps=steps
            )
        results[str(batch)] = interleave(runs, rounds)
        share = {"run": "ours", "steps": 10}
        shares = [
            bench.python("ours", "ours", "products", **share) for _ in range(rounds)
        ]
        results["products"][str(batch)] = statistics.median(shares)
    return results


def costs(bench: Bench) -> dict[str, dict[str, dict[str, Timing]]]:
    """{what is varied: {its value: {"all rows" and "only places": timing}}}."""
    results: dict[str, dict[str, dict[str, Timing]]] = {}
    for what, values in COSTS.items():
        say(f"Chromium, cost against {what}")
        results[what] = {}
        for value in values:
            shape = replace(Shape(batch=32), **{what: value})
            if what == "width":
                shape = replace(shape, hidden=4 * value)
            runs = {}
            for name, only_places in (("all rows", False), ("only places", True)):
                given = {"shape": asdict(shape), "only_places": only_places}
                bench.python("ours", "ours", "begin", run=name, **given)
                runs[name] = timer(bench, name)
            results[what][str(value)] = interleave(runs, **FEWER)
    return results


def drawing(
    bench: Bench, browser: Browser, site: str, rounds: int
) -> dict[str, Timing]:
    """The default run and all that the page does at each of its steps, part by part."""
    say("drawing E01 at every step")
    message = {**charts(browser, site), "steps": FIRST_STEPS}
    bench.python_with_canvases("ours", "drawing", "begin", **message)
    parts = [
        bench.python("ours", "drawing", "time_parts", steps=DRAWN_STEPS)
        for _ in range(1 + rounds)
    ][1:]
    return {name: Timing([part[name] for part in parts]) for name in parts[0]}


def seeks(bench: Bench) -> dict[str, Any]:
    """Milliseconds to random steps of a long run; then the worker's memory in bytes."""
    say(f"going to {SEEKS} of {LONG:,} steps")
    bench.start_ours("long run")
    empty = bench.ask("long run", "memory")
    taken = bench.python("long run", "history", "seeks", steps=LONG, count=SEEKS)
    memory = bench.ask("long run", "memory")
    bench.stop("long run")
    return {"milliseconds": taken, "memory": {"at start": empty, "after": memory}}


def to_the_floor(bench: Bench) -> dict[str, float]:
    """Steps and seconds, for the default seed."""
    say("Chromium, to near the floor")
    return bench.python("ours", "learning", "to_the_floor", seed=SEEDS[0])


def page(browser: Browser, site: str) -> dict[str, Any]:
    """How the page fares in training."""
    say("the page at full speed")
    return liveliness(browser, site, 5.0)
