"""The repository's own tests, run where the page runs: one test at a time.

pytest comes out of wheels that the site carries. What a session tests is the package
as it is imported now, so after an edit it is the edited code.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = 700  # characters that are told of one failure
LINES = 9
ARGUMENTS = """
-p no:cacheprovider -p no:faulthandler -p no:terminal -p no:doctest -p no:junitxml
-p no:pastebin --import-mode=importlib --capture=sys
""".split()
# Of the gradients one case a model: all of them take minutes in a browser.
WHICH = "not test_gradients or default"


class Result(NamedTuple):
    """What became of one test."""

    id: str  # test_model.py::test_relu[a]
    outcome: str  # passed, failed or skipped
    seconds: float
    said: str = ""  # why it failed or was skipped
    where: str = ""  # file and line of the test, and what stands there
    ours: str = ""  # file and line of the package, if the error arose there

    @property
    def time(self) -> str:
        """How long it took, unless that is nothing."""
        if self.seconds < 0.0005:
            return ""
        short = self.seconds < 1
        return f"{1000 * self.seconds:.0f} ms" if short else f"{self.seconds:.1f} s"

    @property
    def why(self) -> str:
        """Of one that did not pass: where, what was said, and where it arose."""
        if self.outcome == "passed":
            return ""
        arose = f"in {self.ours}" if self.ours else ""
        return "\n".join(filter(None, (self.where, self.said, arose)))


def counted(outcomes: Collection[str]) -> str:
    """How many of each: "18 passed, 1 failed"."""
    counts = Counter(outcomes)
    kinds = [kind for kind in ("passed", "failed", "skipped") if counts[kind]]
    return ", ".join(f"{counts[kind]} {kind}" for kind in kinds) or "none"


class Session:
    """pytest over some files of a folder; every result is had as soon as it is known.

    `root` is where the package lies. `guard` is put around each test, such as a time
    limit.
    """

    def __init__(self, folder: Path, files: list[str], root: Path, guard: Callable):
        from _pytest.config import _prepareconfig
        from _pytest.main import Session as PytestSession

        self._root, self._folder, self._guard = root, folder, guard
        self._results: list[Result] = []
        self._errors: dict[str, Any] = {}
        for name in [n for n in sys.modules if n.startswith(("test_", "conftest"))]:
            del sys.modules[name]
        places = [str(folder / name) for name in files]
        (folder / "pytest.ini").write_text("[pytest]\n")
        given = [
            *ARGUMENTS,
            "-k",
            WHICH,
            f"--rootdir={folder}",
            f"-c{folder}/pytest.ini",
            *places,
        ]
        bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            self._config = _prepareconfig(given, [self])
            self._session = PytestSession.from_config(self._config)
            self._config._do_configure()
            self._config.hook.pytest_sessionstart(session=self._session)
            self._config.hook.pytest_collection(session=self._session)
        finally:
            sys.dont_write_bytecode = bytecode
        self.ids = [item.nodeid for item in self._session.items]

    def run(self) -> Generator[Result, None, None]:
        """Test after test. Closing the iterator ends the session."""
        yield from self._take()  # files that could not even be imported
        items = self._session.items
        try:
            for item, after in zip(items, [*items[1:], None], strict=True):
                with self._guard():
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                yield from self._take()
        finally:
            hook = self._config.hook
            hook.pytest_sessionfinish(session=self._session, exitstatus=0)
            self._config._ensure_unconfigure()

    def _take(self) -> list[Result]:
        results, self._results = self._results, []
        return results

    # ---- what pytest tells -----------------------------------------------------------

    def pytest_collectreport(self, report: Any) -> None:
        """A file that could not be collected."""
        if report.failed:
            said = cut(report.longreprtext)
            self._results.append(Result(report.nodeid, "failed", 0.0, said))

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        """Before pytest's own: where an error arose, while its frames are there."""
        self._errors[item.nodeid] = call.excinfo

    def pytest_runtest_logreport(self, report: Any) -> None:
        """How a test ended."""
        if report.when == "call" or report.outcome != "passed":
            error = self._errors.pop(report.nodeid, None)
            self._results.append(self._result(report, error))

    def _result(self, report: Any, error: Any) -> Result:
        start = Result(report.nodeid, report.outcome, report.duration)
        if error is None or not report.failed:
            said = report.longrepr[2] if report.skipped else ""
            return start._replace(said=said)
        where = ours = ""
        for entry in error.traceback:
            path, line = Path(entry.path), entry.lineno + 1
            if path.is_relative_to(self._root):
                ours = f"{path.relative_to(self._root).as_posix()}, line {line}"
            elif path.parent == self._folder and not where:
                where = f"{path.name}, line {line}: {str(entry.statement).strip()}"
        return start._replace(said=cut(error.exconly()), where=cut(where), ours=ours)


def cut(text: str) -> str:
    """The first lines of what a failure says."""
    lines = [line for line in text.splitlines() if line.strip()]
    short = "\n".join(lines[:LINES])[:LONGEST]
    return short if short == text.strip() else f"{short} ..."
