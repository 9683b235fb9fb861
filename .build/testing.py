"""dist/testing/: pytest and this repository's own tests, which the page can run."""

from __future__ import annotations

import shutil
from pathlib import Path

import archives
import basics
from basics import Pin

# The test files that mean something in the page: of the model, with no files of the
# repository, no processes and no browser.
FILES = """
alike attention completion config corpus edges essentials fish geometry golden gradients
model probes properties rnn sampling sentences timeline tokenizer training word2vec
""".split()


def test_files() -> list[Path]:
    """conftest.py and the tests, those that are there."""
    names = ["conftest.py", *(f"test_{name}.py" for name in FILES)]
    return [path for name in names if (path := basics.ROOT / "tests" / name).exists()]


def write_testing(testing: Path, fetched: dict[Pin, Path]) -> None:
    """The wheels of pytest and what it needs, and the tests as one archive."""
    testing.mkdir()
    for pin in basics.TESTING:
        shutil.copyfile(fetched[pin], testing / pin.file)
    files = {path.name: path.read_bytes() for path in test_files()}
    archives.write_zip(testing / "tests.zip", files)
