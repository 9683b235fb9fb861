"""For everyone: keyboards, fingers, large type, zoom, forced colours, paper."""

import base64

import pytest
from look import LAY_OUT_ALL, READ_FOCUS, READ_OVERLAPS
from playwright.sync_api import Page
from shared import SharedPage

# The controls on show that are under 24 pixels wide or high. A slider or a box is as
# large as its label; a link inside a sentence may be as small as its words (2.5.8).
SMALL = """[...document.querySelectorAll("button, input, select, textarea, summary, a")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => one.localName !== "a" || !one.closest("p, li, dd, td, sup, span"))
  .map((one) => {
    const drawn = ["checkbox", "radio", "file", "range"].includes(one.type);
    const area = (drawn && one.closest("label")) || one;
    const { width, height } = area.getBoundingClientRect();
    return [one.id || one.dataset.do || one.textContent.trim(), width, height];
  })
  .filter(([, width, height]) => width && height && (width < 24 || height < 24))"""
# What sticks out of the page at the right, if it does not scroll by itself.
WIDER = """(() => {
  const room = document.documentElement.clientWidth + 1;
  const scrolls = (one) => one !== document.body &&
    (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  return [...document.querySelectorAll("main *, .transport *, .masthead *")]
    .filter((one) => one.checkVisibility() && !one.closest(".vh, svg") && !scrolls(one))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, area]) => area.width && area.right > room)
    .map(([one, area]) => [one.closest("[id]")?.id, one.className, area.right - room]);
})()"""
STOPS = """[...document.querySelectorAll(
  "button, input:not([type=radio]), select, textarea, summary, a[href]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.disabled && one.tabIndex >= 0).length"""


def every_exhibit_drawn(page: SharedPage, width: int) -> Page:
    page.drawn_at(20)
    page.tab.set_viewport_size({"width": width, "height": 900})
    page.settled()
    return page.tab


@pytest.mark.parametrize("width", [360, 1440])
def test_controls_fit_a_finger(shared: SharedPage, width: int):
    assert not every_exhibit_drawn(shared, width).evaluate(SMALL)


@pytest.mark.parametrize("width", [360, 1440])
def test_type_may_be_twice_as_large(shared: SharedPage, width: int):
    """Nothing sticks out, and no line of text lies on another."""
    tab = every_exhibit_drawn(shared, width)
    tab.evaluate(LAY_OUT_ALL)
    size = "document.documentElement.style.fontSize"
    tab.evaluate(f"{size} = '200%'")
    shared.settled()
    wider, over = tab.evaluate(WIDER), tab.evaluate(READ_OVERLAPS)
    tab.evaluate(f"{size} = ''; document.adoptedStyleSheets = []")
    assert not over
    assert not wider


def test_nothing_sticks_out_of_a_small_window(shared: SharedPage):
    """320 pixels are a window of 1,280 at 400%."""
    assert not every_exhibit_drawn(shared, 320).evaluate(WIDER)
    assert shared.fits()


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(shared: SharedPage):
    page = shared
    every_exhibit_drawn(page, 1280)
    page.tab.locator(".mark").focus()
    reached: list[str] = [page.tab.evaluate(READ_FOCUS)[0]]
    hidden, away = [], []
    for _ in range(3000):
        page.tab.keyboard.press("Tab")
        found = page.tab.evaluate(READ_FOCUS)
        if found is None:
            break  # out of the page: all were visited
        name, shown, on_screen = found
        reached.append(name)
        if not shown:
            hidden.append(name)
        if not on_screen:
            away.append(name)
    assert len(reached) > 200
    assert not hidden and not away
    assert len(reached) >= page.tab.evaluate(STOPS)


# Of a picture of a control: how many colours are in it, and in its first column.
COLOURS = """async (png) => {
  const picture = Object.assign(new Image(), { src: `data:image/png;base64,${png}` });
  await picture.decode();
  const { width, height } = picture;
  const ink = Object.assign(document.createElement("canvas"), { width, height })
    .getContext("2d");
  ink.drawImage(picture, 0, 0);
  return [width, 1].map((wide) => new Set(new Uint32Array(
    ink.getImageData(0, 0, wide, height).data.buffer)).size);
}"""
# What is chosen and looks like what is not, beside it.
UNMARKED = """[...document.querySelectorAll("[aria-pressed=true], .steps :checked")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => one.closest(".steps label") ?? one)
  .filter((one) => {
    const looks = (element) => [element, ...element.querySelectorAll("*")]
      .flatMap((part) => ["", "::before"].map((kind) => getComputedStyle(part, kind)))
      .map((style) => [style.backgroundColor, style.outlineStyle, style.fontWeight,
        style.textDecorationStyle, style.borderBottomWidth]).join();
    const others = `#${one.closest("[id]").id}
      :is([aria-pressed=false], .steps input:not(:checked))`;
    const group = ({ parentElement }) => parentElement.className;
    const other = [...document.querySelectorAll(others)]
      .map((element) => element.closest(".steps label") ?? element)
      .find((element) => group(element) === group(one));
    return other && looks(one) === looks(other);
  })
  .map((one) => [one.closest("[id]").id, one.textContent])"""
GROUNDS = """[...new Set([...document.querySelectorAll("[data-canvas]")]
  .map((box) => getComputedStyle(box).backgroundColor))]"""
MARKS = (
    *("#e01 .dot", "#e11 progress", "#e07 .disc", "#e08 .check input"),
    "[data-do='e06.a1']",
)


def test_forced_colours_leave_every_chart_and_control_visible(shared: SharedPage):
    page = shared
    page.drawn_at(20)
    tab = page.tab
    tab.emulate_media(forced_colors="active")
    page.settled()
    assert tab.evaluate(GROUNDS) == ["rgb(252, 250, 246)"]  # charts are drawn for it
    assert not tab.evaluate(UNMARKED)
    for mark in MARKS:
        png = base64.b64encode(page.show(mark).screenshot()).decode()
        colours, at_the_edge = tab.evaluate(COLOURS, png)
        assert colours > 1, mark
    assert at_the_edge > 1, "a slider without its line"
    borders = tab.evaluate("""[...document.querySelectorAll("#transport button")]
      .map((button) => getComputedStyle(button).borderTopStyle)""")
    assert set(borders) == {"solid"}
    tab.emulate_media(forced_colors="none")


def test_whatever_is_dragged_has_sliders_too(shared: SharedPage):
    """WCAG 2.2, 2.5.7; the keys of each slider are tried with its exhibit."""
    without = shared.boot_at(1).tab.evaluate("""[...document.querySelectorAll(".drag")]
      .filter((one) => !one.closest(".exhibit").querySelector("[type=range]"))
      .map((one) => one.dataset.canvas)""")
    assert not without
    assert shared.tab.locator(".timeline [type=range]").count() == 1


def test_little_motion_where_it_is_asked_for(pages):
    page = pages(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    page.boot_at(5)
    moving = page.tab.evaluate("""document.getAnimations()
      .filter((one) => one.playState === "running").length""")
    assert moving == 0
    smooth = page.tab.evaluate(
        "getComputedStyle(document.documentElement).scrollBehavior"
    )
    assert smooth == "auto"


def test_what_turns_by_itself_rests_as_soon_as_it_is_asked_for(shared: SharedPage):
    page = shared.boot_at(1)
    page.show_exhibit("e17-space")
    turn = page.control("e17.rotate")
    turn.click()
    page.wait_text("e17.rotate", "Stop turning")
    page.tab.emulate_media(reduced_motion="reduce")
    page.wait("no control to turn it", lambda: not turn.is_visible())
    page.settled()
    page.tab.emulate_media(reduced_motion="no-preference")
    page.wait("the control", turn.is_visible)
    turn.click()
    page.wait_text("e17.rotate", "Turn slowly")


# Of what is on the paper: what may be cut in two, what may be parted from what it is
# the title of, and charts that are not in their own shape.
CUT = """[...document.querySelectorAll(".exhibit > header, .box, .matrix, tr")]
  .filter((one) => one.checkVisibility())
  .filter((one) => getComputedStyle(one).breakInside !== "avoid")
  .map((one) => one.outerHTML.slice(0, 99))"""
PARTED = """[...document.querySelectorAll("h1, h2, h3, h4, .kicker, .named")]
  .filter((one) => one.checkVisibility())
  .filter((one) => getComputedStyle(one).breakAfter !== "avoid")
  .map((one) => one.textContent)"""
SHAPES = """[...new Set([...document.querySelectorAll(".box canvas")]
  .map((one) => getComputedStyle(one).objectFit))]"""
ANSWERS = """[...document.querySelectorAll(".question p")]
  .filter((one) => !one.getClientRects().length).length"""


def test_on_paper_it_is_an_article(shared: SharedPage):
    page = shared
    page.drawn_at(20)
    page.tab.emulate_media(media="print")
    page.tab.evaluate(LAY_OUT_ALL)
    shown = page.tab.evaluate("""["h1", "#chapter-3 p", "#e01 .box", "#transport",
      ".masthead", ".tools", ".controls", "#setup", "#share"].map((place) =>
      [place, document.querySelector(place).checkVisibility()])""")
    assert dict(map(tuple, shown)) == {
        "h1": True, "#chapter-3 p": True, "#e01 .box": True, "#transport": False,
        ".masthead": False, ".tools": False, ".controls": False, "#setup": False,
        "#share": False,
    }  # fmt: skip
    assert not page.tab.evaluate(CUT) and not page.tab.evaluate(PARTED)
    assert page.tab.evaluate(SHAPES) == ["contain"]
    assert not page.tab.evaluate(ANSWERS)
    page.tab.evaluate("document.adoptedStyleSheets = []")
    assert len(page.tab.pdf()) > 100_000
    page.tab.emulate_media(media="screen")


# How light the paper of a chart is, 0 to 255, and how many colours it has.
ON_PAPER = """(name) => {
  const canvas = document.querySelector(`[data-canvas="${name}"] canvas`);
  const { width, height } = canvas;
  const ink = Object.assign(document.createElement("canvas"), { width, height })
    .getContext("2d");
  ink.filter = getComputedStyle(canvas).filter;
  ink.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
  ink.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(ink.getImageData(0, 0, width, height).data.buffer);
  const shown = [...pixels].filter((pixel) => pixel >>> 24);
  const light = (pixel) => (pixel >>> 8) & 255;
  const inks = shown.map(light).filter((level) => level < 140).length;
  return [new Set(shown).size, inks / shown.length];
}"""


def test_on_paper_charts_off_the_screen_are_whole_and_dark_on_light(
    shared: SharedPage,
):
    """Printing lays the page out anew, at once: Python cannot draw for it."""
    page = shared
    page.drawn_at(20)
    page.show("#e24")
    page.button("Dark theme").click()
    page.tab.set_viewport_size({"width": 1200, "height": 900})
    page.tell()
    page.tab.pdf(page_ranges="1")  # its layout, too, reaches the charts
    page.tell()
    page.tab.emulate_media(media="print")
    colours, dark = page.tab.evaluate(ON_PAPER, "e01.loss")
    page.tab.emulate_media(media="screen")
    page.button("Light theme").click()
    assert colours > 20
    assert dark > 0.2, "ink as light as paper"
