"""findings.json is what tests/study.py says, and a few findings are measured again.

The rest takes minutes: run tests/study.py after a change of models, data or training.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import study
from fishformer.grammar import read_data

CONTENT = json.loads(read_data("findings.json"))
FOUND = CONTENT["findings"]
SEED = 1
CHEAP = (
    "it",
    "saturation",
    "static",
    "gradient",
    "translator",
    "recall, Elman, 10",
    "recall, Elman orthogonal, 10",
    "recall, transformer, 10",
)
NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")


def arrays(name):
    """The numbers of a finding over the seeds, by label."""
    measured = FOUND[name]["measured"]
    return {label: np.array(of["values"]) for label, of in measured.items()}


def test_the_file_has_every_finding_over_every_seed():
    assert CONTENT["seeds"] == list(study.SEEDS) and len(study.SEEDS) == 5
    assert list(FOUND) == sorted(study.FINDINGS)
    for found in FOUND.values():
        for numbers in found["measured"].values():
            assert len(numbers["values"]) == 5
            assert np.isfinite(numbers["values"]).all()
            largest = np.abs(numbers["values"]).max()
            mean = pytest.approx(np.mean(numbers["values"]), abs=1e-3 * largest)
            assert numbers["mean"] == mean


@pytest.mark.parametrize("name", sorted(study.FINDINGS))
def test_the_file_says_what_the_study_says(name):
    anew, found = study.described(name, arrays(name)), FOUND[name]
    for key in ("exhibits", "claim", "holds", "settings", "in_pytorch"):
        assert anew[key] == found[key]
    assert NUMBER.sub("#", anew["sentence"]) == NUMBER.sub("#", found["sentence"])


@pytest.mark.parametrize("name", sorted(study.FINDINGS))
def test_what_is_claimed_holds(name):
    assert FOUND[name]["holds"], FOUND[name]["claim"]


def test_what_chapters_say_of_single_runs():
    chapters = Path(__file__).parents[1] / "site" / "chapters"

    def said(chapter, words):
        return words in (chapters / chapter).read_text("utf-8")

    assert said("1.html", "all of them in most runs, all but one now and then")
    between = arrays("static vectors")["words between their senses"]
    assert 2.5 < (between == 1).sum() < 5 and between.min() > 0.9  # one of eleven
    assert said("3b.html", "Some rest a while at about half on the way")
    halfway = np.sort(arrays("it")["step 100"])
    assert 0.4 < halfway[0] < 0.6 and halfway[1] > 0.9
    assert said("7.html", "All five crown the cat")
    assert (arrays("translation")["the king's sentence, step 300"] == 1).all()


@pytest.mark.parametrize("experiment", CHEAP)
def test_measured_again_it_is_within_the_spread(experiment):
    for name, measured in study.measure(experiment, SEED).items():
        for label, value in measured.items():
            numbers = FOUND[name]["measured"][label]
            values = numbers["values"]
            margin = 2 * numbers["spread"] + 0.05 * abs(numbers["mean"]) + 1e-6
            assert min(values) - margin <= value <= max(values) + margin, (name, label)
