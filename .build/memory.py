"""Python's memory after a start, for later starts to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import archives
import basics
import downloads
import programs

TAKE = basics.ROOT / ".build" / "memory.mjs"
TAKEN = ("about.json", "head", "below", "heap")


def take(runtime: Path, modules: list[str]) -> dict[str, bytes]:
    """What Python's memory is once it has imported these modules, and what it fits.

    The same bytes from the same runtime.
    """
    with basics.scratch() as folder:
        (folder / "modules.json").write_text(json.dumps(modules))
        command = [downloads.node(), f"{TAKE}", f"{runtime}", f"{folder}"]
        programs.run(command, "Python's memory")
        return {name: (folder / name).read_bytes() for name in TAKEN}


def write_memory(runtime: Path, modules: list[str]) -> None:
    """memory.pack: with it a start imports nothing."""
    archives.write_pack(runtime / "memory.pack", take(runtime, modules))
