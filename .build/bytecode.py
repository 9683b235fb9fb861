"""Bytecode, made by the very Python that will run it in the page."""

from __future__ import annotations

import zipfile
from pathlib import Path

import archives
import basics
import downloads
import programs
from basics import digest, say

# Run by Node in a folder with Pyodide and sources.zip. "Unchecked" bytecode is
# imported without a look at its source.
COMPILE = """\
import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "./pyodide.mjs";
const python = await loadPyodide({ indexURL: "./" });
python.FS.writeFile("/sources.zip", readFileSync("sources.zip"));
const compile = `
import zipfile
from py_compile import PycInvalidationMode, compile
with zipfile.ZipFile("/sources.zip") as sources, zipfile.ZipFile("/out", "w") as out:
    for name in sources.namelist():
        sources.extract(name, "/sources")
        how = PycInvalidationMode.UNCHECKED_HASH
        source = f"/sources/{name}"
        compile(source, "/code", name, True, optimize=OPTIMIZE, invalidation_mode=how)
        out.write("/code", name)
`;
try { python.runPython(compile); } catch (error) {
    console.error(error.message.trim());
    process.exit(1);
}
writeFileSync("bytecode.zip", python.FS.readFile("/out"));
"""


def compile_modules(
    what: str, files: dict[str, bytes], archive: Path, optimize: int = 0
) -> dict[str, bytes]:
    """Bytecode of every module: its name -> .pyc, by the Python of the page itself.

    With `optimize` 2 it is without docstrings and assertions.

    Compiling it in the page would cost each visitor a second or two. `archive` is
    Pyodide's. Kept from build to build, for this takes seconds.
    """
    modules = {name: data for name, data in files.items() if name.endswith(".py")}
    content = "".join(f"{name} {digest(modules[name])}\n" for name in sorted(modules))
    script = COMPILE.replace("OPTIMIZE", str(optimize))
    key = digest(f"{basics.PYODIDE.sha256} {script} {content}".encode())
    kept = basics.WORK / "cache" / "bytecode" / f"{what}-{key}.zip"
    if not kept.exists():
        say(f"  {what}: compiling {len(modules)} modules ...")
        with basics.scratch() as folder:
            pyodide = archives.unpack(archive)
            for name in (*basics.RUNTIME, "pyodide-lock.json"):
                (folder / name).write_bytes(pyodide[f"package/{name}"])
            archives.write_zip(folder / "sources.zip", modules)
            (folder / "compile.mjs").write_text(script)
            programs.run(
                [downloads.node(), "compile.mjs"], f"the bytecode of {what}", cwd=folder
            )
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.glob(f"{what}-*"):
                old.unlink()
            (folder / "bytecode.zip").replace(kept)
    with zipfile.ZipFile(kept) as found:
        return {name: found.read(name) for name in modules}


def compiled(
    what: str, files: dict[str, bytes], archive: Path, optimize: int = 0
) -> dict[str, bytes]:
    """The files with each module's bytecode in the place of its source."""
    codes = compile_modules(what, files, archive, optimize)
    rest = {name: data for name, data in files.items() if name not in codes}
    return rest | {f"{name}c": code for name, code in codes.items()}
