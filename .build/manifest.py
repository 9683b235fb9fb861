"""manifest.json: what the site is made of, and from which sources."""

from __future__ import annotations

import json
from pathlib import Path

import archives
import basics
import pages
import testing
from basics import digest

UNREAD = (".nojekyll", "LICENSE.txt", "third-party.txt")  # by the page


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
        manifest = json.loads((basics.DIST / "manifest.json").read_text())
        return manifest["build"] == fingerprint() and all(
            (basics.DIST / file["path"]).stat().st_size == file["bytes"]
            for file in manifest["files"]
        )
    except (OSError, ValueError, KeyError):
        return False


def stage(path: str) -> str:
    """When the page needs a file of the site."""
    folder, _, name = path.rpartition("/")
    if folder == "runtime":
        package = name.split("-")[0]
        stages = {"numpy": "numpy", basics.PROJECT["name"]: "fishformer"}
        return stages.get(package, "on demand" if package == "micropip" else "python")
    late = name in UNREAD or folder in ("recorded", "testing")
    late = late or (folder == "pyscript" and pages.without_hash(name) in pages.EDITOR)
    return "on demand" if late else "page"


def write_manifest(new: Path, sources: str) -> int:
    """manifest.json: what the site is made of. Returns its bytes in all."""
    files: list[dict] = []
    totals: dict[str, int] = {}
    for path in sorted(p for p in new.rglob("*") if p.is_file()):
        name, data = path.relative_to(new).as_posix(), path.read_bytes()
        if name != "manifest.json":
            file = {"path": name, "bytes": len(data), "sha256": digest(data)}
            files.append({**file, "stage": stage(name)})
            totals[stage(name)] = totals.get(stage(name), 0) + len(data)
    parts = {**basics.OURS["pins"], **basics.OURS["inside"], **basics.OURS["testing"]}
    del parts[basics.CARRIER.name]
    shown = ("version", "licence", "source")
    manifest = {
        "version": basics.PROJECT["version"],
        "build": sources,
        "totals": totals,
        "dependencies": [
            {"name": name, **{key: part[key] for key in shown}}
            for name, part in parts.items()
        ],
        "files": files,
    }
    (new / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return sum(totals.values())
