"""The tables that the bench prints, and which of its targets are met."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rounds import Timing, ratio
from standard import BATCHES, LONG

MB = 1e6


class Target(NamedTuple):
    """One thing to reach."""

    what: str
    reach: str
    got: str
    met: bool


def report(results: dict[str, Any]) -> tuple[str, list[Target]]:
    """All tables as text, and the targets."""
    reached = targets(results)
    parts = [
        "# Bench",
        machine(results),
        table(
            ["Target", "to reach", "this run", ""],
            [(t.what, t.reach, t.got, "met" if t.met else "MISSED") for t in reached],
        ),
        "A step: forward, backward, clipping and Adam; masked words, T=10, D=32, H=4, "
        "L=2, F=128, V=100. Milliseconds, and how many times as long as ours.",
        steps("In Chromium, each peer in a worker", results["chromium"]),
        steps("Natively, one thread", results["native"]),
        costs(results["costs"]),
        table(["In the page", "median", "95 %", "most"], page(results)),
        table(["What else", ""], others(results)),
    ]
    return "\n\n".join(parts), reached


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown whose columns line up."""
    rows = [head, *rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]]
    )


def machine(results: dict[str, Any]) -> str:
    described, versions = results["machine"], results["versions"]
    return (
        f"{described['processor']}, {described['cores']} cores, "
        f"{described['memory_gb']} GB; {described['system']}; load {described['load']} "
        f"at the start, {described['load at the end']} at the end. "
        f"{results['date']}, medians of {results['rounds']} rounds, except costs: 3.\n"
        + ", ".join(f"{name} {version}" for name, version in versions.items())
    )


# ---- the targets ---------------------------------------------------------------------


def targets(results: dict[str, Any]) -> list[Target]:
    """Everything that is to be reached, in the order of the issue."""
    reached = []
    for peer, least in (("plain JavaScript", 2.5), ("TensorFlow.js wasm", 1.7)):
        for batch in BATCHES:
            timings = results["chromium"][str(batch)]
            if peer in timings:
                times = ratio(timings["ours"], timings[peer])
                reached.append(
                    at_least(f"Chromium, B={batch}: {peer} / ours", times, least)
                )
    for batch in BATCHES:
        timings = results["native"][str(batch)]
        for rows in ("", ", only places"):
            if f"PyTorch{rows}" in timings:
                share = ratio(timings[f"PyTorch{rows}"], timings[f"ours{rows}"])
                what = f"natively, B={batch}{rows}: ours / PyTorch"
                reached.append(at_most(what, share, 1.0))
    share = results["chromium"]["products"]["64"]
    reached.append(
        at_least("Chromium, B=64: matrix products' share of a step", share, 0.7)
    )
    timings = results["drawing"]
    share = cost(timings["draw"], timings["compute"], timings["train"])
    reached.append(at_most("drawing all of E01, of a step at B=32", share, 0.15))
    kept = dict(results["history"])
    most = max(kept.values()) / MB
    reached.append(at_most(f"MB of history, {LONG:,} steps and later", most, 150))
    slowest = max(results["seeks"]["milliseconds"])
    reached.append(at_most("ms to any step of them, the slowest of 40", slowest, 200))
    cold = statistics.median(results["page"]["cold"]) / 1000
    reached.append(at_most("s from nothing to the first step", cold, 4))
    return reached


def at_least(what: str, got: float, least: float) -> Target:
    return Target(what, f">= {least:g}", f"{got:.2f}", got >= least)


def at_most(what: str, got: float, most: float) -> Target:
    return Target(what, f"<= {most:g}", f"{got:.3g}", got <= most)


def cost(more: Timing, less: Timing, step: Timing) -> float:
    """What `more` does beyond `less`, as a part of a step."""
    rounds = zip(more.rounds, less.rounds, step.rounds, strict=True)
    return statistics.median((a - b) / c for a, b, c in rounds)


# ---- tables --------------------------------------------------------------------------


def steps(title: str, results: dict[str, Any]) -> str:
    rows = []
    for peer in results[str(BATCHES[0])]:
        row = [peer]
        for batch in BATCHES:
            timings = results[str(batch)]
            ours, theirs = timings["ours"], timings[peer]
            row += [f"{theirs.median:.2f}", f"{ratio(ours, theirs):.2f}"]
        rows.append(row)
    shares = [f"{results['products'][str(batch)]:.0%}" for batch in BATCHES]
    rows.append(
        ["matrix products, of ours", *(t for share in shares for t in (share, ""))]
    )
    heads = [text for batch in BATCHES for text in (f"B={batch}", "times ours")]
    return table([title, *heads], rows)


def costs(results: dict[str, dict[str, dict[str, Timing]]]) -> str:
    rows = [
        (f"{what} {value}", *(f"{timing.median:.2f}" for timing in timings.values()))
        for what, values in results.items()
        for value, timings in values.items()
    ]
    return table(["Chromium, from B=32: ms a step", "all rows", "only places"], rows)


def page(results: dict[str, Any]) -> list[tuple[str, ...]]:
    page, seeks = results["page"], results["seeks"]["milliseconds"]
    series = {
        "cold boot to the first step, ms": page["cold"],
        "warm boot to the first step, ms": page["warm"],
        "between two frames at full speed, ms": page["gaps"],
        "delay of a key at full speed, ms": page["delays"],
        "from Pause to paused at full speed, ms": page["pauses"],
        f"going to a step of {LONG:,}, ms": seeks,
    }
    return [
        (
            what,
            *(
                f"{value:.3g}"
                for value in (
                    statistics.median(values),
                    quantile(values, 0.95),
                    max(values),
                )
            ),
        )
        for what, values in series.items()
    ]


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def others(results: dict[str, Any]) -> list[tuple[str, str]]:
    page, seeks, timings = results["page"], results["seeks"], results["drawing"]
    train, compute, draw, show = (
        timings[name] for name in ("train", "compute", "draw", "show")
    )
    kept = dict(results["history"])
    floors = [*results["floor"], results["floor in chromium"]]
    return [
        ("a step at B=32 of the default run in Chromium", f"{train.median:.2f} ms"),
        ("+ computing what E01 shows", f"{cost(compute, train, train):.1%} of it"),
        ("+ drawing it", f"{cost(draw, compute, train):.1%}"),
        ("+ words and messages", f"{cost(show, draw, train):.1%}"),
        (
            "steps a second of the page at full speed",
            f"{page['drawn']:.0f}, {page['undrawn']:.0f} with E01 off the screen",
        ),
        (
            f"history after {LONG:,} steps, and at most later",
            f"{kept[LONG] / MB:.0f} MB, {max(kept.values()) / MB:.0f} MB",
        ),
        (
            "to held-out loss within 0.5 nats of the floor, natively",
            "; ".join(
                f"{f['steps']:.0f} steps, {f['seconds']:.1f} s" for f in floors[:-1]
            ),
        ),
        (
            "the same in Chromium",
            f"{floors[-1]['steps']:.0f} steps, {floors[-1]['seconds']:.1f} s",
        ),
        ("peak memory of the page's process", f"{page['peak'] / MB:.0f} MB"),
        (
            "Python's memory in a worker, at the start and after 10,000 steps",
            " and ".join(f"{size / MB:.0f} MB" for size in seeks["memory"].values()),
        ),
    ]
