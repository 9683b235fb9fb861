"""The commands of build.py, and what they say when something is missing."""

import importlib.util
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from standins import ROOT, built, fails


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
    workers = str(min(os.cpu_count(), 4) + 1)
    assert called[1][0][3:7] == ["-n", workers, "--dist", "loadfile"]


ONCE = """
from pathlib import Path
from threading import Event

def test_waits_once():
    if not Path("been").exists():
        Path("been").touch()
        Event().wait()

def test_after():
    pass
"""


def test_in_a_whole_run_what_stands_still_fails_and_the_rest_goes_on(build, tmp_path):
    """What waits for a browser that has stopped would wait for ever."""
    folder = tmp_path / "tests of another"
    folder.mkdir()
    (folder / "test_one.py").write_text(ONCE)
    (folder / "test_other.py").write_text("def test_beside():\n    pass\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    whole, limit = build.commands.WHOLE, f"timeout={build.commands.LIMIT}"
    assert any(option.endswith(limit) for option in whole)
    options = [option.replace(limit, "timeout=5") for option in whole]
    command = [sys.executable, "-m", "pytest", *options, "-n", "2"]
    env = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_")}
    run = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 1
    assert "1 failed, 3 passed" in run.stdout
    assert "crashed while running 'test_one.py::test_waits_once'" in run.stdout


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
