"""A page whose console, errors, dialogs, requests and cookies are noted."""

from typing import Any

from playwright.sync_api import Page

# A violation that the page catches would not show on the console.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective}`))"""

# How far the layout has moved by itself: globalThis.shifted.
SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    globalThis.shifted = (globalThis.shifted ?? 0) + entry.value;
  }
}).observe({ type: "layout-shift", buffered: true })"""


class Watched:
    """One open page, and what has gone wrong in it."""

    def __init__(self, tab: Page, url: str):
        self.tab = tab
        self.url = url
        self.complaints: list[str] = []  # console errors, page errors, other hosts
        self.allowed: tuple[str, ...] = ()  # parts of complaints that are expected
        self.requests: list[str] = []
        tab.add_init_script(TELL_VIOLATIONS)
        tab.context.on("request", lambda request: self._note_request(request.url))
        tab.context.on("console", lambda message: self._note_console(message))
        tab.context.on("weberror", lambda error: self._note_error(error.error))
        tab.on("dialog", lambda dialog: self._note_dialog(dialog))

    def _note_request(self, url: str) -> None:
        self.requests.append(url)
        if url.startswith(("http", "ws")) and not url.startswith(self.url):
            self.complaints.append(f"request to {url}")

    def _note_console(self, message: Any) -> None:
        if message.type == "error":
            where = message.location["url"]
            self.complaints.append(f"console: {message.text} ({where})")

    def _note_error(self, error: Any) -> None:
        self.complaints.append(f"error: {error}")

    def _note_dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def unexpected(self) -> list[str]:
        """What the test did not allow. The CSP and cookies always count."""
        cookies = [] if self.tab.is_closed() else self.tab.context.cookies()
        return [f"cookie: {cookie}" for cookie in cookies] + [
            complaint
            for complaint in self.complaints
            if "Content Security Policy" in complaint
            or not any(part in complaint for part in self.allowed)
        ]
