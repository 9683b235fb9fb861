"""dist/ as a whole: made anew, and put into its place at once."""

from __future__ import annotations

import time
from pathlib import Path

import archives
import basics
import downloads
import environment
import icons
import manifest
import pages
import recorded
import runtime
import testing
from basics import say


def build() -> None:
    """Write dist/, or leave the old one as it is and raise BuildError."""
    if manifest.up_to_date():
        say("dist/ is up to date.")
        return
    began, sources = time.monotonic(), manifest.fingerprint()
    say("1/4 Python for the browser, and numpy for the build")
    ways = {
        downloads.from_npm: (basics.PYODIDE, basics.PYSCRIPT),
        downloads.from_pyodide: (basics.NUMPY, basics.MICROPIP),
        downloads.from_pip: basics.TESTING,
    }
    fetched = {
        pin: downloads.fetch(pin, way) for way, pins in ways.items() for pin in pins
    }
    python = environment.install("numpy", environment.locked(["numpy"]))
    with basics.scratch() as folder:
        new, inside = folder / "dist", folder / "build"
        say("2/4 the runtime and our package")
        runtime.write_runtime(inside / "runtime", fetched, python)
        pages.write_pyscript(
            inside / "pyscript", archives.unpack(fetched[basics.PYSCRIPT])
        )
        recorded.write_recorded(inside / "recorded", python)
        icons.write_icons(inside / "icons")
        testing.write_testing(inside / "testing", fetched)
        say("3/4 the page and its first frames")
        pages.write_page(inside)
        manifest.write_manifest(inside)  # index.html states some of its numbers
        html = pages.join_styles(pages.prerender(python, inside), inside)
        html = pages.seal(pages.veil(html), inside)
        name = manifest.write_manifest(inside)
        new.mkdir()
        pages.write_root(new, pages.point_into(html, inside, name), fetched)
        inside.rename(new / name)
        total = manifest.write_record(new, sources)
        say("4/4 into place")
        swap(new, folder / "old")
    say(f"dist/: {total / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")


def swap(new: Path, old: Path) -> None:
    """Put `new` in the place of dist/, which goes to `old`; or dist/ stays."""
    if basics.DIST.exists():
        basics.DIST.rename(old)
    try:
        new.rename(basics.DIST)
    except OSError:
        if old.exists():
            old.rename(basics.DIST)
        raise
