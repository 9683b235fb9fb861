"""E13 as visitors use it: by mouse, by keyboard, in both widths."""

import re

from fishpage import FishPage

CHARTS = ["e13.without", "e13.with", "e13.sines", "e13.learned", "e13.alike"]


def difference(page: FishPage, key: str) -> float:
    """A number of the page: 2.31, 4.8 × 10⁻⁷ or 0."""
    written = page.texts()[key]
    digits, _, power = re.sub(r"\s", "", written).partition("×10")
    minus = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(digits) * 10 ** int(power.translate(minus) or 0)


def test_shuffling_changes_nothing_without_positions(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e13", 40, "live model, step 40")
    exhibit = page.tab.locator("#e13")
    assert page.texts()["e13.second"] == "the boy bites the dog"
    before = {name: page.wait_chart(name) for name in CHARTS}
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
        page.wait_other(name, before[name])
    exhibit.get_by_role("button", name="In order again").click()
    page.wait_text("e13.second", "^the dog bites the boy$")
    assert difference(page, "e13.with") == 0
    assert page.fits()


def test_moving_a_word_by_the_keyboard(shared: FishPage):
    page = shared.at_exhibit("e13", 20, "step 20")
    exhibit = page.tab.locator("#e13")
    page.press(exhibit.get_by_role("button", name="In order again"))
    page.wait_text("e13.second", "^the dog bites the boy$")
    page.press(exhibit.locator("[data-list='e13.word'] button").nth(1))
    later = exhibit.get_by_role("button", name="Later →")
    page.press(later)
    page.wait_text("e13.second", "^the bites dog the boy$")
    page.press(later, "Space")
    page.wait_text("e13.second", "^the bites the dog boy$")
    page.press(exhibit.get_by_role("button", name="← Earlier"))
    page.wait_text("e13.second", "^the bites dog the boy$")
    assert difference(page, "e13.without") < 1e-5


def test_dog_bites_man_and_words_of_ones_own(shared: FishPage):
    page = shared.at_exhibit("e13", 20, "step 20")
    exhibit = page.tab.locator("#e13")
    exhibit.get_by_role("button", name="dog bites man", exact=True).click()
    page.wait_text("e13.status", "untrained model, seed 7")
    assert page.texts()["e13.second"] == "man bites dog"
    assert difference(page, "e13.without") < 1e-5 < difference(page, "e13.with")
    field = exhibit.get_by_role("textbox", name="A sentence of your own")
    field.fill("fish")
    page.wait_text("e13.error", "two words or more")
    field.fill("mon chat est roi")
    page.wait_text("e13.first", "mon chat est roi")
    assert page.texts()["e13.error"] == ""
    assert difference(page, "e13.without") < 1e-5


def test_positions_follow_training_and_are_chosen(shared: FishPage):
    page = shared.at_exhibit("e13", 20, "step 20")
    exhibit = page.tab.locator("#e13")
    before = {name: page.wait_chart(name) for name in CHARTS}
    exhibit.locator("input[data-do='e13.position']").fill("5")
    page.wait_text("e13.place", "position 5")
    moved = {name: page.wait_other(name, before[name]) for name in CHARTS[2:]}
    box = page.show("[data-canvas='e13.sines']")
    box.hover(position={"x": 90, "y": 14 * 9 + 5})
    page.wait_text("e13.place", "position 10")
    page.wait_other("e13.alike", moved["e13.alike"])
    learned = page.wait_chart("e13.learned")
    said = page.texts()["e13.likeness"]
    page.make_step()
    page.wait_other("e13.learned", learned)
    page.wait_text("e13.likeness", "step 21")
    assert page.texts()["e13.likeness"] != said


def test_a_term_of_the_formula_shows_its_line_and_where_it_stands(shared: FishPage):
    page = shared.at_exhibit("e13", 0, "step 0")
    exhibit = page.tab.locator("#e13")
    term = exhibit.get_by_role("button", name="slower and slower angles")
    term.click()
    assert "angles = " in page.lit_line("e13")
    formula = term.bounding_box()
    line = exhibit.locator(".its-line").bounding_box()
    assert formula and line and 0 < line["y"] - formula["y"] < 150
    exhibit.locator(".its-line").get_by_role("button").click()
    marked = exhibit.locator(".python .live")
    page.wait("the line in its place", marked.is_visible)
    assert page.lit_line("e13") in marked.inner_text()
    term.click()
    page.wait("no light", lambda: term.get_attribute("aria-pressed") == "false")
    assert not exhibit.locator(".its-line code").count()


def test_the_prediction_answers_with_live_numbers(shared: FishPage):
    page = shared.boot_at(0)
    said = page.predict("e13-shuffle", "None changes").inner_text()
    texts = page.texts()
    assert texts["e13.without"] in said and texts["e13.with"] in said
