"""E22 as a visitor uses it: the Python edited, run, tested, broken and put back."""

import time
from pathlib import Path

import pytest
from fishpage import FishPage
from look import LAY_OUT_ALL

from fishformer.browser.testbench import QUICK_NEEDS

# Milliseconds since the page has heard Python; a page that is left after 3,000 of them
# takes its edited code to be stuck.
SILENCE = """import(document.querySelector("script[src$='page.mjs']").src
  .replace("page.mjs", "boot.mjs")).then(({ silence }) => silence())"""
# Charts of E01 without the pixels that their boxes need: their sizes were not told.
ILL_FITTING = """Promise.all([...document.querySelectorAll("#e01 [data-canvas]")]
  .filter((box) => box.clientWidth)
  .map(async (box) => {
    const { width } = await createImageBitmap(box.querySelector("canvas"));
    const fits = Math.abs(width - box.clientWidth * devicePixelRatio) <= 1.5;
    return fits ? [] : [box.dataset.canvas];
  })).then((found) => found.flat())"""
SILENT_FOR = 25  # seconds: more than the page waits for a Python that says nothing
SHARES = "exps = np.exp(scores"  # a line of softmax.py


def test_pytest_is_as_large_as_the_page_says(dist: Path):
    wheels = [p for p in dist.glob("b-*/testing/*") if p.name.startswith(QUICK_NEEDS)]
    size = sum(path.stat().st_size for path in wheels) / 1e6
    html = (dist / "index.html").read_text("utf-8")
    assert f"pytest comes with the site: {size:.1f} MB" in html


@pytest.fixture
def hood(page: FishPage) -> FishPage:
    """The page, paused at step 12, the editor open."""
    page.boot_at(12)
    open_editor(page)
    return page


def open_editor(page: FishPage) -> None:
    page.tab.evaluate("document.getElementById('e22').scrollIntoView()")
    page.wait("the source", page.tab.locator("#e22-run").is_enabled)


def text(page: FishPage, name: str) -> str:
    return page.tab.locator(f"#e22-{name}").inner_text()


def type_after(page: FishPage, file: str, line: str, code: str) -> None:
    """Find a line of a file and type another one below it, with the keyboard alone."""
    tab = page.tab
    if tab.locator("#e22-unlock").inner_text() == "Unlock":
        tab.click("#e22-unlock")
    tab.select_option("#e22-file", file)
    tab.locator("#e22 .cm-content").focus()
    tab.keyboard.press("Control+Home")
    tab.keyboard.press("Control+f")
    tab.keyboard.type(line)
    tab.keyboard.press("Enter")
    tab.keyboard.press("Escape")
    for key in ("End", "Enter"):
        tab.keyboard.press(key)
    tab.keyboard.type(code)
    page.wait("the diff", lambda: code in text(page, "diff"))


def run(page: FishPage, words: str, seconds: float = 40) -> None:
    page.tab.click("#e22-run")
    page.wait(words, lambda: words in text(page, "said"), seconds)


def test_locked_until_unlocked_and_escape_leaves(hood: FishPage):
    tab = hood.tab
    assert "attention.py" in tab.locator("#e22-file").inner_text()
    content = tab.locator("#e22 .cm-content")
    content.focus()
    tab.keyboard.type("nothing of this")
    assert "nothing of this" not in content.inner_text()
    assert hood.state()["state"] == "paused"  # the space was not the transport's
    tab.click("#e22-unlock")
    hood.wait("the words", lambda: "Escape leaves" in text(hood, "keys"))
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.id") == "e22-run"


def test_an_edit_is_refused_at_its_line_or_runs_beside_the_run_before(hood: FishPage):
    tab = hood.tab
    type_after(hood, "softmax.py", SHARES, "x = = 1")
    run(hood, "The page goes on with the code from before")
    trouble = tab.locator("#e22-trouble")
    assert "cannot read softmax.py, line 14" in trouble.inner_text()
    assert tab.locator("#e22 .cm-line.wrong").inner_text().strip() == "x = = 1"
    assert hood.state()["step"] == "12" and not hood.state()["edited"]
    tab.click("[data-reset=function]")
    hood.wait("no change", lambda: "as it was made" in text(hood, "diff"))
    tab.click("#e22-undo")
    hood.wait("the edit again", lambda: "x = = 1" in text(hood, "diff"))
    tab.click("[data-reset=file]")

    loud = "for n in range(999): print('flood', n)"
    type_after(hood, "softmax.py", SHARES, loud)
    run(hood, "A new run has begun")
    assert hood.state()["edited"] == text(hood, "count") == "softmax.py"
    hood.wait("steps", lambda: 2 <= hood.step < 12 or hood.step > 12)
    hood.wait("prints", lambda: "flood 998" in text(hood, "printed"))
    assert len(text(hood, "printed")) < 13_000

    tab.click("[data-reset=all]")
    type_after(hood, "softmax.py", SHARES, "while True: exps")
    run(hood, "The page goes on with the code from before")
    said = "softmax.py, line 14: this ran for too long and was stopped"
    assert said in trouble.inner_text()
    assert hood.state()["edited"] == "softmax.py"  # the loud one


def test_the_tests_are_green_and_after_the_edit_the_right_ones_red(hood: FishPage):
    def tested() -> list[str]:
        hood.tab.click("[data-tests=quick]")
        hood.wait("the end", lambda: " s." in text(hood, "tests-said"), 60)
        failed = hood.tab.locator("#e22-results li.failed > :nth-child(2)")
        return sorted(failed.all_inner_texts())

    assert tested() == []
    assert text(hood, "tests-said").startswith("19 passed, in")
    details = hood.tab.locator("[data-challenge=residual]")
    details.locator("> summary").click()
    hood.tab.click("[data-type=residual]")
    focused = "document.activeElement.id"
    hood.wait("Run", lambda: hood.tab.evaluate(focused) == "e22-run")
    hood.wait("it is seen", lambda: "You have made this edit" in details.inner_text())
    assert "residual" in text(hood, "diff")
    run(hood, "A new run has begun")
    assert tested() == [
        "The first twenty losses",
        "What comes into a step is added to what it makes",
    ]
    assert "2 tests of the quick set red: 2 did; no other." in text(hood, "tests-said")
    ticks = hood.tab.locator("#e22-results .verdict").all_inner_texts()
    assert ticks == ["as expected", "as expected"]
    reason = hood.tab.locator("#e22-results .why").last
    assert reason.get_attribute("open") is None  # what was expected takes little room
    reason.locator("summary").click()
    why = reason.inner_text()
    assert "test_essentials.py, line" in why and "AssertionError" in why


def test_a_python_that_hangs_is_started_again_and_nothing_is_lost(hood: FishPage):
    tab = hood.tab
    loss = hood.loss
    type_after(hood, "softmax.py", SHARES, "import time; time.sleep(99)")
    tab.click("#e22-run")
    stop = tab.get_by_role("button", name="Stop Python")
    hood.wait("a way out", stop.is_visible)
    stop.click()
    hood.wait("words", lambda: "stopped and started again" in text(hood, "said"), 60)
    hood.wait_state("paused")
    hood.wait("its step", lambda: hood.step == 12)
    assert hood.loss == loss and not hood.state()["edited"]
    hood.wait("the text", lambda: "time.sleep(99)" in text(hood, "diff"))
    tab.evaluate(LAY_OUT_ALL)  # also charts that only the Python before this one had
    tab.set_viewport_size({"width": 700, "height": 900})
    tab.evaluate("scrollTo(0, 0)")
    hood.wait("charts", lambda: len(hood.charts()) > 8)
    hood.wait("ink", lambda: all(one.colours > 2 for one in hood.charts().values()))
    for width in (1280, 900):
        tab.set_viewport_size({"width": width, "height": 900})
        hood.wait("the charts' sizes", lambda: not tab.evaluate(ILL_FITTING))
    hood.make_step()

    tab.reload()
    hood.wait_state("training", "paused")
    hood.wait("Python", lambda: tab.evaluate("document.documentElement.className"))
    open_editor(hood)
    hood.wait("the text", lambda: "time.sleep(99)" in text(hood, "diff"))
    assert "does not run until" in text(hood, "said")
    assert not hood.state().get("edited")


def test_only_a_python_that_is_silent_is_taken_to_hang(hood: FishPage):
    type_after(hood, "softmax.py", SHARES, "count = 1")
    seek = {"kind": "command", "name": "seek", "value": 7}
    began = time.perf_counter()
    hood.tell(*[seek] * 300)
    each = (time.perf_counter() - began) / 300
    hood.send(*[seek] * int(SILENT_FOR / each))
    hood.tab.click("#e22-run")
    hood.wait("the edit", lambda: hood.state()["edited"] == "softmax.py", 120)
    type_after(hood, "softmax.py", SHARES, "import time; time.sleep(99)")
    hood.tab.click("#e22-run")
    hood.wait("words", lambda: "stopped and started again" in text(hood, "said"), 90)


def test_without_codemirror_a_plain_field_does(page: FishPage, site):
    page.allowed = ("console",)
    name = next(site.folder.glob("b-*/pyscript/codemirror_view*")).name
    site.faults[name] = "missing"
    page.boot_at(3)
    open_editor(page)
    page.tab.click("#e22-unlock")
    area = page.tab.get_by_role("textbox", name="attention.py, Python source")
    area.fill(area.input_value().replace("exp", "# exp", 1) + "\nx = 1\n")
    page.wait("the diff", lambda: "+x = 1" in text(page, "diff"))
    run(page, "A new run has begun")
    assert page.state()["edited"] == "attention.py"


def test_edited_python_that_hangs_is_not_begun_again_for_ever(hood: FishPage):
    """It passes its trial and hangs later, where nothing can stop it from inside.

    Two seconds later at 30 steps a second, when it has been kept.
    """
    tab = hood.tab
    type_after(
        hood, "training.py", "step = self.report.step + 1",
        "if step > 60: __import__('time').sleep(9999)",
    )  # fmt: skip
    run(hood, "A new run has begun")
    hood.wait("the last step", lambda: hood.step == 60)
    hood.wait("silence", lambda: tab.evaluate(SILENCE) > 3000)
    hood.boot()
    kept = tab.locator("#kept-words")
    hood.wait("the run", lambda: "Your 2 runs are back" in kept.inner_text())
    assert hood.state()["edited"] == "training.py"
    hood.wait("the last step", lambda: hood.step == 60)
    hood.wait("silence", lambda: tab.evaluate(SILENCE) > 3000)
    hood.boot()
    hood.wait("the way out", lambda: "begun without it" in kept.inner_text())
    assert "edited" not in hood.state()
    hood.wait_step(70)
    tab.locator("#runs").scroll_into_view_if_needed()
    hood.wait("all runs", lambda: tab.locator("#runs-list > *").count() == 3)
