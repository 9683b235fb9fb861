"""The modules of .build/, at work in a small repository without a network."""

import hashlib
import importlib.util
import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from standins import PRERENDER, ROOT, keep, tarball, wheel

ICON = """<svg viewBox="0 0 8 8" stroke="#368fb8" stroke-width="2">
<path d="M2 4C2 4 6 4 6 4"/></svg>"""


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
    build.memory.take = lambda runtime, modules: {"memory": " ".join(modules).encode()}
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
        "site/sw.js": "",
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
    parts = {
        "numpy/__init__.py": b"numpy",
        "numpy/_core/_multiarray_umath.so": b"so",
        "numpy/random/__init__.py": b"all of random",
        "x/LICENSE": b"BSD",
    }
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
