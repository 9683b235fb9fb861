"""Runs other programs, and explains in one sentence why one of them failed."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from pathlib import Path

import basics
from basics import BuildError, say


def run(command: list[str], what: str, places: dict | None = None, **options) -> str:
    """What a tool says; when it fails, BuildError says in one sentence why.

    `places` are more variables of its environment.
    """
    with basics.scratch() as folder, (folder / "output").open("w+") as output:
        places = {
            "TMPDIR": f"{folder}",
            "npm_config_cache": f"{folder}",
            **(places or {}),
        }
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **places, "DEBIAN_FRONTEND": "noninteractive"},
            **options,
        )
        began = time.monotonic()
        while True:
            try:
                status = process.wait(timeout=5)
                break
            except subprocess.TimeoutExpired:
                size, seconds = size_of(folder) / 1e6, time.monotonic() - began
                say(f"    {what}: {size:.0f} MB after {seconds:.0f} s ...")
        output.seek(0)
        said = output.read()
    if status:
        raise BuildError(explain(what, said))
    return said


def size_of(folder: Path) -> int:
    """Bytes in a folder in which another program may be adding and removing."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def explain(what: str, said: str) -> str:
    """The sentence for a tool that failed, by what it said."""
    if "DO NOT MATCH THE HASHES" in said:
        hashes = re.findall(r"(?:Expected sha256|Got) +(\w+)", said)
        return mismatch(what, hashes[0], hashes[-1])
    if re.search(r"ENOSPC|No space left", said):
        return f"the disk is full: there is no room for {what}."
    if re.search(
        r"ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|E(NET|HOST)UNREACH|"
        r"NewConnectionError|NameResolutionError|ProxyError|timed out|unreachable",
        said,
    ):
        return (
            f"no network: {what} could not be fetched; what has been fetched is kept, "
            "so run this again when there is one."
        )
    if re.search(r"\bE404\b|ETARGET|No matching distribution", said):
        return f"{what} cannot be had any more, or not for this system and Python."
    lines = [line for line in said.splitlines() if line and "complete log" not in line]
    return f"{what} failed: {(lines or ['without a word'])[-1]}"


def mismatch(what: str, expected: str, got: str) -> str:
    """What is said of a file that is not the pinned one."""
    return (
        f"{what} is not the file that was pinned (expected sha256 {expected}, got "
        f"{got}) and was thrown away; if it was changed on purpose, change the pin."
    )
