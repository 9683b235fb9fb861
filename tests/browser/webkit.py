"""WebKitGTK, driven by selenium on a display of its own: a stand-in for Safari."""

import os
import subprocess
from typing import Any

from driver import Driver
from keys import strokes
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

# WebDriver here has no way to the console: once loaded, the page notes what goes there.
WATCH = """(() => {
  const said = window.complaintsSeen = [];
  const tell = console.error;
  console.error = (...words) => { said.push(words.join(" ")); tell(...words); };
  addEventListener("error", (event) => said.push(event.message));
  addEventListener("unhandledrejection", (event) => said.push(`${event.reason}`));
  document.addEventListener("securitypolicyviolation", (event) =>
    said.push(`Content Security Policy: ${event.violatedDirective}`));
})()"""


class WebKit(Driver):
    """MiniBrowser, on an X server that nobody sees."""

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
        env = {**os.environ, "DISPLAY": f":{number}"}
        service = Service(driver, env=env)
        try:
            self._driver = webdriver.WebKitGTK(options=options, service=service)
        except BaseException:
            self._display.kill()
            raise
        self._driver.set_window_size(1280, 900)
        self._driver.set_script_timeout(60)
        self._before: list[str] = []  # complaints of the pages before
        self.version = self._driver.capabilities["browserVersion"]

    @property
    def complaints(self) -> list[str]:
        return self._before + self.evaluate("window.complaintsSeen ?? []")

    @property
    def hosts(self) -> set[str]:
        asked = "performance.getEntriesByType('resource')"
        return set(self.evaluate(f"{asked}.map((r) => new URL(r.name).host)")) - {""}

    def open(self, url: str) -> None:
        self._driver.get(url)
        self.evaluate(WATCH)

    def reload(self) -> None:
        self._before = self.complaints
        self._driver.refresh()
        self.evaluate(WATCH)

    def evaluate(self, expression: str) -> Any:
        value, error = self._driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"Promise.resolve({expression}).then((value) => done([value, null]),"
            "(error) => done([null, `${error}`]));"
        )
        if error:
            raise RuntimeError(error)
        return value

    def press(self, keys: str) -> None:
        chain, pressed = ActionChains(self._driver, duration=0), strokes(keys)
        for key in pressed:
            chain.key_down(key)
        for key in reversed(pressed):
            chain.key_up(key)
        chain.perform()

    def write(self, text: str) -> None:
        ActionChains(self._driver, duration=0).send_keys(text).perform()

    def click_at(self, x: int, y: int) -> None:
        actions = ActionBuilder(self._driver, duration=0)
        actions.pointer_action.move_to_location(x, y).click()
        actions.perform()

    def screenshot(self) -> bytes:
        return self._driver.get_screenshot_as_png()

    def quit(self) -> None:
        try:
            self._driver.quit()
        finally:
            self._display.kill()
            self._display.wait()
