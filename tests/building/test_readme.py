"""What the README says of versions, files, commands, counts and findings is so."""

import json
import re
import tomllib

import numpy as np
import pytest
from standins import ROOT

import commands
from fishformer.__main__ import main as terminal
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.catalogue import EXHIBITS
from fishformer.grammar import read_data
from fishformer.lessons.challenges import CHALLENGES
from fishformer.training import Trainer

README = (ROOT / "README.md").read_text("utf-8")
FLAT = " ".join(README.split())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CARRIED = PROJECT["tool"]["fishformer"]
PACKAGE = ROOT / "pysrc" / "fishformer"


def part(heading: str) -> str:
    """What stands below a heading."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_its_table_has_every_pin_with_its_version_and_licence():
    pins = {**CARRIED["pins"], **CARRIED["testing"]}
    packed = {"Pyodide": "pyodide", "PyScript core": "@pyscript/core"}
    told = {}
    for row in re.findall(r"^\| (\w.*?) \|$", part("What it stands on"), re.MULTILINE):
        names, versions, licence, _ = re.split(r" \| ?", row + " ")[:4]
        for name, version in zip(names.split(", "), versions.split(", "), strict=True):
            told[packed.get(name, name).lower()] = version, licence.replace("or", "OR")
    gbdraw = pins.pop("gbdraw")
    assert told == {
        name: (pin["version"], pin["licence"]) for name, pin in pins.items()
    }
    assert f"package gbdraw ({gbdraw['licence']})" in FLAT
    python = CARRIED["inside"]["CPython"]
    assert (
        f"CPython {python['version'].rsplit('.', 1)[0]} ({python['licence']})" in README
    )
    assert f"CodeMirror ({CARRIED['inside']['CodeMirror']['licence']})" in README
    extras = PROJECT["project"]["optional-dependencies"]
    for need in extras["dev"]:
        assert re.split("[=; ]", need)[0] in part("What it stands on"), need
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in README
    assert f"{PROJECT['project']['license']} licence" in README


def test_its_map_has_every_module_and_folder_and_no_other():
    tree = part("Where things are").split("```")[1]
    inside = tree.split("numpy and the standard library\n")[1].split("\nsite/")[0]
    named = set(re.findall(r"^ {2}(\S.*?)(?: {2,}|$)", inside, re.MULTILINE))
    named = {name.strip("/") for line in named for name in line.split()}
    there = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    there |= {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
    }
    assert named == there | {"data"}
    tests = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert tests == set(re.findall(r"(\w+)/ ", tree.split("\ntests/ ")[1]))
    for path in re.findall(r"`((?:\.github|tests|exhibits|pysrc)/[\w./]+)`", README):
        base = PACKAGE if path.startswith("exhibits") else ROOT
        assert (base / path).exists(), path
    for path in re.findall(r'(?:src|srcset)="([^"]+)"', README):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(
    "line", re.findall(r"^python3 build\.py \w+.*", README, re.MULTILINE)
)
def test_its_commands_of_the_build_are_known(line, monkeypatch):
    done = []
    for name in ("serve", "test", "bench"):
        monkeypatch.setattr(commands, name, lambda *given: done.append(given) or 0)
    words = re.split(r" {2,}", line)[0].split()[2:]
    for pair in re.findall(r"(--\w+) ([^ ,)]+)", line):
        words += pair
    assert commands.main(words, "") == 0 and done


@pytest.mark.parametrize(
    "line", re.findall(r"^python3 -m fishformer (.+)", README, re.MULTILINE)
)
def test_its_commands_of_the_terminal_are_known(line, capsys):
    with pytest.raises(SystemExit) as ended:
        terminal([line.split()[0], "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(option in told for option in re.findall(r"--\w+", line))


def test_its_counts_are_counted():
    corpus, config = load_fish(), Config()
    numbered = [name for name in EXHIBITS if re.fullmatch(r"e\d\d", name)]
    assert f"an article with {len(numbered)} exhibits" in FLAT
    size = Trainer(config, corpus).model.params.buffer.size
    assert f"a toy of {round(size, -3):,} parameters" in FLAT
    assert f"some {round(corpus.report.n_sentences, -2)} short sentences" in FLAT
    assert len(corpus.featured) == 3 and "words for three sentences" in FLAT
    assert len(CHALLENGES) == 6 and "six guided edits" in FLAT


def test_its_findings_are_those_of_the_study():
    found = json.loads(read_data("findings.json"))["findings"]

    def mean(name: str, label: str, digits: int = 2) -> str:
        return f"{np.mean(found[name]['measured'][label]['values']):.{digits}f}"

    told = " ".join(part("What it learns").split())
    steps = [mean("held-out loss", f"step {k}") for k in (100, 300, 500, 1000)]
    assert f"{', '.join(steps[:3])} and {steps[3]} nats" in told
    assert f"the grammar's floor is {load_fish().grammar_floor:.2f}" in told
    start, end = (mean("own clause", f"layer 2, step {k}") for k in (0, 1000))
    assert f"{start} of its attention at the start and {end} in layer 2" in told
    least, most = (mean("heads", f"one head, {which}") for which in ("least", "most"))
    assert f"one head switched off costs {least} to {most} nats" in told
    layers = [mean("heads", f"all of layer {k}", 1) for k in (2, 1)]
    assert f"all four of a layer {' to '.join(layers)}" in told
    without = {
        part: mean("ablations", f"no {part}, step 1000")
        for part in ("residual", "layer norm", "root of dₖ", "feed-forward")
    }
    assert (
        f"Without residuals the loss at step 1,000 is {without.pop('residual')}" in told
    )
    for part_of, loss in without.items():
        assert loss in told, part_of
