"""Fetches pytest and the tests out of the site, runs them, tells the page of each."""

import asyncio
import importlib
import io
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fishformer.browser import module
from fishformer.browser.library import NotHereError
from fishformer.browser.source import ROOT
from fishformer.browser.testing import Session, counted

FOLDER = Path("/home/pyodide/tests")
QUICK_NEEDS = ("iniconfig", "packaging", "pluggy", "pygments", "pytest")
LIMIT = 120.0  # seconds that one test may take


class Testbench:
    """One run of tests at a time, between the steps of the training."""

    def __init__(self, workshop: Any):
        self.workshop = workshop
        self.running: asyncio.Task | None = None
        self.stopping = False
        self.installed: set[str] = set()

    def start(self, which: str) -> None:
        """Begin with the "quick" tests, or with "all"; not while some are running."""
        if self.running and not self.running.done():
            return
        self.stopping = False
        self.running = asyncio.create_task(self._run(which == "quick"))

    def stop(self) -> None:
        """End after the test that is running."""
        self.stopping = True

    def tell(self, name: str, value: Any) -> None:
        """One message to the page."""
        self.workshop.tell(f"tests.{name}", value)

    async def _run(self, quick: bool) -> None:
        began = time.perf_counter()
        try:
            files = await self._files(quick)
            challenges = module("lessons.challenges")
            session = Session(FOLDER, files, ROOT, self._guarded)
            names = [{"id": i, "words": challenges.in_words(i)} for i in session.ids]
            self.tell("found", names)
            challenge = self.workshop.challenge(self.workshop.source.edits)
            red = challenges.red_tests(challenge) if challenge else []
            outcomes: dict[str, str] = {}
            results = session.run()
            for result in results:
                outcomes[result.id] = result.outcome
                of = max(len(names), 1)
                told = {
                    "id": result.id,
                    "words": challenges.in_words(result.id),
                    "outcome": result.outcome,
                    "time": result.time,
                    "why": result.why,
                    "verdict": challenge and challenges.verdict(*result[:2], red),
                    "done": len(outcomes) / of,
                    "status": f"{len(outcomes)} of {of}: {counted(outcomes.values())}",
                }
                self.tell("result", told)
                await asyncio.sleep(0)
                if self.stopping:
                    break
            results.close()
            said = challenges.reckoning(challenge, outcomes) if challenge else ""
            seconds = time.perf_counter() - began
            stopped = "Stopped: " if self.stopping else ""
            words = f"{stopped}{counted(outcomes.values())}, in {seconds:.1f} s."
            self.tell("end", f"{words} {said}")
        except BaseException as error:
            detail = "".join(traceback.format_exception(error))
            words = f"The tests could not be run: {error}"
            self.tell("failed", {"words": words, "detail": detail[-3000:]})

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What edited code does in a test is watched; what it prints pytest takes."""
        with self.workshop.watchdog.at_most(LIMIT):
            yield

    async def _files(self, quick: bool) -> list[str]:
        """As _install(); NotHereError without a network, if it is the first time."""
        try:
            return await self._install(quick)
        except Exception as error:
            raise NotHereError(
                "pytest and the tests come over the network the first time, which "
                f"did not work now ({error})"
            ) from error

    async def _install(self, quick: bool) -> list[str]:
        """pytest and the tests; the names of the test files."""
        from pyodide.http import pyfetch
        from pyodide_js import loadPackage

        base = self.workshop.show.base
        manifest = await (await pyfetch(f"{base}manifest.json")).json()
        paths = [file["path"] for file in manifest["files"]]
        wheels = [p for p in paths if p.startswith("testing/") and p.endswith(".whl")]
        if quick:
            wheels = [w for w in wheels if Path(w).name.startswith(QUICK_NEEDS)]
        missing = [w for w in wheels if w not in self.installed]
        if missing:
            await loadPackage("micropip")
            import micropip

            for done, wheel in enumerate(missing):
                name = Path(wheel).name.split("-")[0]
                self.tell("fetching", {"name": name, "done": done, "of": len(missing)})
                await micropip.install(base + wheel, deps=False)
                self.installed.add(wheel)
            importlib.invalidate_caches()
        if not FOLDER.exists():
            reply = await pyfetch(f"{base}testing/tests.zip", cache="no-cache")
            reply.raise_for_status()
            archive = zipfile.ZipFile(io.BytesIO(await reply.bytes()))
            archive.extractall(FOLDER)
        found = sorted(path.name for path in FOLDER.glob("test_*.py"))
        return list(module("lessons.challenges").QUICK) if quick else found
