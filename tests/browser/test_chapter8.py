"""Chapters 8 and 10 as a visitor uses them: measured here, and compared."""

import re

from fishpage import FishPage


def test_pairs_by_button_and_by_keyboard(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e21-square", 5)
    before = page.settled()
    assert before.texts["e21.pairs"] == "262,144"
    page.control("e21.words", "32768").click()
    page.wait("pairs", lambda: page.texts()["e21.pairs"] == "1,073,741,824")
    assert page.settled().charts["e21.square"] != before.charts["e21.square"]
    page.control("e21.length").focus()
    page.tab.keyboard.press("ArrowRight")
    page.wait("double", lambda: page.texts()["e21.length"] == "65,536")


def test_it_is_measured_in_this_browser(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e21-time", 5)
    before = page.settled().charts["e21.time"]
    page.control("e21.measure").click()
    page.wait("progress", lambda: "Measuring" in page.texts()["e21.status"])
    done = re.compile(r"Medians of \d+ measurements")
    page.wait("medians", lambda: done.match(page.texts()["e21.status"]), 180)
    after = page.settled()
    assert after.charts["e21.time"] != before
    found = re.search(r"power of ([\d.]+) for attention, ([\d.]+) for",
                      after.texts["e21.verdict"])  # fmt: skip
    assert found, after.texts["e21.verdict"]
    attention, elman = map(float, found.groups())
    assert attention > elman > 0  # a noisy machine, but not as noisy as that
    assert "times as long in this browser" in after.texts["e21.finding"]
    cells = page.tab.locator("[data-matrix='e21.times'] td").all_inner_texts()
    assert len(cells) == 14 and "–" not in cells


def test_measuring_can_be_stopped(shared: FishPage):
    page = shared.at_exhibit("e21-time", 5)
    page.control("e21.measure").click()
    page.wait("a way out", lambda: page.control("e21.stop").count())
    page.control("e21.stop").click()
    page.wait("the button", lambda: page.control("e21.measure").count())
    page.settled()


def test_models_are_compared(wide_and_narrow: FishPage):
    page = wide_and_narrow.at_exhibit("e24-sizes", 5)
    before = page.settled()
    assert "1,591 times" in before.texts["e24.ratio"]
    page.control("e24.model", "BERT large").click()
    page.wait("another", lambda: "515 times" in page.texts()["e24.ratio"])
    assert page.settled().charts["e24.sizes"] != before.charts["e24.sizes"]


def test_the_wheel_has_its_name(shared: FishPage):
    page = shared.boot_at(1)
    code = page.tab.locator("#made pre").nth(1).text_content()
    assert re.search(r"runtime/fishformer-[\w.-]+-py3-none-any\.whl", code)
