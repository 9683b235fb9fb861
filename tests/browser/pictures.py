"""Take pictures of the built site, in both themes.

    .work/env/bin/python tests/browser/pictures.py            for the README
    .work/env/bin/python tests/browser/pictures.py chapters   of each, for the eye

after `python3 build.py test`, which sets up what it needs. The chapters come wide and
narrow, into .work/pictures/.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from browsers import CHROMIUM_FLAGS, DIST, ROOT
from fishpage import FishPage
from playwright.sync_api import sync_playwright
from serving import Host

README = ROOT / ".github" / "pictures"
CHAPTERS = ROOT / ".work" / "pictures"
THEMES = ("light", "dark")
WINDOW = {"width": 1280, "height": 1130}
SIZES = ({"width": 1440, "height": 900}, {"width": 360, "height": 740})
STEP = 700
PARTS = "[...document.querySelectorAll('main, .chapter')].map((place) => place.id)"
# The height of a part in CSS pixels, to the top of the next.
HEIGHT = """(id) => {
  const all = [...document.querySelectorAll("main, .chapter")];
  const at = all.findIndex((place) => place.id === id);
  const end = all[at + 1]?.getBoundingClientRect().top ?? document.body.scrollHeight;
  return Math.ceil(end - all[at].getBoundingClientRect().top);
}"""
BARE = (
    "html { scroll-padding: 0 !important } .masthead { position: static !important }"
    ".transport { display: none !important }"
)


@contextmanager
def trained(theme: str, size: dict[str, int]) -> Iterator[FishPage]:
    """The page, paused at step STEP."""
    host = Host(DIST)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS)
        )
        tab = browser.new_page(viewport=size, color_scheme=theme)
        page = FishPage(tab, host.url)
        page.open(f"#step={STEP}")
        page.wait_state("paused", "done", seconds=120)
        tab.wait_for_timeout(500)  # the last frame reaches the screen
        yield page
        browser.close()
    host.stop()


def take_for_readme() -> None:
    """The page as it opens, trained."""
    README.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        with trained(theme, WINDOW) as page:
            page.tab.screenshot(path=README / f"{theme}.png")


def take_chapters() -> None:
    """Every chapter whole, in both themes, wide and narrow."""
    CHAPTERS.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for size in SIZES:
            with trained(theme, size) as page:
                photograph(page, f"{theme}-{size['width']}")


def photograph(page: FishPage, kind: str) -> None:
    """One chapter after the other in a window as high as it is, without the bars."""
    tab = page.tab
    sheet = "const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];"
    tab.evaluate(f"() => {{ {sheet} sheet.replaceSync({BARE!r}); }}")
    width = tab.viewport_size["width"]
    for name in tab.evaluate(PARTS):
        for _ in range(2):  # what its exhibits say at last may make it higher
            height = max(tab.evaluate(HEIGHT, name), 1)
            tab.set_viewport_size({"width": width, "height": height})
            tab.evaluate(f"document.getElementById({name!r}).scrollIntoView()")
            tab.wait_for_timeout(1500)  # they are drawn, some piece by piece
        path = CHAPTERS / f"{name}-{kind}.png"
        tab.screenshot(path=path)
        print(path)


if __name__ == "__main__":
    take_chapters() if sys.argv[1:] == ["chapters"] else take_for_readme()
