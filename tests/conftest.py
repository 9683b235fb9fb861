"""What several test files share."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import fishformer
from fishformer.corpus import load_corpus, load_fish
from fishformer.tasks import Pair, Pairs


@pytest.fixture(scope="session")
def fish():
    return load_fish()


@pytest.fixture(scope="session")
def small():
    """A corpus that trains in a moment."""
    subjects = ("a cod", "the eel", "one old crab", "my pike")
    verbs = ("swims", "sleeps", "hides", "turns")
    places = ("in the sea", "near a reef", "under the boat", "at night")
    lines = [f"{s} {v} {p}" for s in subjects for v in verbs for p in places]
    return load_corpus("\n".join(lines))


@pytest.fixture(scope="session")
def backwards(small):
    """Its sentences, to say backwards: what an encoder-decoder trains on."""
    return Pairs("backwards", tuple(Pair(row, row[::-1]) for row in small.train))


@pytest.fixture(scope="session")
def cats():
    """Somebody's own sentences, too few to hold any out."""
    lines = (f"{a} cats chase {b} mice" for a in ("two", "ten") for b in "xyz")
    return load_corpus("\n".join(lines))


def ours():
    """The package's modules that are loaded, by their names."""
    return {n: m for n, m in sys.modules.items() if f"{n}.".startswith("fishformer.")}


@pytest.fixture
def loaded():
    """ours(), for the tests."""
    return ours


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the package, to edit, in the place of the real one; that comes back."""
    shutil.copytree(Path(fishformer.__file__).parent, tmp_path / "fishformer")
    kept = {name: sys.modules.pop(name) for name in ours()}
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield importlib.import_module("fishformer.browser.source")
    for name in ours():
        del sys.modules[name]
    sys.modules.update(kept)


@pytest.fixture
def source(copy):
    """The source of the copy."""
    importlib.import_module("fishformer.model")
    return copy.Source()
