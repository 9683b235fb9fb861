"""dist/recorded/: runs that are too long for a page."""

from __future__ import annotations

import shutil
from pathlib import Path

import basics
import programs
from basics import digest, say


def write_recorded(recorded: Path, python: Path) -> None:
    """Runs too long for a page, trained by the same code. Kept from build to build."""
    package = basics.ROOT / "pysrc" / basics.PROJECT["name"]
    lessons = [package / "lessons" / name for name in ("deep.py", "kinship.py")]
    parts = [*sorted(package.glob("*.py")), *sorted((package / "data").glob("fish*"))]
    key = digest(b"".join(p.read_bytes() for p in parts + lessons))
    kept = basics.WORK / "cache" / "recorded" / f"deep-{key}.npz"
    if not kept.exists():
        say("  models of 12 layers, about a minute ...")
        with basics.scratch() as folder:
            command = [
                str(python),
                "-B",
                "-m",
                "fishformer.lessons.deep",
                f"{folder}/deep.npz",
            ]
            what, path = "training the models of 12 layers", basics.ROOT / "pysrc"
            programs.run(command, what, {"PYTHONPATH": str(path)}, cwd=basics.ROOT)
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.glob("deep-*"):
                old.unlink()
            (folder / "deep.npz").replace(kept)
    recorded.mkdir()
    shutil.copyfile(kept, recorded / "deep.npz")
