"""What the page starts without, fetched when something imports from it, or before.

A start takes the modules that its first step needs. Two archives have the others:
"soon" is fetched as soon as training runs, the rest when something imports from it
(`.build/modules.txt` says which is which). In both, "lib/..." is of the standard
library, "site/..." of packages.
"""

import functools
import hashlib
import importlib
import io
import site
import sys
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path("/lib/rest")
SOON = "soon.zip"
# What numpy imports with itself, and the first step does not call: factorisations, and
# the docstrings of what is written in C.
POSTPONED = {
    "numpy.linalg._umath_linalg",
    "numpy._core._add_newdocs",
    "numpy._core._add_newdocs_scalars",
}
Fetch = Callable[[str], bytes]  # the bytes of an archive, by its name


class NotHereError(ImportError):
    """What the page started without cannot be had now."""


class Postponed(Loader):
    """Makes a module that is loaded when something of it is asked for."""

    def __init__(self, load: Callable[[], ModuleType]):
        self.load = load

    def create_module(self, spec: ModuleSpec) -> None:
        """As Python does by itself."""

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""

        def get(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return getattr(self.load(), name)

        module.__dict__["__getattr__"] = get


class Archive:
    """A finder of last resort, for sys.meta_path: unpacks the archive, then finds."""

    def __init__(self, name: str, modules: Sequence[str], sha256: str, fetch: Fetch):
        self.name = name
        self.modules = frozenset(modules)
        self.sha256 = sha256
        self.fetch = fetch
        self.here = False

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Where a module of this archive lies; None for any other."""
        if name not in self.modules:
            return None
        if name in POSTPONED:
            load = functools.cache(lambda: self.load(name, path))
            return ModuleSpec(name, Postponed(load))
        return self.find(name, path)

    def find(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Where it lies once the archive is here."""
        if not self.here:
            self.unpack()
        parent = name.rpartition(".")[0].replace(".", "/")
        return PathFinder.find_spec(name, [*(path or ()), str(FOLDER / parent)])

    def load(self, name: str, path: Sequence[str] | None) -> ModuleType:
        """The module itself."""
        spec = self.find(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{name} is not in {self.name}")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def unpack(self) -> None:
        """Fetch all of it at once. Raises NotHereError if it cannot be had."""
        try:
            data = self.fetch(self.name)
        except Exception as error:  # of JavaScript
            raise NotHereError(
                f"{self.name} cannot be fetched now, so only what a start needs is "
                f"there ({error})"
            ) from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise NotHereError(f"{self.name} came damaged: try again")
        places = {"lib": FOLDER, "site": Path(site.getsitepackages()[0])}
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                place, _, name = member.partition("/")
                file = places[place] / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(member))
        self.arrived()

    def arrived(self) -> None:
        """Its files are in their places."""
        self.here = True
        sys.path_importer_cache.clear()


class Library:
    """All archives that this Python can still do without."""

    def __init__(self, archives: Sequence[Archive] = ()):
        self.soon = next((each for each in archives if each.name == SOON), None)

    @property
    def whole(self) -> bool:
        """Whether all that the page's exhibits need is here."""
        return self.soon is None or self.soon.here

    async def complete(self, bring: Callable[[], Awaitable[Callable]]) -> None:
        """Get what comes soon; `bring` fetches it and gives what puts it in place."""
        put = await bring()
        if self.soon and not self.soon.here:  # nobody could wait for it
            put()
            self.soon.arrived()


def complete(fetch: Fetch) -> Library:
    """Make every module importable."""
    archives = [each for each in sys.meta_path if isinstance(each, Archive)]
    for archive in archives:  # from the memory that Python began with
        archive.fetch = fetch
    if archives:
        return Library(archives)
    try:
        later = importlib.import_module("_later")  # written by the build
    except ModuleNotFoundError:
        return Library()  # this Python is whole
    archives = [
        Archive(name, modules, sha256, fetch)
        for name, modules, sha256 in later.ARCHIVES
    ]
    sys.meta_path += archives
    return Library(archives)
