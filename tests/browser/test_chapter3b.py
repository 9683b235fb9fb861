"""E10 to E12 as visitors use them: by mouse, by keyboard, in both widths."""

import re

import pytest
from fishpage import FishPage

# ---- E10 -------------------------------------------------------------------------


def test_e10_opens_weights_by_mouse(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e10", 30, "Layer 2, head 1, step 30")
    page.show("#e10-map")
    before = page.wait_chart("e10.map")
    first = page.texts()["e10.opened"]
    page.click_in("#e10-map", 0.55, 0.75)
    page.wait("another weight", lambda: page.texts()["e10.opened"] != first)
    page.wait_other("e10.map", before)
    assert page.fits()


def test_e10_by_keyboard(shared: FishPage):
    page = shared.at_exhibit("e10", 30, "step 30")
    e10 = page.tab.locator("#e10")
    page.press(e10.locator("[data-list='e10.layer'] button").first)
    page.press(e10.locator("[data-list='e10.head'] button").nth(2), "Space")
    page.wait_text("e10.status", "Layer 1, head 3")
    page.press(e10.locator("[data-list='e10.from'] button").nth(4))
    page.wait_text("e10.who", "sleeps")
    page.press(e10.locator("[data-matrix='e10.row'] th button").nth(7))
    said = page.wait_text("e10.opened", "sleeps looks at singer: ")
    share = said.rsplit(" ", 1)[1]
    row = e10.locator("[data-matrix='e10.row'] tr:has(th[scope=row])").nth(7)
    assert row.locator("td").last.inner_text() == share
    page.show("#e10-map")
    page.press(e10.get_by_role("button", name="Arcs"))
    page.wait("the arcs", lambda: "e10.arcs" in page.charts())
    assert "e10.map" not in page.charts()
    before = page.wait_chart("e10.arcs")
    page.press(e10.locator("[data-list='e10.from'] button").nth(1))
    page.wait_other("e10.arcs", before)


def test_e10_takes_a_sentence_and_names_what_it_does_not_know(shared: FishPage):
    page = shared.at_exhibit("e10", 10, "step 10")
    field = page.tab.locator("#e10 input[type=text]")
    page.write(field, "the bass never sleeps")
    words = page.tab.locator("#e10 [data-list='e10.from'] button")
    page.wait("four words", lambda: words.count() == 4)
    page.write(field, "the bass never reads zanzibar")
    page.wait_text("e10.error", "Not in the vocabulary: zanzibar")
    assert words.count() == 4
    field.fill("the old trout sleeps")
    page.wait_text("e10.error", "^$")


def test_e10_lights_a_word_in_all_views(shared: FishPage):
    page = shared.at_exhibit("e10-map", 10)
    before = page.wait_chart("e10.map")
    bass = page.tab.locator("#e10 [data-list='e10.from'] button").nth(10)
    bass.hover()
    page.wait_other("e10.map", before)
    lit = page.tab.locator("#e10 .lit-thing")
    page.wait("both uses of the word", lambda: lit.count() == 2)


def test_e10_follows_the_step_and_shows_its_python(shared: FishPage):
    page = shared.at_exhibit("e10", 10, "step 10")
    products = page.tab.locator("#e10 [data-matrix='e10.products']")
    before = products.inner_text()
    page.make_step()
    page.wait_text("e10.status", "step 11")
    page.wait("other numbers", lambda: products.inner_text() != before)
    page.show("#e10 .formula")
    page.tab.locator("#e10 .terms [data-term='root']").click()
    assert "np.sqrt(config.d_head" in page.lit_line("e10")


# ---- E11 -------------------------------------------------------------------------


def test_e11_can_be_stopped(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e11", 5, "Not trained yet")
    page.press(page.tab.locator("#e11 [data-do='e11.train']"))
    page.wait_text("e11.status", "Training two layers, step [1-9]")
    page.press(page.tab.locator("#e11 [data-do='e11.stop']"))
    page.wait_text("e11.status", "Stopped at step")
    assert page.fits()


def test_e11_learns_what_it_means(shared: FishPage):
    page = shared.at_exhibit("e11-looks", 5, "Not trained yet")
    before = page.wait_chart("e11.looks")
    page.tab.locator("#e11 [data-do='e11.train']").click()
    page.wait_text("e11.status", "Trained, two layers, 300 steps", 120)
    assert "100% of 276" in page.texts()["e11.finding"]
    for size, word in (("big", "trophy"), ("small", "bag")):
        said = page.texts()[f"e11.answer.{size}"]
        assert said.startswith(word) and said.endswith("= right")
    marks = page.tab.locator("#e11 [data-matrix='e11.ratios'] td.same")
    assert marks.count() == 4
    page.show("#e11-looks")
    page.wait_other("e11.looks", before)
    slider = page.tab.locator("#e11 input[type=range]")
    page.show("#e11-accuracy")
    page.press(slider, "Home")
    page.wait_text("e11.shown", "^step 0$")
    page.press(slider, "End")
    page.wait_text("e11.shown", "^step 300$")
    assert page.fits()


def test_e11_other_things_and_other_heads(shared: FishPage):
    page = shared.at_exhibit("e11", 5, "Not trained yet")
    page.tab.locator("#e11 details.things summary").click()
    page.press(page.tab.locator("#e11 [data-list='e11.thing'] button").nth(5))
    other = page.wait_text("e11.big", "^the (?!trophy)")
    page.press(page.tab.locator("#e11 [data-do='e11.swap']"))
    page.wait("the other way round", lambda: page.texts()["e11.big"] != other)
    page.press(page.tab.locator("#e11 [data-matrix='e11.ratios'] th button").nth(6))
    page.wait_text("e11.switch", "Layer 2, head 3")
    page.press(page.tab.locator("#e11 [data-do='e11.kind'][data-value='one']"))
    page.wait_text("e11.status", "Not trained yet, one layer")
    rows = page.tab.locator("#e11 [data-matrix='e11.ratios'] th button")
    page.wait("four heads", lambda: rows.count() == 4)


# ---- E12 -------------------------------------------------------------------------


def test_e12_takes_heads_out_of_a_copy(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e12", 40, "step 40")
    loss = page.loss
    switches = page.tab.locator("#e12 [data-list='e12.switch'] button")
    page.press(switches.nth(5))
    said = page.wait_text("e12.cost", "nats")
    assert said.startswith("Without head 2.2, at step 40, the held-out loss is ")
    assert switches.nth(5).get_attribute("aria-pressed") == "true"
    page.tab.locator("#e12 [data-list='e12.layer'] button").first.click()
    page.wait_text("e12.cost", "Without all of layer 1 and head 2.2, at step 40")
    assert (page.step, page.loss) == (40, loss)
    page.tab.locator("#e12 [data-do='e12.all_on']").click()
    page.wait_text("e12.cost", "All heads are on")
    scores = page.tab.locator("#e12 [data-matrix='e12.scores']")
    assert scores.evaluate("(table) => table.scrollWidth <= table.clientWidth")
    assert page.fits()


def test_e12_measures_every_head(shared: FishPage):
    page = shared.at_exhibit("e12-history", 40, "step 40")
    assert "e12.costs" not in page.charts()
    page.press(page.tab.locator("#e12 [data-do='e12.each']"))
    page.wait_text("e12.each", "At step 40 the held-out loss is ")
    page.wait_chart("e12.costs", 4)
    assert page.tab.locator("#e12 [data-do='e12.stop']").is_hidden()


def test_e12_draws_any_score_of_any_head(shared: FishPage):
    page = shared.at_exhibit("e12-history", 40)
    before = page.settled().charts["e12.history"].hash
    page.press(page.tab.locator("#e12 [data-list='e12.measure'] button").first)
    page.wait_text("e12.shown", "previous word")
    before = page.wait_other("e12.history", before)
    page.press(page.tab.locator("#e12 [data-matrix='e12.scores'] th button").first)
    page.wait_other("e12.history", before)


def test_a_head_lights_up_in_e01_e10_and_e12(shared: FishPage):
    page = shared.boot_at(10)
    for exhibit in ("e10", "e12"):
        page.show(f"#{exhibit}")
        page.wait_text(f"{exhibit}.status", "step 10")
    page.show("#e12 .switches.whole")
    heads = page.tab.locator(":is(#e01, #e10, #e12) [data-thing='head:2.2']")
    page.wait("one in each exhibit", lambda: heads.count() == 3)
    page.tab.locator("#e12 [data-thing='head:2.2']").hover()
    lit = page.tab.locator(":is(#e01, #e10, #e12) [data-thing='head:2.2'].lit-thing")
    page.wait("all lit up", lambda: lit.count() == 3)


# ---- predictions -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["e11-layer", "e12-off"])
def test_predictions_are_answered_once_made(shared: FishPage, name: str):
    page = shared.boot_at(5)
    page.show(f"[data-predict='{name}']")
    after = page.tab.locator(f"[data-after='{name}']")
    assert after.is_hidden()
    page.press(page.tab.locator(f"[data-predict='{name}'] input").first, "Space")
    page.wait("the answer", after.is_visible)
    assert re.search(r"\d", after.inner_text())
