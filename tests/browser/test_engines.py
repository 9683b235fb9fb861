"""A whole visit in Chromium, Firefox and WebKitGTK, by real mouse and keys."""

import glob
import time
from collections.abc import Iterator

import pytest
from bidi import Firefox
from browsers import find
from chromium import Chromium
from driver import Driver
from fishpage import SCREENSHOTS
from serving import Host
from webkit import WebKit

END = 400  # steps of the run
HISTORY = {"e01.loss", "transport.curve"}  # these show more than one step
OWN = "the fisherman in the boat at the lake ___ the bass"
SHARES = "exps = np.exp(scores"  # a line of softmax.py
EDIT = "exps = exps * exps"  # and one that the visitor adds below it
FILE = "document.querySelector('#e22-file').value"
# How Python starts on a second visit. WebKit's table of functions is not that of the
# machine which the memory is from. Chromium is watched without the service worker that
# keeps it; see test_second_visit.py.
SECOND = {"Firefox": "Python remembered", "WebKitGTK": "Python imported"}
STARTED = "performance.getEntriesByType('mark').map(({ name }) => name)"
KEPT = "document.querySelector('#keep-words').textContent.includes('2 runs, until step"


def start_chromium(request) -> Driver:
    return Chromium(request.getfixturevalue("page"))


def start_firefox(_) -> Driver:
    return Firefox(find("FIREFOX", "firefox-esr", "firefox-esr", "firefox"))


def start_webkit(_) -> Driver:
    driver = find("WEBKIT_DRIVER", "webkit2gtk-driver", "WebKitWebDriver")
    xvfb = find("XVFB", "xvfb", "Xvfb")
    installed = sorted(glob.glob("/usr/lib/*/webkit2gtk-4*/MiniBrowser"))
    browser = find("MINIBROWSER", "libwebkit2gtk-4.1-0", *installed, "MiniBrowser")
    return WebKit(driver, browser, xvfb)


STARTS = {"chromium": start_chromium, "firefox": start_firefox, "webkit": start_webkit}


@pytest.fixture(params=STARTS.values(), ids=STARTS)
def browser(request) -> Iterator[Driver]:
    browser = request.param(request)
    yield browser
    browser.quit()


def test_the_whole_visit(browser: Driver, site: Host):
    steps = [train, scrub, type_a_sentence, change_chapter, edit_and_run, find_again]
    browser.open(f"{site.url}#seed=5&steps={END}")
    for step in steps:
        began = time.monotonic()
        try:
            step(browser)
            assert browser.hosts == {site.url.split("/")[2]}
            assert browser.evaluate("document.cookie") == ""
            assert browser.complaints == []
            assert browser.evaluate("document.querySelector('#failure').hidden")
        except Exception:
            print(describe(browser, step.__name__))
            raise
        print(f"{browser.name}: {step.__name__} {time.monotonic() - began:.1f} s")


def describe(browser: Driver, step: str) -> str:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    shot = SCREENSHOTS / f"{browser.name}.png"
    shot.write_bytes(browser.screenshot())
    lines = [f"{browser.name} {browser.version}, {step}: {browser.state()}", str(shot)]
    said = ("#failure", "#e22-said", "#e22-trouble", "#e22-diff")
    said += ("#kept-words", "#keep-words", ".notices")
    lines += [f"{place}: {browser.text(place)}" for place in said]
    return "\n".join([*lines, "console:", *browser.complaints])


def pause(browser: Driver) -> dict[str, str]:
    browser.click("#train")
    return browser.wait_state("a pause", "state === 'paused'")


def train(browser: Driver) -> None:
    """Python boots, trains and draws; paused, all stands still; Step steps."""
    browser.wait_state("60 steps", "step >= 60")
    state = pause(browser)
    charts = browser.charts()
    assert len(charts) >= 13
    for name, (_, colours) in charts.items():
        assert colours >= 3, f"{name} is blank"
    assert 0 < float(state["loss"]) < 6
    assert browser.state() == state
    browser.click("#step")
    browser.wait_state("one step", f"step == {int(state['step']) + 1}")
    stepped = browser.charts()
    still = {name for name in charts if stepped[name] == charts[name]}
    assert still <= {"e01.look"}  # one step may move its few lines by less than shows
    browser.press("ArrowLeft")
    browser.wait_state("the step before", f"step == {state['step']}")
    assert browser.state() == state
    back = browser.charts()
    for name in charts.keys() - HISTORY:
        assert back[name] == charts[name], f"{name} is not as it was"


def scrub(browser: Driver) -> None:
    """With keys and with the mouse, to any step and back to the same numbers."""
    last = browser.state()
    browser.press("Home")
    start = browser.wait_state("the start", "step == 0")
    browser.press("ArrowRight")
    first = browser.wait_state("the first step", "step == 1")
    assert len({last["loss"], start["loss"], first["loss"]}) == 3
    value = "Number(document.querySelector('.timeline input').value)"
    browser.click(".timeline input", int(last["step"]) / 2 / END)
    step = browser.wait("the timeline", f"{value} > 1 && {value}")
    assert step < int(last["step"])
    browser.wait_state("where it was clicked", f"step == {step}")
    browser.press("End")
    browser.wait_state("the last step", f"step == {int(last['step']) + 1}")
    browser.press("ArrowLeft")
    browser.wait_state("the step before", f"step == {last['step']}")
    assert browser.state() == last


def type_a_sentence(browser: Driver) -> None:
    """E01 guesses the missing word, and says which words it does not know."""
    browser.click("#own-text")
    browser.write(OWN.replace("lake", "zebra"))
    browser.wait_text("#own-error", "zebra")
    browser.press("Control+a")
    browser.write(OWN)
    browser.wait("no error", "document.querySelector('#own-error').textContent === ''")
    browser.wait_text("#own .before", OWN.split(" ___ ")[0])
    browser.wait_text("#own .after", OWN.split(" ___ ")[1])
    browser.wait_chart("e01.guess.own")


def go_to(browser: Driver, exhibit: str) -> None:
    browser.click("#contents summary")
    browser.click(f"#contents a[href='#{exhibit}']")
    place = f"document.getElementById('{exhibit}').getBoundingClientRect()"
    browser.wait(exhibit, f"Math.abs({place}.top) < 200")
    assert not browser.evaluate("document.querySelector('#contents').open")


def change_chapter(browser: Driver) -> None:
    """The contents lead to E13, in chapter 4, which draws now that it is seen."""
    go_to(browser, "e13")
    browser.wait_text("#here", "Order")
    browser.wait_chart("e13.alike")


def edit_and_run(browser: Driver) -> None:
    """In E22 one more line of softmax.py, which begins another run."""
    go_to(browser, "e22")
    browser.click("#e22-unlock")
    browser.evaluate("document.querySelector('#e22-file').focus()")
    for _ in range(20):  # a whole name would have to be typed quickly
        if browser.evaluate(FILE) == "softmax.py":
            break
        browser.press("s")  # the next file that begins with it
    browser.wait("softmax.py", f"{FILE} === 'softmax.py'")
    browser.click("#e22-code")
    browser.press("Control+f")
    browser.write(SHARES)
    for key in ("Enter", "Escape", "End", "Enter"):
        browser.press(key)
    browser.write(EDIT)
    browser.wait_text("#e22-diff", f"+    {EDIT}")
    browser.click("#e22-run")
    browser.wait_text("#e22-said", "A new run has begun")
    browser.wait_state("training", "state === 'training' && step >= 5")
    browser.press("Escape")
    pause(browser)
    assert browser.state()["edited"] == browser.text("#e22-count") == "softmax.py"


def find_again(browser: Driver) -> None:
    """After a reload the runs, the edit and the step are there, and it trains on."""
    paused = browser.state()
    browser.click("#step")  # a step that is only kept once the pause is
    state = browser.wait_state("a step", f"step == {int(paused['step']) + 1}")
    browser.wait("the keeping", f"{KEPT} {state['step']} of')")
    if browser.name in SECOND:
        browser.wait_text("#offline", "kept in this browser")
    browser.reload()
    again = browser.wait_state("its step", f"step == {state['step']}")
    assert again == state
    assert browser.evaluate(STARTED) == [SECOND.get(browser.name, "Python imported")]
    browser.wait_text("#kept-words", f"Your 2 runs are back; step {state['step']}.")
    go_to(browser, "e22")
    browser.wait_text("#e22-diff", f"+    {EDIT}")
    assert "Edited: softmax.py" in browser.text("#e22-status")
    assert browser.evaluate(FILE) == "softmax.py"
    go_to(browser, "runs")
    browser.wait("both", "document.querySelectorAll('#runs-list input').length === 2")
    browser.press("Escape")
    browser.click("#train")
    browser.wait_state("more steps", f"step >= {int(state['step']) + 3}")
