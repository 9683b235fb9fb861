"""Python's memory after a start, for later starts to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import archives
import basics
import downloads
import programs

FILE = "memory.pack"
TAKE = basics.ROOT / ".build" / "memory.mjs"


def write_memory(runtime: Path, modules: list[str]) -> None:
    """What Python's memory is once it has imported these modules.

    The same bytes from the same runtime. A start that has it imports nothing.
    """
    with basics.scratch() as folder:
        (folder / "modules.json").write_text(json.dumps(modules))
        command = [downloads.node(), str(TAKE), str(runtime), str(folder)]
        programs.run(command, "Python's memory")
        files = {name: (folder / name).read_bytes() for name in ("about.json", "memory")}
    archives.write_pack(runtime / FILE, files)
