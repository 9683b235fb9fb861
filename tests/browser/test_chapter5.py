"""E14 to E16 as visitors use them: by mouse, by keyboard, in both widths."""

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


def wait_text(page: FishPage, key: str, part: str, seconds: float = 30) -> str:
    def found():
        said = page.texts()[key]
        return re.search(part, said) and (said or " ")

    return page.wait(f"{part!r} in {key}", found, seconds)


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


def column(exhibit: Locator, matrix: str, place: int) -> list[str]:
    """One column of a matrix of the page."""
    cells = exhibit.locator(f"[data-matrix='{matrix}'] tr td:nth-of-type({place + 1})")
    return cells.evaluate_all(
        """(cells) => cells.map((cell) =>
          cell.querySelector("input")?.value ?? cell.innerText)"""
    )


def fits(page: FishPage) -> bool:
    return page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---- E14 -------------------------------------------------------------------------


def test_the_eight_numbers_open_and_ten_times_as_large_they_are_the_same(
    wide_and_narrow: FishPage,
):
    page = wide_and_narrow
    page.boot_at(10)
    exhibit = show(page, "#e14")
    page.wait("the table", lambda: column(exhibit, "e14.steps", 2))
    before = column(exhibit, "e14.steps", 2)
    assert before[4] == "−1.76"
    dots = chart(page, "e14.dots")
    show(page, "[data-matrix='e14.steps']")
    exhibit.locator("[data-matrix='e14.steps'] td button").nth(3).click()
    wait_text(page, "e14.arith", r"0\.23 \+ 1\.02 = 1\.25")
    exhibit.locator("[data-matrix='e14.stats'] td button").first.click()
    wait_text(page, "e14.arith", r"÷ 8 = 1\.361")
    changed(page, "e14.dots", dots)
    press(page, exhibit.get_by_role("button", name="all × 10"))
    page.wait("large sums", lambda: column(exhibit, "e14.steps", 0)[0] == "12.70")
    assert column(exhibit, "e14.steps", 2) == before
    assert fits(page)


def test_a_number_is_changed_refused_and_taken_back(page: FishPage):
    page.boot_at(10)
    exhibit = show(page, "#e14")
    page.wait("the table", lambda: column(exhibit, "e14.put", 0))
    field = exhibit.locator("[data-matrix='e14.put'] input").first
    field.fill("2")
    field.press("Enter")
    page.wait("the sum", lambda: column(exhibit, "e14.steps", 0)[0] == "2.59")
    field.fill("twelve")
    field.press("Enter")
    wait_text(page, "e14.error", "“twelve” is not a number. It is still 2")
    page.wait("the number before", lambda: field.input_value() == "2.00")
    press(page, exhibit.get_by_role("button", name="Undo"))
    page.wait("the first sum", lambda: column(exhibit, "e14.steps", 0)[0] == "1.27")
    assert page.texts()["e14.error"] == ""


def test_a_model_without_its_residual_learns_less(page: FishPage):
    page.boot_at(0)
    exhibit = show(page, "[data-canvas='e14.curves']")
    exhibit = page.tab.locator("#e14")
    wait_text(page, "e14.status", "Not trained yet")
    before = chart(page, "e14.curves")
    train = exhibit.get_by_role("button", name="Train both, 300 steps")
    press(page, train)
    wait_text(page, "e14.status", r"Training both, step [3-9]\d")
    exhibit.get_by_role("button", name="Stop", exact=True).click()
    wait_text(page, "e14.status", r"^Step \d+, seed 7")
    stopped = exhibit.locator("progress").evaluate("(bar) => bar.value")
    assert 0 < stopped < 1
    train.click()
    wait_text(page, "e14.status", "^Step 300, seed 7", seconds=120)
    changed(page, "e14.curves", before)
    more = re.search(r": \+(\d\.\d\d) nats", page.texts()["e14.what"])
    assert more and float(more[1]) > 0.8
    assert exhibit.get_by_role("button", name="On to step 1,000").is_visible()
    exhibit.get_by_role("button", name="feed-forward", exact=True).click()
    wait_text(page, "e14.five", "no feed-forward")
    assert train.is_visible()


def test_large_heads_saturate(page: FishPage):
    page.boot_at(5)
    exhibit = show(page, "[data-canvas='e14.saturation']")
    exhibit = page.tab.locator("#e14")
    before = chart(page, "e14.saturation")
    slider = exhibit.locator("input[data-do='e14.d_k']")
    press(page, slider, "End")
    wait_text(page, "e14.saturated", "d_k = 512 the largest of ten weights is 0.9")
    changed(page, "e14.saturation", before)
    live = page.texts()["e14.live"]
    page.make_step()
    page.wait("the live model", lambda: page.texts()["e14.live"] != live)


# ---- E15 -------------------------------------------------------------------------


def test_counting_up_to_gpt_3(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(0)
    exhibit = show(page, "#e15")
    wait_text(page, "e15.check", "37,168.*37,168 = the same")
    before = chart(page, "e15.block")
    for preset, total in (
        ("GPT-1", "116,534,784"),
        ("GPT-2 small", "124,439,808"),
        ("GPT-3", "174,604,259,328"),
    ):
        press(page, exhibit.get_by_role("button", name=preset, exact=True))
        wait_text(page, "e15.total", f"^{total}$")
    wait_text(page, "e15.d_head", "12,288 ÷ 96 = 128")
    assert exhibit.get_by_label("Numbers a word").input_value() == "12288"
    exhibit.get_by_role("button", name="this model").click()
    wait_text(page, "e15.total", "^37,168$")
    assert chart(page, "e15.block") == before
    assert fits(page)


def test_numbers_of_ones_own_and_refusals(page: FishPage):
    page.boot_at(0)
    exhibit = show(page, "#e15")
    wait_text(page, "e15.total", "37,168")
    layers = exhibit.get_by_label("Layers")
    layers.fill("4")
    wait_text(page, "e15.total", "62,320")
    layers.fill("0")
    wait_text(page, "e15.error", "Layers: a whole number from 1 to 1,000")
    layers.fill("")
    wait_text(page, "e15.error", "still 4")
    heads = exhibit.get_by_label("Heads in a layer")
    heads.fill("5")
    wait_text(page, "e15.error", "5 heads cannot share 32 numbers")
    exhibit.get_by_role("button", name="this model").click()
    wait_text(page, "e15.error", "^$")
    exhibit.get_by_role("button", name="word scores").click()
    wait_text(page, "e15.opened", r"32 × 176 \+ 176 = 5,808")


# ---- E16 -------------------------------------------------------------------------


def test_every_box_opens_its_line(wide_and_narrow: FishPage):
    page = wide_and_narrow
    page.boot_at(20)
    exhibit = show(page, "#e16")
    wait_text(page, "e16.status", "Layer 1, step 20")
    before = chart(page, "e16.block")
    lines = set()
    for name in (
        "what comes in", "add, first", "layer norm, first", "feed-forward",
        "add, second", "layer norm, second",
    ):  # fmt: skip
        press(page, exhibit.get_by_role("button", name=name, exact=True))
        wait_text(page, "e16.name", f"(?i)^{name}$")
        lines.add(page.texts()["e16.line"])
    assert {"out = x + out"} < lines and len(lines) == 4
    before = changed(page, "e16.block", before)
    box = show(page, "[data-canvas='e16.block']")
    area = box.bounding_box()
    assert area
    box.click(position={"x": 80, "y": area["height"] * 0.9})
    wait_text(page, "e16.name", "What comes in")
    changed(page, "e16.block", before)
    exhibit.get_by_role("button", name="feed-forward", exact=True).click()
    wait_text(page, "e16.where", r"layers\.py, line \d+")
    exhibit.get_by_role("button", name="Open it in its function").click()
    live = exhibit.locator(".python .live")
    live.wait_for()
    assert live.inner_text().strip() == page.texts()["e16.line"]
    assert fits(page)


def test_values_and_gradients_follow_training(page: FishPage):
    page.boot_at(20)
    exhibit = show(page, "#e16")
    wait_text(page, "e16.status", "Layer 1, step 20")
    before = chart(page, "e16.block")
    vector = column(exhibit, "e16.numbers", 0)
    gradient = column(exhibit, "e16.numbers", 1)
    page.make_step()
    wait_text(page, "e16.status", "step 21")
    before = changed(page, "e16.block", before)
    assert column(exhibit, "e16.numbers", 0) != vector
    assert column(exhibit, "e16.numbers", 1) != gradient
    exhibit.locator("[data-list='e16.layer'] button").nth(1).click()
    wait_text(page, "e16.status", "Layer 2")
    changed(page, "e16.block", before)
    exhibit.get_by_role("button", name="layer norm, second", exact=True).click()
    exhibit.locator("[data-list='e16.word'] button").first.click()
    wait_text(page, "e16.gradient", r"0\.000 at the")  # only the gap is asked
    exhibit.locator("[data-list='e16.sentence'] button").nth(1).click()
    wait_text(page, "e16.asked", "Hidden: bank")


def test_the_prediction_answers_with_our_numbers(page: FishPage):
    page.boot_at(0)
    question = show(page, "[data-predict='e14-ten']")
    question.get_by_text("They stay the same", exact=True).click()
    answer = question.locator("[data-after='e14-ten']")
    answer.wait_for()
    assert "0.0001" in answer.inner_text()
