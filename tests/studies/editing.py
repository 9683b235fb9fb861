"""E22's last two edits, which no setting can make: a copy of the package is edited."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import fishformer
from fishformer.lessons.challenges import edited, named
from studies import Experiment, Finding, Measured

PACKAGE = Path(fishformer.__file__).parent
STEPS = (300, 1000)
UNEDITED = "unedited"
EDITS = {"one view": "heads", "wrong gradient": "gradient"}  # label -> challenge

# Trains the package that it finds, and prints the held-out loss at some steps.
DRIVER = """
import json, sys
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.training import Trainer

trainer, losses = Trainer(Config(seed=int(sys.argv[1])), load_fish()), []
for step in map(int, sys.argv[2:]):
    while trainer.report.step < step:
        trainer.update()
    losses.append(trainer.report.held_out.loss)
print(json.dumps(losses))
"""


def losses_of(seed: int, key: str | None, steps: tuple[int, ...]) -> list[float]:
    """Held-out losses at some steps, after the challenge of this key."""
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(PACKAGE, Path(folder) / "fishformer"))
        if key:
            file = copy / named(key).file
            file.write_text(edited(named(key), file.read_text()))
        command = [sys.executable, "-c", DRIVER, str(seed), *map(str, steps)]
        path = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(command, env=path, capture_output=True, check=True)
    return json.loads(done.stdout)


def edit(label: str) -> Experiment:
    """One of the edits, or none, as the visitor of the page runs it."""

    def run(seed: int) -> Measured:
        losses = losses_of(seed, EDITS.get(label), STEPS)
        return {
            "edits": {
                f"{label}, step {step}": loss
                for step, loss in zip(STEPS, losses, strict=True)
            }
        }

    return run


EXPERIMENTS: dict[str, Experiment] = {
    f"edits, {label}": edit(label) for label in (UNEDITED, *EDITS)
}

FINDINGS = {
    "edits": Finding(
        "E22",
        "Held-out loss at steps 300 and 1,000 after an edit: none "
        "{unedited, step 300}, {unedited, step 1000}; all heads of a layer look in one "
        "direction {one view, step 300}, {one view, step 1000}; layer norm's gradient "
        "lacks a term {wrong gradient, step 300}, {wrong gradient, step 1000}.",
        "one view within .1 of four at step 1,000, over the seeds' mean; a wrong "
        "gradient worse by over .3 in every seed",
        lambda m: (
            abs((m["one view, step 1000"] - m["unedited, step 1000"]).mean()) < 0.1
            and bool(
                (m["wrong gradient, step 1000"] > m["unedited, step 1000"] + 0.3).all()
            )
        ),
        "default, 1,000 steps; edits 5 and 6 of E22 in a copy of the package",
        "not tried",
    ),
}
