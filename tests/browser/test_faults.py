"""What people, systems and accidents do to a page that trains."""

from fishpage import FishPage


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
