"""The whole site: what is in it, and one build after another."""

import base64
import errno
import hashlib
import json
import re
import shutil
import zipfile

import pytest
from standins import (
    ROOT,
    built,
    contents,
    fails,
    no_network,
)


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
    runtime = built(build) / "runtime"
    size = sum((runtime / f"numpy.{kind}").stat().st_size for kind in ("pack", "wasm"))
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
    html = (
        '<link rel="preload" href="worker.py">\n'
        '<link rel="stylesheet" href="style.css">\n'
        '<script type="module" src="boot.mjs"></script></head>\n'
        '<script type="module" src="page.mjs"></script>\n'
    )
    page = pages.seal(html, tmp_path)
    sealed = re.findall(r'(?:src|href)="(\S+)" integrity="(\S+)"', page)
    order = "worker.py style.css boot.mjs a.mjs deep/b.mjs c.mjs index.js page.mjs"
    assert [name for name, _ in sealed] == order.split()
    assert re.search('<template id="late"><link [^>]*index.js[^>]*></template>', page)
    for name, code in sealed:
        digest = hashlib.sha256((tmp_path / name).read_bytes()).digest()
        assert base64.b64decode(code.removeprefix("sha256-")) == digest
