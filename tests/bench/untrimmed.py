"""The site as it would be without any of the work on its arrival, to compare with.

The page, PyScript and the service worker are those of dist/. What differs lies in the
folder of the runtime: Python's standard library and numpy's wheel are the files that
their authors publish, our package is a wheel of all its sources and nothing else, and
nothing is compiled to bytecode, left out or put into packs. untrimmed.mjs takes the
place of interpreter.mjs: PyScript hands the two packages to Pyodide's own loadPackage,
nothing is fetched before it is asked for, and WebAssembly is compiled by Pyodide.
The manifest, its hash and the names that depend on it fit, so that the service worker
keeps this build too.
"""

import json
import shutil
from pathlib import Path

import archives
import basics
import downloads
import manifest
import pages
import runtime

INTERPRETER = Path(__file__).with_suffix(".mjs")
PACKED = (".pack", ".zip", ".whl")


def write_untrimmed(dist: Path, new: Path) -> Path:
    """A copy of a built site with an untrimmed runtime. Returns the build's folder."""
    shutil.copytree(dist, new)
    (inside,) = new.glob("b-*")
    replaced = inside / "runtime" / "interpreter.mjs"
    before = inside.name, pages.integrity(replaced)
    write_runtime(inside / "runtime")
    shutil.copyfile(INTERPRETER, replaced)
    write_manifest(inside)
    digest = basics.digest((inside / "manifest.json").read_bytes())
    built = inside.rename(new / f"b-{digest[:10]}")
    html = (new / "index.html").read_text("utf-8")
    after = built.name, pages.integrity(built / "runtime" / "interpreter.mjs")
    for old, due in zip(before, after, strict=True):
        html = html.replace(old, due)
    (new / "index.html").write_text(html, "utf-8")
    return built


def write_runtime(folder: Path) -> None:
    """Everything that Python loads, as it is published."""
    for path in folder.iterdir():
        if path.suffix in PACKED:
            path.unlink()
    pyodide = archives.unpack(downloads.fetch(basics.PYODIDE, downloads.from_npm))
    for pin in (basics.NUMPY, basics.MICROPIP):
        wheel = downloads.fetch(pin, downloads.from_pyodide)
        shutil.copyfile(wheel, folder / pin.file)
    (folder / basics.STDLIB).write_bytes(pyodide[f"package/{basics.STDLIB}"])
    parent = basics.ROOT / "pysrc"
    ours = archives.files_under(f"pysrc/{basics.PROJECT['name']}")
    sources = {path.relative_to(parent).as_posix(): path.read_bytes() for path in ours}
    own = runtime.write_wheel(folder, sources)
    runtime.write_lock(pyodide["package/pyodide-lock.json"], own)


def write_manifest(inside: Path) -> None:
    """The list of all files, with those of the new runtime as what a start needs."""
    listed = json.loads((inside / "manifest.json").read_text())
    files = []
    for name, data in manifest.files_in(inside).items():
        if name != "manifest.json":
            needed = name.startswith("runtime/") and basics.MICROPIP.file not in name
            stage = "python" if needed else manifest.stage(name)
            known = {"path": name, "bytes": len(data), "sha256": basics.digest(data)}
            files.append({**known, "stage": stage})
    listed["files"] = files
    (inside / "manifest.json").write_text(json.dumps(listed, indent=1) + "\n")
