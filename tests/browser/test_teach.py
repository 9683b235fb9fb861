"""Lessons for a projector, the loss as a tone, and how often it is said."""

import pytest
from browsers import Pages
from fishpage import FishPage

SPY = """(() => {
  window.heard = [];
  const ramps = ["setTargetAtTime", "setValueAtTime", "exponentialRampToValueAtTime"];
  for (const name of ramps) {
    const own = AudioParam.prototype[name];
    AudioParam.prototype[name] = function (value, time, ...more) {
      heard.push([name, value, time, this.maxValue > 1e4 && this.maxValue < 1e6]);
      return own.call(this, value, time, ...more);
    };
  }
})()"""
LESSON = "#step=3&teach=e10,e12,e01&at=e10"


def shown(page: FishPage) -> list[str]:
    return page.tab.evaluate("""[...document.querySelectorAll("main > *")]
      .filter((part) => part.clientHeight).map((part) => part.id)""")


def test_a_lesson_goes_from_exhibit_to_exhibit_by_keys(page: FishPage):
    page.boot_at(3, LESSON)
    press = page.tab.keyboard.press
    assert shown(page) == ["e10"]
    bar = page.tab.get_by_role("navigation", name="Lesson")
    assert "2 of 3" in bar.inner_text()
    press("PageDown")
    assert shown(page) == ["e12"]
    press("PageDown")
    assert shown(page) == ["e12"]
    press("PageUp")
    press("Shift+ArrowLeft")
    assert shown(page) == ["e01"]
    press("ArrowRight")  # the transport's own keys
    page.wait_step(4)
    press("Space")
    page.wait_state("training")
    press("Space")
    page.wait_state("paused")
    bar.get_by_role("button", name="Next exhibit").click()
    assert shown(page) == ["e10"]
    page.wait("charts", lambda: page.charts()["e10.map"].colours > 3)
    press("Escape")
    assert not bar.is_visible() and len(shown(page)) > 30
    before = page.tab.evaluate("document.querySelector('#e10-map').clientWidth")
    assert before <= 680
    page.press(page.tab.locator("#teach-start"))
    assert shown(page) == ["e10"]
    bar.get_by_role("button", name="Leave").click()
    assert len(shown(page)) > 30


def test_the_theme_can_change_while_a_lesson_hides_what_was_drawn(page: FishPage):
    page.boot_at(3, LESSON)
    press = page.tab.keyboard.press
    page.tab.evaluate("document.getElementById('own-example').click()")  # not seen yet
    press("PageUp")
    assert shown(page) == ["e01"]
    light = page.wait_chart("e01.loss")
    press("PageDown")
    assert shown(page) == ["e10"]
    page.tell()
    page.tab.get_by_role("button", name="Switch the theme").click()
    page.make_step()
    assert not page.tab.locator("#failure").is_visible()
    press("PageUp")
    page.wait_other("e01.loss", light)


def test_a_lesson_fits_the_screen(pages: Pages):
    page = pages(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    page.boot_at(3, LESSON)
    fits(page, 1440, 900)
    page.press(page.control("e10.sentence", "1"))
    page.click_in("#e10-map", 0.6, 0.95)  # the last row
    page.wait_text("e10.look", "coins gives")
    for width, height in ((1024, 768), (360, 740)):
        page.tab.set_viewport_size({"width": width, "height": height})
        page.tell()
        page.tab.get_by_role("button", name="Switch the theme").click()
        fits(page, width, height)
    # What goes wrong is said in E01, and is seen.
    page.tab.evaluate("""dispatchEvent(new CustomEvent("trouble",
      { detail: { waiting: true, title: "Something", what: "is wrong" } }))""")
    page.wait("it", page.tab.get_by_text("is wrong", exact=True).is_visible)
    assert shown(page) == ["e01", "e10"]


def fits(page: FishPage, width: int, height: int) -> None:
    assert page.fits()
    bar = page.tab.locator("#transport").bounding_box()
    assert bar["y"] + bar["height"] <= height + 1
    title = page.tab.locator("#e10-title").bounding_box()
    if width >= 900:
        assert title["height"] >= 24 and bar["height"] >= 85
    page.tab.evaluate("scrollTo(0, 0)")
    charts = page.settled().charts
    assert charts["e10.map"].colours > 3 and charts["transport.curve"].colours >= 3


def pitches(page: FishPage, kind: str) -> list[float]:
    heard = page.tab.evaluate("heard")
    return [value for name, value, _, of_pitch in heard if of_pitch and name == kind]


def test_the_loss_is_heard_and_said_as_chosen(page: FishPage):
    page.tab.add_init_script(SPY)
    page.boot_at(5)
    hear = page.tab.get_by_role("button", name="Hear it")
    assert hear.get_attribute("aria-pressed") == "false"
    page.make_step()
    assert page.tab.evaluate("heard.length") == 0  # off by default
    hear.click()
    page.button("Train").click()
    page.wait("tones", lambda: len(pitches(page, "setTargetAtTime")) > 10)
    page.pause()
    loss = float(page.loss)
    tones = pitches(page, "setTargetAtTime")
    assert any(tone == pytest.approx(110 * 2**loss, rel=0.6) for tone in tones[-4:])
    page.tab.evaluate("heard.length = 0")
    page.tab.get_by_role("button", name="Play the curve").click()
    stop = page.tab.get_by_role("button", name="Stop", exact=True)
    page.wait("the sweep", lambda: pitches(page, "exponentialRampToValueAtTime"))
    first = pitches(page, "setValueAtTime")[0]
    page.tab.get_by_role("group", name="tone").get_by_role(
        "button", name="Stop"
    ).click()
    assert stop.count() == 0 or not stop.first.is_visible()
    page.tab.keyboard.press("Home")
    page.wait_step(0)
    assert first == pytest.approx(110 * 2 ** float(page.loss), rel=1e-4)
    hear.click()
    assert hear.get_attribute("aria-pressed") == "false"
    said = "document.getElementById('said').textContent"
    often = page.tab.get_by_label("Say step and loss")
    assert often.input_value() == "5"
    often.select_option("never")
    before = page.tab.evaluate(said)
    page.set_speed("max")
    page.button("Train").click()
    page.wait_step(60)
    assert page.tab.evaluate(said) == before
    page.pause()
    step = page.step
    page.wait("said", lambda: f"{step}" in page.tab.evaluate(said))
    page.tab.reload()
    page.wait_state("training", "paused")
    assert often.input_value() == "never"
