"""The same tests where the page runs: in Pyodide, on its numpy."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("golden", "model", "timeline", "gradients", "properties")
WHICH = "not test_gradients or default"  # of the gradients one case a model


def node() -> str:
    """Node from PATH, or the one that build.py fetched."""
    found = shutil.which("node") or next(ROOT.glob(".work/node/**/bin/node"), None)
    if not found:
        pytest.fail("There is no node on PATH, nor in .work/: run python3 build.py.")
    return str(found)


def test_everything_that_the_page_relies_on():
    if not (ROOT / "dist" / "runtime").exists():
        pytest.fail("There is no dist/ to run them on: run python3 build.py.")
    command = [node(), ROOT / "tests" / "in_pyodide.mjs", ROOT]
    files = [f"tests/test_{name}.py" for name in FILES]
    done = subprocess.run(
        [*command, sysconfig.get_path("purelib"), *files, "-k", WHICH],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert " passed" in done.stdout
