"""Take the README's pictures of the built site, in both themes.

    .work/env/bin/python tests/browser/pictures.py

after `python3 build.py test`, which sets up what it needs.
"""

import shutil
from pathlib import Path

from browsers import CHROMIUM_FLAGS, DIST, ROOT
from fishpage import FishPage
from playwright.sync_api import sync_playwright
from serving import Host

OUT = ROOT / ".github" / "pictures"
WINDOW = {"width": 1280, "height": 1130}
STEP = 700


def take(theme: str, folder: Path) -> None:
    """One picture: the page at step STEP, in one theme."""
    host = Host(DIST)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS)
        )
        tab = browser.new_page(viewport=WINDOW, color_scheme=theme)
        page = FishPage(tab, f"{host.url}#step={STEP}")
        tab.goto(page.url)
        while (state := tab.evaluate("({ ...document.documentElement.dataset })")).get(
            "step"
        ) != str(STEP) or state["state"] != "paused":
            tab.wait_for_timeout(200)
        tab.wait_for_timeout(500)  # the last frame reaches the screen
        tab.screenshot(path=folder / f"{theme}.png")
        browser.close()
    host.stop()


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for each in ("light", "dark"):
        take(each, OUT)
        print(OUT / f"{each}.png")
