"""Browsers, the built site on a plain host, and pages that are watched."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fishpage import FishPage
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright
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


class Pages:
    """Makes pages, each in a context of its own, and keeps them."""

    def __init__(self, browser: Browser, url: str):
        self.browser = browser
        self.url = url
        self.opened: list[FishPage] = []

    def __call__(self, **options) -> FishPage:
        """A page not yet opened; options are those of new_context."""
        context = self.browser.new_context(**{"viewport": WINDOW, **options})
        return self.watch(context)

    def watch(self, context: BrowserContext) -> FishPage:
        """A page in a context made elsewhere."""
        self.opened.append(FishPage(context.new_page(), self.url))
        return self.opened[-1]


@pytest.fixture
def pages(chromium: Browser, site: Host) -> Iterator[Pages]:
    """For tests that need a window or a context of another kind.

    At the end nothing may have gone wrong in any page that the test did not allow.
    """
    pages = Pages(chromium, site.url)
    yield pages
    complaints = [said for page in pages.opened for said in page.unexpected()]
    for page in pages.opened:
        page.tab.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(pages: Pages) -> FishPage:
    """A page in a window of a common size, not yet opened."""
    return pages()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure comes with the state of its pages and a screenshot of each."""
    report = yield
    pages = getattr(item, "funcargs", {}).get("pages")
    if report.when == "call" and report.failed and pages:
        for n, page in enumerate(pages.opened, 1):
            name = f"{item.name}.{n}".replace("/", "-")
            report.sections.append((f"page {n}", page.describe(name)))
    return report
