"""Chapter 9's experiments in Chromium: settings, runs, stopping, sentences."""

import pytest
from browsers import Pages
from fishpage import FishPage


def said(page: FishPage, place: str) -> str:
    return page.tab.locator(place).inner_text()


def wait_said(page: FishPage, place: str, part: str) -> str:
    page.wait(part, lambda: part in said(page, place))
    return said(page, place)


def text(page: FishPage, key: str) -> str:
    return f"[data-text='{key}']"


def put(page: FishPage, key: str, value: str) -> None:
    page.tab.locator(f"[data-do='{key}']").fill(value)


def rows(page: FishPage) -> list[str]:
    names = "[...document.querySelectorAll('#runs-list input')].map((one) => one.value)"
    return page.tab.evaluate(names)


def test_settings_begin_a_run_and_runs_are_laid_side_by_side(page: FishPage):
    page.boot_at(26)
    first = page.loss
    page.show("#setup")
    put(page, "setup.layers", "3")
    put(page, "setup.heads", "8")
    wait_said(page, text(page, "setup.changes"), "2 layers → 3 layers")
    effects = ".effects [data-text='setup.{}']"
    assert "37,168 → 49,744" in said(page, effects.format("parameters"))
    wait_said(page, effects.format("time"), "an estimate")
    page.control("setup.train").click()
    page.wait_state("training")
    page.wait("the address", lambda: "#layers=3&heads=8" in page.tab.url)
    page.show("#e01 .maps")
    page.wait_chart("e01.map.3.8")
    page.show("#runs")
    page.wait("two runs", lambda: len(rows(page)) == 2)
    page.pause()
    before = page.wait_chart("runs.curves", 5)
    name = page.tab.locator("#runs-list input").nth(1)
    page.write(name, "<b>deep</b>")
    page.wait("its name", lambda: rows(page) == ["First run", "<b>deep</b>"])
    page.tab.get_by_role("button", name="Curve of First run").click()
    page.wait_other("runs.curves", before)
    page.tab.get_by_role("button", name="Compare First run").click()
    differ = wait_said(page, text(page, "runs.differ"), "3 layers → 2 layers")
    assert "From “<b>deep</b>” to “First run”" in differ
    page.show(".sides")
    maps = {name: page.wait_chart(f"runs.{name}.map") for name in "ab"}
    assert maps["a"] != maps["b"]
    page.show("#runs-list")
    page.tab.get_by_role("button", name="Delete First run").click()
    page.wait("it to go", lambda: rows(page) == ["<b>deep</b>"])
    page.control("runs.undelete").click()
    page.wait("it to come back", lambda: rows(page) == ["First run", "<b>deep</b>"])
    page.tab.get_by_role("button", name="Open First run").click()
    page.wait_step(26)
    page.wait("the same run", lambda: page.loss == first)
    assert "layers" not in page.tab.url
    assert page.fits()


def test_what_is_not_allowed_is_said_and_rules_stop_it(page: FishPage):
    page.boot_at(3)
    page.show("#setup")
    put(page, "setup.heads", "5")
    error = wait_said(page, text(page, "setup.error.heads"), "does not divide")
    assert "4 would do" in error and page.control("setup.train").is_disabled()
    page.control("setup.fix").click()
    page.wait("no error", lambda: not said(page, text(page, "setup.error.heads")))
    put(page, "setup.lr", "abc")
    wait_said(page, text(page, "setup.error.lr"), "lr = 'abc' is not allowed")
    field = page.tab.locator("[data-do='setup.lr']")
    page.wait("the mark", lambda: field.get_attribute("aria-invalid") == "true")
    page.control("setup.undo").click()
    page.wait("0.004 again", lambda: field.input_value() == "0.004")
    put(page, "setup.stop.at_step", "19")
    put(page, "setup.stop.at_loss", "-1")
    wait_said(page, text(page, "setup.error.stop.at_loss"), "at_loss = -1")
    page.button("Train").click()
    page.wait_step(19)
    page.wait_state("paused")
    wait_said(page, text(page, "setup.stop"), "Stopped at step 19, as you asked.")
    page.button("Train").click()
    page.wait_step(22)


def test_a_runaway_run_has_its_remedy_one_click_away(page: FishPage):
    page.open("#lr=1&warmup=0&clip=1000000")
    page.wait_state("failed")
    page.tab.get_by_role("button", name="a tenth of the learning rate, 0.1").click()
    page.wait("the address", lambda: "lr=0.1" in page.tab.url)
    page.show("#runs")
    page.wait("both runs", lambda: len(rows(page)) == 2)


def test_sentences_are_reported_on_while_they_are_typed(page: FishPage):
    page.boot_at(2)
    page.show("#sentences")
    page.wait("the form", page.tab.locator("#corpus-text").is_enabled)
    page.tab.locator("#corpus-text").fill(
        "\n".join(f"a b {n}" for n in "cdefg") + "\na"
    )
    report = wait_said(page, "#corpus-live", "5 sentences")
    assert "Line 6 left out: one word only" in report and page.step == 2
    for name, data, reason in (
        ("lines.txt", b"some words here\n" * 50_000, "50,000 lines"),
        ("binary.txt", b"\x00\x01 \x02\n" * 9, "which no text has"),
    ):
        file = {"name": name, "mimeType": "text/plain", "buffer": data}
        page.tab.locator("#corpus-file").set_input_files(file)
        wait_said(page, "#corpus-live", reason)
    page.button("Train on these").click()
    wait_said(page, "#corpus-error", reason)
    assert page.tab.locator("#corpus-live").is_hidden()  # it says the same
    page.tab.locator("#corpus-text").fill("a b c")
    wait_said(page, "#corpus-live", "This text has 1")
    assert page.tab.locator("#corpus-live").is_visible()
    page.tab.locator("[data-list='sentences.ready']").get_by_text("Counting").click()
    wait_said(page, text(page, "sentences.now"), "Counting, 164 sentences")
    page.wait("one report", lambda: said(page, "#corpus-live") == "")
    assert "Up, down" in said(page, text(page, "sentences.look"))
    page.button("Back to the fish").click()
    wait_said(page, text(page, "sentences.now"), "The fish")


@pytest.mark.parametrize("width", [360])
def test_it_fits_a_phone(pages: Pages, width: int):
    page = pages(viewport={"width": width, "height": 740})
    page.boot_at(2)
    for place in ("#setup", "#sentences", "#runs"):
        page.show(place)
        page.tell()
        assert page.fits(), place


def test_on_a_phone_what_a_change_does_stays_in_sight(pages: Pages):
    page = pages(viewport={"width": 360, "height": 740})
    page.boot_at(2)
    page.show("[data-setting=layers]")
    gist = page.tab.locator(".effects-now > div")
    assert not gist.is_visible()
    put(page, "setup.layers", "3")
    page.wait("the gist", lambda: "37,168 → " in gist.inner_text())
    box, bar = gist.bounding_box(), page.tab.locator("#transport").bounding_box()
    assert box and bar and box["y"] > 300
    assert 0 <= box["y"] + box["height"] - bar["y"] < 12  # no gap above the transport
    assert page.fits()
    page.show("#setup .effects")
    page.wait("the panel alone", lambda: not gist.is_visible())
    put(page, "setup.lr", "abc")
    wait_said(page, text(page, "setup.error.lr"), "from 0.000001 to 1")
    parameters = page.tab.locator("#setup .effects [data-text='setup.parameters']")
    page.wait("no claim", lambda: parameters.inner_text() == "–")
    put(page, "setup.lr", "0.002")
    page.show("[data-setting=layers]")
    gist.get_by_role("button", name="Train with these").click()
    page.wait("the address", lambda: "#layers=3" in page.tab.url)
