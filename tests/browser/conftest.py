"""Browsers, the built site on a plain host, and pages that are watched."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fishpage import FishPage
from playwright.sync_api import Browser, Playwright, sync_playwright
from serving import Host

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WINDOW = {"width": 1280, "height": 900}


def find(variable: str, package: str, *commands: str) -> str:
    """A program named by a variable or on PATH; without it the test fails."""
    named = os.environ.get(variable)
    found = named or next(filter(None, map(shutil.which, commands)), None)
    if not found:
        pytest.fail(
            f"No {commands[0]} on this machine: install Debian's package {package} "
            f"(apt-get install {package}) or name the program in {variable}.",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built site."""
    if not (DIST / "manifest.json").exists():
        pytest.fail("There is no dist/ to test: run python3 build.py.", pytrace=False)
    return DIST


@pytest.fixture(scope="session")
def host(dist: Path) -> Iterator[Host]:
    host = Host(dist)
    yield host
    host.stop()


@pytest.fixture
def site(host: Host) -> Iterator[Host]:
    """The built site under a sub-path of a plain host."""
    yield host
    strays = [path for path in host.asked if not host.holds(path)]
    host.behave()
    assert not strays, f"The page asked for what is not part of the site: {strays}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = find("CHROMIUM", "chromium", "chromium", "chromium-browser", "google-chrome")
    browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS])
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium: Browser, site: Host) -> Iterator[Callable[..., FishPage]]:
    """Makes a page in a context of its own; options are those of new_context.

    At the end nothing may have gone wrong in it that the test did not allow.
    """
    pages = []

    def open_page(**options) -> FishPage:
        context = chromium.new_context(**{"viewport": WINDOW, **options})
        pages.append(FishPage(context.new_page(), site.url))
        return pages[-1]

    open_page.pages = pages
    yield open_page
    for page in pages:
        page.page.context.close()
    complaints = [complaint for page in pages for complaint in page.unexpected()]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def fish(open_page: Callable[..., FishPage]) -> FishPage:
    """A page in a window of a common size, not yet opened."""
    return open_page()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own, short of name."""
    with tempfile.TemporaryDirectory(prefix="fish-") as folder:
        yield Path(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure comes with the state of its pages and a screenshot of each."""
    report = yield
    open_page = getattr(item, "funcargs", {}).get("open_page")
    if report.when == "call" and report.failed and open_page:
        for n, page in enumerate(open_page.pages, 1):
            name = f"{item.name}.{n}".replace("/", "-")
            report.sections.append((f"page {n}", page.describe(name)))
    return report
