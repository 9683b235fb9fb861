"""E01: a sentence of one's own, what the maps show, the Python and the numbers."""

import re
import textwrap
from pathlib import Path

from fishpage import SPEED, FishPage

from fishformer.corpus import load_fish

PACKAGE = Path(__file__).parents[2] / "pysrc" / "fishformer"
UNREADABLE = {  # own sentence -> a part of what the page says to it
    "the ___ drinks zyzzyva tonic": "zyzzyva, tonic",
    "the old bass": "this one has 0",
    "the ___ and the ___": "this one has 2",
    "___": "A gap alone",
    "the " * 40 + "___": "has 41 words",
    "<img src=x onerror=alert(1)> ___": "img",
}
MAPS = [f"e01.map.{layer}.{head}" for layer in (1, 2) for head in (1, 2, 3, 4)]


def known_sentence() -> list[str]:
    """A sentence that the model has not seen, of words that it knows."""
    return list(load_fish().held_out[0])


def type_own(page: FishPage, text: str) -> None:
    page.tab.get_by_role("textbox", name="Your own sentence").fill(text)


def error(page: FishPage) -> str:
    return page.tab.locator("#own-error").inner_text()


def test_own_sentence_gets_guesses_and_maps(shared: FishPage):
    page = shared.boot_at(40)
    before = page.settled()
    assert "e01.guess.own" not in before.charts
    words = known_sentence()
    words[2] = "___"
    type_own(page, " ".join(words).capitalize() + ".")
    page.wait("guesses", lambda: page.texts()["e01.blank.own"])
    after = page.settled()
    assert after.charts["e01.guess.own"].colours >= 3
    assert error(page) == ""
    for name in MAPS:  # they show the new sentence
        assert after.charts[name] != before.charts[name]
    shown = page.tab.locator(".own .sentence").inner_text()
    assert words[0] in shown and words[3] in shown
    page.make_step()
    assert page.settled().charts["e01.guess.own"] != after.charts["e01.guess.own"]
    type_own(page, "")
    page.wait("no guesses", lambda: "e01.guess.own" not in page.charts())


def test_own_sentence_that_cannot_be_read_is_explained(shared: FishPage):
    page = shared.boot_at(0)
    for text, said in UNREADABLE.items():
        type_own(page, text)
        page.wait(f"{said} for {text}", lambda said=said: said in error(page))
        assert page.tab.locator("img").count() == 0
    page.make_step()  # all goes on
    type_own(page, "")
    page.wait("no explanation", lambda: not error(page))


def test_own_sentence_may_start_from_the_first(shared: FishPage):
    page = shared.boot_at(5)
    page.button("Start from sentence 1").click()
    page.wait("guesses", lambda: page.texts()["e01.blank.own"])
    assert error(page) == ""


def test_another_sentence_and_another_head_change_what_is_drawn(shared: FishPage):
    page = shared.boot_at(40)
    first = page.settled()
    page.button("Sentence 2").click()
    pressed = page.tab.locator("[data-sentence='2'][aria-pressed=true]")
    page.wait("sentence 2", pressed.count)
    second = page.settled()
    for name in (*MAPS, "e01.look"):
        assert second.charts[name] != first.charts[name], name
    page.button("Layer 1, head 2").click()
    page.wait("the head", lambda: "Layer 1, head 2" in page.texts()["e01.look"])
    third = page.settled()
    assert third.charts["e01.look"] != second.charts["e01.look"]
    page.tab.locator(".from button").first.click()
    page.wait("the word", lambda: page.texts()["e01.look"] != third.texts["e01.look"])
    assert page.settled().charts["e01.look"] != third.charts["e01.look"]
    page.button("Sentence 1").click()
    page.button("Layer 2, head 1").click()
    page.wait("as before", lambda: page.texts() == first.texts)
    page.tab.mouse.move(5, 5)
    assert {n: page.settled().charts[n] for n in MAPS} == {
        n: first.charts[n] for n in MAPS
    }


def test_pointing_at_a_row_of_a_map_shows_it_until_the_pointer_leaves(shared: FishPage):
    page = shared.boot_at(40)
    before = page.settled()
    box = page.tab.locator("[data-canvas='e01.map.1.1']")
    box.hover(position={"x": 20, "y": 4}, force=True)  # a button lies over it
    page.wait("the row", lambda: page.texts()["e01.look"] != before.texts["e01.look"])
    page.tab.mouse.move(5, 5)
    page.wait("no row", lambda: page.texts() == before.texts)
    page.make_step()


def test_show_the_python_shows_the_very_source(shared: FishPage):
    page = shared.boot_at(0)
    page.button("Show the Python").click()
    sections = page.tab.locator("#e01 .python")
    page.wait("the source", sections.count)
    shown = sections.evaluate_all("""(sections) => sections.map((section) => [
      section.querySelector("header").innerText,
      [...section.querySelectorAll("pre span")].map((line) => line.textContent),
    ])""")
    assert len(shown) >= 4
    for header, lines in shown:
        found = re.search(r"([a-z_/]+\.py), lines (\d+) to (\d+)", header)
        first, last = int(found[2]), int(found[3])
        source = (PACKAGE / found[1]).read_text().split("\n")[first - 1 : last]
        assert "\n".join(lines) == textwrap.dedent("\n".join(source)), header
    assert any("def attention_forward" in line for _, lines in shown for line in lines)
    page.button("Hide the Python").click()
    assert not sections.first.is_visible()


def test_data_table_has_the_numbers_and_follows_the_run(shared: FishPage):
    page = shared.boot_at(20)
    page.button("Data table").click()
    tables = page.tab.locator("#e01 [data-answer=table] table")
    page.wait("tables", tables.count)
    cells = "(tables) => tables.map((t) => [...t.rows].map((r) => r.innerText))"
    before = tables.evaluate_all(cells)
    assert all(len(rows) > 1 for rows in before)
    numbers = "\n".join(row for rows in before for row in rows)
    assert f"{float(page.loss):.3f}" in numbers
    page.button("Train").click()
    page.wait("other numbers", lambda: tables.evaluate_all(cells) != before)


def test_link_to_this_step_leads_back_to_it(page: FishPage):
    page.boot_at(17, "#seed=3")
    before = page.settled()
    page.button("Link to this step").click()
    page.wait("the link", lambda: "step=17" in page.tab.url)
    address = page.tab.url
    page.tab.goto("about:blank")
    page.tab.goto(address)
    page.wait_state("paused")
    page.wait_step(17)
    assert page.settled().loss == before.loss


def test_a_shared_page_is_put_back_as_it_was(shared: FishPage):
    """What the tests that share a page rely on."""
    page = shared.boot_at(20)
    before = page.settled()
    page.button("Sentence 2").click()
    page.show("#e08")
    field = page.tab.locator("[data-matrix='e08.k'] input").first
    number = field.input_value()
    page.write(field, "2")
    page.wait("another number", lambda: page.control("e08.undo").is_enabled())
    page.make_step()
    page.set_speed("max")
    page.button("Train").click()
    page.wait_state("training")
    page.boot_at(20)
    after = page.settled()
    whole = {"e01.loss", "transport.curve"}  # they show the steps that follow, too
    for name in before.charts.keys() - whole:
        assert after.charts[name] == before.charts[name], name
    assert (after.step, after.loss) == (before.step, before.loss)
    assert page.tab.evaluate(SPEED) == "30/s"
    page.show("#e08")
    page.wait("the number", lambda: field.input_value() == number)
