"""A page that many tests share: booted once, put back before each of them.

A test that asks for `shared` or `wide_and_narrow` says boot_at(step) as with a page of
its own. The first one boots; later ones find the run at their step, and every exhibit
that show() has brought to the screen begun again, as after a boot. What only the page
knows stays: answers given to a prediction, what stands in text fields. A test that
cares for those, for links or for the boot itself takes `page`. A phone's window is the
same page made narrow. The files of the chapters share one page, any other file has one
of its own. After a test that fails, or whose page complains, the next one boots.
"""

from typing import Self

from browsers import ORDINARY
from fishpage import SPEED, FishPage
from playwright.sync_api import Browser, Locator, Page, ViewportSize

FURTHEST = 40  # the step where it boots; any test's is on its timeline
# Put out the terms of formulas, close what is open in an exhibit, leave the control in
# use, see the page from its top.
CLOSE = """(() => {
  const open = "button[data-term][aria-pressed=true], .tools [aria-expanded=true]";
  for (const button of document.querySelectorAll(open)) button.click();
  document.activeElement.blur();
  scrollTo({ top: 0, behavior: "instant" });
})()"""


class SharedPage(FishPage):
    """One open page, and which of its exhibits were used since it was put back."""

    def __init__(self, tab: Page, url: str, viewport: ViewportSize):
        super().__init__(tab, url)
        self.viewport = viewport
        self.booted = False
        self.drawn = False  # whether all of it has been on the screen
        self.used: set[str] = set()

    def boot_at(self, step: int, fragment: str = "#") -> Self:
        assert fragment == "#" and step <= FURTHEST, "take a page of its own"
        if not self.booted:
            super().boot_at(FURTHEST)
            self.booted = True
        self.put_back(step)
        return self

    def put_back(self, step: int) -> None:
        """Stand at a step as after a boot, seen from the top."""
        if self.tab.viewport_size != self.viewport:
            self.tab.set_viewport_size(self.viewport)
        if self.tab.evaluate(SPEED) != "30/s":
            self.set_speed("30/s")
        self.tab.mouse.move(5, 5)
        self.tab.evaluate(CLOSE)
        event = {"kind": "event", "value": None}
        again = [
            {**event, "exhibit": exhibit, "name": "begin_again"}
            for exhibit in sorted(self.used | {"e01"})
        ]
        dark = {**event, "exhibit": "e01", "name": "light"}
        seek = {"kind": "command", "name": "seek", "value": step}
        self.tell(*again, dark, seek)
        self.wait(f"step {step}", lambda: self.step == step)
        self.wait_state("paused", "done")
        self.used.clear()
        self.requests.clear()

    def drawn_at(self, step: int) -> None:
        """As boot_at(), and Python has drawn every exhibit at some step."""
        self.boot_at(step)
        if not self.drawn:
            self.scroll_through()
            self.drawn = True

    def show(self, selector: str) -> Locator:
        place = super().show(selector)
        exhibit = place.evaluate("(place) => place.closest('.exhibit')?.id")
        self.used |= {exhibit} if exhibit else set()
        self.tell()
        return place


class Shelf:
    """The shared page, made when it is first asked for."""

    def __init__(self, browser: Browser, url: str):
        self.browser = browser
        self.url = url
        self.page: SharedPage | None = None

    def take(self, viewport: ViewportSize) -> SharedPage:
        """The page, which will have this size once it is put back."""
        if not self.page:
            context = self.browser.new_context(**{**ORDINARY, "viewport": viewport})
            self.page = SharedPage(context.new_page(), self.url, viewport)
        self.page.viewport = viewport
        return self.page

    def clear(self) -> None:
        """Close it."""
        if self.page:
            self.page.tab.context.close()
        self.page = None
