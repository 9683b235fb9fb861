"""Measure again, over five seeds, all that the article claims of learning.

    python tests/study.py [--write] [part of an experiment's name ...]

Writes pysrc/fishformer/data/findings.json, and prints what each finding says, whether
its claim holds, and what a first trial in PyTorch gave. With names, it runs only those
experiments and writes nothing; with --write, their numbers take the place of those in
the file, and all others stay. Takes about ten minutes on two cores.
"""

import json
import os
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from string import Formatter

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "pysrc"), str(ROOT / "tests")]

import numpy as np  # noqa: E402

from studies import (  # noqa: E402
    Finding,
    Measured,
    asking,
    changing,
    editing,
    reading,
    remembering,
    senses,
    writing,
)

SEEDS = (1, 2, 3, 4, 5)  # none of which was used to choose a setting
PROCESSES = 2
FILE = ROOT / "pysrc" / "fishformer" / "data" / "findings.json"
PARTS = (reading, senses, changing, asking, writing, remembering, editing)
EXPERIMENTS = {name: run for part in PARTS for name, run in part.EXPERIMENTS.items()}
FINDINGS: dict[str, Finding] = {
    name: finding for part in PARTS for name, finding in part.FINDINGS.items()
}

Gathered = dict[str, dict[str, np.ndarray]]  # finding -> label -> numbers (seeds,)


def measure(experiment: str, seed: int) -> Measured:
    """Run one experiment for one seed, in a process of its own."""
    return EXPERIMENTS[experiment](seed)


def gather(names: list[str], seeds: tuple[int, ...] = SEEDS) -> Gathered:
    """Run experiments for all seeds; several may add to the same finding."""
    gathered: Gathered = {}
    with ProcessPoolExecutor(PROCESSES) as pool:
        runs = {name: [pool.submit(measure, name, s) for s in seeds] for name in names}
        for name, waiting in runs.items():
            began = time.perf_counter()
            results = [run.result() for run in waiting]
            print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
            for finding in results[0]:
                for label in results[0][finding]:
                    values = np.array([result[finding][label] for result in results])
                    gathered.setdefault(finding, {})[label] = values
    return gathered


def rounded(value: float) -> float:
    """Four digits: more would only be noise."""
    return float(f"{value:.4g}")


def described(name: str, measured: dict[str, np.ndarray]) -> dict:
    """A finding as the file has it. Means are put into its sentence."""
    finding = FINDINGS[name]
    means = {label: written(values.mean()) for label, values in measured.items()}
    return {
        "exhibits": finding.exhibits.split(),
        "sentence": Formatter().vformat(finding.sentence, (), means),
        "claim": finding.claim,
        "holds": bool(finding.holds(measured)),
        "settings": finding.settings,
        "in_pytorch": finding.in_pytorch,
        "measured": {
            label: {
                "mean": float(f"{values.mean():.6g}"),  # not rounded twice when told
                "spread": rounded(values.std(ddof=1)),
                "values": [rounded(value) for value in values],
            }
            for label, values in measured.items()
        },
    }


def written(value: float) -> str:
    """A number in a sentence."""
    if value and abs(value) < 0.01:
        return f"{value:.1e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def report(findings: dict[str, dict]) -> str:
    """All findings, those that do not hold first, with what PyTorch gave."""
    lines = []
    for name, found in sorted(findings.items(), key=lambda item: item[1]["holds"]):
        mark = "holds" if found["holds"] else "DOES NOT HOLD"
        lines.append(f"\n{' '.join(found['exhibits'])} {name}: {mark}")
        for title, text in (
            ("here", found["sentence"]),
            ("claim", found["claim"]),
            ("PyTorch", found["in_pytorch"]),
        ):
            lines += textwrap.wrap(
                text, 88, initial_indent=f"  {title}: ", subsequent_indent="    "
            )
        for label, numbers in found["measured"].items():
            values = " ".join(f"{value:.4g}" for value in numbers["values"])
            lines.append(
                f"    {label:<38} {numbers['mean']:8.3g} ± {numbers['spread']:<8.2g} "
                f"{values}"
            )
    return "\n".join(lines)


def write(gathered: Gathered, before: dict[str, dict]) -> None:
    """Write what was measured, and for the rest what was found `before`; print it."""
    findings = {}
    for name in sorted(FINDINGS):
        if name in gathered:
            old = before.get(name, {"measured": {}})["measured"]
            rest = {label: np.array(of["values"]) for label, of in old.items()}
            findings[name] = described(name, rest | gathered[name])
        else:
            findings[name] = before[name]
    content = {
        "made_by": "python tests/study.py",
        "seeds": list(SEEDS),
        "spread": "standard deviation over the seeds",
        "findings": findings,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(report({name: findings[name] for name in sorted(gathered)}))


def main() -> None:
    parts = [part for part in sys.argv[1:] if part != "--write"]
    names = [
        name for name in EXPERIMENTS if not parts or any(part in name for part in parts)
    ]
    gathered = gather(names)
    if not parts:
        write(gathered, {})
    elif "--write" in sys.argv:
        write(gathered, json.loads(FILE.read_text(encoding="utf-8"))["findings"])
    else:
        for finding, measured in gathered.items():
            for label, values in measured.items():
                shown = " ".join(f"{value:.4g}" for value in values)
                print(f"{finding}: {label:<40} {values.mean():.4g}   {shown}")


if __name__ == "__main__":
    main()
