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
from basics import BuildError, Pin, digest

REST = "rest.zip"
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


def write_wheel(folder: Path, archive: Path) -> Path:
    """The package as a wheel: the same bytes from the same sources.

    Its build tag is a hash of what is in it, so that no cache serves a stale one.
    It carries its sources, which the page shows, and beside them their bytecode.
    """
    name, version = basics.PROJECT["name"], basics.PROJECT["version"]
    info = f"{name}-{version}.dist-info"
    sources = archives.files_under(f"pysrc/{name}")
    files = {
        p.relative_to(basics.ROOT / "pysrc").as_posix(): p.read_bytes() for p in sources
    }
    python = re.sub(r".*-cp(\d+)-.*", r"cpython-\1", basics.NUMPY.file)  # cpython-313
    for member, code in bytecode.compile_modules(name, files, archive).items():
        place, _, module = member.rpartition("/")
        files[f"{place}/__pycache__/{module[:-3]}.{python}.pyc"] = code
    scripts = [
        f"{command} = {call}\n" for command, call in basics.PROJECT["scripts"].items()
    ]
    files |= {
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


def write_libraries(runtime: Path, fetched: dict[Pin, Path]) -> None:
    """Python's library and numpy as bytecode, each trimmed, and the rest of both.

    numpy is without its tests, stubs and C headers. What .build/modules.txt lists is
    loaded at the start; any other module, in rest.zip, once something imports it.
    """
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
    library_files = bytecode.compiled("python_stdlib", files, archive)
    numpy = archives.unpack(fetched[basics.NUMPY])
    numpy = {name: data for name, data in numpy.items() if not re.search(idle, name)}
    numpy_files = bytecode.compiled("numpy", numpy, archive)

    rest = {f"lib/{name}": library_files.pop(name) for name in later(library_files)}
    rest |= {f"site/{name}": numpy_files.pop(name) for name in later(numpy_files)}
    archives.write_zip(runtime / REST, rest)
    names = sorted(module_of(name.partition("/")[2]) for name in rest)
    sha256 = digest((runtime / REST).read_bytes())
    index = {"_later.py": f"NAMES = {names!r}\nSHA256 = {sha256!r}\n".encode()}
    library_files |= bytecode.compiled("_later", index, archive)
    archives.write_zip(runtime / basics.STDLIB, library_files)
    archives.write_zip(runtime / basics.NUMPY.file, numpy_files)


def later(files: dict[str, bytes]) -> list[str]:
    """Which of these files are modules that a start does not need."""
    listed = (basics.ROOT / ".build" / "modules.txt").read_text().split()
    code = [name for name in files if name.endswith((".pyc", ".so"))]
    return [name for name in code if listed and module_of(name) not in listed]


def module_of(file: str) -> str:
    """numpy/fft/__init__.pyc -> numpy.fft"""
    name = re.sub(r"(\.cpython-[\w-]+)?\.(pyc|so)$", "", file)
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


def write_runtime(runtime: Path, fetched: dict[Pin, Path]) -> None:
    """Pyodide, its wheels and ours, and the lock file that lists them."""
    runtime.mkdir(parents=True)
    pyodide = archives.unpack(fetched[basics.PYODIDE])
    for name in basics.RUNTIME:
        (runtime / name).write_bytes(pyodide[f"package/{name}"])
    write_libraries(runtime, fetched)
    shutil.copyfile(fetched[basics.MICROPIP], runtime / basics.MICROPIP.file)
    wheel = write_wheel(runtime, fetched[basics.PYODIDE])
    write_lock(pyodide["package/pyodide-lock.json"], wheel)
