"""Where the browsers and the built site are, and pages in contexts of their own."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from fishpage import FishPage
from playwright.sync_api import Browser, BrowserContext

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
# Requests that a service worker answers could not be watched or changed.
ORDINARY: dict[str, Any] = {"viewport": WINDOW, "service_workers": "block"}


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


def find_chromium() -> str:
    """The program that is Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return find("CHROMIUM", "chromium", *names)


class Pages:
    """Makes pages, each in a context of its own, and keeps them."""

    def __init__(self, browser: Browser, url: str):
        self.browser = browser
        self.url = url
        self.opened: list[FishPage] = []

    def __call__(self, **options) -> FishPage:
        """A page not yet opened; options are those of new_context."""
        context = self.browser.new_context(**{**ORDINARY, **options})
        return self.watch(context)

    def watch(self, context: BrowserContext) -> FishPage:
        """A page in a context made elsewhere."""
        self.opened.append(FishPage(context.new_page(), self.url))
        return self.opened[-1]
