"""E18 to E20 as visitors use them: train, type, write, by mouse and by keyboard."""

import re

import pytest
from browsers import Pages
from fishpage import FishPage
from playwright.sync_api import Locator

WIDTHS = {"phone": (360, 740), "desktop": (1440, 1000)}
LONG = 240.0  # seconds for a training run on a busy machine


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


def wait_text(page: FishPage, key: str, part: str, seconds: float = 30) -> str:
    def found():
        said = page.texts()[key]
        return re.search(part, said) and (said or " ")

    return page.wait(f"{part!r} in {key}", found, seconds)


def control(page: FishPage, key: str, value: str = "") -> Locator:
    chosen = f"[data-value='{value}']" if value else ""
    return page.tab.locator(f"[data-do='{key}']{chosen}")


def press(page: FishPage, place: Locator, key: str = "Enter") -> None:
    """What the keyboard does: focus, then a key."""
    place.focus()
    page.tab.keyboard.press(key)


def fits(page: FishPage) -> bool:
    return page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def written(page: FishPage, key: str) -> list[str]:
    return page.tab.locator(f"[data-list='{key}'] button").all_inner_texts()


# ---- E18 -------------------------------------------------------------------------


def test_e18_reads_a_gap_and_masks_the_writer(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(20)
    show(page, "#e18")
    wait_text(page, "e18.status", "The live model, step 20")
    cells = page.tab.locator("#e18 [data-matrix='e18.mask'] td")
    page.wait("an open mask", lambda: cells.count() == 64)
    assert not any("∞" in cell for cell in cells.all_inner_texts())
    press(page, control(page, "e18.kind", "writer"))
    wait_text(page, "e18.masked", "3 of 9 scores")
    hidden = [cell == "−∞" for cell in cells.all_inner_texts()]
    assert hidden == [False, True, True, False, False, True, False, False, False]
    page.wait("the draw", lambda: page.charts().get("e18.next"))
    assert "e18.reader" not in page.charts()
    assert fits(page)


def test_e18_names_what_it_does_not_know(page: FishPage):
    page.boot_at(5)
    show(page, "#e18")
    wait_text(page, "e18.status", "step 5")
    gap = page.tab.locator("#e18 input[data-do='e18.typed']")
    gap.fill("the ___ overflowed its bank")
    gap.press("Enter")
    wait_text(page, "e18.error", "Not in the vocabulary: overflowed")
    gap.fill("the ___ floods its bank")
    wait_text(page, "e18.error", "^$")
    wait_text(page, "e18.reader_sees", "^the ___ floods its bank$")
    control(page, "e18.kind", "writer").click()
    opening = page.tab.locator("#e18 input[data-do='e18.opening']")
    opening.fill("the zebra")
    opening.press("Enter")
    wait_text(page, "e18.opening_error", "zebra")
    opening.fill("the old bass")
    opening.press("Enter")
    wait_text(page, "e18.start", "^the old bass$")


def test_e18_trains_a_writer_that_writes(page: FishPage):
    page.boot_at(5)
    show(page, "#e18")
    wait_text(page, "e18.status", "not trained yet")
    press(page, control(page, "e18.train").first)
    wait_text(page, "e18.status", "training the writer, step [1-9]")
    press(page, control(page, "e18.stop"))
    wait_text(page, "e18.status", "stopped at step")
    control(page, "e18.train").first.click()
    wait_text(page, "e18.status", "trained for 300 steps", LONG)
    control(page, "e18.kind", "writer").click()
    show(page, "#e18 .draft")
    press(page, control(page, "e18.write"))
    wait_text(page, "e18.verdict", "New|Recited|No place")
    words = written(page, "e18.look")
    assert len(words) > 1
    press(page, control(page, "e18.again"))
    page.wait("an empty page", lambda: not written(page, "e18.look"))
    for count in range(1, len(words) + 1):  # a word at a time, the same words
        press(page, control(page, "e18.next"))
        page.wait("a word", lambda n=count: written(page, "e18.look") == words[:n])
    assert control(page, "e18.next").is_disabled()
    first = page.tab.locator("[data-list='e18.look'] button").first
    press(page, first)
    wait_text(page, "e18.asked", rf"the river it drew {re.escape(words[0])}")
    press(page, control(page, "e18.temperature"), "Home")
    wait_text(page, "e18.temperature_said", "likeliest")
    show(page, "#e18 .count")
    press(page, control(page, "e18.count").locator("visible=true"))
    wait_text(page, "e18.counted", "40 of 40", LONG)
    rows = page.tab.locator("#e18 [data-matrix='e18.counts'] th[scope=row]")
    assert rows.last.inner_text() == "here, step 300, T 0.0"
    assert fits(page)


def test_e18_writes_at_once_where_nothing_may_move(pages: Pages):
    page = pages(reduced_motion="reduce")
    page.boot_at(5)
    show(page, "#e18")
    control(page, "e18.kind", "writer").click()
    show(page, "#e18 .draft")
    control(page, "e18.write").click()
    wait_text(page, "e18.verdict", "New|No place")


# ---- E19 -------------------------------------------------------------------------


def test_e19_crowns_the_cat(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(5)
    show(page, "#e19")
    wait_text(page, "e19.status", "Not trained yet")
    press(page, control(page, "e19.train"))
    wait_text(page, "e19.status", "Training, step [1-9]")
    press(page, control(page, "e19.stop"))
    wait_text(page, "e19.status", "Stopped at step")
    control(page, "e19.train").click()
    wait_text(page, "e19.status", "Trained, 300 steps", LONG)
    wait_text(page, "e19.finding", "“mon chat est roi” becomes “my cat is king”")
    assert written(page, "e19.look") == ["my", "cat", "is", "king", "(end)"]
    page.tab.locator("[data-list='e19.sentence'] button").nth(1).click()
    wait_text(page, "e19.row", "^In goes the, out comes black")
    wait_text(page, "e19.row", "noir, which is the word to translate")
    box = show(page, "#e19-cross")
    before = page.settled().charts["e19.cross"]
    press(page, control(page, "e19.layer", "1"))
    page.wait("the other layer", lambda: page.charts()["e19.cross"] != before)
    area = box.bounding_box()
    assert area
    box.click(position={"x": area["width"] * 0.6, "y": area["height"] * 0.9})
    page.wait("a low row", lambda: "black" not in page.texts()["e19.row"])
    slider = control(page, "e19.step")
    press(page, slider, "Home")
    wait_text(page, "e19.shown", "^step 0$")
    wait_text(page, "e19.verdict", "≠")
    press(page, slider, "End")
    wait_text(page, "e19.verdict", "= right")
    assert fits(page)


def test_e19_is_watched_word_by_word(page: FishPage):
    page.boot_at(5)
    show(page, "#e19 .said-in")
    wait_text(page, "e19.status", "Not trained yet")
    press(page, control(page, "e19.watch"))
    page.wait("two words", lambda: len(written(page, "e19.look")) == 2)
    press(page, control(page, "e19.halt"))
    page.wait("it stands", control(page, "e19.watch").is_visible)
    count = len(written(page, "e19.look"))
    press(page, control(page, "e19.next"))
    page.wait("one more", lambda: len(written(page, "e19.look")) == count + 1)
    field = page.tab.locator("#e19 input[data-do='e19.typed']")
    field.fill("mon chat mange une baguette")
    field.press("Enter")
    wait_text(page, "e19.error", "Not in the vocabulary: baguette")
    field.fill("mon chat mange")
    field.press("Enter")
    wait_text(page, "e19.french", "^mon chat mange$")
    assert page.texts()["e19.error"] == ""


# ---- E20 -------------------------------------------------------------------------


def test_e20_does_three_tasks_with_the_same_weights(pages: Pages):
    page = pages(viewport={"width": 360, "height": 740})
    page.boot_at(5)
    show(page, "#e20")
    wait_text(page, "e20.status", "Not trained yet")
    press(page, control(page, "e20.train"))
    wait_text(page, "e20.left", "about [0-9]+ s to go")
    wait_text(page, "e20.status", "Trained, 800 steps", 2 * LONG)
    page.tab.locator("[data-list='e20.sentence'] button").first.click()
    wait_text(page, "e20.out.translate", "^my cat is king = right$")
    wait_text(page, "e20.out.reverse", "^roi est chat mon = right$")
    wait_text(page, "e20.out.classify", "^animal = right$")
    show(page, "#e20 .tasks")
    press(page, control(page, "e20.task", "classify"))
    wait_text(page, "e20.look", "goes to classify")
    press(page, control(page, "e20.task", "none"))
    wait_text(page, "e20.look", "Nobody trained that")
    show(page, "#e20-cross")
    page.wait("the map", lambda: page.charts()["e20.cross"].colours > 3)
    assert fits(page)


def test_the_chapter_predicts_and_shows_its_python(page: FishPage):
    page.boot_at(5)
    show(page, "#chapter-7 .predict")
    after = page.tab.locator("[data-after='e18-recite']")
    assert after.is_hidden()
    page.tab.locator("[data-predict='e18-recite'] label").nth(1).click()
    page.wait("the answer", after.is_visible)
    show(page, "#e18")
    page.tab.locator("#e18 .terms [data-term='future']").click()
    live = page.tab.locator("#e18 .python span.live")
    page.wait("the line", live.count)
    assert "np.triu" in live.first.inner_text()
