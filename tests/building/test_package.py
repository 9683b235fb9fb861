"""The package's wheel, the bytecode, and the archives that a start takes."""

import hashlib
import importlib.util
import json
import shutil
import tempfile
import zipfile
import zipimport
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename
from standins import PRERENDER, built, packed, wheel_of, zipped

CORE = "numpy._core._multiarray_umath"


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
    lean = build.runtime.LEAN_RANDOM.read_bytes()
    assert numpy == {
        "numpy/__init__.pyc": b"code of numpy",
        "numpy/_core/_multiarray_umath.so": b"so",
        "numpy/random/__init__.pyc": b"code of " + lean,
        "numpy/random/_whole.pyc": b"code of all of random",
        "x/LICENSE": b"BSD",
    }
    later = {}
    exec(index, later)
    assert [modules for _, modules, _ in later["ARCHIVES"]] == [[]]
    numpy["numpy/_core/_multiarray_umath.so"] = b""  # which comes as WebAssembly
    assert packed(built(build) / "runtime" / "numpy.pack") == {
        f"site/{name}": data for name, data in numpy.items()
    }
    assert (built(build) / "runtime" / "numpy.wasm").read_bytes() == b"so"


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
    assert set(zipped(runtime / build.basics.NUMPY.file)) == {
        "numpy/__init__.pyc",
        "x/LICENSE",
    }
    soon, rest = zipped(runtime / "soon.zip"), zipped(runtime / "rest.zip")
    assert here["ARCHIVES"] == [
        (name, modules, hashlib.sha256((runtime / name).read_bytes()).hexdigest())
        for name, modules in (
            ("soon.zip", ["fishformer.other", "fishformer.prerender", "numpy"]),
            ("rest.zip", [CORE, "numpy.random", "numpy.random._whole", "os"]),
        )
    ]
    assert elsewhere["ARCHIVES"] == here["ARCHIVES"][1:]
    assert set(rest) == {
        "lib/os.pyc",
        "site/numpy/_core/_multiarray_umath.so",
        "site/numpy/random/__init__.pyc",
        "site/numpy/random/_whole.pyc",
    }
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
    assert packed(runtime / "memory.pack") == {"memory": b"sys fishformer"}
    assert not set(soon) & set(own) - {"site/fishformer/__init__.py"}


def test_pythons_memory_is_the_same_byte_for_byte(real):
    (runtime,) = real.basics.DIST.glob("b-*/runtime")
    modules = [*real.runtime.modules_listed()[0], "fishformer.browser.main"]
    first, second = (real.memory.take(runtime, modules) for _ in range(2))
    assert first == second
    about = json.loads(first["about.json"])
    assert "_multiarray_umath" in repr(about["loaded"])
    assert about["places"] == sorted(about["places"])


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
