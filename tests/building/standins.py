"""What stands in for downloads, and what a build has made of it."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYODIDE = Path("the archive that stands in for Pyodide")
PRERENDER = """
import json, os, sys
page = open(sys.argv[1]).read()
totals = json.load(open(os.environ["FISHFORMER_MANIFEST"]))["totals"]
if "{{wrong}}" in page:
    sys.exit("nothing fills {{wrong}}")
print(page.replace("{{bytes}}", str(totals["numpy"])), end="")
"""


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


def wheel_of(build, folder):
    return build.runtime.write_wheel(folder, build.runtime.own_files(PYODIDE))


def packed(path):
    """What is in a pack."""
    with zipfile.ZipFile(io.BytesIO(gzip.decompress(path.read_bytes()))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
