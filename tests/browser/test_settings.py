"""Settings in the address, and the look: both themes, narrow screens."""

from itertools import islice

import pytest
from browsers import Pages
from fishpage import FishPage
from pytest import approx

from fishformer.config import Config
from fishformer.training import train

# How far the end of the page is above the transport. Chapters far away get their true
# heights as one comes near, so the end may move.
ABOVE = """(() => {
  scrollTo(0, document.documentElement.scrollHeight);
  const { bottom } = document.querySelector(".colophon p").getBoundingClientRect();
  return document.getElementById("transport").getBoundingClientRect().top - bottom;
})()"""


def notices(page: FishPage) -> str:
    return page.tab.locator(".notices").inner_text()


@pytest.mark.parametrize(
    ("fragment", "config"),
    [
        ("#seed=8", Config(seed=8)),
        ("#layers=1", Config(n_layers=1)),
        ("#layers=3&heads=2&batch=8", Config(n_layers=3, n_heads=2, batch_size=8)),
    ],
)
def test_settings_of_a_link_make_that_run(
    page: FishPage, fragment: str, config: Config
):
    page.boot_at(5, fragment)
    losses = [float(page.loss), *(float(page.make_step()) for _ in range(3))]
    native = [report.loss for report in islice(train(config), 5, 9)]
    assert losses == approx(native, rel=1e-3)
    maps = {name for name in page.settled().charts if name.startswith("e01.map.")}
    layers, heads = range(1, config.n_layers + 1), range(1, config.n_heads + 1)
    assert maps == {f"e01.map.{layer}.{head}" for layer in layers for head in heads}
    assert not page.tab.locator(".notices").is_visible()


def test_bad_settings_are_named_and_it_trains_with_the_defaults(page: FishPage):
    hostile = "constructor=2&__proto__=3&<img src=x onerror=alert(1)>=1"
    page.boot(f"#layers=99&foo=1&batch=four&heads=5&{hostile}")
    page.wait_step(3)
    assert "'constructor'" in notices(page)
    for part in ("layers = 99", "1 to 12", "'foo'", "batch = 'four'", "<img"):
        assert part in notices(page)
    assert "does not divide" in notices(page)  # each is allowed, but not together
    assert page.tab.locator("img").count() == 0
    page.pause()
    maps = [name for name in page.settled().charts if name.startswith("e01.map.")]
    assert len(maps) == 8


def test_theme_switches_repaints_and_is_remembered(page: FishPage):
    colours = """(() => { const style = getComputedStyle(document.body);
      return [style.backgroundColor, style.color]; })()"""
    page.boot_at(60)
    light, before = page.tab.evaluate(colours), page.settled()
    page.button("Dark theme").click()
    page.wait("the theme", lambda: page.state()["theme"] == "dark")
    dark, after = page.tab.evaluate(colours), page.settled()
    assert light[0] != dark[0] and light[1] != dark[1]
    for name in before.charts:
        assert after.charts[name] != before.charts[name], name
    page.tab.reload()
    page.wait_state("paused")
    assert page.tab.evaluate(colours) == dark
    assert page.settled().charts == after.charts
    page.button("Light theme").click()
    page.wait("the theme", lambda: page.state()["theme"] == "light")
    assert page.settled().charts == before.charts


def test_dark_system_gets_the_dark_theme(pages: Pages):
    page = pages(color_scheme="dark")
    page.open()
    assert page.state()["theme"] == "dark"


SCROLLS = '".scroll, pre, .matrix, [role=region], .vh"'
BEYOND = """[...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && !element.closest(SCROLLS);
}).map((element) => element.outerHTML.slice(0, 80))""".replace("SCROLLS", SCROLLS)


def test_page_fits_its_width_and_the_transport_covers_nothing(shared: FishPage):
    page = shared.boot_at(40)
    page.button("Data table").click()
    page.button("Show the Python").click()
    page.wait("the source", page.tab.locator("#e01 .python").count)
    for width in (360, 768, 1440):
        page.tab.set_viewport_size({"width": width, "height": 740})
        page.settled()
        across = "document.documentElement.scrollWidth"
        assert page.tab.evaluate(across) <= width
        assert page.tab.evaluate(BEYOND) == []
        page.wait("the end", lambda: page.tab.evaluate(ABOVE) >= 0)
        bar = page.tab.locator("#transport").bounding_box()
        assert bar["y"] + bar["height"] <= 741  # it is in reach
        for name in ("Train", "Step", "Restart"):
            assert page.button(name).bounding_box()["height"] >= 32


def test_charts_follow_a_change_of_the_width_while_paused(shared: FishPage):
    page = shared.boot_at(40)
    before = page.settled()
    whole = page.tab.viewport_size
    assert whole
    page.tab.set_viewport_size({"width": 700, "height": 900})
    page.wait_other("e01.loss", before.charts["e01.loss"].hash)
    narrow = page.settled()
    assert all(chart.colours >= 3 for chart in narrow.charts.values())
    page.tab.set_viewport_size(whole)
    page.wait("the charts as before", lambda: page.charts() == before.charts)


def test_charts_have_the_pixels_of_a_dense_screen(pages: Pages):
    page = pages(device_scale_factor=1.5)
    page.boot_at(60)
    assert all(chart.colours >= 3 for chart in page.settled().charts.values())
    sizes = page.tab.evaluate("""Promise.all(
      [...document.querySelectorAll("#e01 canvas, #transport canvas")]
        .filter((canvas) => canvas.clientWidth)
        .map(async (canvas) => {
          const { width, height } = await createImageBitmap(canvas);
          const box = canvas.getBoundingClientRect();
          return [width, box.width, height, box.height];
        }))""")
    assert len(sizes) > 12
    for width, css_width, height, css_height in sizes:
        assert abs(width - 1.5 * css_width) <= 1.5  # a CSS pixel
        assert abs(height - 1.5 * css_height) <= 1.5
