"""Without a mouse: Tab to each control, in sight and outlined, and use it there."""

import pytest
from browsers import Pages
from fishpage import FishPage
from look import READ_FOCUS
from shared import SharedPage

# The exhibit itself gets the focus, as after a link to it.
ENTER = """(name) => {
  const exhibit = document.getElementById(name);
  exhibit.tabIndex = -1;
  exhibit.focus({ preventScroll: true });
}"""


def enter(page: FishPage, part: str) -> None:
    page.show_exhibit(part)
    page.tab.evaluate(ENTER, part)


def focus(page: FishPage) -> str:
    """What has the focus, which has to be seen."""
    held = page.tab.evaluate(READ_FOCUS)
    assert held, "nothing has the focus"
    name, outlined, in_sight = held
    assert outlined, f"{name} is not outlined"
    assert in_sight, f"{name} is out of sight"
    return name


def go(page: FishPage, control: str, key: str = "Tab") -> None:
    """Press Tab until a control has the focus, all the way in sight."""
    for _ in range(40):
        page.tab.keyboard.press(key)
        if control in focus(page):
            return
    raise AssertionError(f"{control} is not reached: {focus(page)} is")


def press(page: FishPage, *keys: str) -> None:
    for key in keys:
        page.tab.keyboard.press(key)
    page.tell()


def use(page: FishPage, control: str, key: str = "Enter", tab: str = "Tab") -> None:
    go(page, control, tab)
    press(page, key)


def write(page: FishPage, control: str, text: str) -> None:
    use(page, control, "Control+a")
    page.tab.keyboard.type(text)
    press(page, "Enter")


def wait_focus(page: FishPage, control: str) -> None:
    def there() -> bool:
        held = page.tab.evaluate(READ_FOCUS)
        return held and control in held[0]

    page.wait(f"the focus on {control}", there)
    focus(page)


@pytest.mark.parametrize(
    ("exhibit", "train", "stop"),
    [(e, f"{e}.train", f"{e}.stop") for e in ("e11", "e14", "e18", "e19", "e20")],
)
def test_the_focus_goes_from_train_to_stop_and_back(
    shared: SharedPage, exhibit: str, train: str, stop: str
):
    """The button that was pressed goes: whoever has no mouse must not begin anew."""
    page = shared.boot_at(1)
    enter(page, exhibit)
    use(page, train)
    wait_focus(page, stop)
    press(page, "Enter")
    wait_focus(page, train)


def test_e18_is_read_and_written_by_keys(shared: SharedPage):
    page = shared.boot_at(20)
    enter(page, "e18")
    write(page, "e18.typed", "the ___ floods its bank")
    page.wait_text("e18.reader_sees", "^the ___ floods its bank$")
    enter(page, "e18")
    use(page, "e18.kind writer")
    write(page, "e18.opening", "the old")
    page.wait_text("e18.start", "^the old$")
    use(page, "e18.write")
    page.wait_text("e18.verdict", "New|Recited|No place")
    wait_focus(page, "e18.again")  # what wrote has no more to do
    words = page.items("e18.look")
    press(page, "Enter")
    page.wait("an empty page", lambda: not page.items("e18.look"))
    use(page, "e18.next", tab="Shift+Tab")
    page.wait("a word", lambda: page.items("e18.look") == words[:1])
    use(page, "e18.temperature", "Home")
    page.wait_text("e18.temperature_said", "likeliest")
    use(page, "e18.count")
    page.wait_text("e18.counted", r"\d+ of 40")
    press(page, "Enter")
    focus(page)


def test_e19_and_e20_translate_by_keys(shared: SharedPage):
    page = shared.boot_at(1)
    enter(page, "e19")
    write(page, "e19.typed", "mon chat est roi")
    use(page, "e19.watch")
    wait_focus(page, "e19.halt")
    press(page, "Enter")
    wait_focus(page, "e19.watch")
    use(page, "e19.layer 1")
    use(page, "e19.head 2")
    assert page.control("e19.head", "2").get_attribute("aria-pressed") == "true"
    enter(page, "e20")
    write(page, "e20.typed", "la vache rêve")
    use(page, "e20.task translate")
    focus(page)
    assert page.control("e20.task", "translate").get_attribute("aria-pressed") == "true"


def test_a_link_is_made_and_copied_by_keys(pages: Pages):
    page = pages(permissions=["clipboard-read", "clipboard-write"])
    page.boot_at(3, "#seed=5")
    enter(page, "share")
    use(page, " here ", "ArrowDown")
    go(page, "share-at")
    press(page, *["ArrowDown"] * 10)  # E10; typed slowly it would be another
    use(page, "share-teach", "Space")
    use(page, "E02", "Space")
    go(page, "share-link")
    use(page, "share-copy")
    said = page.tab.locator(".share-said")
    page.wait("the word of it", lambda: "Copied" in said.inner_text())
    copied = page.tab.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("#seed=5&step=0&at=e10&teach=e02")
    go(page, "share-save")
    go(page, "share-file")


def test_runs_are_made_and_compared_by_keys(page: FishPage):
    page.boot_at(5)
    enter(page, "setup")
    use(page, "setup.layers", "ArrowRight")
    use(page, "setup.train")
    page.wait("the address", lambda: "#layers=3" in page.tab.url)
    focus(page)
    page.tab.keyboard.press("Escape")
    enter(page, "runs")
    use(page, "Compare First run")
    focus(page)
    use(page, "Open First run", tab="Shift+Tab")
    page.wait("the first run", lambda: "layers" not in page.tab.url)
    assert "Name of the run" in focus(page)
    use(page, "Delete")
    wait_focus(page, "runs.undelete")
    press(page, "Enter")
    focus(page)


def test_an_edit_is_made_and_run_by_keys(page: FishPage):
    page.boot_at(2)
    enter(page, "e22")
    use(page, "Delete the residual")
    use(page, "Type it for me")
    wait_focus(page, "Run this code")
    press(page, "Enter")
    said = page.tab.locator("#e22-said")
    page.wait("the new run", lambda: "A new run has begun" in said.inner_text())
    wait_focus(page, "Run this code")
    use(page, "Run the quick set")
    wait_focus(page, "Stop")
