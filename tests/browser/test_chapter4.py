"""E13 as visitors use it: by mouse, by keyboard, in both widths."""

import re

import pytest
from browsers import Pages
from fishpage import FishPage
from playwright.sync_api import Locator

WIDTHS = {"phone": (360, 740), "desktop": (1440, 1000)}
CHARTS = ["e13.without", "e13.with", "e13.sines", "e13.learned", "e13.alike"]


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


def wait_text(page: FishPage, key: str, part: str) -> str:
    def found():
        said = page.texts()[key]
        return re.search(part, said) and (said or " ")

    return page.wait(f"{part!r} in {key}", found)


def chart(page: FishPage, name: str) -> int:
    """The hash of a chart's pixels, once it is painted."""

    def painted():
        now = page.charts().get(name)
        return now and now.colours > 1 and now.hash

    return page.wait(name, painted)


def changed(page: FishPage, name: str, before: int) -> int:
    def other():
        now = page.charts().get(name)
        return now and now.hash != before and now.hash

    return page.wait(f"{name} to change", other)


def press(page: FishPage, place: Locator, key: str = "Enter") -> None:
    """What the keyboard does: focus, then a key."""
    place.focus()
    page.tab.keyboard.press(key)


def difference(page: FishPage, key: str) -> float:
    """A number of the page: 2.31, 4.8 × 10⁻⁷ or 0."""
    written = page.texts()[key]
    digits, _, power = re.sub(r"\s", "", written).partition("×10")
    minus = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(digits) * 10 ** int(power.translate(minus) or 0)


def test_shuffling_changes_nothing_without_positions(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(60)
    exhibit = show(page, "#e13")
    wait_text(page, "e13.status", "live model, step 60")
    assert page.texts()["e13.second"] == "the boy bites the dog"
    before = {name: chart(page, name) for name in CHARTS}
    seen = {page.texts()["e13.second"]}
    for _ in range(3):
        last = page.texts()["e13.second"]
        exhibit.get_by_role("button", name="Shuffle", exact=True).click()
        page.wait("another order", lambda last=last: page.texts()["e13.second"] != last)
        seen.add(page.texts()["e13.second"])
        assert difference(page, "e13.without") < 1e-5
        assert difference(page, "e13.with") > 1e-2
    assert len(seen) > 1
    for name in CHARTS[:2]:
        changed(page, name, before[name])
    exhibit.get_by_role("button", name="In order again").click()
    wait_text(page, "e13.second", "^the dog bites the boy$")
    assert difference(page, "e13.with") == 0
    assert page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_moving_a_word_by_the_keyboard(page: FishPage):
    page.boot_at(20)
    exhibit = show(page, "#e13")
    wait_text(page, "e13.status", "step 20")
    press(page, exhibit.get_by_role("button", name="In order again"))
    wait_text(page, "e13.second", "^the dog bites the boy$")
    press(page, exhibit.locator("[data-list='e13.word'] button").nth(1))
    later = exhibit.get_by_role("button", name="Later →")
    press(page, later)
    wait_text(page, "e13.second", "^the bites dog the boy$")
    press(page, later, "Space")
    wait_text(page, "e13.second", "^the bites the dog boy$")
    press(page, exhibit.get_by_role("button", name="← Earlier"))
    wait_text(page, "e13.second", "^the bites dog the boy$")
    assert difference(page, "e13.without") < 1e-5


def test_dog_bites_man_and_words_of_ones_own(page: FishPage):
    page.boot_at(20)
    exhibit = show(page, "#e13")
    wait_text(page, "e13.status", "step 20")
    exhibit.get_by_role("button", name="dog bites man", exact=True).click()
    wait_text(page, "e13.status", "untrained model, seed 7")
    assert page.texts()["e13.second"] == "man bites dog"
    assert difference(page, "e13.without") < 1e-5 < difference(page, "e13.with")
    field = exhibit.get_by_role("textbox", name="A sentence of your own")
    field.fill("fish")
    wait_text(page, "e13.error", "two words or more")
    field.fill("mon chat est roi")
    wait_text(page, "e13.first", "mon chat est roi")
    assert page.texts()["e13.error"] == ""
    assert difference(page, "e13.without") < 1e-5


def test_positions_follow_training_and_are_chosen(page: FishPage):
    page.boot_at(20)
    exhibit = show(page, "#e13")
    wait_text(page, "e13.status", "step 20")
    before = {name: chart(page, name) for name in CHARTS}
    exhibit.locator("input[data-do='e13.position']").fill("5")
    wait_text(page, "e13.place", "position 5")
    moved = {name: changed(page, name, before[name]) for name in CHARTS[2:]}
    box = show(page, "[data-canvas='e13.sines']")
    box.hover(position={"x": 90, "y": 14 * 9 + 5})
    wait_text(page, "e13.place", "position 10")
    changed(page, "e13.alike", moved["e13.alike"])
    learned = chart(page, "e13.learned")
    said = page.texts()["e13.likeness"]
    page.make_step()
    changed(page, "e13.learned", learned)
    wait_text(page, "e13.likeness", "step 21")
    assert page.texts()["e13.likeness"] != said


def test_a_term_of_the_formula_opens_its_line(page: FishPage):
    page.boot_at(0)
    exhibit = show(page, "#e13")
    wait_text(page, "e13.status", "step 0")
    exhibit.get_by_role("button", name="slower and slower angles").click()
    live = exhibit.locator(".python .live")
    live.wait_for()
    assert "angles = " in live.inner_text()


def test_the_prediction_answers_with_live_numbers(page: FishPage):
    page.boot_at(0)
    question = show(page, "[data-predict='e13-shuffle']")
    answer = question.locator("[data-after='e13-shuffle']")
    assert not answer.is_visible()
    question.get_by_text("None changes", exact=True).click()
    answer.wait_for()
    assert "You said: None changes" in question.inner_text()
