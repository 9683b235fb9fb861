"""Links: made, copied, opened; what they bring waits for a yes; bad ones do no harm."""

import json
import random

import pytest
from browsers import Pages
from fishpage import FishPage

from fishformer.browser.source import ROOT
from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.links import LIMIT, Link, write
from fishformer.training import Trainer
from linking import ORIGINALS, packed

SENTENCES = "\n".join(
    f"the {animal} {verb} in the {place}"
    for animal in ("cat", "dog", "fox", "hen")
    for verb in ("sleeps", "eats", "runs")
    for place in ("barn", "yard")
)
# Half of every step: told from the original by the losses.
EDIT = ORIGINALS["optim.py"].replace("buffer -= lr", "buffer -= 0.5 * lr")
SHOWN = """(() => { const box = document.getElementById("brought");
  return box.hidden ? null : box.innerText; })()"""
OPEN = """async (fragment) => {
  const PAGE = (name) => document.querySelector("script[src$='page.mjs']")
    .src.replace("page.mjs", name);
  const share = await import(PAGE("share.mjs"));
  share.arrive(fragment);
  share.begin();
}"""


def brought(page: FishPage) -> str | None:
    return page.tab.evaluate(SHOWN)


def link(**given) -> str:
    return "#" + write(Link(**given), ORIGINALS)


def sentences_here(page: FishPage) -> str:
    return page.tab.locator("[data-fact=sentences]").first.inner_text()


def fields(page: FishPage, place: str) -> str:
    # Off the screen its text is not laid out.
    return page.tab.locator(f"#share {place}").text_content() or ""


def test_what_a_link_brings_is_shown_and_runs_only_after_a_yes(page: FishPage):
    assert ORIGINALS["optim.py"] != EDIT
    edits = {"optim.py": EDIT}
    page.boot_at(4, link(settings={"seed": "3"}, step=4, text=SENTENCES, edits=edits))
    said = page.wait("the question", lambda: brought(page))
    assert "the cat sleeps in the barn" in said and "24 lines" in said
    assert "+" in said and "0.5 * " in said and "optim.py" in said
    assert "nothing of it has run" in said.lower() and "seed 3, step 4" in said
    fish = sentences_here(page)
    assert fish != "24"
    before = page.loss
    page.tab.get_by_role("button", name="Run it", exact=True).click()
    page.wait("the sentences", lambda: sentences_here(page) == "24")
    page.wait("another loss", lambda: page.loss != before)
    page.wait("step 4", lambda: page.step == 4)
    page.wait_state("paused")
    assert brought(page) is None
    trainer = Trainer(Config(seed=3), load_corpus(SENTENCES))
    losses = [trainer.report.loss, *(trainer.update().loss for _ in range(4))]
    edited = float(page.loss)
    assert abs(edited - losses[4]) > 1e-4  # the edit is in it
    page.tab.keyboard.press("Home")
    page.wait_step(0)
    assert float(page.loss) == pytest.approx(losses[0], rel=1e-5)


def test_not_now_leaves_the_fish_and_so_does_code_that_fails(page: FishPage):
    page.boot_at(3, link(step=3, text=SENTENCES))
    page.wait("the question", lambda: brought(page))
    fish, loss = sentences_here(page), page.loss
    page.tab.get_by_role("button", name="Not now").click()
    assert brought(page) is None
    page.make_step()
    assert sentences_here(page) == fish and page.loss != loss
    kept = page.tab.evaluate("""async () => {
      const names = await indexedDB.databases();
      return JSON.stringify([names, { ...localStorage }, { ...sessionStorage }]);
    }""")
    assert "barn" not in kept
    broken = EDIT.replace("0.5 * ", "nothing * ")
    given = link(step=3, text=SENTENCES, edits={"optim.py": broken})
    page.tab.evaluate(OPEN, given[1:])
    page.wait("the question", lambda: "optim.py" in (brought(page) or ""))
    loss = page.loss
    page.tab.locator("#brought-yes").click()
    said = page.wait("why not", lambda: "defined" in brought(page) and brought(page))
    assert "optim.py, line" in said and "'nothing' is not defined" in said
    assert (sentences_here(page), page.loss) == (fish, loss)
    page.make_step()


HOSTILE = {
    "a=<img src=x onerror=alert(1)>&w=<script>alert(1)</script>": "not whole",
    "w=7.abc": "newer version",
    "w=1.%%%": "damaged",
    "x" * (LIMIT + 1): f"{LIMIT + 1:,} characters",
    "w=1." + "A" * 10_000_000: "10,000,004 characters",
    packed(b'{"text":"' + b"a" * 5_000_000 + b'"}'): "unpacks to more",
    packed(b"[" * 500_000): "damaged",
    packed({"text": "<b>one</b>"}): "cannot be used",
    packed({"edits": {"../../x": []}}): "'../../x'",
    packed({"edits": {"browser/main.py": []}}): "'browser/main.py'",
    packed({"edits": {"no_such.py": []}}): "'no_such.py'",
    packed({"edits": {"optim.py": [[1, ["x"], ["y"]]]}}): "line 1",
    "head=9.9": "no layer 9",
    "head=<b>": "not a layer",
    "sentence=12": "not 1, 2 or 3",
    "at=nowhere": "no exhibit",
    "teach=e99": "no exhibit",
    "at=%22%3E%3Cscript%3E": "no exhibit",
}


CODE = {
    "import js": "uses js",
    "x = (": "line",
    "x = " + "-" * 90_000 + "1": "too long",
    "x = 1" + " + 1" * 50_000: "too long",
    "x = a" + ".b" * 50_000: "too long",
    "if a:\n  b\n" + "elif a:\n  b\n" * 1_000: "too long",
    "\n".join(" " * n + "if a:" for n in range(90)) + " b": "too long",
    # As deep as it may be: Pyodide must survive it.
    "x = " + "-" * 140 + "1\nimport js": "uses js",
    "x = 1" + " + 1" * 70 + "\nimport js": "uses js",
    "x = " + "(" * 70 + "1" + ")" * 70 + "\nimport js": "uses js",
    "x = " + "[" * 70 + "1" + "]" * 70 + "\nimport js": "uses js",
    "x = a" + ".b" * 70 + "\nimport js": "uses js",
    "x = a" + "()" * 70 + "\nimport js": "uses js",
    "x = " + "lambda: " * 70 + "1\nimport js": "uses js",
    "x = " + "a if b else " * 35 + "1\nimport js": "uses js",
    "x = " + "not " * 140 + "1\nimport js": "uses js",
    "if a:\n  b\n" + "elif a:\n  b\n" * 30 + "import js": "uses js",
    "\n".join(" " * n + "if a:" for n in range(20)) + " b\nimport js": "uses js",
}


def test_hostile_links_get_a_sentence_each_and_the_page_works_on(page: FishPage):
    page.boot_at(2, "#layers=99&step=2&w=nothing")
    said = page.wait("what is wrong", lambda: brought(page))
    assert "not whole" in said
    assert "layers = 99" in page.tab.locator(".notices").inner_text()
    for fragment, words in HOSTILE.items():
        page.tab.evaluate(OPEN, fragment)

        def named(words=words):
            return words in (brought(page) or "")

        page.wait(f"{words}: {fragment[:40]}", named)
        assert not page.tab.locator("#brought-yes").is_visible()
        assert len(brought(page)) < 600
        page.tab.locator("#brought-no").click()
    first = ORIGINALS["optim.py"].split("\n")[0]
    for code, words in CODE.items():
        edits = {"optim.py": [[1, [first], [code, first]]]}
        page.tab.evaluate(OPEN, packed({"edits": edits}))
        page.wait(words, lambda words=words: words in (brought(page) or ""))
        page.tab.locator("#brought-no").click()
    text = "\n".join(f"<img src=x onerror=alert({n})> is line {n}" for n in range(9))
    page.tab.evaluate(OPEN, link(text=text)[1:])
    tag = "<img src=x onerror=alert(3)>"
    page.wait("it as text", lambda: tag in (brought(page) or ""))
    assert page.tab.locator("#brought :is(img, script, b)").count() == 0
    page.make_step()


def test_a_link_is_made_copied_saved_and_opened_again(pages: Pages):
    page = pages(permissions=["clipboard-read", "clipboard-write"])
    page.boot_at(3, "#seed=5")
    section = page.tab.locator("#share")
    section.scroll_into_view_if_needed()
    field = page.tab.locator("#share-link")
    page.wait("the link", lambda: field.input_value().endswith("#seed=5&step=3"))
    assert "seed 5, step 3" in fields(page, ".share-holds")
    page.tab.locator("#share-at").select_option("e10")
    page.tab.get_by_label("as a lesson").check()
    section.get_by_role("checkbox", name="E10").check()
    section.get_by_role("checkbox", name="E12").check()
    section.get_by_label("paused at the start").check()
    wanted = "#seed=5&step=0&at=e10&teach=e10,e12"
    page.wait("the lesson", lambda: field.input_value().endswith(wanted))
    assert f"{len(wanted) - 1} of 8,000" in fields(page, ".share-size")
    section.get_by_role("button", name="Copy the link").click()
    page.wait("said", lambda: fields(page, ".share-said") == "Copied.")
    assert page.tab.evaluate("navigator.clipboard.readText()") == field.input_value()
    with page.tab.expect_download() as saved:
        section.get_by_role("button", name="Save it as a file").click()
    about = json.loads(saved.value.path().read_text())
    assert about["settings"] == {"seed": "5"} and about["step"] == 0
    about["text"] = SENTENCES
    file = {"name": "a.json", "mimeType": "application/json"}
    choose = page.tab.locator("#share-file")
    choose.set_input_files({**file, "buffer": json.dumps(about).encode()})
    assert "the fox runs" in page.wait("the question", lambda: brought(page))
    page.tab.locator("#brought-yes").click()
    page.wait("the sentences", lambda: sentences_here(page) == "24")
    section.scroll_into_view_if_needed()
    page.wait("packed", lambda: "w=1." in field.input_value())
    assert "24 lines" in fields(page, ".share-holds")
    section.get_by_label("the sentences").uncheck()
    page.wait("without", lambda: "w=1." not in field.input_value())
    assert "your sentences, so it trains the fish" in fields(page, ".share-holds")
    choose.set_input_files({**file, "buffer": b"{}"})
    page.wait("refused", lambda: "none of this page" in (brought(page) or ""))
    # More than a link can hold.
    words = random.Random(3).sample(range(10**8, 10**9), 1600)
    lines = [" ".join(map(str, words[k : k + 8])) for k in range(0, 1600, 8)]
    page.send({"kind": "command", "name": "corpus", "value": "\n".join(lines)})
    section.scroll_into_view_if_needed()
    section.get_by_label("the sentences").check()
    page.wait("too long", lambda: "longer" in fields(page, ".share-size"))
    assert page.tab.locator("#share-copy").is_disabled()
    assert page.tab.locator("#share-save").is_enabled()


def test_what_a_link_cannot_carry_is_not_offered_first(page: FishPage):
    """It would go from under the focus as soon as Python had made the link."""
    page.tab.add_init_script("""addEventListener("live", () => {
      const able = document.querySelectorAll(".share-form > * input[id]:enabled");
      window.offered = [...able].map((input) => input.id);
    })""")
    page.boot_at(0)
    assert page.tab.evaluate("offered") == ["share-teach"]


def test_a_link_opens_where_it_says(page: FishPage):
    page.boot_at(2, "#step=2&at=e10&sentence=2&head=1.3")
    top = "document.getElementById('e10').getBoundingClientRect().top"
    page.wait("E10", lambda: abs(page.tab.evaluate(top)) < 200)
    page.tab.evaluate("scrollTo(0, 0)")
    chosen = page.tab.get_by_role("button", name="Layer 1, head 3")
    page.wait("the head", lambda: chosen.get_attribute("aria-pressed") == "true")
    second = page.tab.get_by_role("button", name="Sentence 2")
    assert second.get_attribute("aria-pressed") == "true"
    page.button("Link to this step").click()
    page.wait("it", lambda: "step=2&sentence=2&head=1.3" in page.tab.url)


# Something above a part that a link has led to is laid out late: how far that moves the
# part, and how far once the visitor has begun to scroll. The browser itself shall not
# keep the place here, for Safari does not.
LAID_OUT_LATE = """(async () => {
  document.documentElement.style.overflowAnchor = "none";
  const [target, above] = ["e10", "e02"].map((id) => document.getElementById(id));
  const frames = async () => {
    for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
  };
  const lay = async () => {
    const before = target.getBoundingClientRect().top;
    const block = document.createElement("div");
    block.style.height = "700px";
    above.before(block);
    await frames();
    return target.getBoundingClientRect().top - before;
  };
  document.querySelector("a[href='#e10']").click();
  const followed = await lay();
  dispatchEvent(new WheelEvent("wheel"));
  await frames();
  return [followed, await lay()];
})()"""


def test_a_link_keeps_to_its_place_until_somebody_scrolls(page: FishPage):
    page.boot_at(2)
    page.scroll_through()
    moved, left = page.tab.evaluate(LAID_OUT_LATE)
    assert abs(moved) < 2 and abs(left - 700) < 2


def test_the_limit_stands_in_both_places(page: FishPage):
    text = (ROOT.parents[1] / "site" / "share.mjs").read_text()
    assert f"const LIMIT = {LIMIT};" in text
    assert all(f'"{key}"' in text for key in ("w", "at", "teach", "sentence", "head"))
