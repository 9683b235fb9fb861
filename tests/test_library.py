"""What the page starts without: found, fetched and waited for."""

import asyncio
import hashlib
import importlib
import io
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from fishformer.browser import library
from fishformer.browser.library import Archive, Library, NotHereError, Postponed
from fishformer.browser.show import Show

MESSAGE = {
    **{"settings": {}, "still": True, "base": "", "dpr": 1, "tokens": {}, "fonts": {}},
    **{"sizes": {}, "canvases": {}, "visible": {"e01": True, "e02": True}},
}


def zipped(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """One with the modules `late` and `slow`, in sys.meta_path."""
    data = zipped({"lib/late.py": "x = 1", "lib/slow.py": "y = 2", "site/a.txt": "z"})
    monkeypatch.setattr(library, "FOLDER", tmp_path / "rest")
    monkeypatch.setattr(library, "POSTPONED", {"slow"})
    monkeypatch.setattr(library.site, "getsitepackages", lambda: [str(tmp_path)])
    sha256 = hashlib.sha256(data).hexdigest()
    made = Archive("soon.zip", ["late", "slow"], sha256, lambda name: data)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, made])
    yield made
    for name in ("late", "slow"):
        sys.modules.pop(name, None)


def test_a_module_is_fetched_when_it_is_imported(archive, tmp_path):
    assert importlib.import_module("late").x == 1
    assert archive.here
    assert (tmp_path / "a.txt").read_text() == "z"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("neither_here_nor_there")


def test_a_postponed_module_is_fetched_when_it_is_used(archive):
    slow = importlib.import_module("slow")
    assert isinstance(slow.__spec__.loader, Postponed)
    assert not archive.here
    assert slow.y == 2
    assert archive.here
    with pytest.raises(AttributeError):
        _ = slow.no_such_thing


@pytest.mark.parametrize("data", [b"altered", None], ids=["altered", "no network"])
def test_what_cannot_be_had_is_named(archive, data):
    def fetch(name: str) -> bytes:
        if data is None:
            raise OSError("the line is cut")
        return data

    archive.fetch = fetch
    with pytest.raises(NotHereError, match=r"soon\.zip"):
        importlib.import_module("late")


@pytest.mark.parametrize("arrives", [True, False])
def test_messages_wait_for_the_rest_of_the_package(arrives):
    soon = Archive("soon.zip", [], "", lambda name: b"")
    put = []

    async def bring():
        if not arrives:
            raise OSError("the line is cut")
        return lambda: put.append(True)

    async def visit() -> None:
        show = Show(MESSAGE, lambda kind, **said: None, Library([soon]), bring)
        assert show.stage.on_screen == {"e01"}
        show.hear({"kind": "event", "exhibit": "e06", "name": "no such", "value": 1})
        show.hear({"kind": "command", "name": "train"})
        assert show.stage.state == "training"
        assert len(show.waiting) == 2
        await show.complete()
        assert not show.waiting
        assert show.stage.on_screen == {"e01", "e02"}

    with ThreadPoolExecutor() as apart:  # playwright's loop may run in this one
        apart.submit(asyncio.run, visit()).result()
    assert put == ([True] if arrives else [])
    assert soon.here == arrives
