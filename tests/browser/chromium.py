"""Chromium, driven by playwright: the page of the other tests in Driver's words."""

from typing import Any

from driver import Driver
from fishpage import FishPage


class Chromium(Driver):
    """A page of the browser that all other tests share."""

    name = "Chromium"

    def __init__(self, page: FishPage):
        self._page = page
        self._tab = page.tab
        self.complaints = page.complaints
        browser = self._tab.context.browser
        self.version = browser.version if browser else ""

    @property
    def hosts(self) -> set[str]:
        urls = self._page.requests
        return {url.split("/")[2] for url in urls if url.startswith(("http", "ws"))}

    def open(self, url: str) -> None:
        self._tab.goto(url)

    def reload(self) -> None:
        self._tab.reload()

    def evaluate(self, expression: str) -> Any:
        return self._tab.evaluate(f"() => ({expression})")

    def press(self, keys: str) -> None:
        self._tab.keyboard.press(keys)

    def write(self, text: str) -> None:
        self._tab.keyboard.type(text)

    def click_at(self, x: int, y: int) -> None:
        self._tab.mouse.click(x, y)

    def screenshot(self) -> bytes:
        return self._tab.screenshot()

    def quit(self) -> None:
        """The page is closed by the fixture that made it."""
