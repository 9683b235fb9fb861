"""Chapter 1 as a visitor uses it: vectors trained in the page, and two sentences."""

import pytest
from fishpage import FishPage


@pytest.fixture
def chapter(wide_and_narrow: FishPage) -> FishPage:
    """The page, paused at step 40, with E02 on the screen."""
    return wide_and_narrow.at_exhibit("e02", 40)


def train_vectors(page: FishPage) -> None:
    page.control("e02.train").click()
    done = "Step 1,000 of 1,000"
    page.wait("word vectors", lambda: done in page.texts()["e02.status"], 120)


def test_training_of_word_vectors_can_be_stopped(chapter: FishPage):
    page = chapter
    page.wait_text("e02.status", "random numbers")
    page.control("e02.train").click()
    page.wait_text("e02.status", "Step [1-9]")
    page.control("e02.stop").click()
    page.wait_text("e02.train", "^Go on training$")
    assert page.fits()


def test_word_vectors_are_trained_here(shared: FishPage):
    page = shared.at_exhibit("e02", 40)
    page.wait_text("e02.status", "random numbers")
    answer = page.tab.locator("[data-after='e02-bass']")
    assert answer.text_content() == "Train the vectors to see."
    before = page.settled()
    assert "by chance" in before.texts["e02.finding"]
    train_vectors(page)
    assert "of the way from fish" in (answer.text_content() or "")
    after = page.settled()
    assert "11 of 11 are nearer to the words of both" in after.texts["e02.finding"]
    for chart in ("e02.map", "e02.between"):
        assert after.charts[chart] != before.charts[chart]
    assert after.loss == before.loss  # the live model stood still
    page.control("e02.reset").click()
    page.wait("random again", lambda: "random" in page.texts()["e02.status"])


def test_the_live_model_trains_on_while_word_vectors_are_trained(shared: FishPage):
    page = shared.at_exhibit("e02", 20)
    page.button("Train").click()
    before = page.step
    train_vectors(page)
    assert page.step > before


def test_any_word_by_button_keyboard_or_name(chapter: FishPage):
    page = chapter
    first = page.settled()
    page.control("e02.word", "play").click()
    page.wait("play", lambda: page.texts()["e02.chosen"] == "play")
    assert "game (0) to music (1)" in page.texts()["e02.place"]
    assert page.settled().charts["e02.map"] != first.charts["e02.map"]
    page.control("e02.word", "tank").focus()
    page.tab.keyboard.press("Enter")
    page.wait("tank", lambda: page.texts()["e02.chosen"] == "tank")
    field = page.tab.get_by_label("Another word")
    field.fill("trout")
    page.wait("trout", lambda: page.texts()["e02.chosen"] == "trout")
    near = page.tab.locator("[data-list='e02.near'] button")
    assert near.count() == 8
    field.fill("zebra")
    page.wait("no such word", lambda: "zebra" in page.texts()["e02.error"])
    assert page.texts()["e02.chosen"] == "trout"
    near.first.click()
    page.wait("a neighbour", lambda: page.texts()["e02.chosen"] != "trout")


def test_pointing_at_a_row_lights_the_word_up_everywhere(shared: FishPage):
    page = shared.at_exhibit("e02", 40)
    before = page.settled()
    page.tab.locator("#e02-between").hover(position={"x": 20, "y": 40})
    lit = page.tab.locator("[data-list='e02.words'] .lit-thing")
    page.wait("the word", lambda: lit.count() == 1)
    assert lit.inner_text() == "bank"
    assert page.settled().charts["e02.map"] != before.charts["e02.map"]
    page.tab.locator("#e02-between").click(position={"x": 20, "y": 70})
    page.tab.mouse.move(5, 5)
    page.wait("dark again", lambda: lit.count() == 0)
    assert page.texts()["e02.chosen"] == "bass"


def test_the_answer_comes_after_the_guess(shared: FishPage):
    page = shared.at_exhibit("e02", 40)
    answer = page.predict("e02-bass", "Somewhere between the two")
    assert answer.inner_text() == "Train the vectors to see."
    page.tab.set_viewport_size({"width": 360, "height": 740})
    assert answer.is_visible() and page.fits()


def test_one_point_becomes_two(chapter: FishPage):
    page = chapter
    page.show_exhibit("e03")
    first = page.settled()
    assert "At step 40" in first.texts["e03.sides"]
    page.control("e03.word", "school").click()
    page.wait("school", lambda: page.texts()["e03.chosen"] == "school")
    second = page.settled()
    for chart in ("e03.fork", "e03.history"):
        assert second.charts[chart] != first.charts[chart]
    sentences = second.texts["e03.first"], second.texts["e03.second"]
    assert all("school" in sentence for sentence in sentences)
    page.control("e03.pair").focus()
    page.tab.keyboard.press("Enter")
    page.wait("other sentences", lambda: page.texts()["e03.first"] != sentences[0])
    page.make_step()
    page.wait("the step", lambda: "At step 41" in page.texts()["e03.sides"])
    numbers = page.tab.locator("#e03-numbers td").all_inner_texts()
    assert numbers[:3] == ["1.00", "1.00", "0.00"] and len(numbers) == 9


@pytest.mark.parametrize("exhibit", ["e02", "e03"])
def test_the_python_and_the_numbers(chapter: FishPage, exhibit):
    page = chapter
    page.show_exhibit(exhibit)
    place = page.tab.locator(f"#{exhibit}")
    place.get_by_role("button", name="Show the Python").click()
    name = {"e02": "def skip_gram_forward", "e03": "def sense_axis"}[exhibit]
    page.wait(
        "the source", lambda: name in place.locator("[data-answer=source]").inner_text()
    )
    place.get_by_role("button", name="Data table").click()
    page.wait("the table", place.locator("[data-answer=table] table").count)


def test_nothing_sticks_out(chapter: FishPage):
    assert chapter.fits()
