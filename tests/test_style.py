"""The code keeps its own rules: ruff and mypy have nothing to say."""

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
