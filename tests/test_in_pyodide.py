"""The same tests where the page runs: in Pyodide, on its numpy."""

import subprocess
import sysconfig
import threading
from pathlib import Path

import pytest

import downloads
from fishformer.browser.testing import WHICH
from server import Server

ROOT = Path(__file__).parents[1]
FILES = """
    essentials golden model timeline gradients properties attention edges watchdog
    lean_random
""".split()


def test_everything_that_the_page_relies_on():
    if not (ROOT / "dist" / "build.json").exists():
        pytest.fail("There is no dist/ to run them on: run python3 build.py.")
    command = [downloads.node(), ROOT / "tests" / "in_pyodide.mjs", ROOT]
    files = [f"tests/test_{name}.py" for name in FILES]
    done = subprocess.run(
        [*command, sysconfig.get_path("purelib"), *files, "-k", WHICH],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert " passed" in done.stdout


def test_a_notebook_can_install_the_wheel_from_the_site():
    site = Server(ROOT / "dist")
    threading.Thread(target=site.serve_forever, daemon=True).start()
    (wheel,) = (ROOT / "dist").glob("b-*/runtime/fishformer-*.whl")
    address = f"{site.url}{wheel.relative_to(ROOT / 'dist').as_posix()}"
    done = subprocess.run(
        [downloads.node(), ROOT / "tests" / "in_notebook.mjs", ROOT, address],
        capture_output=True,
        text=True,
        timeout=300,
    )
    site.shutdown()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    first, *_, last = map(float, done.stdout.split()[-21:])
    assert last < first
