"""The rest of Python's library and of numpy, fetched when something imports from it.

The page starts with the modules that it needs (`.build/modules.txt`). All others are in
one archive: "lib/..." for the standard library, "site/..." for numpy.
"""

import hashlib
import importlib
import io
import site
import sys
import zipfile
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

FOLDER = Path("/lib/rest")


class Rest:
    """A finder of last resort, for sys.meta_path: unpacks the archive, then finds."""

    def __init__(self, names: Sequence[str], sha256: str, fetch: Callable[[], bytes]):
        self.names = frozenset(names)
        self.sha256 = sha256
        self.fetch = fetch

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Where a module of the rest lies; None for any other."""
        if name not in self.names:
            return None
        if not FOLDER.exists():
            self.unpack()
        parent = name.rpartition(".")[0].replace(".", "/")
        return PathFinder.find_spec(name, [*(path or ()), str(FOLDER / parent)])

    def unpack(self) -> None:
        """Fetch all of the rest. Raises ImportError if it cannot be had."""
        try:
            data = self.fetch()
        except Exception as error:
            raise ImportError(
                "The rest of Python's library cannot be fetched, and without a network "
                f"only what a start needs is there ({error})."
            ) from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise ImportError("The rest of Python's library came damaged: try again.")
        places = {"lib": FOLDER, "site": Path(site.getsitepackages()[0])}
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                place, _, name = member.partition("/")
                file = places[place] / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(member))
        FOLDER.mkdir(exist_ok=True)
        importlib.invalidate_caches()


def complete(fetch: Callable[[], bytes]) -> None:
    """Make every module importable; `fetch` gets the archive's bytes."""
    try:
        later = importlib.import_module("_later")  # written by the build
    except ModuleNotFoundError:
        return  # this Python is whole
    sys.meta_path.append(Rest(later.NAMES, later.SHA256, fetch))
