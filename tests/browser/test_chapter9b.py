"""E23 opening, walking, checking, winding back, by mouse, by keys."""

import re

from fishpage import FishPage
from playwright.sync_api import Locator

TOP = "document.querySelector('#e23-number').getBoundingClientRect().top"
FOCUSED = "document.activeElement.id || document.activeElement.title"


def cell(exhibit: Locator, matrix: str, row: int, column: int) -> Locator:
    where = f"[data-matrix='{matrix}'] td[data-r='{row}'][data-c='{column}']"
    return exhibit.locator(where)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def opened(page: FishPage, name: str) -> None:
    page.wait_text("e23.name", name)


def test_a_number_is_opened_walked_from_checked_and_wound_back(
    wide_and_narrow: FishPage,
):
    page = wide_and_narrow.at_exhibit("e23", 12)
    exhibit = page.tab.locator("#e23")
    page.wait_chart("e23.map")
    opened(page, "How much “gap” looks at “the")
    page.control("e23.part", "2").click()
    opened(page, "in layer 2, head 1")
    page.control("e23.head", "3").click()
    opened(page, "in layer 2, head 3")
    cell(exhibit, "e23.numbers", 1, 3).locator("button").click()
    opened(page, "How much “old” looks at “never” in layer 2, head 3")
    assert "attn_weights = softmax_forward(scores)" in page.texts()["e23.line"]
    cell(exhibit, "e23.terms", 3, 0).locator("button").click()
    opened(page, "The score of “old” for “never” in layer 2, head 3")
    cell(exhibit, "e23.terms", 0, 1).locator("button").click()
    opened(page, "of the key of “never” in layer 2, head 3")
    cell(exhibit, "e23.terms", 0, 1).locator("button").click()
    opened(page, "The weight from number .* to key number")
    assert "12 updates have moved it" in page.texts()["e23.made"]
    value = page.texts()["e23.value"]
    page.control("e23.check").click()
    page.wait_text("e23.check", "the gradient is right")
    losses = [cell(exhibit, "e23.check", row, 0).inner_text() for row in (1, 2)]
    assert losses[0] != losses[1] and all(re.match(r"\d\.\d{13}$", n) for n in losses)
    page.slider("Timeline").press("Home")
    page.wait_step(0)
    page.wait_text("e23.made", "training has not touched it")
    assert page.texts()["e23.value"] != value and not page.texts()["e23.check"]
    assert page.fits()
    page.control("e23.back").click()
    opened(page, "of the key of “never”")


def test_by_keyboard_alone(shared: FishPage):
    page = shared.at_exhibit("e23", 8)
    exhibit = page.tab.locator("#e23")
    page.press(page.control("e23.place", "layer_1.w_q"))
    opened(page, "to query number 1 in layer 1")
    first = cell(exhibit, "e23.numbers", 0, 0).locator("button")
    page.press(first, "ArrowRight", "ArrowDown", "Enter")
    opened(page, "The weight from number 2 to query number 2")
    page.press(page.control("e23.right"), "Enter", "Enter")
    page.wait_text("e23.window", "columns 25 to 32 of 32")
    field = exhibit.get_by_label("Column")
    field.fill("33")
    page.wait_text("e23.error", "32 columns, from 1; column 33 is not among them")
    field.fill("5")
    opened(page, "The weight from number 2 to query number 5")
    page.press(page.control("e23.check"))
    page.wait_text("e23.check", "agree")
    page.press(cell(exhibit, "e23.uses", 0, 0).locator("button"))
    opened(page, "Number 5 of the query of")
    page.press(page.control("e23.stop", "0"))  # the loss has nothing it goes into
    opened(page, "The loss: the surprise at")
    page.press(cell(exhibit, "e23.terms", 0, 0).locator("button"))
    opened(page, "The probability of the word")
    page.press(page.control("e23.place", "w_vocab"))
    opened(page, "The weight from number 1 to the score")
    page.press(exhibit.locator("[data-matrix='e23.uses'] button").first)
    opened(page, "The score of the word")
    cell(exhibit, "e23.uses", 0, 0).locator("button").press("Enter")
    opened(page, "The loss")  # whose table of uses is gone: the focus is on its name
    page.wait("the focus", lambda: page.tab.evaluate(FOCUSED) == "e23-number")


def test_lines_charts_and_the_numbers_of_other_exhibits(shared: FishPage):
    page = shared.at_exhibit("e23", 5)
    exhibit = page.tab.locator("#e23")
    before = page.wait_chart("e23.map")
    page.control("e23.place", "layer_1.before").click()
    opened(page, "Neuron 1 of layer 1")
    page.wait_other("e23.map", before)
    exhibit.locator("button[data-term='line']").click()
    marked = exhibit.locator(".python .live")
    line = 'before = linear_forward(x, p["w_in"], p["b_in"])'
    page.wait("its line", lambda: line in marked.inner_text())
    exhibit.locator("button[data-term='back']").click()
    page.wait("its way back", lambda: "dbefore = ACTIVATIONS" in marked.inner_text())
    page.show("#e23 [data-canvas='e23.map']")
    page.click_in("#e23 [data-canvas='e23.map']", 0.02, 0.15)
    opened(page, "of the query of")
    shown = exhibit.locator(".python").first  # is that of the number opened now
    page.wait("its Python", lambda: "attention.py" in shown.inner_text())
    page.show("#e23 [data-canvas='e23.way']")
    page.click_in("#e23 [data-canvas='e23.way']", 0.3, 0.02)
    opened(page, "The loss")
    # E10 and E16 have their numbers opened here.
    exhibit = page.show("#e10")
    page.control("e10.head", "2").click()
    page.wait_text("e10.status", "head 2")
    weight = page.texts()["e10.opened"]
    page.press(exhibit.get_by_role("button", name="Open this number"))
    opened(page, "in layer 2, head 2")
    share = re.search(r"It is (0\.\d+)", page.texts()["e23.value"])
    said = re.search(r"([\d.]+)%", weight)
    assert share and said and abs(100 * float(share[1]) - float(said[1])) < 0.1
    page.wait("the focus", lambda: page.tab.evaluate(FOCUSED) == "e23-number")
    assert 0 <= page.tab.evaluate(TOP) < 300
    exhibit = page.show("#e16")
    page.control("e16.box", "think").click()
    page.wait_text("e16.name", "Feed-forward")
    exhibit.get_by_role("button", name="Open number 1").click()
    opened(page, "Number 1 of what the feed-forward step of layer 1 says")
    numbers = "[data-matrix='e16.numbers'] tr:nth-child(4) td"
    value = number(page.tab.locator(numbers).first.text_content() or "")
    said = re.search(r"It is ([−.\d]+),", page.texts()["e23.value"])
    assert said and abs(number(said[1]) - value) < 0.001


def test_another_model_in_training(page: FishPage):
    page.boot("#layers=1&heads=2&norm=pre&activation=gelu&positions=none")
    exhibit = page.show("#e23")
    page.control("e23.part", "2").click()
    page.control("e23.place", "ln_final").click()
    opened(page, "after the last layer norm")
    value = page.texts()["e23.value"]
    page.wait("another value", lambda: page.texts()["e23.value"] != value)
    page.pause()
    page.wait(
        "the same step", lambda: page.texts()["e23.status"] == f"Step {page.step}"
    )
    assert "≠" not in exhibit.inner_text()
