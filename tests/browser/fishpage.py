"""The page as a visitor uses it, in Chromium: controls, waiting, what is drawn."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import look
from look import Chart, Look
from playwright.sync_api import Locator
from watched import Watched

PATIENCE = 60.0  # seconds; machines are noisy
START = 150.0  # for a start: longer than the page itself waits for its Python
SCREENSHOTS = Path(__file__).parents[2] / ".work" / "screenshots"

SPEED = "document.querySelector('output[for=speed]').textContent"
OWN = ".masthead, #e01, #corpus, #transport"

# Scrolls to a part of the page; whether it had to.
SCROLL_TO = """(selector) => {
  const [before, { top }] = [scrollY,
    document.querySelector(selector).getBoundingClientRect()];
  if (Math.abs(top - 80) > 1) scrollBy({ top: top - 80, behavior: "instant" });
  return scrollY !== before;
}"""


class FishPage(Watched):
    """One open page of the site."""

    def describe(self, name: str) -> str:
        """State, text and console for a report; a screenshot goes into .work/."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shot = SCREENSHOTS / f"{name}.png"
        try:
            self.tab.screenshot(path=shot, timeout=10_000)
            said = self.tab.evaluate("document.querySelector('#failure').innerText")
            state = {**self.state(), "failure": said}
        except Exception as error:
            return f"The page cannot be asked: {error}"
        lines = [f"screenshot: {shot}", f"state: {state}", f"texts: {self.texts()}"]
        return "\n".join([*lines, "console:", *self.complaints])

    # ---- where it stands -----------------------------------------------------------

    def state(self) -> dict[str, str]:
        """The data-attributes of <html>: state, step, loss, theme."""
        return self.tab.evaluate(look.READ_STATE)

    @property
    def step(self) -> int:
        return int(self.state().get("step", -1))

    @property
    def loss(self) -> str:
        return self.state()["loss"]

    def texts(self) -> dict[str, str]:
        """The words that Python writes, by key."""
        return self.tab.evaluate(look.READ_TEXTS)

    def text(self, key: str) -> str:
        """What Python writes in one place."""
        return self.tab.evaluate(look.READ_TEXT, key)

    def charts(self) -> dict[str, Chart]:
        """Every chart that is laid out, by name."""
        charts = self.tab.evaluate(look.READ_CHARTS)
        return {name: Chart(*chart) for name, chart in charts.items()}

    def chart(self, name: str) -> Chart | None:
        """One of them, if it is laid out."""
        found = self.tab.evaluate(look.READ_CHART, name)
        return Chart(*found[name]) if found else None

    def settled(self) -> Look:
        """What a page that stands still shows, once its last frame is painted."""
        charts = None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.tell()
            before, charts = charts, self.charts()
            if charts == before:
                return Look(self.step, self.loss, self.texts(), charts)
        raise AssertionError("The charts of a page that stands still do not.")

    # ---- waiting -------------------------------------------------------------------

    def wait(
        self, what: str, holds: Callable[[], Any], seconds: float = PATIENCE
    ) -> Any:
        """Ask until the answer is true, and return it; the longer, the more seldom.

        Playwright's wait_for_function would need eval, which the CSP forbids.
        """
        began = time.monotonic()
        while not (answer := holds()):
            waited = time.monotonic() - began
            if waited > seconds:
                raise AssertionError(f"Waited {seconds:.0f} s in vain for: {what}.")
            self.tab.wait_for_timeout(10 + min(190, 50 * waited))
        return answer

    def wait_state(self, *states: str, seconds: float = PATIENCE) -> str:
        return self.wait(
            f"the state {' or '.join(states)}",
            lambda: (now := self.state().get("state")) in states and now,
            seconds,
        )

    def wait_step(self, step: int) -> None:
        """Until the page stands at a step, or while it trains has passed it."""

        def there():
            state = self.state()
            now = int(state.get("step", -1))
            return now == step or (state["state"] == "training" and now > step)

        self.wait(f"step {step}", there)

    def wait_text(self, key: str, part: str, seconds: float = PATIENCE) -> str:
        """Until a part (a regular expression) stands in what Python writes there."""
        said = self.wait(
            f"{part!r} in {key}",
            lambda: re.search(part, text := self.text(key)) and (text,),
            seconds,
        )
        return said[0]

    def wait_chart(self, name: str, colours: int = 3, seconds: float = PATIENCE) -> int:
        """Until a chart has so many colours; the hash of its pixels."""

        def painted():
            chart = self.chart(name)
            return chart and chart.colours >= colours and chart

        return self.wait(name, painted, seconds).hash

    def wait_other(self, name: str, before: int) -> int:
        """Until a chart's pixels have another hash; that hash."""

        def other():
            chart = self.chart(name)
            return chart and chart.hash != before and chart

        return self.wait(f"{name} to change", other).hash

    # ---- what a visitor does --------------------------------------------------------

    def open(self, fragment: str = "") -> None:
        self.tab.goto(self.url + fragment)

    def boot(self, fragment: str = "") -> None:
        """Open the page and wait until Python runs it."""
        self.open(fragment)
        states = ("training", "paused", "done", "failed")
        if self.wait_state(*states, seconds=START) == "failed":
            said = self.tab.evaluate("document.querySelector('#failure').innerText")
            raise AssertionError(f"The page did not boot: {said}")
        live = "document.documentElement.classList.contains('live')"
        self.wait("the charts", lambda: self.tab.evaluate(live))

    def boot_at(self, step: int, fragment: str = "#") -> Self:
        """Boot with a link to a step: the page goes there and pauses."""
        self.boot(f"{fragment}&step={step}".replace("#&", "#"))
        self.wait_state("paused", "done")
        assert self.step == step
        return self

    def at_exhibit(self, name: str, step: int, said: str = "") -> Self:
        """At a step, with an exhibit on the screen, once its status says so."""
        self.boot_at(step)
        self.show_exhibit(name)
        if said:
            self.wait_text(f"{name.split('-')[0]}.status", said)
        return self

    def show_exhibit(self, name: str) -> None:
        """Scroll to an exhibit or a part ("e10-map"), until Python has drawn it."""
        self.show(f"#{name}")
        built = self.tab.locator(f"#{name.split('-')[0]} .first")
        self.wait(f"{name} to be drawn", lambda: not built.count())

    def scroll_through(self) -> None:
        """From top to bottom, so that every exhibit has been on the screen."""
        screens = self.tab.evaluate("document.body.scrollHeight / innerHeight")
        for screen in range(int(screens) + 1):
            self.tab.evaluate(f"scrollTo(0, {screen} * innerHeight)")
            self.tell()

    def tell(self, *messages: dict[str, Any]) -> None:
        """Until Python has shown what comes of messages and of all before them."""
        self.tab.evaluate(look.TELL, messages)

    def send(self, *messages: dict[str, Any]) -> None:
        """Messages to Python, as the page sends them; nobody waits for it."""
        self.tab.evaluate(look.SEND, messages)

    def show(self, selector: str) -> Locator:
        """Scroll to a part of the page, clear of the bars above and below.

        What is laid out on the way there moves it: scroll until it stands still.
        """
        place = self.tab.locator(selector)
        place.wait_for()
        still = 0

        def stands() -> bool:
            nonlocal still
            still = 0 if self.tab.evaluate(SCROLL_TO, selector) else still + 1
            return still >= 8

        self.wait(f"{selector} to stand still", stands)
        return place

    def control(self, key: str, value: str = "") -> Locator:
        """The control of an event that is shown, such as ("e02.word", "play")."""
        which = f"[data-value='{value}']" if value else ""
        place = f"[data-do='{key}']{which}, [data-do='{key}'] {which or 'button'}"
        return self.tab.locator(place).locator("visible=true").first

    def predict(self, name: str, choice: str) -> Locator:
        """Answer a question of the page; its answer, which is not shown before."""
        question = self.show(f"[data-predict='{name}']")
        answer = self.tab.locator(f"[data-after='{name}']")
        assert not answer.is_visible()
        question.get_by_label(choice).check()
        answer.wait_for()
        assert f"You said: {choice}" in question.inner_text()
        return answer

    def press(self, place: Locator, *keys: str) -> None:
        """What the keyboard does: focus, then keys; Enter if none is named."""
        place.focus()
        for key in keys or ("Enter",):
            self.tab.keyboard.press(key)

    def write(self, field: Locator, text: str) -> None:
        """Other words in a field, and Enter."""
        field.fill(text)
        field.press("Enter")

    def click_in(self, selector: str, across: float, down: float) -> None:
        """Click at a part of the width and the height of a box."""
        box = self.tab.locator(selector)
        area = box.bounding_box()
        assert area, f"{selector} is not laid out"
        box.click(position={"x": area["width"] * across, "y": area["height"] * down})

    def items(self, key: str) -> list[str]:
        """The buttons of a list of words."""
        return self.tab.locator(f"[data-list='{key}'] button").all_inner_texts()

    def lit_line(self, exhibit: str) -> str:
        """The line of Python that a term of a formula has lit up."""
        line = self.tab.locator(f"#{exhibit} .its-line code")
        line.wait_for()
        return line.inner_text()

    def fits(self) -> bool:
        """Nothing is wider than the window."""
        across = "document.documentElement.scrollWidth <= innerWidth"
        return self.tab.evaluate(across)

    def button(self, name: str) -> Locator:
        """One of the page's own or of E01; others may have the same name."""
        own = self.tab.locator(OWN)
        return own.get_by_role("button", name=name, exact=True)

    def slider(self, name: str) -> Locator:
        return self.tab.locator(OWN).get_by_role("slider", name=name)

    def make_step(self) -> str:
        """Click Step once; the loss at the step after."""
        before = self.step
        self.button("Step").click()
        self.wait_step(before + 1)
        return self.loss

    def pause(self) -> int:
        """Click Pause; the step where the page then stands."""
        self.button("Pause").click()
        self.wait_state("paused", "done")
        return self.step

    def set_speed(self, per_second: str) -> None:
        """Move the Speed slider until it says so, such as "1/s" or "max"."""
        slider = self.slider("Speed")
        slider.press("Home")
        for _ in range(20):
            if self.tab.evaluate(SPEED) == per_second:
                return
            slider.press("ArrowRight")
        raise AssertionError(f"Speed has no {per_second!r}.")
