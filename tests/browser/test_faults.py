"""What people, systems and accidents do to a page that trains."""

from browsers import CHROMIUM_FLAGS, ORDINARY, Pages, find_chromium
from fishpage import FishPage
from playwright.sync_api import Playwright

# The worker's memory can grow no more.
NO_MORE = """() => {
  WebAssembly.Memory.prototype.grow = () => { throw new RangeError("no memory"); };
}"""
COUNT_RESTORED = """() => {
  const { prototype } = fishDraw.Pen, { restore } = prototype;
  globalThis.restored = new Set();
  prototype.restore = function () {
    restore.apply(this);
    restored.add(this);
  };
}"""
LARGE_FILE = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(140e6)], "large.npz"));
  const input = document.getElementById("import-file");
  input.files = carried.files;
  input.dispatchEvent(new Event("change"));
}"""


def test_windows_that_change_size_all_the_time(page: FishPage):
    page.boot()
    page.wait_step(5)
    for width in (1440, 900, 700, 360, 320, 800, 1280):
        page.tab.set_viewport_size({"width": width, "height": 700})
        page.tab.wait_for_timeout(40)
    page.wait_step(page.step + 5)
    page.pause()
    wrong = page.tab.evaluate("""[...document.querySelectorAll("#e01 [data-canvas]")]
      .map((box) => [box.dataset.canvas, box.clientWidth, box.querySelector("canvas")])
      .filter(([, width, canvas]) => width && Math.abs(width - canvas.clientWidth) > 1)
      .map(([name]) => name)""")
    assert not wrong
    assert all(chart.colours > 2 for chart in page.settled().charts.values())


def test_a_page_that_was_frozen_goes_on_where_it_was(page: FishPage):
    """A tab in the background for long, or a device asleep."""
    page.boot()
    page.wait_step(5)
    system = page.tab.context.new_cdp_session(page.tab)
    system.send("Page.setWebLifecycleState", {"state": "frozen"})
    page.tab.wait_for_timeout(3000)
    system.send("Page.setWebLifecycleState", {"state": "active"})
    before = page.step
    page.wait_step(before + 5)
    assert page.tab.locator("#failure").is_hidden()


def test_a_worker_that_dies_is_missed(page: FishPage):
    """Nothing tells a page that its worker has gone; it notices, and has a way out."""
    page.boot()
    page.wait_step(5)
    (worker,) = page.tab.workers
    worker.evaluate("self.close()")
    page.wait("the message", page.tab.locator("#failure").is_visible, 40)
    assert "does not answer" in page.tab.locator("#failure h3").inner_text()
    page.tab.get_by_role("button", name="Start again").click()
    page.wait("another start", lambda: page.state().get("state") == "training", 60)
    assert page.tab.locator("#failure").is_hidden()


def test_a_crash_of_the_graphics_process_loses_no_picture(
    playwright: Playwright, pages: Pages
):
    """It empties every canvas; nothing draws on a page that stands still."""
    browser = playwright.chromium.launch(
        executable_path=find_chromium(), args=[*CHROMIUM_FLAGS]
    )
    page = pages.watch(browser.new_context(**ORDINARY))
    page.boot_at(20)
    before = page.settled().charts
    (worker,) = page.tab.workers
    worker.evaluate(COUNT_RESTORED)
    browser.new_browser_cdp_session().send("Browser.crashGpuProcess")
    restored = "restored.size"
    page.wait("all of them", lambda: worker.evaluate(restored) >= len(before))
    assert page.settled().charts == before
    page.make_step()
    browser.close()
    pages.opened.remove(page)
    assert not page.unexpected()


def test_without_memory_nothing_is_lost(page: FishPage):
    page.boot_at(20)
    (worker,) = page.tab.workers
    tab, said = page.tab, page.tab.locator("#failure")
    losses = [page.make_step() for _ in range(3)]
    page.show("#export")
    worker.evaluate(NO_MORE)
    tab.evaluate(LARGE_FILE)
    page.wait("the message", said.is_visible)
    assert "Memory is full" in said.inner_text()
    assert "paused at step 23" in said.inner_text()
    error = tab.locator("#import-error")
    page.wait("no file", lambda: "too little memory" in error.inner_text())
    said.get_by_role("button", name="Go on").click()

    page.show("#e21-time")
    page.control("e21.measure").click()
    exhibit = tab.locator("#e21 .broken")
    page.wait("one exhibit that stops", exhibit.is_visible)
    assert "stopped for want of memory" in exhibit.inner_text()
    losses.append(page.make_step())
    assert said.is_hidden()
    exhibit.get_by_role("button", name="Begin it again").click()
    page.wait("another try", page.control("e21.measure").is_enabled)

    page.show("#setup")
    for key, value in {"layers": "12", "d_model": "256", "d_ff": "1024"}.items():
        tab.locator(f"[data-do='setup.{key}']").fill(value)
    page.control("setup.train").click()
    page.wait("the message", said.is_visible)
    said.get_by_role("button", name="Go on").click()
    assert (page.step, page.loss) == (24, losses[-1])

    page.show("#runs")
    name = tab.locator("#runs-list input").first
    page.write(name, "kept")
    kept = tab.locator("#keep-words")
    page.wait("it is kept", lambda: "until step 24 " in kept.inner_text())
    tab.reload()
    page.wait_step(20)  # as the link says
    page.wait_state("paused")
    page.slider("Timeline").press("End")
    page.wait_step(24)
    page.wait("the same run", lambda: page.loss == losses[-1])


def test_zoom_and_pixels_of_all_sizes(page: FishPage):
    """A window of 1,280 at 50 to 400%, and screens of one to three pixels."""
    page.boot_at(5)
    system = page.tab.context.new_cdp_session(page.tab)
    for zoom, pixels in ((0.5, 1), (1, 3), (2, 1), (4, 1), (1, 1)):
        metrics = {"width": int(1280 / zoom), "height": int(900 / zoom)}
        ratio = zoom * pixels
        metrics |= {"deviceScaleFactor": ratio, "mobile": False}
        system.send("Emulation.setDeviceMetricsOverride", metrics)
        wrong = f"""[...document.querySelectorAll("#e01 [data-canvas] canvas")]
          .filter((canvas) => canvas.clientWidth)
          .filter((canvas) => Math.abs(canvas.width - canvas.clientWidth * {ratio}) > 1)
          .map((canvas) => canvas.parentElement.dataset.canvas)"""
        page.wait("sharp charts", lambda wrong=wrong: page.tab.evaluate(wrong) == [])
        assert page.fits(), metrics
        look = page.settled()
        assert all(chart.colours > 2 for chart in look.charts.values()), metrics
    page.make_step()


def test_a_device_that_slept_is_not_taken_for_trouble(page: FishPage):
    page.tab.clock.install()
    page.boot()
    page.wait_step(3)
    for _ in range(3):
        page.tab.clock.fast_forward(10_000_000)  # some three hours, at once
        page.wait_step(page.step + 2)
        assert page.tab.locator("#failure").is_hidden()
