"""build.py, in a small repository of its own and without a network."""

import base64
import errno
import gzip
import hashlib
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
import threading
import urllib.error
import urllib.request
import zipfile
import zipimport
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
PYODIDE = Path("the archive that stands in for Pyodide")
ICON = """<svg viewBox="0 0 8 8" stroke="#368fb8" stroke-width="2">
<path d="M2 4C2 4 6 4 6 4"/></svg>"""
PRERENDER = """
import json, os, sys
page = open(sys.argv[1]).read()
totals = json.load(open(os.environ["FISHFORMER_MANIFEST"]))["totals"]
if "{{wrong}}" in page:
    sys.exit("nothing fills {{wrong}}")
print(page.replace("{{bytes}}", str(totals["numpy"])), end="")
"""


@pytest.fixture
def real():
    """The modules of .build/, fresh, so that a test may change them."""
    names = [path.stem for path in (ROOT / ".build").glob("*.py")]
    before = {name: sys.modules.pop(name, None) for name in names}
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    sys.modules.update({name: module for name, module in before.items() if module})


@pytest.fixture
def build(real, tmp_path):
    """The same, at work on a tiny repository whose downloads are cached."""
    build, basics = real, real.basics
    basics.ROOT, basics.DIST = tmp_path, tmp_path / "dist"
    basics.WORK, basics.LOCK = tmp_path / ".work", tmp_path / "requirements.txt"
    build.environment.install = lambda what, wanted: Path(sys.executable)
    build.bytecode.compile_modules = lambda what, files, archive, optimize=0: {
        name: b"code of " + data for name, data in files.items() if name[-3:] == ".py"
    }
    build.recorded.write_recorded = lambda folder, python: None
    build.runtime.first_step = lambda python: {
        "modules": ["fishformer", "sys"],
        "files": ["fishformer/data/fish.txt"],
    }
    for name, text in {
        ".build/modules.txt": "",
        "site/index.html": "<p>numpy has {{bytes}} bytes</p>",
        "site/style.css": "p { --paper: #fcfaf6; }",
        "site/icon.svg": ICON,
        "site/interpreter.mjs": "export {}",
        "pysrc/fishformer/__init__.py": "answer = 42",
        "pysrc/fishformer/prerender.py": PRERENDER,
        "pysrc/fishformer/data/fish.txt": "the bass swims",
        "pysrc/fishformer/__pycache__/old.pyc": "stale",
        "LICENSE": "MIT",
        "tests/conftest.py": "shared = 1",
        "tests/test_essentials.py": "def test_all(): pass",
        "tests/test_build.py": "not for the page",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("build.py", "pyproject.toml", "requirements.txt"):
        (tmp_path / name).touch()
    give_downloads(build)
    return build


@pytest.fixture
def server(build):
    build.sites.build()
    with build.server.Server(build.basics.DIST, 0, "some/path") as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def give_downloads(build):
    """Small stand-ins for the pinned files, in the cache, their pins to match."""
    parts = {"numpy/__init__.py": b"numpy", "numpy/core.so": b"so", "x/LICENSE": b"BSD"}
    idle = {"numpy/tests/test_a.py": b"", "numpy/a.pyi": b"", "x/RECORD": b""}
    numpy = keep(build, "NUMPY", wheel(parts | idle))
    micropip = keep(build, "MICROPIP", wheel({"micropip/__init__.py": b""}))
    entry = {"depends": [], "install_dir": "site", "package_type": "package"}
    packages = {
        pin.name: {**entry, "name": pin.name, "sha256": pin.sha256}
        for pin in (numpy, micropip)
    }
    packages["pandas"] = entry
    lock = {"info": {"python": "3.13.2"}, "packages": packages}
    runtime = {name: name.encode() for name in build.basics.RUNTIME}
    runtime[build.basics.STDLIB] = wheel({"os.py": b"os", "tz.dat": b"data"})
    runtime["pyodide-lock.json"] = json.dumps(lock).encode()
    keep(build, "PYODIDE", tarball({f"package/{n}": d for n, d in runtime.items()}))
    scripts = {
        "package/dist/core.js": b"import './core-ABCDEFGH.js'\n",
        "package/dist/core-ABCDEFGH.js": b"1\n//# sourceMappingURL=core.js.map\n",
        "package/dist/core-ABCDEFGH.js.map": b"{}",
        "package/dist/codemirror_view-AB-DEF_H.js": b"2",
        "package/dist/xterm-ABCDEFGH.js": b"3",
        "package/src/core.js": b"4",
        "package/LICENSE": b"Apache License",
    }
    keep(build, "PYSCRIPT", tarball(scripts))
    data = wheel({"pytest/__init__.py": b"", "pytest/LICENSE": b"MIT of pytest"})
    pin = build.basics.TESTING[0]._replace(sha256=hashlib.sha256(data).hexdigest())
    build.basics.TESTING = (pin,)
    build.downloads.cached(pin).parent.mkdir(parents=True, exist_ok=True)
    build.downloads.cached(pin).write_bytes(data)


def keep(build, which, data):
    pin = getattr(build.basics, which)._replace(sha256=hashlib.sha256(data).hexdigest())
    setattr(build.basics, which, pin)
    build.downloads.cached(pin).parent.mkdir(parents=True, exist_ok=True)
    build.downloads.cached(pin).write_bytes(data)
    return pin


def wheel(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarball(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def built(build):
    """The folder of the build, named by what is in it."""
    (folder,) = build.basics.DIST.glob("b-*")
    return folder


def contents(folder):
    """path -> bytes of everything in a folder."""
    paths = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def zipped(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def no_network(*args, **kwargs):
    raise AssertionError("this went to the network")


def fails(build, capsys, *arguments):
    """The sentence of a command that must fail."""
    assert build.commands.command_line(list(arguments)) == 1
    said = capsys.readouterr().err
    assert said.startswith("build.py: ") and said.count("\n") == 1
    assert list(build.basics.WORK.glob("tmp-*")) == []
    return said


# ---- downloads


def test_a_file_with_another_hash_is_refused_and_not_kept(build):
    pin = build.basics.CARRIER._replace(sha256="0" * 64)

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(b"something else")
        return "nowhere"

    with pytest.raises(build.basics.BuildError) as error:
        build.downloads.fetch(pin, obtain)
    got = hashlib.sha256(b"something else").hexdigest()
    assert all(part in str(error.value) for part in (pin.file, pin.sha256, got))
    assert not build.downloads.cached(pin).exists()
    assert list(build.basics.WORK.glob("tmp-*")) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(build):
    good = build.downloads.cached(build.basics.NUMPY).read_bytes()
    build.downloads.cached(build.basics.NUMPY).write_bytes(good[:-1])

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(good)
        return "the source"

    assert build.downloads.fetch(build.basics.NUMPY, obtain).read_bytes() == good


def test_the_cdn_comes_first(build, server, tmp_path):
    build.basics.CDN = f"{server.url}{built(build).name}/runtime/"
    assert (
        build.downloads.from_pyodide(build.basics.MICROPIP, tmp_path) == "Pyodide's CDN"
    )
    kept = build.downloads.cached(build.basics.MICROPIP).read_bytes()
    assert (tmp_path / build.basics.MICROPIP.file).read_bytes() == kept


def test_without_the_cdn_the_wheels_come_out_of_the_carrier(build, tmp_path, capsys):
    def offline(url, path):
        raise urllib.error.URLError("no route")

    build.downloads.download = offline
    inner = {f"deep/inside/{build.basics.NUMPY.file}": b"the wheel"}

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(wheel(inner))
        return "pip"

    build.downloads.from_pip = obtain
    sha256 = hashlib.sha256(wheel(inner)).hexdigest()
    build.basics.CARRIER = build.basics.CARRIER._replace(sha256=sha256)
    assert "gbdraw" in build.downloads.from_pyodide(build.basics.NUMPY, tmp_path)
    assert (tmp_path / build.basics.NUMPY.file).read_bytes() == b"the wheel"
    assert "no route" in capsys.readouterr().out
    with pytest.raises(build.basics.BuildError, match="does not carry"):
        build.downloads.from_pyodide(build.basics.MICROPIP, tmp_path)


def test_no_npm_and_no_network_is_one_sentence(build, monkeypatch, capsys):
    build.downloads.cached(build.basics.PYODIDE).unlink()
    monkeypatch.setenv("PATH", "")

    def pip(*args):
        raise build.basics.BuildError("no network: Node.js could not be fetched.")

    build.environment.pip = pip
    said = fails(build, capsys)
    assert "no npm on PATH" in said and "no network" in said
    assert not build.basics.DIST.exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("npm error code ENOTFOUND\nnpm error network", "no network: it "),
        ("Retrying after NewConnectionError\nNo matching distribution", "no network: "),
        ("npm error code E404\nnpm error 404", "it cannot be had any more"),
        ("ERROR: No matching distribution found for x", "it cannot be had any more"),
        ("OSError: [Errno 28] No space left on device", "the disk is full: "),
        ("first\nlast words\n", "it failed: last words"),
        ("", "it failed: without a word"),
    ],
)
def test_a_tool_that_fails_is_explained(build, output, sentence):
    said = build.programs.explain("it", output)
    assert said.startswith(sentence) and "\n" not in said


def test_pips_refusal_of_a_hash_names_both(build):
    output = (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
        "    numpy==2.2.5 from a file:\n        Expected sha256 aaa\n"
        "        Expected     or bbb\n             Got        ccc\n"
    )
    said = build.programs.explain("numpy", output)
    assert "expected sha256 aaa, got ccc" in said


def test_a_failing_command_gives_its_last_words(build):
    with pytest.raises(build.basics.BuildError, match=r"^the thing failed: because$"):
        build.programs.run(
            [sys.executable, "-c", "exit('first\\nbecause')"], "the thing"
        )


# ---- the package


def wheel_of(build, folder):
    return build.runtime.write_wheel(folder, build.runtime.own_files(PYODIDE))


def test_the_wheel_is_the_same_byte_for_byte(build, tmp_path):
    first = wheel_of(build, tmp_path)
    data = first.read_bytes()
    first.unlink()
    assert wheel_of(build, tmp_path).read_bytes() == data
    (tmp_path / "pysrc/fishformer/__init__.py").write_text("answer = 43")
    assert wheel_of(build, tmp_path).name != first.name


def test_the_wheel_is_whole_and_imports(build, tmp_path):
    path = wheel_of(build, tmp_path)
    name, version, tag, _ = parse_wheel_filename(path.name)
    assert (name, str(version)) == (
        "fishformer",
        build.basics.PROJECT["version"],
    ) and tag
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert "fishformer/data/fish.txt" in files
    codes = {name: data for name, data in files.items() if name.endswith(".pyc")}
    assert codes == {
        f"fishformer/__pycache__/{module}.cpython-313.pyc": b"code of " + text.encode()
        for module, text in {"__init__": "answer = 42", "prerender": PRERENDER}.items()
    }
    (record,) = (name for name in files if name.endswith("/RECORD"))
    for line in files.pop(record).decode().splitlines():
        member, code, size = line.split(",")
        if member != record:
            data = files.pop(member)
            assert (code, int(size)) == (build.archives.hash64(data), len(data))
    assert files == {}
    spec = zipimport.zipimporter(str(path)).find_spec("fishformer")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.answer == 42


def test_the_libraries_come_as_bytecode_and_without_what_nobody_reads(build):
    build.sites.build()
    library = zipped(built(build) / "runtime" / build.basics.STDLIB)
    index = library.pop("_later.pyc").decode().removeprefix("code of ")
    assert library == {"os.pyc": b"code of os", "tz.dat": b"data"}
    numpy = zipped(built(build) / "runtime" / build.basics.NUMPY.file)
    assert numpy == {
        "numpy/__init__.pyc": b"code of numpy",
        "numpy/core.so": b"so",
        "x/LICENSE": b"BSD",
    }
    later = {}
    exec(index, later)
    assert [modules for _, modules, _ in later["ARCHIVES"]] == [[]]
    assert packed(built(build) / "runtime" / "numpy.pack") == {
        f"site/{name}": data for name, data in numpy.items()
    }


def packed(path):
    """What is in a pack."""
    with zipfile.ZipFile(io.BytesIO(gzip.decompress(path.read_bytes()))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_a_start_does_not_need_comes_soon_or_on_demand(build):
    modules = build.basics.ROOT / ".build" / "modules.txt"
    modules.write_text("sys\n\nnumpy\n")
    other = build.basics.ROOT / "pysrc" / "fishformer" / "other.py"
    other.write_text("more = 1")
    build.sites.build()
    runtime = built(build) / "runtime"
    library = zipped(runtime / build.basics.STDLIB)
    elsewhere, here = {}, {}
    exec(library.pop("_later.pyc").decode().removeprefix("code of "), elsewhere)
    assert library == {"tz.dat": b"data"}
    library = packed(runtime / "python.pack")
    exec(library.pop("_later.pyc").decode().removeprefix("code of "), here)
    assert library == {"tz.dat": b"data"}
    assert packed(runtime / "numpy.pack") == {"site/x/LICENSE": b"BSD"}
    assert "numpy/core.so" not in zipped(runtime / build.basics.NUMPY.file)
    soon, rest = zipped(runtime / "soon.zip"), zipped(runtime / "rest.zip")
    assert here["ARCHIVES"] == [
        (name, modules, hashlib.sha256((runtime / name).read_bytes()).hexdigest())
        for name, modules in (
            ("soon.zip", ["fishformer.other", "fishformer.prerender", "numpy"]),
            ("rest.zip", ["numpy.core", "os"]),
        )
    ]
    assert elsewhere["ARCHIVES"] == here["ARCHIVES"][1:]
    assert set(rest) == {"lib/os.pyc", "site/numpy/core.so"}
    assert soon["site/numpy/__init__.pyc"] == b"code of numpy"
    assert soon["site/fishformer/other.py"] == b"more = 1"
    # Of what the first step needs, the text comes later: Python asks only for its name.
    own = packed(runtime / "fishformer.pack")
    assert own == {
        "site/fishformer/data/fish.txt": b"the bass swims",
        "site/fishformer/__init__.py": b"",
        "site/fishformer/__pycache__/__init__.cpython-313.pyc": b"code of answer = 42",
    }
    assert soon["site/fishformer/__init__.py"] == b"answer = 42"
    assert not set(soon) & set(own) - {"site/fishformer/__init__.py"}


def test_bytecode_is_the_same_byte_for_byte_and_unchecked(real):
    build = real
    archive = build.downloads.cached(build.basics.PYODIDE)
    files = {"a/b.py": b"def f(x):\n    return x, (1, 2), 'words'\n", "c.txt": b""}
    with tempfile.TemporaryDirectory(dir=build.basics.WORK) as folder:
        build.basics.WORK = Path(folder)
        first = build.bytecode.compile_modules("this", files, archive)
        assert (
            build.bytecode.compile_modules("this", files, None) == first
        )  # from the last time
        shutil.rmtree(build.basics.WORK / "cache")
        assert build.bytecode.compile_modules("this", files, archive) == first
        files["a/b.py"] += b"pass\n"
        assert build.bytecode.compile_modules("this", files, archive) != first
        assert len(list((build.basics.WORK / "cache/bytecode").iterdir())) == 1
    assert list(first) == ["a/b.py"]
    assert int.from_bytes(first["a/b.py"][4:8], "little") == 0b01  # PEP 552
    with pytest.raises(
        build.basics.BuildError, match=r"bytecode of wrong failed.*SyntaxError"
    ):
        build.bytecode.compile_modules("wrong", {"wrong.py": b"def"}, archive)


def test_metadata_states_every_dependency(build):
    assert build.runtime.METADATA.count("Requires-Dist") == len(
        build.basics.PROJECT["dependencies"]
    )


# ---- the site


def test_the_tests_are_part_of_the_site(build):
    build.sites.build()
    testing = built(build) / "testing"
    with zipfile.ZipFile(testing / "tests.zip") as archive:
        assert archive.namelist() == ["conftest.py", "test_essentials.py"]
    assert (testing / build.basics.TESTING[0].file).exists()
    assert "MIT of pytest" in (build.basics.DIST / "third-party.txt").read_text()
    (build.basics.ROOT / "tests" / "test_build.py").write_text("changed")
    assert build.manifest.up_to_date()
    (build.basics.ROOT / "tests" / "conftest.py").write_text("changed")
    assert not build.manifest.up_to_date()


def test_the_page_tests_with_what_is_locked(real):
    for pin in real.basics.TESTING:
        entry = real.environment.locked([pin.name])
        assert f"{pin.name}=={pin.version} " in entry and pin.sha256 in entry
    for name in real.testing.FILES:
        assert (ROOT / "tests" / f"test_{name}.py").exists()


def test_a_build_is_what_its_manifest_says(build):
    build.sites.build()
    files = contents(built(build))
    text = files.pop("manifest.json")
    manifest = json.loads(text)
    assert built(build).name == f"b-{hashlib.sha256(text).hexdigest()[:10]}"
    assert {f["path"]: (f["bytes"], f["sha256"]) for f in manifest["files"]} == {
        name: (len(data), hashlib.sha256(data).hexdigest())
        for name, data in files.items()
    }
    stages = {f["path"].split("-0x")[0]: f["stage"] for f in manifest["files"]}
    assert stages["runtime/pyodide.asm.wasm"] == "python"
    assert stages["runtime/interpreter.mjs"] == "python"
    for name in ("python", "numpy", "fishformer"):
        assert stages[f"runtime/{name}.pack"] == name
    assert stages["runtime/soon.zip"] == "soon"
    for name in (build.basics.NUMPY.file, "fishformer-0.1.0", "rest.zip"):
        assert stages[f"runtime/{name}"] == "on demand"
    assert stages["style.css"] == stages["pyscript/core.js"] == "page"
    assert stages["pyscript/codemirror_view-AB-DEF_H.js"] == "on demand"
    for stage, total in manifest["totals"].items():
        assert total == sum(
            f["bytes"] for f in manifest["files"] if f["stage"] == stage
        )
    assert {d["name"] for d in manifest["dependencies"]} == {
        *("pyodide", "@pyscript/core", "numpy", "micropip", "CPython", "CodeMirror"),
        *build.basics.OURS["testing"],
    }
    assert all(d["version"] and d["licence"] for d in manifest["dependencies"])


def test_a_build_takes_only_what_it_needs(build):
    build.sites.build()
    files = contents(built(build))
    around = contents(build.basics.DIST)
    assert "site/interpreter.mjs" not in files and "interpreter.mjs" not in files
    assert not any("xterm" in name or name.endswith(".map") for name in files)
    assert b"sourceMappingURL" not in files["pyscript/core-ABCDEFGH.js"]
    size = (built(build) / "runtime" / "numpy.pack").stat().st_size
    assert around["index.html"] == f"<p>numpy has {size} bytes</p>".encode()
    assert b"Apache License" in around["third-party.txt"]
    assert b"compiled to bytecode" in around["third-party.txt"]
    assert ".nojekyll" in around


def test_the_lock_file_lists_the_sites_own_wheels(build):
    build.sites.build()
    lock = json.loads((built(build) / "runtime/pyodide-lock.json").read_text())
    assert set(lock["packages"]) == {"numpy", "micropip", "fishformer"}
    ours = lock["packages"]["fishformer"]
    data = (built(build) / "runtime" / ours["file_name"]).read_bytes()
    assert ours["sha256"] == hashlib.sha256(data).hexdigest()
    assert (ours["name"], ours["depends"]) == ("fishformer", ["numpy"])
    build.basics.NUMPY = build.basics.NUMPY._replace(sha256="0" * 64)
    with pytest.raises(build.basics.BuildError, match="pin of numpy"):
        build.runtime.write_lock(
            build.archives.unpack(build.downloads.cached(build.basics.PYODIDE))[
                "package/pyodide-lock.json"
            ],
            built(build) / "runtime" / ours["file_name"],
        )


def test_a_second_build_does_nothing(build, capsys):
    build.sites.build()
    before = {p: p.stat().st_mtime_ns for p in build.basics.DIST.rglob("*")}
    build.downloads.fetch = no_network
    assert build.commands.command_line([]) == 0
    assert "up to date" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in build.basics.DIST.rglob("*")} == before


@pytest.mark.parametrize(
    "name",
    [
        "site/style.css",
        "pysrc/fishformer/data/fish.txt",
        "dist/index.html",
        "LICENSE",
        ".build/new.py",
    ],
)
def test_a_change_makes_a_new_build(build, name):
    build.sites.build()
    assert build.manifest.up_to_date()
    (build.basics.ROOT / name).parent.mkdir(exist_ok=True)
    (build.basics.ROOT / name).write_text("changed")
    assert not build.manifest.up_to_date()
    build.sites.build()
    assert build.manifest.up_to_date()


def test_a_page_that_cannot_be_filled_in_leaves_dist_alone(build, capsys):
    build.sites.build()
    before = contents(build.basics.DIST)
    (build.basics.ROOT / "site/index.html").write_text("{{wrong}}")
    assert "nothing fills {{wrong}}" in fails(build, capsys)
    assert contents(build.basics.DIST) == before


def test_a_full_disk_leaves_dist_alone(build, capsys, monkeypatch):
    build.sites.build()
    before = contents(build.basics.DIST)
    (build.basics.ROOT / "site/style.css").write_text("changed")

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert "the disk is full" in fails(build, capsys)
    assert contents(build.basics.DIST) == before


def test_a_swap_that_fails_puts_the_old_site_back(build, tmp_path):
    build.sites.build()
    before = contents(build.basics.DIST)
    with pytest.raises(OSError):
        build.sites.swap(tmp_path / "there is no such folder", tmp_path / "old")
    assert contents(build.basics.DIST) == before


# ---- the commands


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("pyscript/core.js?v=1", "text/javascript; charset=utf-8"),
        ("runtime/pyodide.mjs", "text/javascript; charset=utf-8"),
        ("runtime/pyodide.asm.wasm", "application/wasm"),
        ("runtime/pyodide-lock.json", "application/json"),
        ("runtime/numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl", "octet-stream"),
    ],
)
def test_files_are_served_with_their_types(build, server, name, kind):
    folder = f"{built(build).name}/" if name else ""
    with urllib.request.urlopen(server.url + folder + name) as reply:
        assert reply.headers["Content-Type"].endswith(kind)
        assert not any(h.startswith("Cross-Origin") for h in reply.headers)


def test_everything_is_below_the_prefix(server):
    assert server.url.endswith("/some/path/")
    with urllib.request.urlopen(server.url[:-1]) as reply:
        assert reply.url == server.url
    host = server.url.removesuffix("/some/path/")
    for path in ("/", "/style.css", "/some/path/runtime", "/some/path/../LICENSE"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(host + path)


def test_test_hands_its_arguments_and_pytests_status_on(build, monkeypatch):
    called = []
    build.commands.find_browsers = lambda: {"CHROMIUM": "/usr/bin/chromium"}
    monkeypatch.setattr(
        build.commands.subprocess,
        "call",
        lambda command, **options: called.append((command, options)) or 5,
    )
    assert (
        build.commands.command_line(["test", "-k", "softmax", "--", "tests/test_x.py"])
        == 5
    )
    ((command, options),) = called
    assert command[1:] == ["-m", "pytest", "-k", "softmax", "tests/test_x.py"]
    assert options["env"]["CHROMIUM"] == "/usr/bin/chromium"
    build.commands.command_line(["test"])  # the whole run, side by side
    processors = str(min(os.cpu_count(), 4))
    assert called[1][0][3:7] == ["-n", processors, "--dist", "loadfile"]


def test_a_missing_browser_names_the_packages(build, monkeypatch, capsys):
    build.commands.find_browsers = lambda: {
        "CHROMIUM": "",
        "FIREFOX": "/usr/bin/firefox",
    }
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    said = fails(build, capsys, "test")
    assert "CHROMIUM" in said and "sudo apt-get install" in said
    assert "FIREFOX" not in said and "webkit2gtk-driver" in said


def test_a_python_without_venv_names_the_package(build, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        build.basics.BuildError, match="install what Debian calls python3-venv"
    ):
        build.environment.make_environment()


def test_bench_without_chromium_says_what_to_install(build, capsys, monkeypatch):
    monkeypatch.setattr(build.commands, "find_browsers", lambda: {"CHROMIUM": ""})
    monkeypatch.setattr(shutil, "which", lambda command: None)
    said = fails(build, capsys, "bench")
    assert "the bench finds no Chromium: install what Debian calls chromium" in said


def test_an_old_python_is_told_so(tmp_path):
    (tmp_path / "tomllib.py").write_text("raise ModuleNotFoundError")
    command = [sys.executable, ROOT / "build.py"]
    run = subprocess.run(
        command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert "Python 3.11" in run.stderr


# ---- the repository itself


def test_everything_that_is_installed_is_pinned_by_hash(build):
    build.basics.LOCK = ROOT / "tests/requirements.txt"
    torch = re.sub(r"(?m)^#.*\n", "", build.basics.TORCH_LOCK.read_text()).rstrip()
    locked = (
        build.environment.locked(),
        build.environment.locked([build.environment.NODE]),
        torch,
    )
    entries = re.split(r"\n(?=\w)", "\n".join(locked))
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+.*\\\n +--hash=sha256:[0-9a-f]{64}", entry)
    for extra in build.basics.PROJECT["optional-dependencies"].values():
        for need in extra:
            pinned = need.split(";")[0] + " "
            assert any(entry.startswith(pinned) for entry in entries), need


def test_ci_installs_the_packages_that_build_names_and_pins_its_actions(build):
    run = (ROOT / ".ci/run").read_text()
    assert all(package in run for package in build.commands.BROWSERS.split())
    assert run.rstrip().endswith("\npython3 build.py test")
    for path in (ROOT / ".github/workflows").iterdir():
        text = path.read_text()
        for action in re.findall(r"uses: (\S+)", text):
            assert re.search(r"^\./|@[0-9a-f]{40}$", action), action
        assert "\npermissions:\n  contents: read\n" in text
        checkouts = text.count("uses: actions/checkout@")
        assert text.count("persist-credentials: false") == checkouts
        assert not re.search(r"pipx|pip install (?!--require-hashes)", text)


def test_every_address_in_the_site_is_relative():
    found = 0
    for path in (ROOT / "site").rglob("*.*"):
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = re.sub(r"<a\b[^>]*>", "", text)  # links may lead away
        pattern = r"""(?:(?:src|href)=|url\(|from |import\(|import )["']?([^\s"'>)]+)"""
        if path.suffix in (".html", ".css", ".mjs", ".js", ".svg"):
            for address in re.findall(pattern, text):
                found += 1
                assert not re.match(r"/|https?:", address), (path.name, address)
    assert found > 5


def test_the_parts_of_the_build_import_one_way_and_are_short():
    order = (
        "basics programs environment downloads archives bytecode runtime recorded "
        "icons testing pages manifest sites server commands"
    ).split()
    parts = {path.stem: path.read_text() for path in (ROOT / ".build").glob("*.py")}
    assert sorted(parts) == sorted(order)
    for name, text in parts.items():
        imported = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
        later = set(order[order.index(name) :])
        assert not later & set(imported), name
        assert text.count("\n") < 300, name


def test_what_the_page_runs_has_its_hash(real, tmp_path):
    pages = real.pages
    for name, text in {
        "page.mjs": 'import "./a.mjs";\nimport { x } from "./boot.mjs";',
        "boot.mjs": "",
        "a.mjs": 'export * from "./deep/b.mjs";\nconst late = () => import("./c.mjs");',
        "deep/b.mjs": 'import "../a.mjs"; import("./none.mjs"); import("../index.js")',
        "c.mjs": "",
        "index.js": "",  # a part of PyScript's editor
        "style.css": "p {}",
        "worker.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    html = '<link rel="stylesheet" href="style.css">\n' + "\n".join(
        f'<script type="module" src="{name}"></script>'
        for name in ("boot.mjs", "page.mjs")
    )
    html = '<link rel="preload" href="worker.py">\n' + html
    page = pages.seal(html, tmp_path)
    sealed = re.findall(r'(?:src|href)="(\S+)" integrity="(\S+)"', page)
    order = "worker.py style.css boot.mjs a.mjs deep/b.mjs c.mjs index.js page.mjs"
    assert [name for name, _ in sealed] == order.split()
    assert re.search('<template id="late"><link [^>]*index.js[^>]*></template>', page)
    for name, code in sealed:
        digest = hashlib.sha256((tmp_path / name).read_bytes()).digest()
        assert base64.b64decode(code.removeprefix("sha256-")) == digest
