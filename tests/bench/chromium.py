"""Chromium: the bench's page, where each peer runs in a worker, and the real page."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browsers import CHROMIUM_FLAGS, DIST, WINDOW
from fishpage import FishPage
from playwright.sync_api import Browser, sync_playwright

from server import Server

HERE = Path(__file__).parent

OUR_FILES = [
    f"{name}.py" for name in "in_page standard ours history learning drawing".split()
]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder with the built site and the bench's page put into it; its address."""
    shutil.copytree(DIST, folder / "site")  # as it is now: others may build
    (built,) = (folder / "site").glob("b-*")
    shutil.copytree(built, folder / "built")  # for workers of the bench's own page
    shutil.copytree(HERE / "pages", folder / "pages")
    (folder / "python").mkdir()
    for name in OUR_FILES:
        shutil.copy(HERE / name, folder / "python")
    server = Server(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.url
    server.shutdown()
    server.server_close()


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*CHROMIUM_FLAGS]
        )
        yield browser
        browser.close()


class Bench:
    """The bench's page: workers that answer questions one at a time."""

    def __init__(self, browser: Browser, url: str):
        self.page = browser.new_page(viewport=WINDOW)
        self.page.goto(f"{url}pages/index.html")

    def start(self, peer: str, script: str, /, **given: Any) -> str:
        """Start a worker and let it get ready; it answers its version."""
        script = f"worker_{script}.mjs"
        self.page.evaluate("([...given]) => start(...given)", [peer, script])
        return self.ask(peer, "begin", **given)

    def ask(self, peer: str, name: str, /, **given: Any) -> Any:
        return self.page.evaluate("(all) => ask(...all)", [peer, name, given])

    def start_ours(self, peer: str) -> str:
        return self.start(peer, "ours", files=OUR_FILES)

    def python(self, peer: str, module: str, name: str, /, **given: Any) -> Any:
        """Call a function of one of OUR_FILES in a worker of our own."""
        call = {"module": module, "function": name, "given": given}
        return self.ask(peer, "call", **call)

    def python_with_canvases(self, peer: str, module: str, name: str, /, **given: Any):
        """The same, with a canvas for each of given["sizes"]."""
        call = {"module": module, "function": name, "given": given}
        ask = "(all) => giveCanvases(...all)"
        return self.page.evaluate(ask, [peer, "call", call, given["sizes"]])

    def stop(self, peer: str) -> None:
        self.page.evaluate("(peer) => end(peer)", peer)


# ---- the real page -----------------------------------------------------------------


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[FishPage]:
    """A page in a context of its own, which has Python when it is yielded."""
    context = browser.new_context(viewport=WINDOW)
    page = FishPage(context.new_page(), url)
    page.boot()
    yield page
    context.close()


WATCH = """() => {
  globalThis.gaps = [];
  globalThis.delays = [];
  let before = null;
  requestAnimationFrame(function frame(now) {
    if (before !== null) gaps.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  });
  addEventListener("keydown", (event) => {
    delays.push(performance.now() - event.timeStamp);
  }, { capture: true });
}"""
PAUSE = """() => new Promise((then) => {
  const { dataset } = document.documentElement, state = dataset.state;
  const began = performance.now();
  new MutationObserver((_, observer) => {
    if (dataset.state === state) return;
    observer.disconnect();
    then(performance.now() - began);
  }).observe(document.documentElement, { attributeFilter: ["data-state"] });
  document.getElementById("train").click();
})"""


def liveliness(browser: Browser, url: str, seconds: float) -> dict[str, Any]:
    """How the page fares while it trains as fast as it can, E01 on the screen.

    Milliseconds: gaps between frames, delays of keys pressed, answers to Pause. Steps
    a second with E01 on the screen and without. Bytes at the peak of its process.
    """
    before = renderers(browser)
    with opened(browser, url) as page:
        page.set_speed("max")
        page.tab.locator("#e01").scroll_into_view_if_needed()
        page.wait_step(page.step + 30)
        page.tab.evaluate(WATCH)
        for _ in range(round(seconds * 10)):
            page.tab.keyboard.press("Control")
            page.tab.wait_for_timeout(100)
        watched = page.tab.evaluate("({ gaps, delays })")
        pauses = []
        for _ in range(7):
            pauses.append(page.tab.evaluate(PAUSE))
            page.tab.evaluate(PAUSE)  # goes on
            page.tab.wait_for_timeout(200)
        drawn = pace(page, seconds)
        page.tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.tab.wait_for_timeout(300)
        undrawn = pace(page, seconds)
        peak = max((peak_memory(pid) for pid in renderers(browser) - before), default=0)
    return {
        **watched,
        "pauses": pauses,
        "drawn": drawn,
        "undrawn": undrawn,
        "peak": peak,
    }


def pace(page: FishPage, seconds: float) -> float:
    """Steps a second."""
    now = "[performance.now() / 1000, Number(document.documentElement.dataset.step)]"
    began, first = page.tab.evaluate(now)
    page.tab.wait_for_timeout(seconds * 1000)
    ended, last = page.tab.evaluate(now)
    return (last - first) / (ended - began)


def renderers(browser: Browser) -> set[int]:
    """The processes that run pages."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {process["id"] for process in processes if process["type"] == "renderer"}


def peak_memory(pid: int) -> int:
    """The most bytes that a process has held in memory; 0 where Linux does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


CHARTS = """() => {
  const style = document.documentElement.computedStyleMap();
  const names = [...style.keys()].filter((name) => name.startsWith("--"));
  const values = Object.fromEntries(names.map((name) =>
    [name.slice(2), String(style.get(name)).trim()]));
  const boxes = [...document.querySelectorAll("[data-canvas]")];
  const { serif, sans, mono } = values;
  const colours = Object.entries(values).filter(([, value]) => value.startsWith("#"));
  const sizes = boxes.filter((box) => box.clientWidth && box.clientHeight)
    .filter((box) => /^(e01|transport)\\./.test(box.dataset.canvas))
    .map((box) => [box.dataset.canvas, [box.clientWidth, box.clientHeight]]);
  return {
    settings: {}, visible: { e01: true }, still: true, base: document.baseURI,
    dpr: devicePixelRatio,
    sizes: Object.fromEntries(sizes),
    tokens: Object.fromEntries(colours), fonts: { serif, sans, mono },
  };
}"""


def charts(browser: Browser, url: str) -> dict[str, Any]:
    """The sizes, colours and fonts that the page hands over for drawing."""
    with opened(browser, url) as page:
        return page.tab.evaluate(CHARTS)
