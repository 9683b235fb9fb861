"""A run as one Python file: it needs numpy and nothing else, and says what it found.

It carries the source of every module that training imports, as plain text: whoever
opens it can read all that runs, and change it. A wheel to install would hide an edit
and would have to be found again years later; a compressed blob could not be read.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fishformer.config import Config

# How near another machine comes to the page. The sums are the same but are added up in
# another order, so their last bits differ, and every step makes more of the difference.
# Measured, WebAssembly against x86-64, 18 runs: 3e-5 at most up to step 20; 0.01 to 0.2
# at step 100. Means of 50 losses stay within 0.16; at 2.5 times the usual learning rate
# within 0.5, at 7 times within 0.8; there the losses of the 50 steps scatter more, too.
# In float64 nothing of this shows: 5e-12 at most in 1,000 steps.
SAME_STEPS, SAME_WITHIN = 20, 1e-3  # up to this step, in nats
SAME_STEPS_64, SAME_WITHIN_64 = 1000, 1e-5  # in float64
WINDOW = 50  # steps whose mean is compared at the end
NEAR_WITHIN = 0.1  # nats, and
SCATTER = 3  # times the standard deviation of the losses of those steps

COMPARE = f'''\
def compare(losses, expected):
    """Whether this is the page's run. Raises AssertionError where it is not.

    Both add up the same numbers, but in another order. The last bits differ, and every
    step makes more of the difference. So the first steps must agree, later ones only on
    average; in float64, which has twice the digits, all of {SAME_STEPS_64:,} agree.
    """
    same, within = {SAME_STEPS}, {SAME_WITHIN:g}
    if SETTINGS["dtype"] == "float64":
        same, within = {SAME_STEPS_64}, {SAME_WITHIN_64:g}
    n = min(len(losses), len(expected))
    losses, expected = np.array(losses[:n]), np.array(expected[:n])
    apart = np.abs(losses - expected)
    first = np.nanmax(apart[: same + 1], initial=0)
    print(f"Steps 0 to {{min(n - 1, same)}}: at most {{first:.1e}} from the page")
    assert first <= within, "This is not the run of the page."
    if n > same + {WINDOW}:
        here, there = losses[-{WINDOW}:].mean(), expected[-{WINDOW}:].mean()
        allowed = {NEAR_WITHIN:g} + {SCATTER} * expected[-{WINDOW}:].std()
        print(f"Mean of the last {WINDOW}: {{here:.3f}}, in the page {{there:.3f}}")
        assert not abs(here - there) > allowed, "It ends elsewhere than the page."
    print("The same run.")
'''

TRAIN = """\
config = Config.from_strings(SETTINGS)
corpus = load_fish() if SENTENCES is None else load_corpus(SENTENCES)
trainer = Trainer(config, corpus)
losses = [trainer.report.loss]
while trainer.report.step < STEP and not trainer.report.trouble:
    report = trainer.update()
    losses.append(report.loss)
    if report.step % 50 == 0 or report.step == STEP:
        there = LOSSES[report.step]
        print(f"step {report.step:6,}  loss {report.loss:.4f}  in the page {there:.4f}")
if trainer.report.held_out:
    print(f"Held-out loss {trainer.report.held_out.loss:.4f}")
"""

SCRIPT = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy>=2.2"]
# ///
"""{title}

It trains the model again, from its seed, and compares every loss with the page's.
It needs Python 3.11 or newer and numpy, and reads and fetches nothing else:

    python -m pip install numpy
    python {name}

{edited}The package fishformer, which trains, is below, each module as it ran in the
page: read it, change it, run it again. After `python -i {name}` you
have `trainer` before you.
"""

import sys
import tempfile
from pathlib import Path

SETTINGS = {settings}
STEP = {step}

# What it learns from, one sentence a line; None is the fish.
SENTENCES = {sentences}

# The page's loss at each step, from 0.
nan, inf = float("nan"), float("inf")
LOSSES = {losses}

FILES = {{}}  # the package: name -> text

{files}
folder = tempfile.TemporaryDirectory()
for name, text in FILES.items():
    path = Path(folder.name, "fishformer", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\\n")
sys.path.insert(0, folder.name)

from fishformer.config import Config  # noqa: E402, first: it tells numpy to be quiet
from fishformer.corpus import load_corpus, load_fish  # noqa: E402
from fishformer.training import Trainer  # noqa: E402

import numpy as np  # noqa: E402


{compare}

{train}compare(losses, LOSSES)
'''


class Recipe(NamedTuple):
    """All that another Python needs to train a run again."""

    config: Config
    text: str | None  # None: the fish
    edited: Sequence[str]  # modules that the visitor has changed
    losses: Sequence[float]  # of the steps from 0 to the one where the page stands
    code: Mapping[str, str]  # every module that training imports, edits included
    data: Mapping[str, str]  # the files that they read

    @property
    def step(self) -> int:
        """The step where the page stands."""
        return len(self.losses) - 1

    @property
    def title(self) -> str:
        """What it is, in one line."""
        config = self.config
        layers = f"{config.n_layers} layer{'s' if config.n_layers > 1 else ''}"
        steps = f"{self.step:,} step{'' if self.step == 1 else 's'}"
        return f"A run of Fishformer: {layers}, seed {config.seed}, {steps}."

    @property
    def settings(self) -> dict[str, str]:
        """All settings, as texts; also those that are as the page has them unasked."""
        return {key: about["value"] for key, about in self.config.described().items()}

    @property
    def files(self) -> dict[str, str]:
        """The package: path below fishformer/ -> text; data come first."""
        data = {f"data/{name}": text for name, text in self.data.items()}
        return data | dict(self.code)


def to_script(recipe: Recipe, name: str) -> str:
    """The run as a Python file of this name."""
    edited = ""
    if recipe.edited:
        edited = f"Edited by hand: {', '.join(recipe.edited)}. Look there first.\n\n"
    return SCRIPT.format(
        title=recipe.title,
        name=name,
        edited=edited,
        settings=json.dumps(recipe.settings, indent=4),
        step=recipe.step,
        sentences="None" if recipe.text is None else literal(recipe.text),
        losses=losses_literal(recipe.losses),
        files="".join(
            f"FILES[{json.dumps(path)}] = {literal(text)}\n\n"
            for path, text in recipe.files.items()
        ),
        compare=COMPARE,
        train=TRAIN,
    )


def losses_literal(losses: Sequence[float]) -> str:
    """Numbers as Python, eight a line; seven digits, as float32 has."""
    written = [f"{loss:.7g}" for loss in losses]
    rows = (", ".join(written[k : k + 8]) for k in range(0, len(written), 8))
    return "[\n" + "".join(f"    {row},\n" for row in rows) + "]"


def literal(text: str) -> str:
    """A text as Python, as it stands where that is possible."""
    readable = all(letter.isprintable() or letter in "\n\t" for letter in text)
    for quotes in ("'" * 3, '"' * 3):
        ends_well = not text.endswith((quotes[0], "\\"))
        if readable and ends_well and quotes not in text:
            return f"r{quotes}{text}{quotes}"
    return repr(text)
