"""The code keeps its own rules: ruff and mypy have nothing to say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = ("pysrc", "tests", "build.py", ".build")


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", *PYTHON), ("ruff", "format", "--check", *PYTHON), ("mypy",)],
    ids=" ".join,
)
def test_tools_find_nothing(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path", sorted((ROOT / "site").rglob("*.css")), ids=lambda p: p.name
)
def test_underlines_are_in_safaris_words(path):
    """Safari drops a text-decoration with more than a line in it."""
    assert not re.search(r"text-decoration: [\w-]+ ", path.read_text())


@pytest.mark.parametrize(
    "path",
    sorted(set((ROOT / "site").glob("*.mjs")) - {ROOT / "site" / "interpreter.mjs"}),
    ids=lambda p: p.name,
)
def test_no_module_of_the_page_awaits_at_its_top(path):
    """WebKit may never run a module that imports one which waits (its bug 242740)."""
    waits = [
        line
        for line in path.read_text().splitlines()
        if re.match(r"[^ /].*\bawait\b", line) and "async" not in line
    ]
    assert not waits
