"""E14 to E16 as visitors use them: by mouse, by keyboard, in both widths."""

import re

from fishpage import FishPage
from playwright.sync_api import Locator


def column(exhibit: Locator, matrix: str, place: int) -> list[str]:
    """One column of a matrix of the page."""
    cells = exhibit.locator(f"[data-matrix='{matrix}'] tr td:nth-of-type({place + 1})")
    return cells.evaluate_all(
        """(cells) => cells.map((cell) =>
          cell.querySelector("input")?.value ?? cell.innerText)"""
    )


# ---- E14 -------------------------------------------------------------------------


def test_the_eight_numbers_open_and_ten_times_as_large_they_are_the_same(
    wide_and_narrow: FishPage,
):
    page = wide_and_narrow.at_exhibit("e14", 10)
    exhibit = page.tab.locator("#e14")
    page.wait("the table", lambda: column(exhibit, "e14.steps", 2))
    before = column(exhibit, "e14.steps", 2)
    assert before[4] == "−1.76"
    dots = page.wait_chart("e14.dots")
    page.show("[data-matrix='e14.steps']")
    exhibit.locator("[data-matrix='e14.steps'] td button").nth(3).click()
    page.wait_text("e14.arith", r"0\.23 \+ 1\.02 = 1\.25")
    exhibit.locator("[data-matrix='e14.stats'] td button").first.click()
    page.wait_text("e14.arith", r"÷ 8 = 1\.361")
    page.wait_other("e14.dots", dots)
    page.press(exhibit.get_by_role("button", name="all × 10"))
    page.wait("large sums", lambda: column(exhibit, "e14.steps", 0)[0] == "12.70")
    assert column(exhibit, "e14.steps", 2) == before
    assert page.fits()


def test_a_number_is_changed_refused_and_taken_back(shared: FishPage):
    page = shared.at_exhibit("e14", 10)
    exhibit = page.tab.locator("#e14")
    page.wait("the table", lambda: column(exhibit, "e14.put", 0))
    field = exhibit.locator("[data-matrix='e14.put'] input").first
    page.write(field, "2")
    page.wait("the sum", lambda: column(exhibit, "e14.steps", 0)[0] == "2.59")
    page.write(field, "twelve")
    page.wait_text("e14.error", "“twelve” is not a number. It is still 2")
    page.wait("the number before", lambda: field.input_value() == "2.00")
    page.press(exhibit.get_by_role("button", name="Undo"))
    page.wait("the first sum", lambda: column(exhibit, "e14.steps", 0)[0] == "1.27")
    page.wait_text("e14.error", "^$")


def test_a_model_without_its_residual_learns_less(shared: FishPage):
    page = shared.boot_at(0)
    page.show("[data-canvas='e14.curves']")
    exhibit = page.tab.locator("#e14")
    page.wait_text("e14.status", "Not trained yet")
    before = page.wait_chart("e14.curves")
    train = exhibit.get_by_role("button", name="Train both, 300 steps")
    page.press(train)
    stop = exhibit.get_by_role("button", name="Stop", exact=True)
    page.wait_text("e14.status", "Training both, step [1-9]")
    stop.click()
    page.wait_text("e14.status", r"^Step \d+, seed 7")
    train.click()
    page.wait_text("e14.status", r"Training both, step 1[3-9]\d", seconds=120)
    stop.click()
    page.wait_text("e14.status", r"^Step 1\d\d, seed 7")
    stopped = exhibit.locator("progress").evaluate("(bar) => bar.value")
    assert 0.4 < stopped < 1
    page.wait_other("e14.curves", before)
    more = re.search(r": \+(\d\.\d\d) nats", page.texts()["e14.what"])
    assert more and float(more[1]) > 0.5  # of a difference of 0.8 at step 120
    exhibit.get_by_role("button", name="feed-forward", exact=True).click()
    page.wait_text("e14.five", "no feed-forward")
    assert train.is_visible()


def test_large_heads_saturate(shared: FishPage):
    page = shared.boot_at(5)
    page.show("[data-canvas='e14.saturation']")
    exhibit = page.tab.locator("#e14")
    before = page.wait_chart("e14.saturation")
    slider = exhibit.locator("input[data-do='e14.d_k']")
    page.press(slider, "End")
    page.wait_text("e14.saturated", "dₖ = 512 the largest of ten weights is 0.9")
    page.wait_other("e14.saturation", before)
    live = page.texts()["e14.live"]
    page.make_step()
    page.wait("the live model", lambda: page.texts()["e14.live"] != live)


def test_the_erratum_of_another_exhibit_is_opened(shared: FishPage):
    """Its step of E09 is chosen first, for in the others it is not shown."""
    page = shared.boot_at(5)
    erratum = page.tab.locator("#erratum-e09-head")
    assert not erratum.is_visible()
    page.tab.get_by_role("button", name="the erratum there").click()
    page.wait("the erratum", erratum.is_visible)
    assert page.tab.evaluate("document.activeElement.id") == "e09"


# ---- E15 -------------------------------------------------------------------------


def test_counting_up_to_gpt_3(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e15", 0)
    exhibit = page.tab.locator("#e15")
    page.wait_text("e15.check", "37,168.*37,168 = the same")
    before = page.wait_chart("e15.block")
    for preset, total in (
        ("GPT-1", "116,534,784"),
        ("GPT-2 small", "124,439,808"),
        ("GPT-3", "174,604,259,328"),
    ):
        page.press(exhibit.get_by_role("button", name=preset, exact=True))
        page.wait_text("e15.total", f"^{total}$")
    page.wait_text("e15.d_head", "12,288 ÷ 96 = 128")
    assert exhibit.get_by_label("Numbers a word").input_value() == "12288"
    exhibit.get_by_role("button", name="this model").click()
    page.wait_text("e15.total", "^37,168$")
    assert page.wait_chart("e15.block") == before
    assert page.fits()


def test_numbers_of_ones_own_and_refusals(shared: FishPage):
    page = shared.at_exhibit("e15", 0)
    exhibit = page.tab.locator("#e15")
    page.wait_text("e15.total", "37,168")
    layers = exhibit.get_by_label("Layers")
    layers.fill("4")
    page.wait_text("e15.total", "62,320")
    layers.fill("0")
    page.wait_text("e15.error", "Layers: a whole number from 1 to 1,000")
    layers.fill("")
    page.wait_text("e15.error", "still 4")
    heads = exhibit.get_by_label("Heads in a layer")
    heads.fill("5")
    page.wait_text("e15.error", "5 heads cannot share 32 numbers")
    exhibit.get_by_role("button", name="this model").click()
    page.wait_text("e15.error", "^$")
    exhibit.get_by_role("button", name="word scores").click()
    page.wait_text("e15.opened", r"32 × 176 \+ 176 = 5,808")


# ---- E16 -------------------------------------------------------------------------


def test_every_box_opens_its_line(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e16", 20, "Layer 1, step 20")
    exhibit = page.tab.locator("#e16")
    before = page.wait_chart("e16.block")
    lines = set()
    for name in (
        "what comes in", "add, first", "layer norm, first", "feed-forward",
        "add, second", "layer norm, second",
    ):  # fmt: skip
        page.press(exhibit.get_by_role("button", name=name, exact=True))
        page.wait_text("e16.name", f"(?i)^{name}$")
        lines.add(page.texts()["e16.line"])
    assert {"out = x + out"} < lines and len(lines) == 4
    before = page.wait_other("e16.block", before)
    page.show("[data-canvas='e16.block']")
    page.click_in("[data-canvas='e16.block']", 0.25, 0.9)
    page.wait_text("e16.name", "What comes in")
    page.wait_other("e16.block", before)
    exhibit.get_by_role("button", name="feed-forward", exact=True).click()
    page.wait_text("e16.where", r"layers\.py, line \d+")
    exhibit.get_by_role("button", name="Open it in its function").click()
    assert page.lit_line("e16").strip() == page.texts()["e16.line"]
    assert page.fits()


def test_values_and_gradients_follow_training(shared: FishPage):
    page = shared.at_exhibit("e16", 20, "Layer 1, step 20")
    exhibit = page.tab.locator("#e16")
    before = page.wait_chart("e16.block")
    vector = column(exhibit, "e16.numbers", 0)
    gradient = column(exhibit, "e16.numbers", 1)
    page.make_step()
    page.wait_text("e16.status", "step 21")
    before = page.wait_other("e16.block", before)
    assert column(exhibit, "e16.numbers", 0) != vector
    assert column(exhibit, "e16.numbers", 1) != gradient
    exhibit.locator("[data-list='e16.layer'] button").nth(1).click()
    page.wait_text("e16.status", "Layer 2")
    page.wait_other("e16.block", before)
    exhibit.get_by_role("button", name="layer norm, second", exact=True).click()
    exhibit.locator("[data-list='e16.word'] button").first.click()
    page.wait_text("e16.gradient", r"0\.000 at the")  # only the gap is asked
    exhibit.locator("[data-list='e16.sentence'] button").nth(1).click()
    page.wait_text("e16.asked", "Hidden: bank")


def test_the_prediction_answers_with_our_numbers(shared: FishPage):
    page = shared.boot_at(0)
    answer = page.predict("e14-ten", "They stay the same")
    assert "0.0001" in answer.inner_text()
