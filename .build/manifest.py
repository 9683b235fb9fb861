"""manifest.json: what the site is made of, and from which sources."""

from __future__ import annotations

import json
from pathlib import Path

import archives
import basics
import pages
import runtime
import testing
from basics import digest

RECORD = "build.json"  # which the next build looks at


def fingerprint() -> str:
    """A hash of everything in the repository that decides on dist/."""
    inputs = archives.files_under("pysrc", "site", ".build")
    inputs += [
        *testing.test_files(),
        basics.ROOT / "build.py",
        basics.ROOT / "pyproject.toml",
        basics.ROOT / "LICENSE",
        basics.LOCK,
    ]
    parts = [f"{p.relative_to(basics.ROOT)} {digest(p.read_bytes())}" for p in inputs]
    return digest("\n".join(parts).encode())


def up_to_date() -> bool:
    """Whether dist/ comes from these sources and is whole."""
    try:
        record = json.loads((basics.DIST / RECORD).read_text())
        return record["sources"] == fingerprint() and all(
            (basics.DIST / name).stat().st_size == size
            for name, size in record["bytes"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


def stage(path: str) -> str:
    """When the page needs a file of the site."""
    folder, _, name = path.rpartition("/")
    if folder == "runtime":
        if name.endswith(".pack") or name == runtime.CORE_FILE:
            return name.partition(".")[0]
        late = name.endswith(".whl") or name in (basics.STDLIB, runtime.REST)
        return "soon" if name == runtime.SOON else "on demand" if late else "python"
    late = folder in ("recorded", "testing", "icons")
    late = late or (folder == "pyscript" and pages.without_hash(name) in pages.EDITOR)
    return "on demand" if late else "page"


def files_in(folder: Path) -> dict[str, bytes]:
    """Everything in a folder: path -> content, sorted."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def write_manifest(inside: Path) -> str:
    """manifest.json: what the build is made of. Returns the name that it is due.

    The name is a hash of all the files, so what is under it never changes.
    """
    files: list[dict] = []
    totals: dict[str, int] = {}
    for name, data in files_in(inside).items():
        if name != "manifest.json":
            file = {"path": name, "bytes": len(data), "sha256": digest(data)}
            files.append({**file, "stage": stage(name)})
            totals[stage(name)] = totals.get(stage(name), 0) + len(data)
    parts = {**basics.OURS["pins"], **basics.OURS["inside"], **basics.OURS["testing"]}
    del parts[basics.CARRIER.name]
    shown = ("version", "licence", "source")
    manifest = {
        "version": basics.PROJECT["version"],
        "totals": totals,
        "dependencies": [
            {"name": name, **{key: part[key] for key in shown}}
            for name, part in parts.items()
        ],
        "files": files,
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (inside / "manifest.json").write_text(text)
    return f"b-{digest(text.encode())[:10]}"


def write_record(new: Path, sources: str) -> int:
    """build.json: the sources of dist/, its folder and all its files. Returns bytes."""
    sizes = {name: len(data) for name, data in files_in(new).items()}
    (folder,) = (path.name for path in new.glob("b-*"))
    record = {"sources": sources, "folder": folder, "bytes": sizes}
    (new / RECORD).write_text(json.dumps(record, indent=1) + "\n")
    return sum(sizes.values())
