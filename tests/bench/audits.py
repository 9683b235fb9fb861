"""What Lighthouse gives the page for its performance, on a host that compresses.

It looks as a telephone (simulated: 1.6 Mbit/s, 150 ms, a processor four times as slow)
and as a desktop. Both scale what this machine does, its load with it.
"""

import tempfile
from pathlib import Path

from auditing import audit, fetch_lighthouse
from browsers import DIST
from rounds import say
from serving import Host

import basics

ROUNDS = 3
AS = {"a telephone": (), "a desktop": ("--preset=desktop",)}
FAST = 1e9, 0.0  # bytes a second, seconds before each answer
MILLISECONDS = {
    "first paint": "first-contentful-paint",
    "largest paint": "largest-contentful-paint",
    "blocked": "total-blocking-time",
}


def performance(rounds: int = ROUNDS) -> dict[str, dict[str, list[float]]]:
    """{as what: {measure: [a number for each round]}}; empty without Lighthouse."""
    try:
        lighthouse = fetch_lighthouse()
    except basics.BuildError as error:
        say(f"Lighthouse is missing: {error}")
        return {}
    say("asking Lighthouse")
    results: dict[str, dict[str, list[float]]] = {name: {} for name in AS}
    site = Host(DIST)
    site.thin = FAST
    for _ in range(rounds):
        for name, flags in AS.items():
            with tempfile.TemporaryDirectory() as folder:
                found = audit(
                    lighthouse, site.url, Path(folder), ("performance",), *flags
                )
            score = 100 * found["categories"]["performance"]["score"]
            results[name].setdefault("score", []).append(score)
            for measure, key in MILLISECONDS.items():
                value = found["audits"][key]["numericValue"]
                results[name].setdefault(measure, []).append(value)
    site.stop()
    return results
