"""The tables that the bench prints."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rounds import Timing, ratio
from standard import BATCHES, LONG
from targets import ARRIVAL, MB, Target

STEP = """\
A step is forward, backward, clipping and Adam; masked words, one gap a sentence, T=10,
D=32, H=4, L=2, F=128, V=100, in milliseconds, and how many times as long as ours."""
Row = Sequence[str]


def report(results: dict[str, Any], targets: list[Target]) -> str:
    """All tables, as Markdown."""
    reached = [(t.what, t.reach, t.got, "met" if t.met else "missed") for t in targets]
    parts = [
        machine(results),
        table(["Target", "to reach", "this run", ""], reached),
        table(
            ["The page arrives", "ours", "lowest to highest", "untrimmed"],
            arrival_rows(results["arrival"]),
        ),
    ]
    if results.get("lighthouse"):
        head = ["Lighthouse", "performance", "first paint, ms", "largest", "blocked"]
        parts.append(table(head, lighthouse_rows(results["lighthouse"])))
    if "native" in results:
        parts += steps_and_more(results)
    return "\n\n".join(parts)


def steps_and_more(results: dict[str, Any]) -> list[str]:
    """All tables but that of the arrival."""
    in_chromium, natively = results["chromium"], results["native"]
    return [
        STEP,
        table(["In Chromium, in a worker", *step_heads()], step_rows(in_chromium)),
        table(["Natively, one thread", *step_heads()], step_rows(natively)),
        table(
            ["Ours in Chromium, ms; else B=32", "all rows", "only places"],
            cost_rows(results["costs"]),
        ),
        table(
            ["The page at each step, B=32", "ms", "of training"],
            part_rows(results["drawing"]),
        ),
        table(["In the page, ms", "median", "95 %", "most"], page_rows(results)),
        table(["And", ""], other_rows(results)),
    ]


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table whose columns line up in plain text too."""
    rows = [head, *rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]

    def line(row: Row) -> str:
        first, *others = (
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join((first, *others))} |"

    rule = "|".join(
        "-" * (width + 1) + ("-" if n == 0 else ":") for n, width in enumerate(widths)
    )
    return "\n".join([line(head), f"|{rule}|", *map(line, rows[1:])])


def machine(results: dict[str, Any]) -> str:
    on, versions = results["machine"], results["versions"]
    return (
        f"{on['processor']}, {on['cores']} cores, {on['memory_gb']} GB, {on['system']}."
        f"\nLoad {on['load']} at the start, {on['load at the end']} at the end; "
        f"{results['date']}.\n"
        f"Medians of {results['rounds']} interleaved rounds (costs 3, arrival 5).\n"
        f"{', '.join(f'{name} {version}' for name, version in versions.items())}."
    )


def step_heads() -> list[str]:
    return [text for batch in BATCHES for text in (f"B={batch}", "times ours")]


def step_rows(results: dict[str, Any]) -> Iterator[Row]:
    each = [results[str(batch)] for batch in BATCHES]
    for peer in each[0]:
        row = [peer]
        for timings in each:
            times = ratio(timings["ours"], timings[peer])
            row += [f"{timings[peer].median:.2f}", f"{times:.2f}"]
        yield row
    shares = (f"{results['products'][str(batch)]:.0%}" for batch in BATCHES)
    yield ["of ours, matrix products", *(text for s in shares for text in (s, ""))]


def cost_rows(results: dict[str, dict[str, dict[str, Timing]]]) -> Iterator[Row]:
    for what, values in results.items():
        for value, timings in values.items():
            yield [
                f"{what} {value}",
                *(f"{timing.median:.1f}" for timing in timings.values()),
            ]


def part_rows(timings: dict[str, Timing]) -> Iterator[Row]:
    names = {
        "train": "training",
        "compute": "computing what E01 shows",
        "draw": "drawing all of E01 and the timeline",
        "words": "words and numbers for the page",
        "whole": "all, and the browser's own work in the worker",
    }
    for part, name in names.items():
        share = ratio(timings["train"], timings[part])
        yield [name, f"{timings[part].median:.2f}", f"{share:.0%}"]


def page_rows(results: dict[str, Any]) -> Iterator[Row]:
    page = results["page"]
    series = {
        "between two frames, at full speed": page["gaps"],
        "until a key is heard, at full speed": page["delays"],
        "from Pause to paused, at full speed": page["pauses"],
        f"to a random one of {LONG:,} steps": results["seeks"]["milliseconds"],
    }
    for what, values in series.items():
        nearly_all = sorted(values)[: -(len(values) // 20) or None]
        cells = (statistics.median(values), nearly_all[-1], max(values))
        yield [what, *(f"{value:,.1f}" for value in cells)]


def other_rows(results: dict[str, Any]) -> Iterator[Row]:
    page, kept = results["page"], dict(results["history"])
    yield [
        "steps a second at full speed, E01 on the screen and off",
        f"{page['drawn']:.0f} and {page['undrawn']:.0f}",
    ]
    yield [
        f"history after {LONG:,} steps, and at its largest",
        f"{kept[LONG] / MB:.0f} MB and {max(kept.values()) / MB:.0f} MB",
    ]
    spans = (
        f"{step:,}: {kept / MB:.0f} and {process / MB:.0f} MB"
        for step, kept, process in results["endless"]
    )
    yield "history and process of a small model, at step", "; ".join(spans)
    for where, runs in (
        ("natively", results["floor"]),
        ("in Chromium", [results["floor in chromium"]]),
    ):
        spans = (f"{run['steps']:.0f} steps in {run['seconds']:.1f} s" for run in runs)
        yield [f"to 0.5 nats from the floor, held out, {where}", "; ".join(spans)]
    start, end = (size / MB for size in results["seeks"]["memory"].values())
    yield [
        f"Python's memory, before and after {LONG:,} steps",
        f"{start:.0f} and {end:.0f} MB",
    ]
    yield ["the page's process at its peak", f"{page['peak'] / MB:.0f} MB"]


def arrival_rows(builds: dict[str, Any]) -> Iterator[Row]:
    for each in ARRIVAL:
        ours, untrimmed = each.of(builds["ours"]), each.of(builds["untrimmed"])
        yield [
            each.what,
            f"{statistics.median(ours):.{each.digits}f}",
            f"{min(ours):.{each.digits}f} to {max(ours):.{each.digits}f}",
            f"{statistics.median(untrimmed):.{each.digits}f}",
        ]


def lighthouse_rows(results: dict[str, Any]) -> Iterator[Row]:
    for name, measures in results.items():
        medians = map(statistics.median, measures.values())
        yield [f"As {name}", *(f"{median:.0f}" for median in medians)]
