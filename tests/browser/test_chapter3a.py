"""E06 to E09 as visitors use them: by mouse, by keyboard, in both widths."""

from fishpage import FishPage
from playwright.sync_api import Locator

STEPS = ("query", "key", "value", "scores", "shares", "mix", "heads", "join")

# The matrices of an exhibit that are laid out but wider than their room.
TOO_WIDE = """(id) => [...document.querySelectorAll(`#${id} .matrix`)]
  .filter((place) => place.clientWidth && place.scrollWidth > place.clientWidth + 1)
  .map((place) => place.dataset.matrix)"""


def cell(page: FishPage, matrix: str, row: int, column: int) -> Locator:
    """What can be pressed or typed into in one place of a matrix."""
    place = f'[data-matrix="{matrix}"] td[data-r="{row}"][data-c="{column}"]'
    return page.tab.locator(f"{place} > *")


def button(page: FishPage, exhibit: str, name: str) -> Locator:
    return page.tab.locator(f"#{exhibit}").get_by_role("button", name=name, exact=True)


def slider(page: FishPage, exhibit: str, name: str) -> Locator:
    return page.tab.locator(f"#{exhibit}").get_by_role("slider", name=name)


def go_to(page: FishPage, step: str) -> None:
    page.tab.locator(f'#e09 input[value="{step}"][name="e09-step"]').check(force=True)
    said = f"Step {STEPS.index(step) + 1} of"
    page.wait_text("e09.title", said)


def test_it_can_be_read_before_python_runs(dist):
    page = (dist / "index.html").read_text("utf-8")
    for said in (
        "Four products", "1.70", "24.83", "make 1.79 to 1.90 times", "0.610",
        "= 6 of 6 agree", "≠ 1 of 6 agree", "≠ 7 of 24 agree", "1.80, 2.14 and 2.26",
    ):  # fmt: skip
        assert said in page, said


# ---- E06 and E07 ---------------------------------------------------------------


def test_e06_by_keyboard(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e06", 1)
    assert page.texts()["e06.total"] == "1.70"
    before = page.wait_chart("e06.sum")
    page.press(slider(page, "e06", "a, first number"), "ArrowRight", "ArrowRight")
    page.wait_text("e06.total", r"^1\.84$")
    before = page.wait_other("e06.sum", before)
    page.press(button(page, "e06", "b turned round"), "Enter")
    page.wait_text("e06.finding", "below zero")
    page.wait_other("e06.sum", before)
    assert page.fits()


def test_e06_the_prediction_answers_with_its_numbers(shared: FishPage):
    page = shared.boot_at(1)
    assert "1.70 to 3.40" in page.predict("e06-double", "Both double").inner_text()


def test_e07_from_hard_to_even(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e07", 1)
    before = page.wait_chart("e07.curve")
    page.press(slider(page, "e07", "Temperature"), "Home")
    page.wait_text("e07.finding", "takes everything")
    page.wait_other("e07.curve", before)
    assert page.tab.evaluate(TOO_WIDE, "e07") == []
    page.press(slider(page, "e07", "Temperature"), "End")
    page.wait_text("e07.finding", "nearly alike")
    degrees = page.texts()["e07.degrees"]
    page.click_in('[data-canvas="e07.curve"]', 0.7, 0.5)
    page.wait("another heading", lambda: page.texts()["e07.degrees"] != degrees)
    page.press(cell(page, "e07.lookup", 0, 0), "ArrowDown", "ArrowRight", "Enter")
    page.wait_text("e07.opened", r"^north-east, score over temperature")
    assert page.tab.evaluate(TOO_WIDE, "e07") == []


# ---- E08 ---------------------------------------------------------------------------


def test_e08_numbers_are_edited_opened_and_undone(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e08", 1)
    field = cell(page, "e08.k", 0, 0)
    assert not button(page, "e08", "Undo").is_enabled()
    page.write(field, "2")
    page.wait_text("e08.finding", r"leaves the table as")
    page.wait(
        "the score", lambda: cell(page, "e08.scores", 1, 0).inner_text() == "2.00"
    )
    page.write(field, "soup")
    page.wait_text("e08.error", "“soup” is not a number. It is still 2")
    page.wait("the old value", lambda: field.input_value() == "2")
    page.tab.locator('#e08 [data-do="e08.undo"]').click()
    page.wait("undone", lambda: field.input_value() == "1")
    before = page.wait_chart("e08.softmax")
    page.press(cell(page, "e08.blends", 0, 0), "ArrowDown", "Enter")
    page.wait_text("e08.opened", "bank, number 1 of its blend.*0.500")
    page.wait_chart("e08.sum")
    page.press(cell(page, "e08.shares", 0, 0), "Enter")
    page.wait_text("e08.opened", "river looks at river")
    page.wait_other("e08.softmax", before)
    page.tab.get_by_label("Send it through softmax").check(force=True)
    page.wait_text("e08.rows", "every row sums to 1.00")
    assert page.tab.evaluate(TOO_WIDE, "e08") == []


# ---- E09 ---------------------------------------------------------------------------


def test_e09_walks_through_all_steps_in_its_room(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e09", 1)
    seen = set()
    for n, step in enumerate(STEPS, 1):
        page.wait_text("e09.title", f"Step {n} of 8")
        if step != "heads":
            block = "project" if step in STEPS[:3] else step
            seen.add(page.wait_chart(f"e09.sum.{block}"))
        assert page.tab.evaluate(TOO_WIDE, "e09") == [], step
        assert page.fits(), step
        if n < len(STEPS):
            page.press(button(page, "e09", "Next"), "Enter")
    assert len(seen) == len(STEPS) - 1
    assert not button(page, "e09", "Next").is_enabled()
    page.press(button(page, "e09", "Back"), "Enter")
    page.wait_text("e09.title", "Step 7 of 8")


def test_e09_arrow_keys_choose_the_step_and_not_the_timeline(shared: FishPage):
    page = shared.at_exhibit("e09", 3)
    first = page.tab.locator('#e09 input[value="query"]')
    page.press(first, "ArrowRight", "ArrowRight", "ArrowRight")
    page.wait_text("e09.title", "Step 4 of 8")
    assert page.step == 3


def test_e09_any_number_opens_with_its_operands_lit(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e09", 1)
    before = page.wait_chart("e09.sum.project")
    cell(page, "e09.P", 4, 1).click()
    page.wait_text("e09.opened", r"^the, query number 2: eight products, 0\.533")
    page.wait_other("e09.sum.project", before)
    lit = page.tab.locator('[data-matrix="e09.X"] td.lit')
    assert {td.get_attribute("data-r") for td in lit.all()} == {"4"}
    lit = page.tab.locator('[data-matrix="e09.W"] td.lit')
    assert {td.get_attribute("data-c") for td in lit.all()} == {"1"}
    page.press(cell(page, "e09.P", 4, 1), "ArrowUp", "Enter")
    page.wait_text("e09.opened", r"^to, query number 2")
    go_to(page, "scores")
    page.press(cell(page, "e09.Kt", 0, 0), "Enter")  # opens where it was made
    page.wait_text("e09.title", "Step 2 of 8")
    page.wait_text("e09.opened", r"^the, key number 1")


def test_e09_x_can_be_changed_and_everything_follows(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e09", 1)
    field = cell(page, "e09.X", 2, 0)
    page.write(field, "−1")
    page.wait("Q", lambda: cell(page, "e09.P", 2, 2).inner_text() == "0.95")
    assert page.tab.locator('[data-matrix="e09.X"] td.edited').count() == 1
    page.write(field, "12")
    page.wait_text("e09.error", "12 is out of bounds.*It is still −1")
    page.wait("the old value", lambda: field.input_value() == "−1.00")
    page.tab.locator('#e09 [data-do="e09.undo"]').click()
    page.wait("undone", lambda: field.input_value() == "0.68")
    page.wait("no error", lambda: page.texts()["e09.error"] == "")
    go_to(page, "join")
    field = cell(page, "e09.WO", 0, 1)
    page.write(field, "1")
    page.wait("the sum", lambda: cell(page, "e09.O", 0, 1).inner_text() == "1.61")


def test_e09_the_riddle_is_solved_by_its_switches(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e09", 1)
    page.tab.locator("#e09-puzzle").scroll_into_view_if_needed()
    page.wait_text("e09.puzzle", "Two rows do not agree yet")
    page.tab.locator('[data-do="e09.divide.second"]').press(" ")
    page.wait_text("e09.verdict.second", "= 6 of 6 agree")
    page.tab.locator('[data-do="e09.divide.head"]').click()
    page.wait_text("e09.puzzle", "^Found")
    page.wait_text("e09.verdict.head", "= 24 of 24 agree")
    marks = page.tab.locator("[data-matrix='e09.whole'] td.same")
    assert marks.count() == 24


def test_e09_a_term_of_the_formula_shows_its_step_and_its_line(shared: FishPage):
    page = shared.at_exhibit("e09", 1)
    page.tab.locator('#e09 .terms [data-term="scale"]').click()
    page.wait_text("e09.title", "Step 5 of 8")
    assert "np.sqrt(config.d_head" in page.lit_line("e09")
    lit = page.tab.locator("#e09 math .lit")
    assert lit.count() == 1
