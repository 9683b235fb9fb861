"""Browsers, the built site on a plain host, and pages that are watched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsers import CHROMIUM_FLAGS, DIST, WINDOW, Pages, find_chromium
from fishpage import FishPage
from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright
from serving import Host
from shared import SharedPage, Shelf

Lend = Callable[[str], SharedPage]
FAILED = pytest.StashKey[bool]()
FIRST = (
    "test_in_pyodide.py",
    "test_faults.py",
    "test_monkey.py",
    "test_hood.py",
    "test_keep.py",
)
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1440, "height": 1000},
    "narrow": {"width": 360, "height": 740},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no processor ends with it alone.

    In a file the narrow window comes last, so that it is made narrow only once.
    """
    files = list(dict.fromkeys(item.path for item in items))

    def place(item: pytest.Item) -> tuple[int, int, bool]:
        group = len(FIRST) + (item.path.parent.name != "browser")
        if item.path.name in FIRST:
            group = FIRST.index(item.path.name)
        return group, files.index(item.path), "[narrow" in item.name

    items.sort(key=place)


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


@pytest.fixture
def on_disk(playwright: Playwright, pages: Pages, tmp_path: Path) -> FishPage:
    """A tab of a browser that keeps on disk what it fetches, as visitors' do.

    The other fixtures have private windows, which install no page and keep no code.
    """
    context = playwright.chromium.launch_persistent_context(
        tmp_path,
        executable_path=find_chromium(),
        args=[*CHROMIUM_FLAGS],
        viewport=WINDOW,
    )
    return pages.watch(context)


@pytest.fixture(scope="session")
def chapters(chromium: Browser, host: Host) -> Iterator[Shelf]:
    """The page that the files of the chapters share."""
    shelf = Shelf(chromium, host.url)
    yield shelf
    shelf.clear()


@pytest.fixture(scope="module")
def shelf(request) -> Iterator[Shelf]:
    """The page that the tests of a file share."""
    if request.path.name.startswith("test_chapter"):
        yield request.getfixturevalue("chapters")
        return
    browser, host = map(request.getfixturevalue, ("chromium", "host"))
    shelf = Shelf(browser, host.url)
    yield shelf
    shelf.clear()


@pytest.fixture
def lend(request, shelf: Shelf, site: Host) -> Iterator[Lend]:
    """Lends a shared page of some size. It has to come back as clean as it went."""
    lent: list[SharedPage] = []

    def one(size: str) -> SharedPage:
        lent.append(shelf.take(SIZES[size]))
        return lent[-1]

    yield one
    complaints = [said for page in lent for said in page.unexpected()]
    if any(page.complaints for page in lent) or FAILED in request.node.stash:
        shelf.clear()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def shared(lend: Lend) -> SharedPage:
    """The page of this file in the window of a desktop: shared.py says what that is."""
    return lend("wide")


@pytest.fixture(params=SIZES, ids=list(SIZES))
def wide_and_narrow(request, lend: Lend) -> SharedPage:
    """The same in the window of a desktop and in that of a phone."""
    return lend(request.param)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure comes with the state of its pages and a screenshot of each."""
    report = yield
    if report.when != "call" or not report.failed:
        return report
    item.stash[FAILED] = True
    given = getattr(item, "funcargs", {})
    shelf, pages = given.get("shelf"), given.get("pages")
    opened = [
        *(pages.opened if pages else ()),
        *((shelf.page,) if shelf and shelf.page else ()),
    ]
    for n, page in enumerate(opened, 1):
        name = f"{item.name}.{n}".replace("/", "-")
        report.sections.append((f"page {n}", page.describe(name)))
    return report
