"""Files into archives and out of them; the same files give the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
import zlib
from pathlib import Path

import basics


def files_under(*folders: str) -> list[Path]:
    """Every file under these folders of the repository, sorted; no caches."""
    found = [p for folder in folders for p in (basics.ROOT / folder).rglob("*")]
    return sorted(p for p in found if p.is_file() and p.parent.name != "__pycache__")


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive: the same bytes from the same files, whenever and wherever."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for member, content in files.items():
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = how
            archive.writestr(entry, content)
    return data.getvalue()


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """An archive as a file."""
    path.write_bytes(zipped(files))


def write_pack(path: Path, files: dict[str, bytes]) -> None:
    """A zip archive, compressed as a whole: smaller, and quicker to take apart."""
    stored = zipped(files, zipfile.ZIP_STORED)
    how = zlib.compressobj(9, wbits=31, memLevel=9)  # gzip, without a date
    path.write_bytes(how.compress(stored) + how.flush())


def hash64(data: bytes) -> str:
    """A file's hash as a wheel's RECORD writes it."""
    code = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + code.decode().rstrip("=")


def unpack(archive: Path) -> dict[str, bytes]:
    """The files of an npm tarball or a wheel: name -> bytes."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as tar:
        files = ((m.name, tar.extractfile(m)) for m in tar if m.isfile())
        return {name: file.read() for name, file in files if file}
