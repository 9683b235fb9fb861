"""E18 to E20 as visitors use them: train, type, write, by mouse and by keyboard."""

import re

from browsers import Pages
from fishpage import FishPage

LONG = 120.0  # seconds for a training run on a busy machine


# ---- E18 -------------------------------------------------------------------------


def test_e18_reads_a_gap_and_masks_the_writer(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e18", 20, "The live model, step 20")
    cells = page.tab.locator("#e18 [data-matrix='e18.mask'] td")
    page.wait("an open mask", lambda: cells.count() == 64)
    assert not any("∞" in cell for cell in cells.all_inner_texts())
    page.press(page.control("e18.kind", "writer"))
    page.wait_text("e18.masked", "3 of 9 scores")
    hidden = [cell == "−∞" for cell in cells.all_inner_texts()]
    assert hidden == [False, True, True, False, False, True, False, False, False]
    page.wait("the draw", lambda: page.charts().get("e18.next"))
    assert "e18.reader" not in page.charts()
    assert page.fits()


def test_e18_names_what_it_does_not_know(shared: FishPage):
    page = shared.at_exhibit("e18", 5, "step 5")
    gap = page.tab.locator("#e18 input[data-do='e18.typed']")
    page.write(gap, "the ___ overflowed its bank")
    page.wait_text("e18.error", "Not in the vocabulary: overflowed")
    gap.fill("the ___ floods its bank")
    page.wait_text("e18.error", "^$")
    page.wait_text("e18.reader_sees", "^the ___ floods its bank$")
    page.control("e18.kind", "writer").click()
    opening = page.tab.locator("#e18 input[data-do='e18.opening']")
    page.write(opening, "the zebra")
    page.wait_text("e18.opening_error", "zebra")
    page.write(opening, "the old bass")
    page.wait_text("e18.start", "^the old bass$")


def test_e18_trains_a_writer_that_writes(shared: FishPage):
    page = shared.at_exhibit("e18", 5, "not trained yet")
    page.press(page.control("e18.train"))
    page.wait_text("e18.status", r"training the writer, step [3-9]\d")
    page.press(page.control("e18.stop"))
    page.wait_text("e18.status", r"stopped at step \d\d")
    page.control("e18.kind", "writer").click()
    page.show("#e18 .draft")
    page.press(page.control("e18.write"))
    page.wait_text("e18.verdict", "New|Recited|No place")
    words = page.items("e18.look")
    assert len(words) > 1
    page.press(page.control("e18.again"))
    page.wait("an empty page", lambda: not page.items("e18.look"))
    for count in range(1, len(words) + 1):  # a word at a time, the same words
        page.press(page.control("e18.next"))
        page.wait("a word", lambda n=count: page.items("e18.look") == words[:n])
    assert page.control("e18.next").is_disabled()
    first = page.tab.locator("[data-list='e18.look'] button").first
    page.press(first)
    page.wait_text("e18.asked", rf"the river it drew {re.escape(words[0])}")
    page.press(page.control("e18.temperature"), "Home")
    page.wait_text("e18.temperature_said", "likeliest")
    page.show("#e18 .count")
    page.press(page.control("e18.count"))
    page.wait_text("e18.counted", "40 of 40", LONG)
    rows = page.tab.locator("#e18 [data-matrix='e18.counts'] th[scope=row]")
    assert re.match(r"here, step \d+, T 0\.0$", rows.last.inner_text())
    assert page.fits()


def test_e18_writes_at_once_where_nothing_may_move(pages: Pages):
    page = pages(reduced_motion="reduce")
    page.at_exhibit("e18", 5)
    page.control("e18.kind", "writer").click()
    page.show("#e18 .draft")
    page.control("e18.write").click()
    page.wait_text("e18.verdict", "New|No place")


# ---- E19 -------------------------------------------------------------------------


def test_e19_can_be_stopped(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e19", 5, "Not trained yet")
    page.press(page.control("e19.train"))
    page.wait_text("e19.status", "Training, step [1-9]")
    page.press(page.control("e19.stop"))
    page.wait_text("e19.status", "Stopped at step")
    page.show("#e19-cross")
    page.wait_chart("e19.cross")
    assert page.fits()


def test_e19_crowns_the_cat(shared: FishPage):
    page = shared.at_exhibit("e19", 5, "Not trained yet")
    page.press(page.control("e19.train"))
    page.wait_text("e19.status", "Trained, 300 steps", LONG)
    page.wait_text("e19.finding", "“mon chat est roi” becomes “my cat is king”")
    assert page.items("e19.look") == ["my", "cat", "is", "king", "(end)"]
    page.tab.locator("[data-list='e19.sentence'] button").nth(1).click()
    page.wait_text("e19.row", "^In goes the, out comes black")
    page.wait_text("e19.row", "noir, which is the word to translate")
    page.show("#e19-cross")
    before = page.settled().charts["e19.cross"]
    page.press(page.control("e19.layer", "1"))
    page.wait("the other layer", lambda: page.charts()["e19.cross"] != before)
    page.click_in("#e19-cross", 0.6, 0.9)
    page.wait("a low row", lambda: "black" not in page.texts()["e19.row"])
    slider = page.control("e19.step")
    page.press(slider, "Home")
    page.wait_text("e19.shown", "^step 0$")
    page.wait_text("e19.verdict", "≠")
    page.press(slider, "End")
    page.wait_text("e19.verdict", "= right")
    assert page.fits()


def test_e19_is_watched_word_by_word(shared: FishPage):
    page = shared.at_exhibit("e19", 5, "Not trained yet")
    page.show("#e19 .said-in")
    page.press(page.control("e19.watch"))
    page.wait("two words", lambda: len(page.items("e19.look")) >= 2)
    page.press(page.control("e19.halt"))
    page.wait("it stands", page.control("e19.watch").is_visible)
    count = len(page.items("e19.look"))
    page.press(page.control("e19.next"))
    page.wait("one more", lambda: len(page.items("e19.look")) == count + 1)
    field = page.tab.locator("#e19 input[data-do='e19.typed']")
    page.write(field, "mon chat mange une baguette")
    page.wait_text("e19.error", "Not in the vocabulary: baguette")
    page.write(field, "mon chat mange")
    page.wait_text("e19.french", "^mon chat mange$")
    assert page.texts()["e19.error"] == ""


# ---- E20 -------------------------------------------------------------------------


def test_e20_does_three_tasks_with_the_same_weights(wide_and_narrow: FishPage):
    """What it writes after all its 800 steps is tests/test_e20.py's."""
    page = wide_and_narrow.at_exhibit("e20", 5, "Not trained yet")
    page.press(page.control("e20.train"))
    page.wait_text("e20.left", "about [0-9,]+ s to go")
    page.press(page.control("e20.stop"))
    page.wait_text("e20.status", "Stopped at step [1-9]")
    before = page.texts()["e20.out.translate"]
    page.tab.locator("[data-list='e20.sentence'] button").nth(1).click()
    page.wait("a translation", lambda: page.texts()["e20.out.translate"] != before)
    for task in ("translate", "reverse", "classify", "none"):
        page.wait_text(f"e20.out.{task}", "[=≠] ")
    page.show("#e20 .tasks")
    page.press(page.control("e20.task", "classify"))
    page.wait_text("e20.look", "goes to classify")
    page.press(page.control("e20.task", "none"))
    page.wait_text("e20.look", "Nobody trained that")
    page.show("#e20-cross")
    page.wait("the map", lambda: page.charts()["e20.cross"].colours > 3)
    assert page.fits()


def test_the_chapter_predicts_and_shows_its_python(shared: FishPage):
    page = shared.boot_at(5)
    assert page.predict("e18-recite", "One in six").inner_text().startswith("Almost")
    page.show("#e18")
    page.tab.locator("#e18 .terms [data-term='future']").click()
    assert "np.triu" in page.lit_line("e18")
