"""E10 to E12 as visitors use them: by mouse, by keyboard, in both widths."""

import re

import pytest
from browsers import Pages
from fishpage import FishPage
from playwright.sync_api import Locator

WIDTHS = {"phone": (360, 740), "desktop": (1440, 1000)}


@pytest.fixture(params=WIDTHS, ids=list(WIDTHS))
def wide_and_narrow(request, pages: Pages) -> FishPage:
    width, height = WIDTHS[request.param]
    return pages(viewport={"width": width, "height": height})


def show(page: FishPage, selector: str) -> Locator:
    """Scroll to a part of the page, clear of the bars above and below."""
    page.tab.evaluate(
        "(s) => scrollBy(0, document.querySelector(s).getBoundingClientRect().y - 80)",
        selector,
    )
    place = page.tab.locator(selector)
    place.wait_for()
    return place


def text(page: FishPage, key: str) -> str:
    return page.texts()[key]


def wait_text(page: FishPage, key: str, part: str, seconds: float = 30) -> str:
    def found():
        said = text(page, key)
        return re.search(part, said) and (said or " ")

    return page.wait(f"{part!r} in {key}", found, seconds)


def chart(page: FishPage, name: str) -> int:
    """The hash of a chart's pixels, once it has some."""
    return page.wait(name, lambda: page.charts().get(name)).hash


def changed(page: FishPage, name: str, before: int) -> int:
    def other():
        now = page.charts().get(name)
        return now and now.hash != before and now.hash

    return page.wait(f"{name} to change", other)


def press(page: FishPage, place: Locator, key: str = "Enter") -> None:
    """What the keyboard does: focus, then a key."""
    place.focus()
    page.tab.keyboard.press(key)


def fits(page: FishPage) -> bool:
    return page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---- E10 -------------------------------------------------------------------------


def test_e10_opens_weights_by_mouse(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(30)
    show(page, "#e10")
    wait_text(page, "e10.status", "Layer 2, head 1, step 30")
    box = show(page, "#e10-map")
    before = chart(page, "e10.map")
    area = box.bounding_box()
    assert area
    first = text(page, "e10.opened")
    box.click(position={"x": area["width"] * 0.55, "y": area["height"] * 0.75})
    page.wait("another weight", lambda: text(page, "e10.opened") != first)
    changed(page, "e10.map", before)
    assert fits(page)


def test_e10_by_keyboard(page: FishPage):
    page.boot_at(30)
    show(page, "#e10")
    wait_text(page, "e10.status", "step 30")
    e10 = page.tab.locator("#e10")
    press(page, e10.locator("[data-list='e10.layer'] button").first)
    press(page, e10.locator("[data-list='e10.head'] button").nth(2), "Space")
    wait_text(page, "e10.status", "Layer 1, head 3")
    press(page, e10.locator("[data-list='e10.from'] button").nth(4))
    wait_text(page, "e10.who", "sleeps")
    press(page, e10.locator("[data-matrix='e10.row'] th button").nth(7))
    said = wait_text(page, "e10.opened", "sleeps looks at singer: ")
    share = said.rsplit(" ", 1)[1]
    row = e10.locator("[data-matrix='e10.row'] tr:has(th[scope=row])").nth(7)
    assert row.locator("td").last.inner_text() == share
    show(page, "#e10-map")
    press(page, e10.get_by_role("button", name="Arcs"))
    page.wait("the arcs", lambda: "e10.arcs" in page.charts())
    assert "e10.map" not in page.charts()
    before = chart(page, "e10.arcs")
    press(page, e10.locator("[data-list='e10.from'] button").nth(1))
    changed(page, "e10.arcs", before)


def test_e10_takes_a_sentence_and_names_what_it_does_not_know(page: FishPage):
    page.boot_at(10)
    show(page, "#e10")
    wait_text(page, "e10.status", "step 10")
    field = page.tab.locator("#e10 input[type=text]")
    field.fill("the bass never sleeps")
    field.press("Enter")
    words = page.tab.locator("#e10 [data-list='e10.from'] button")
    page.wait("four words", lambda: words.count() == 4)
    field.fill("the bass never reads zanzibar")
    field.press("Enter")
    wait_text(page, "e10.error", "Not in the vocabulary: zanzibar")
    assert words.count() == 4
    field.fill("the old trout sleeps")
    wait_text(page, "e10.error", "^$")


def test_e10_lights_a_word_in_all_views(page: FishPage):
    page.boot_at(10)
    show(page, "#e10-map")
    before = chart(page, "e10.map")
    bass = page.tab.locator("#e10 [data-list='e10.from'] button").nth(10)
    bass.hover()
    changed(page, "e10.map", before)
    lit = page.tab.locator("#e10 .lit-thing")
    page.wait("both uses of the word", lambda: lit.count() == 2)


def test_e10_follows_the_step_and_shows_its_python(page: FishPage):
    page.boot_at(10)
    show(page, "#e10")
    wait_text(page, "e10.status", "step 10")
    products = page.tab.locator("#e10 [data-matrix='e10.products']")
    before = products.inner_text()
    page.make_step()
    wait_text(page, "e10.status", "step 11")
    page.wait("other numbers", lambda: products.inner_text() != before)
    show(page, "#e10 .formula")
    page.tab.locator("#e10 .terms [data-term='root']").click()
    live = page.tab.locator("#e10 .python span.live")
    page.wait("the line", live.count)
    assert "np.sqrt(config.d_head" in live.first.inner_text()


# ---- E11 -------------------------------------------------------------------------


def test_e11_learns_what_it_means(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(5)
    show(page, "#e11")
    wait_text(page, "e11.status", "Not trained yet")
    before = chart(page, "e11.looks") if page.charts().get("e11.looks") else 0
    press(page, page.tab.locator("#e11 [data-do='e11.train']"))
    wait_text(page, "e11.status", "Training two layers, step [1-9]")
    press(page, page.tab.locator("#e11 [data-do='e11.stop']"))
    wait_text(page, "e11.status", "Stopped at step")
    page.tab.locator("#e11 [data-do='e11.train']").click()
    wait_text(page, "e11.status", "Trained, two layers, 300 steps", 120)
    assert "100% of 276" in text(page, "e11.finding")
    for size, word in (("big", "trophy"), ("small", "bag")):
        said = text(page, f"e11.answer.{size}")
        assert said.startswith(word) and said.endswith("= right")
    marks = page.tab.locator("#e11 [data-matrix='e11.ratios'] td.same")
    assert marks.count() == 4
    show(page, "#e11-looks")
    page.wait("bars", lambda: chart(page, "e11.looks") != before)
    slider = page.tab.locator("#e11 input[type=range]")
    show(page, "#e11-accuracy")
    press(page, slider, "Home")
    wait_text(page, "e11.shown", "^step 0$")
    press(page, slider, "End")
    wait_text(page, "e11.shown", "^step 300$")
    assert fits(page)


def test_e11_other_things_and_other_heads(page: FishPage):
    page.boot_at(5)
    show(page, "#e11")
    wait_text(page, "e11.status", "Not trained yet")
    page.tab.locator("#e11 details.things summary").click()
    press(page, page.tab.locator("#e11 [data-list='e11.thing'] button").nth(5))
    other = wait_text(page, "e11.big", "^the (?!trophy)")
    press(page, page.tab.locator("#e11 [data-do='e11.swap']"))
    page.wait("the other way round", lambda: text(page, "e11.big") != other)
    press(page, page.tab.locator("#e11 [data-matrix='e11.ratios'] th button").nth(6))
    wait_text(page, "e11.switch", "Layer 2, head 3")
    press(page, page.tab.locator("#e11 [data-do='e11.kind'][data-value='one']"))
    wait_text(page, "e11.status", "Not trained yet, one layer")
    rows = page.tab.locator("#e11 [data-matrix='e11.ratios'] th button")
    page.wait("four heads", lambda: rows.count() == 4)


# ---- E12 -------------------------------------------------------------------------


def test_e12_takes_heads_out_of_a_copy(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(40)
    show(page, "#e12")
    wait_text(page, "e12.status", "step 40")
    loss = page.loss
    switches = page.tab.locator("#e12 [data-list='e12.switch'] button")
    press(page, switches.nth(5))
    said = wait_text(page, "e12.cost", "nats")
    assert said.startswith("Without head 2.2, at step 40, the held-out loss is ")
    assert switches.nth(5).get_attribute("aria-pressed") == "true"
    page.tab.locator("#e12 [data-list='e12.layer'] button").first.click()
    wait_text(page, "e12.cost", "Without all of layer 1 and head 2.2, at step 40")
    assert (page.step, page.loss) == (40, loss)
    page.tab.locator("#e12 [data-do='e12.all_on']").click()
    wait_text(page, "e12.cost", "All heads are on")
    assert fits(page)


def test_e12_measures_every_head(page: FishPage):
    page.boot_at(40)
    show(page, "#e12-history")
    wait_text(page, "e12.status", "step 40")
    assert "e12.costs" not in page.charts()
    press(page, page.tab.locator("#e12 [data-do='e12.each']"))
    wait_text(page, "e12.each", "At step 40 the held-out loss is ")
    page.wait(
        "bars",
        lambda: "e12.costs" in (now := page.charts()) and now["e12.costs"].colours > 3,
    )
    assert page.tab.locator("#e12 [data-do='e12.stop']").is_hidden()


def test_e12_draws_any_score_of_any_head(page: FishPage):
    page.boot_at(40)
    show(page, "#e12-history")
    before = page.settled().charts["e12.history"].hash
    press(page, page.tab.locator("#e12 [data-list='e12.measure'] button").first)
    wait_text(page, "e12.shown", "previous word")
    before = changed(page, "e12.history", before)
    press(page, page.tab.locator("#e12 [data-matrix='e12.scores'] th button").first)
    changed(page, "e12.history", before)


def test_a_head_lights_up_in_e01_e10_and_e12(page: FishPage):
    page.boot_at(10)
    for exhibit in ("e10", "e12"):
        show(page, f"#{exhibit}")
        wait_text(page, f"{exhibit}.status", "step 10")
    show(page, "#e12 .switches.whole")
    heads = page.tab.locator("[data-thing='head:2.2']")
    page.wait("one in each exhibit", lambda: heads.count() == 3)
    page.tab.locator("#e12 [data-thing='head:2.2']").hover()
    lit = page.tab.locator("[data-thing='head:2.2'].lit-thing")
    page.wait("all lit up", lambda: lit.count() == 3)


# ---- predictions -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["e11-layer", "e12-off"])
def test_predictions_are_answered_once_made(page: FishPage, name: str):
    page.boot_at(5)
    show(page, f"[data-predict='{name}']")
    after = page.tab.locator(f"[data-after='{name}']")
    assert after.is_hidden()
    press(page, page.tab.locator(f"[data-predict='{name}'] input").first, "Space")
    page.wait("the answer", after.is_visible)
    assert re.search(r"\d", after.inner_text())
