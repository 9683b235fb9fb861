"""What every engine can be told to do: one page, and a visitor's hands."""

import time
from abc import ABC, abstractmethod
from typing import Any

from look import READ_CHART, READ_CHARTS, READ_STATE

PATIENCE = 150.0  # seconds: longer than the page itself waits for its Python
GLANCE = 0.1  # seconds between two looks at the page

# Where to press a thing once it stands still, or why it cannot be pressed yet.
PLACE = """(() => {
  const thing = document.querySelector(SELECTOR);
  if (!thing) return "there is none";
  if (thing.disabled) return "it is disabled";
  thing.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = thing.getBoundingClientRect();
  const [x, y] = [Math.round(left + width * ACROSS), Math.round(top + height / 2)];
  const there = document.elementFromPoint(x, y);
  return thing.contains(there) ? [x, y] : `${there?.outerHTML.slice(0, 80)} covers it`;
})()"""


class Driver(ABC):
    """One browser with one page."""

    name: str
    version: str
    complaints: list[str]  # what its console says of errors

    # ---- what each engine does in its own way ---------------------------------------

    @property
    @abstractmethod
    def hosts(self) -> set[str]:
        """The hosts that the page asked for anything."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Load a page."""

    @abstractmethod
    def reload(self) -> None:
        """Load the page again."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """The value of an expression, possibly a promise, that JSON can carry."""

    @abstractmethod
    def press(self, keys: str) -> None:
        """One key by its name, such as "a" or "Home", or several: "Control+f"."""

    @abstractmethod
    def write(self, text: str) -> None:
        """Type characters, where the focus is."""

    @abstractmethod
    def click_at(self, x: int, y: int) -> None:
        """Click at a place in the window, in CSS pixels."""

    @abstractmethod
    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""

    @abstractmethod
    def quit(self) -> None:
        """End the browser."""

    # ---- what follows from it ------------------------------------------------------

    def state(self) -> dict[str, str]:
        """The data-attributes of <html>: state, step, loss, edited."""
        return self.evaluate(READ_STATE)

    def charts(self) -> dict[str, list[int]]:
        """Every chart on the screen of a page that stands still: [hash, colours]."""
        charts = self.evaluate(READ_CHARTS)
        while True:
            time.sleep(2 * GLANCE)
            before, charts = charts, self.evaluate(READ_CHARTS)
            if charts == before:
                return charts

    def text(self, selector: str) -> str:
        """What stands in a place."""
        return self.evaluate(f"document.querySelector({selector!r}).textContent")

    def wait(self, what: str, expression: str) -> Any:
        """Ask the page until an expression is true there; its value."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.evaluate(expression)):
            if time.monotonic() > deadline:
                trouble = self.evaluate("document.querySelector('#failure').innerText")
                said = f"{self.name}: waited in vain for {what}. {trouble}"
                raise AssertionError(said)
            time.sleep(GLANCE)
        return found

    def wait_state(self, what: str, condition: str) -> dict[str, str]:
        """Until a condition on state, step, loss and edited holds; the state then."""
        names = "{ state, step, loss, edited } = document.documentElement.dataset"
        self.wait(what, f"(({names}) => {condition})()")
        return self.state()

    def wait_text(self, selector: str, part: str) -> str:
        """Until a place says something; all that it says."""
        text = f"document.querySelector({selector!r}).textContent"
        try:
            return self.wait(
                f"{part!r} in {selector}", f"{text}.includes({part!r}) && {text}"
            )
        except AssertionError as error:
            raise AssertionError(f"{error} It says: {self.evaluate(text)}") from None

    def wait_chart(self, name: str) -> None:
        """Until a chart has been drawn."""
        self.wait(
            f"{name} to be drawn", f"({READ_CHART})({name!r})[{name!r}]?.[1] >= 3"
        )

    def click(self, selector: str, across: float = 0.5) -> None:
        """Click on a thing, in its middle or further left or right."""
        ask = PLACE.replace("SELECTOR", repr(selector)).replace("ACROSS", str(across))
        deadline = time.monotonic() + PATIENCE
        place = None
        while True:
            before, place = place, self.evaluate(ask)
            if place == before and not isinstance(place, str):
                return self.click_at(*place)
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: no click on {selector}: {place}.")
            time.sleep(GLANCE)
