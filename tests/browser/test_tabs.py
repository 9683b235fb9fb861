"""A copied tab, back and forward: settings, sentences, edits and step stay."""

from collections.abc import Iterator

import pytest
from browsers import CHROMIUM_FLAGS, ORDINARY, Pages, find_chromium
from fishpage import FishPage
from playwright.sync_api import Error, Playwright
from test_keep import begin, names, wait_kept, wait_said
from test_share import EDIT, SENTENCES, link, sentences_here

WORK = link(settings={"seed": "3"}, step=4, text=SENTENCES, edits={"optim.py": EDIT})
NO_LOCKS = "delete Navigator.prototype.locks"  # as where a host has no https
BEGAN_WITH = "globalThis.beganWith = Object.values({ ...sessionStorage })"


def bring_work(page: FishPage) -> tuple:
    """A run with sentences and edits of its own, kept; what it looks like."""
    page.boot_at(4, WORK)
    page.tab.get_by_role("button", name="Run it", exact=True).click()
    page.wait("the sentences", lambda: sentences_here(page) == "24")
    page.wait_state("paused")
    page.wait_step(4)
    wait_said(page, "#keep-words", "2 runs, until step 4 ")
    wait_kept(page)
    return work_of(page)


def work_of(page: FishPage) -> tuple:
    state = page.state()
    return sentences_here(page), *(state.get(key) for key in ("step", "loss", "edited"))


def wait_back(page: FishPage, work: tuple) -> None:
    page.wait("all of it", lambda: work_of(page) == work)
    page.wait_state("paused")


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no locks"])
def test_a_copied_tab_and_the_first_keep_apart(page: FishPage, pages: Pages, locks):
    context = page.tab.context
    context.add_init_script(BEGAN_WITH)
    if not locks:
        context.add_init_script(NO_LOCKS)
    work = bring_work(page)
    with context.expect_page() as opened:
        page.tab.evaluate("(() => { open(location.href); })()")
    copy = FishPage(opened.value, page.url)
    pages.opened.append(copy)
    wait_said(copy, "#kept-words", "Another tab has this page open")
    mine = "Object.values({ ...sessionStorage })"
    assert copy.tab.evaluate("beganWith") == page.tab.evaluate(mine)
    assert copy.tab.evaluate(mine) != page.tab.evaluate(mine)
    begin(copy, {"layers": "1"})
    step, loss = copy.step, copy.loss
    wait_said(copy, "#keep-words", f"until step {step} ")

    for one in (copy, page):
        one.tab.reload()
        one.wait_state("paused")
    wait_back(page, work)
    assert "2 layers → 1 layer" not in names(page)
    copy.wait("its own run", lambda: (copy.step, copy.loss) == (step, loss))


@pytest.fixture(params=[True, False], ids=["kept whole", "not kept"])
def remembered(request, playwright: Playwright, pages: Pages) -> Iterator[FishPage]:
    """A page in a browser that keeps pages whole for going back, or does not."""
    browser = playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[*CHROMIUM_FLAGS],
        ignore_default_args=["--disable-back-forward-cache"] if request.param else [],
    )
    page = pages.watch(browser.new_context(**ORDINARY))
    page.tab.add_init_script("globalThis.loaded = performance.now()")
    yield page
    browser.close()


def go_back(page: FishPage) -> None:
    page.tab.evaluate("(() => { setTimeout(() => history.back()); })()")

    def there() -> bool:
        try:
            return page.tab.evaluate("location.href !== 'about:blank'")
        except Error:  # between two pages
            return False

    page.wait("the page", there)


def test_back_and_forward_lose_nothing(remembered: FishPage, request):
    page = remembered
    work = bring_work(page)
    first = page.tab.evaluate("loaded")
    page.tab.goto("about:blank")
    go_back(page)
    stayed = page.tab.evaluate("loaded") == first
    assert stayed == ("kept whole" in request.node.name)
    wait_back(page, work)
    page.make_step()
