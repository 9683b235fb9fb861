"""Chapter 2 as a visitor uses it: the ghost, and a run of the race in the page."""

import pytest
from fishpage import FishPage


@pytest.fixture
def chapter(wide_and_narrow: FishPage) -> FishPage:
    """The page, paused at step 10, where E04 has read its sentence."""
    page = wide_and_narrow.at_exhibit("e04", 10)
    page.wait("the ghost", lambda: has_read(page))
    return page


def has_read(page: FishPage) -> bool:
    texts = page.texts()
    return texts["e04.status"] == "" and "…" not in texts["e04.readout"]


def test_another_start_brings_the_ghost_back(chapter: FishPage):
    page = chapter
    first = page.settled()
    assert "1 in " in first.texts["e04.readout"]
    page.control("e04.start", "orthogonal").click()
    page.wait("its number", lambda: "orthogonal start" in page.texts()["e04.factor"])
    second = page.settled()
    for chart in ("e04.ink", "e04.fall"):
        assert second.charts[chart] != first.charts[chart]
    pressed = page.tab.locator("[data-do='e04.start'][aria-pressed=true]")
    assert pressed.inner_text() == "Orthogonal start"
    page.control("e04.sentence", "2").click()
    page.wait("the keys", lambda: page.texts()["e04.stand"] == "20, are")
    page.wait("its ghost", lambda: has_read(page))
    assert page.settled().charts["e04.ink"] != second.charts["e04.ink"]


def test_the_reader_moves_by_key_and_by_pointer(chapter: FishPage):
    page = chapter
    slider = page.tab.locator("input[data-do='e04.stand']")
    slider.focus()
    page.tab.keyboard.press("ArrowLeft")
    page.wait("word 19", lambda: page.texts()["e04.stand"] == "19, never")
    before = page.settled()
    box = page.tab.locator("#e04-fall")
    box.click(position={"x": 120, "y": 60})
    page.wait("elsewhere", lambda: page.texts()["e04.stand"] != "19, never")
    page.tab.mouse.move(5, 5)
    after = page.settled()
    assert after.texts["e04.readout"] != before.texts["e04.readout"]
    assert slider.input_value() == after.texts["e04.stand"].split(",")[0]


def test_another_word_is_followed(chapter: FishPage):
    page = chapter
    word = page.tab.locator("[data-list='e04.words'] button", has_text="fished")
    word.focus()
    page.tab.keyboard.press("Enter")
    page.wait("fished", lambda: "is left of fished" in page.texts()["e04.readout"])
    assert word.get_attribute("aria-pressed") == "true"


def test_the_terms_of_the_formula_lead_to_the_python(chapter: FishPage):
    page = chapter
    term = page.tab.locator("#e04 button[data-term='before']")
    term.click()
    assert "np.tanh" in page.lit_line("e04")
    assert term.get_attribute("aria-pressed") == "true"


def test_the_answer_comes_after_the_guess(shared: FishPage):
    page = shared.at_exhibit("e04", 10)
    answer = page.predict("e04-left", "About a tenth")
    page.wait("the ghost", lambda: "1 in " in answer.inner_text())


def train_elman(page: FishPage) -> None:
    """Begin a run of the race, and see it going."""
    page.show_exhibit("e05")
    page.tab.get_by_role("combobox", name="Model").select_option("elman")
    page.tab.get_by_role("combobox", name="Distance").select_option("5")
    page.wait_text("e05.chosen", "Elman at distance 5")
    page.tab.locator("#e05").get_by_role("button", name="Train it here").click()
    page.wait_text("e05.status", "step [1-9]")


def test_a_run_of_the_race_can_be_stopped(chapter: FishPage):
    page = chapter
    train_elman(page)
    page.tab.locator("[data-do='e05.stop']").click()
    page.wait_text("e05.status", "stopped at step")
    assert page.fits()


def test_a_run_of_the_race_is_trained_here(shared: FishPage):
    page = shared.at_exhibit("e05", 10)
    before = page.settled()
    train_elman(page)
    done = "900 steps, 100% of held-out questions right"
    page.wait("the run", lambda: done in page.texts()["e05.status"], 180)
    assert page.settled().charts["e05.dots"] != before.charts["e05.dots"]
    runs = page.tab.locator("[data-list='e05.runs']")
    assert runs.inner_text().startswith("Elman, distance 5, seed 6: 100%")


def test_the_slider_counts_hops(chapter: FishPage):
    page = chapter
    page.show_exhibit("e05")
    before = page.settled()
    slider = page.tab.locator("input[data-do='e05.n']")
    slider.focus()
    page.tab.keyboard.press("ArrowRight")
    page.wait("101", lambda: "100 against 1" in page.texts()["e05.path"])
    assert page.texts()["e05.steps"].endswith("101 against 1.")
    assert page.settled().charts["e05.hops"] != before.charts["e05.hops"]


@pytest.mark.parametrize("exhibit", ["e04", "e05"])
def test_the_python_and_the_numbers(chapter: FishPage, exhibit):
    page = chapter
    page.show_exhibit(exhibit)
    place = page.tab.locator(f"#{exhibit}")
    place.get_by_role("button", name="Show the Python").click()
    source = place.locator("[data-answer=source]")
    name = {"e04": "def state_input_gradient", "e05": "def recall"}[exhibit]
    page.wait("the source", lambda: name in source.inner_text())
    place.get_by_role("button", name="Data table").click()
    page.wait("the table", place.locator("[data-answer=table] table").count)


def test_nothing_sticks_out(chapter: FishPage):
    assert chapter.fits()
