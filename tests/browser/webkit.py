"""WebKitGTK, driven by selenium on a display of its own: a stand-in for Safari."""

import os
import subprocess
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service


class WebKit:
    """One browser with one page, on an X server that nobody sees."""

    name = "WebKitGTK"

    def __init__(self, driver: str, minibrowser: str, xvfb: str):
        read, write = os.pipe()
        command = [xvfb, "-displayfd", str(write), "-screen", "0", "1400x1000x24"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._display = subprocess.Popen(command, pass_fds=[write], **quiet)
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start.")
        options = Options()
        options.binary_location = minibrowser
        options.add_argument("--automation")
        service = Service(driver, env={**os.environ, "DISPLAY": f":{number}"})
        try:
            self._driver = webdriver.WebKitGTK(options=options, service=service)
        except BaseException:
            self._display.kill()
            raise
        self._driver.set_window_size(1280, 900)
        self._driver.set_script_timeout(60)
        self.version = self._driver.capabilities["browserVersion"]
        self.complaints: list[str] = []  # WebDriver here has no way to the console

    @property
    def hosts(self) -> set[str]:
        """The hosts that the page asked for anything."""
        asked = "performance.getEntriesByType('resource')"
        return set(self.evaluate(f"{asked}.map((r) => new URL(r.name).host)")) - {""}

    def open(self, url: str) -> None:
        """Load a page."""
        self._driver.get(url)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, possibly a promise, that JSON can carry."""
        return self._driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"Promise.resolve({expression}).then(done, (error) => done(String(error)));"
        )

    def press(self, key: str) -> None:
        """One key, such as " " or a code point of WebDriver's."""
        ActionChains(self._driver).send_keys(key).perform()

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        return self._driver.get_screenshot_as_png()

    def quit(self) -> None:
        """End the browser and its display."""
        try:
            self._driver.quit()
        finally:
            self._display.kill()
            self._display.wait()
