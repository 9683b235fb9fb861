"""Smoke tests in real Firefox and in WebKitGTK: boots, trains, draws, goes back."""

import glob
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bidi import Firefox
from browsers import find
from fishpage import SCREENSHOTS
from look import READ_CHARTS, READ_STATE
from serving import Host
from webkit import WebKit

PATIENCE = 90.0  # seconds

Driver = Firefox | WebKit


def start_firefox() -> Firefox:
    return Firefox(find("FIREFOX", "firefox-esr", "firefox-esr", "firefox"))


def start_webkit() -> WebKit:
    driver = find("WEBKIT_DRIVER", "webkit2gtk-driver", "WebKitWebDriver")
    xvfb = find("XVFB", "xvfb", "Xvfb")
    installed = sorted(glob.glob("/usr/lib/*/webkit2gtk-4*/MiniBrowser"))
    browser = find("MINIBROWSER", "libwebkit2gtk-4.1-0", *installed, "MiniBrowser")
    return WebKit(driver, browser, xvfb)


@pytest.fixture(params=[start_firefox, start_webkit], ids=["firefox", "webkit"])
def browser(request) -> Iterator[Driver]:
    browser = request.param()
    yield browser
    browser.quit()


def wait(browser: Driver, what: str, holds: Callable[[dict[str, str]], Any]) -> None:
    """Until the state of the page fits; else the test fails with what is there."""
    deadline = time.monotonic() + PATIENCE
    while not holds(state := browser.evaluate(READ_STATE)):
        if time.monotonic() > deadline:
            raise AssertionError(f"{browser.name}: waited in vain for {what}: {state}")
        time.sleep(0.05)


def click(browser: Driver, name: str) -> None:
    """Press the button of this id."""
    browser.evaluate(f"document.getElementById({name!r}).click()")


def settled(browser: Driver) -> dict[str, list[int]]:
    """Every chart of a page that stands still: [hash, number of colours]."""
    charts = browser.evaluate(READ_CHARTS)
    while True:
        time.sleep(0.2)
        before, charts = charts, browser.evaluate(READ_CHARTS)
        if charts == before:
            return charts


def visit(browser: Driver, site: Host) -> None:
    """Boot, train, pause, look, step, go back, look again."""
    browser.open(site.url + "#seed=5")
    wait(browser, "50 steps", lambda s: int(s.get("step", 0)) >= 50)
    first = browser.screenshot()
    wait(browser, "more steps", lambda s: int(s["step"]) >= 60)
    click(browser, "train")
    wait(browser, "a pause", lambda s: s["state"] == "paused")
    state, charts = browser.evaluate(READ_STATE), settled(browser)
    assert browser.screenshot() != first
    assert len(charts) >= 13
    for name, (_, colours) in charts.items():
        assert colours >= 3, f"{name} is blank"
    assert 0 < float(state["loss"]) < 6
    time.sleep(0.5)
    assert browser.evaluate(READ_STATE)["step"] == state["step"]
    click(browser, "step")
    last = int(state["step"]) + 1
    wait(browser, "one step", lambda s: int(s["step"]) == last)
    stepped = settled(browser)
    for name in charts:
        assert stepped[name] != charts[name], f"{name} stood still"
    browser.press("\ue012")  # the left arrow
    wait(browser, "the step before", lambda s: s["step"] == state["step"])
    assert browser.evaluate(READ_STATE)["loss"] == state["loss"]
    back = settled(browser)
    for name in charts.keys() - {"e01.loss", "transport.curve"}:
        assert back[name] == charts[name], f"{name} is not as it was"
    assert browser.hosts == {site.url.split("/")[2]}
    assert browser.complaints == []


def test_boots_trains_draws_and_goes_back(browser: Driver, site: Host):
    try:
        visit(browser, site)
    except Exception:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shot = SCREENSHOTS / f"{browser.name}.png"
        shot.write_bytes(browser.screenshot())
        print("screenshot:", shot, "state:", browser.evaluate(READ_STATE))
        print("page:", browser.evaluate("document.body.innerText"))
        print("console:", *browser.complaints, sep="\n")
        raise
