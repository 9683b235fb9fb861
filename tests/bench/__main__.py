"""python3 build.py bench: everything that the README says about speed, in one run.

Peers take turns, round after round. What is told is the median of the rounds, and a
ratio is the median of the rounds' own ratios. Everything runs on one thread.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # heeded only before numpy is loaded

import argparse
import datetime
import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import arrival
import audits
import in_chromium
import machine
import natively
from chromium import HERE, Bench, launched, served
from report import report
from rounds import Timing, say
from targets import targets

import basics
import downloads
from archives import unpack

ROUNDS = 7
TENSORFLOW = """
tf.min.js tf-backend-wasm.min.js tfjs-backend-wasm.wasm tfjs-backend-wasm-simd.wasm
""".split()


def fetch_tensorflow(folder: Path) -> str:
    """Put TensorFlow.js into a new folder; its version, or "" if it cannot be had."""
    folder.mkdir()
    pins = tomllib.loads((HERE / "pins.toml").read_text("utf-8"))
    try:
        with basics.alone():
            for name, pin in pins.items():
                archive = downloads.fetch(basics.Pin(name, **pin), downloads.from_npm)
                for member, data in unpack(archive).items():
                    if Path(member).name in TENSORFLOW:
                        (folder / Path(member).name).write_bytes(data)
    except basics.BuildError as error:
        say(f"TensorFlow.js is missing: {error}")
        return ""
    return pin["version"]


def measure(rounds: int, folder: Path, only: str | None) -> dict[str, Any]:
    """Everything, or one part, with the machine and the versions."""
    results: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rounds": rounds,
        "machine": machine.describe(),
    }
    with launched(os.environ["CHROMIUM"]) as browser:
        results["arrival"] = arrival.arrivals(browser, folder)
        results["versions"] = {"chromium": browser.version}
    results["lighthouse"] = audits.performance()
    if not only:
        results |= steps_and_more(rounds, folder)
    results["machine"]["load at the end"] = machine.load()
    return results


def steps_and_more(rounds: int, folder: Path) -> dict[str, Any]:
    """All but the arrival of the page."""
    results: dict[str, Any] = {
        "native": natively.steps(rounds),
        "history": natively.kept_by_a_long_run(),
        "endless": natively.endless(),
        "floor": natively.to_the_floor(),
    }
    tensorflow = fetch_tensorflow(folder / "tf")
    with served(folder) as url, launched(os.environ["CHROMIUM"]) as browser:
        site = f"{url}site/index.html"
        bench = Bench(browser, url)
        say("starting Pyodide")
        versions = {"chromium": browser.version, "pyodide": bench.start_ours("ours")}
        inside = bench.python("ours", "ours", "versions")
        versions |= {f"{name} in pyodide": text for name, text in inside.items()}
        results |= {
            "chromium": in_chromium.steps(bench, rounds, bool(tensorflow)),
            "costs": in_chromium.costs(bench),
            "drawing": in_chromium.drawing(bench, browser, site, rounds),
            "floor in chromium": in_chromium.to_the_floor(bench),
            "seeks": in_chromium.seeks(bench),
            "page": in_chromium.page(browser, site),
        }
    versions |= {"tensorflow.js": tensorflow} if tensorflow else {}
    return results | {"versions": natively.versions() | versions}


def plain(thing: Any) -> Any:
    """As JSON has it: a timing with its median."""
    if isinstance(thing, Timing):
        return {"median_ms": thing.median, "rounds_ms": thing.rounds}
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    return thing


def main() -> None:
    parser = argparse.ArgumentParser(prog="build.py bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--only", choices=["arrival"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(ROUNDS, Path(folder), options.only)
    reached = targets(results)
    print(report(results, reached))
    if options.json:
        results["targets"] = [target._asdict() for target in reached]
        options.json.write_text(json.dumps(plain(results), indent=1) + "\n", "utf-8")


main()
