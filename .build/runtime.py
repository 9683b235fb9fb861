"""dist/runtime/: Pyodide, its library, numpy, our package and the lock file."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
import zlib
from pathlib import Path

import archives
import basics
import bytecode
import memory
import programs
from basics import BuildError, Pin, digest

SOON, REST = "soon.zip", "rest.zip"
LEAN_RANDOM = Path(__file__).parent / "lean" / "random.py"
CORE = "numpy/_core/_multiarray_umath."  # numpy's largest library, beside its pack
CORE_FILE = "numpy.wasm"  # so that the browser compiles it while it comes
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


def own_files(archive: Path) -> dict[str, bytes]:
    """Our package: its sources, which the page shows, and beside them their bytecode.

    `archive` is Pyodide's.
    """
    name = basics.PROJECT["name"]
    sources = archives.files_under(f"pysrc/{name}")
    files = {
        p.relative_to(basics.ROOT / "pysrc").as_posix(): p.read_bytes() for p in sources
    }
    codes = bytecode.compile_modules(name, files, archive)
    return files | {code_of(member): code for member, code in codes.items()}


def code_of(source: str) -> str:
    """Where Python looks for the bytecode of a source."""
    place, _, module = source.rpartition("/")
    python = re.sub(r".*-cp(\d+)-.*", r"cpython-\1", basics.NUMPY.file)  # cpython-313
    return f"{place}/__pycache__/{module[:-3]}.{python}.pyc"


def write_wheel(folder: Path, own: dict[str, bytes]) -> Path:
    """The package as a wheel: the same bytes from the same files.

    Its build tag is a hash of what is in it, so that no cache serves a stale one.
    """
    name, version = basics.PROJECT["name"], basics.PROJECT["version"]
    info = f"{name}-{version}.dist-info"
    scripts = [
        f"{command} = {call}\n" for command, call in basics.PROJECT["scripts"].items()
    ]
    files = own | {
        f"{info}/METADATA": METADATA.format(**basics.PROJECT).encode(),
        f"{info}/entry_points.txt": "".join(["[console_scripts]\n", *scripts]).encode(),
        f"{info}/licenses/LICENSE": (basics.ROOT / "LICENSE").read_bytes(),
    }
    content = "\n".join(f"{member} {digest(data)}" for member, data in files.items())
    content += zlib.ZLIB_RUNTIME_VERSION  # the compressed bytes depend on it
    tag = f"0x{digest(content.encode())[:10]}"  # a build tag begins with a digit
    files[f"{info}/WHEEL"] = WHEEL.format(tag=tag).encode()
    record = [
        f"{name},{archives.hash64(data)},{len(data)}\n" for name, data in files.items()
    ]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    path = folder / f"{name}-{version}-{tag}-py3-none-any.whl"
    archives.write_zip(path, files)
    return path


def libraries(fetched: dict[Pin, Path]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Python's library and numpy as bytecode, numpy without what nobody reads."""
    idle = (
        r"/tests/|\.(pyi|pyx|pxd|h|c|a|pc|rst|ini|in|build)$|/RECORD$"
        r"|^numpy/(f2py|distutils)/"
        r"|^numpy/ma/(?!.*\.py$)"  # without modules its folder would be one
    )
    archive = fetched[basics.PYODIDE]
    official = io.BytesIO(archives.unpack(archive)[f"package/{basics.STDLIB}"])
    with zipfile.ZipFile(official) as library:
        # Without the entries of folders, which would be found as packages.
        names = sorted(name for name in library.namelist() if name[-1] != "/")
        files = {name: library.read(name) for name in names}
    numpy = archives.unpack(fetched[basics.NUMPY])
    numpy = {name: data for name, data in numpy.items() if not re.search(idle, name)}
    random = "numpy/random/__init__.py"
    numpy[random.replace("__init__", "_whole")] = numpy[random]
    numpy[random] = LEAN_RANDOM.read_bytes()
    return (
        bytecode.compiled("python_stdlib", files, archive, optimize=2),
        bytecode.compiled("numpy", numpy, archive),
    )


def first_step(python: Path) -> dict[str, list[str]]:
    """Modules and files of our package that a start needs: it is tried."""
    command = [str(python), "-B", "-X", "utf8", "-m", "fishformer.browser.first_step"]
    path = {"PYTHONPATH": str(basics.ROOT / "pysrc"), "OPENBLAS_NUM_THREADS": "1"}
    said = programs.run(command, "the first step", path, cwd=basics.ROOT)
    return json.loads(said.splitlines()[-1])


def write_libraries(
    runtime: Path,
    fetched: dict[Pin, Path],
    own: dict[str, bytes],
    first: dict[str, list[str]],
) -> None:
    """All Python that the site carries, by when the page needs it.

    `soon.zip` has the other modules that .build/modules.txt lists and the rest of our
    package; `rest.zip` all others. python_stdlib.zip and numpy's wheel have all that is
    listed, for a Python elsewhere.
    """
    library, numpy = libraries(fetched)
    at_start, later = modules_listed()
    rest = taken(library, numpy, [*at_start, *later])
    archives.write_zip(runtime / REST, rest)
    archives.write_zip(runtime / basics.NUMPY.file, numpy)
    whole = dict(library)

    soon = taken(library, numpy, at_start)
    sources = [own_source(own, name) for name in first["modules"]]
    begin = {name: own[name] for name in first["files"]}
    for source in filter(None, sources):
        begin |= {source: b"", code_of(source): own[code_of(source)]}  # the text later
    soon |= {f"site/{name}": own[name] for name in own if not begin.get(name)}
    archives.write_zip(runtime / SOON, soon)

    index = {
        "elsewhere/_later.py": contents_of(runtime, {REST: rest}),
        "here/_later.py": contents_of(runtime, {SOON: soon, REST: rest}),
    }
    indexed = bytecode.compiled("_later", index, fetched[basics.PYODIDE])
    whole["_later.pyc"] = indexed["elsewhere/_later.pyc"]
    library["_later.pyc"] = indexed["here/_later.pyc"]
    archives.write_zip(runtime / basics.STDLIB, whole)
    write_packs(runtime, library, numpy, begin)


def write_packs(
    runtime: Path,
    library: dict[str, bytes],
    numpy: dict[str, bytes],
    own: dict[str, bytes],
) -> None:
    """What the first step needs: three packs, and a library of numpy by itself.

    Its place in its pack is empty.
    """
    archives.write_pack(runtime / "python.pack", library)
    for name in [name for name in numpy if name.startswith(CORE)]:
        (runtime / CORE_FILE).write_bytes(numpy[name])
        numpy[name] = b""
    for name, files in {"numpy": numpy, basics.PROJECT["name"]: own}.items():
        pack = {f"site/{member}": data for member, data in files.items()}
        archives.write_pack(runtime / f"{name}.pack", pack)


def taken(
    library: dict[str, bytes], numpy: dict[str, bytes], known: list[str]
) -> dict[str, bytes]:
    """Modules that are not among the known, out of both and into their places.

    With an empty list, nothing.
    """

    def late(files: dict[str, bytes]) -> dict[str, bytes]:
        code = [name for name in files if name.endswith((".pyc", ".so"))]
        others = [name for name in code if known and module_of(name) not in known]
        return {name: files.pop(name) for name in others}

    return in_places(late(library), late(numpy))


def modules_listed() -> tuple[list[str], list[str]]:
    """What .build/modules.txt lists, for the start and after a blank line for later."""
    text = (basics.ROOT / ".build" / "modules.txt").read_text()
    at_start, _, later = text.partition("\n\n")
    return at_start.split(), later.split()


def in_places(library: dict[str, bytes], numpy: dict[str, bytes]) -> dict[str, bytes]:
    """Files by where browser/library.py puts them."""
    found = {f"lib/{name}": data for name, data in library.items()}
    return found | {f"site/{name}": data for name, data in numpy.items()}


def own_source(own: dict[str, bytes], module: str) -> str | None:
    """fishformer.charts -> fishformer/charts/__init__.py; None if it is not ours."""
    path = module.replace(".", "/")
    return next((n for n in (f"{path}.py", f"{path}/__init__.py") if n in own), None)


def contents_of(runtime: Path, archives: dict[str, dict[str, bytes]]) -> bytes:
    """A module with what browser/library.py must know of each archive."""
    about = []
    for name, files in archives.items():
        code = (member for member in files if member.endswith((".pyc", ".so")))
        modules = sorted(module_of(member.partition("/")[2]) for member in code)
        about.append((name, modules, digest((runtime / name).read_bytes())))
    return f"ARCHIVES = {about!r}\n".encode()


def module_of(file: str) -> str:
    """numpy/fft/__init__.pyc -> numpy.fft"""
    name = re.sub(r"(\.cpython-[\w-]+)?\.(pyc|so)$", "", file)
    name = name.replace("__pycache__/", "")
    return name.removesuffix("/__init__").replace("/", ".")


def write_lock(official: bytes, wheel: Path) -> None:
    """Pyodide's lock file, cut down to what the site carries, plus our package."""
    lock = json.loads(official)
    packages = {
        pin.name: lock["packages"][pin.name] for pin in (basics.NUMPY, basics.MICROPIP)
    }
    for pin in (basics.NUMPY, basics.MICROPIP):
        entry = packages[pin.name]
        if (entry["sha256"], entry["depends"]) != (pin.sha256, []):
            raise BuildError(f"the pin of {pin.name} does not fit Pyodide's lock file.")
        entry["sha256"] = digest((wheel.parent / pin.file).read_bytes())
    packages[basics.PROJECT["name"]] = {
        **packages["numpy"],
        "name": basics.PROJECT["name"],
        "version": basics.PROJECT["version"],
        "file_name": wheel.name,
        "sha256": digest(wheel.read_bytes()),
        "imports": [basics.PROJECT["name"]],
        "depends": ["numpy"],
    }
    lock = {"info": lock["info"], "packages": packages}
    (wheel.parent / "pyodide-lock.json").write_text(json.dumps(lock, indent=1))


def write_runtime(runtime: Path, fetched: dict[Pin, Path], python: Path) -> None:
    """Pyodide, its wheels and ours, and the lock file that lists them."""
    runtime.mkdir(parents=True)
    pyodide = archives.unpack(fetched[basics.PYODIDE])
    for name in basics.RUNTIME:
        (runtime / name).write_bytes(pyodide[f"package/{name}"])
    own = own_files(fetched[basics.PYODIDE])
    first = first_step(python)
    write_libraries(runtime, fetched, own, first)
    shutil.copyfile(fetched[basics.MICROPIP], runtime / basics.MICROPIP.file)
    wheel = write_wheel(runtime, own)
    write_lock(pyodide["package/pyodide-lock.json"], wheel)
    ours = [name for name in first["modules"] if own_source(own, name)]
    memory.write_memory(runtime, [*modules_listed()[0], *ours])
