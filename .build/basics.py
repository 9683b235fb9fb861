"""What every part of the build knows: the places, the pins, and how to say things."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pin(NamedTuple):
    """One file that another project publishes: refused unless its sha256 fits."""

    name: str
    version: str
    licence: str
    source: str  # where its source code lives
    file: str
    sha256: str


ROOT = Path(__file__).resolve().parents[1]
DIST, WORK = ROOT / "dist", ROOT / ".work"
LOCK = ROOT / "tests" / "requirements.txt"
TORCH_LOCK = ROOT / "tests" / "requirements-torch.txt"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, OURS = PYPROJECT["project"], PYPROJECT["tool"]["fishformer"]
PYODIDE, PYSCRIPT, NUMPY, MICROPIP, CARRIER = (
    Pin(name, **OURS["pins"][name])
    for name in ("pyodide", "@pyscript/core", "numpy", "micropip", "gbdraw")
)
TESTING = tuple(Pin(name, **pin) for name, pin in OURS["testing"].items())
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE.version}/full/"

# What the site takes out of Pyodide's npm package.
STDLIB = "python_stdlib.zip"
RUNTIME = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", STDLIB)


class BuildError(Exception):
    """What went wrong and what to do about it, in one sentence."""


def say(text: str) -> None:
    """One line to the terminal, at once."""
    print(text, flush=True)


def digest(data: bytes) -> str:
    """The sha256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder inside .work/ that is gone afterwards."""
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK, prefix="tmp-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait for any other build of this repository, and clear up what it left."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left in WORK.glob("tmp-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
