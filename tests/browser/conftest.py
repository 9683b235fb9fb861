"""Browsers, the built site on a plain host, and pages that are watched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import CHROMIUM_FLAGS, DIST, Pages, find_chromium
from fishpage import FishPage
from playwright.sync_api import Browser, Playwright, sync_playwright
from serving import Host

SIZES = {
    "wide": {"width": 1440, "height": 1000},
    "narrow": {"width": 360, "height": 740},
}


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built site."""
    if not (DIST / "build.json").exists():
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
    browser = playwright.chromium.launch(
        executable_path=find_chromium(), args=[*CHROMIUM_FLAGS]
    )
    yield browser
    browser.close()


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


@pytest.fixture(params=SIZES, ids=list(SIZES))
def wide_and_narrow(request, pages: Pages) -> FishPage:
    """A page not yet opened, in the window of a desktop and in that of a phone."""
    return pages(viewport=SIZES[request.param])


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
