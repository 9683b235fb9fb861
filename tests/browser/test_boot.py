"""Before Python: what the HTML alone shows, and how the boot goes."""

import json
import re

from browsers import Pages
from fishpage import START, FishPage
from serving import Host

CSP = {
    "default-src": {"'none'"},
    "script-src": {"'self'", "'wasm-unsafe-eval'"},
    "worker-src": {"'self'", "blob:"},
    "connect-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "manifest-src": {"'self'"},
    "base-uri": {"'none'"},
    "form-action": {"'none'"},
}


def test_policy_is_strict_and_comes_before_any_script(site: Host):
    html = (site.folder / "index.html").read_text()
    meta = re.search(r'"Content-Security-Policy" content="(.*?)">', html)
    directives = (part.split() for part in meta[1].split(";") if part.strip())
    assert {name: set(sources) for name, *sources in directives} == CSP
    assert meta.start() < html.index("<script")


def test_every_address_in_the_html_is_relative(site: Host):
    html = (site.folder / "index.html").read_text()
    for address in re.findall(r'(?:src|href)="([^"]*)"', html):
        assert not re.match(r"[a-z]+:|/", address), address
        path = address.split("#")[0]
        assert not path or (site.folder / path).is_file(), address


def test_html_alone_tells_what_will_happen_and_shows_the_first_frame(pages: Pages):
    page = pages(java_script_enabled=False)
    page.open()
    tab = page.tab
    assert "Fishformer" in tab.title()
    assert tab.get_by_role("heading", name="Fishformer").is_visible()
    text = tab.inner_text("body")
    assert "JavaScript is switched off" in text
    assert "run the same model in a terminal" in text
    assert "learns, just below, to fill in missing words" in text
    assert tab.locator("noscript h3").bounding_box()["height"] > 10
    assert "{{" not in tab.content()
    for name in ("e01.loss", "e01.guess.1", "e01.map.1.1", "e01.map.2.4", "e01.look"):
        shown = tab.locator(f"[data-canvas='{name}'] svg:visible")
        assert shown.count() == 1, name
        assert shown.bounding_box()["height"] > 40, name
        assert shown.locator("rect, path, polyline, polygon, line").count() > 1, name


# What looks as if one could press it or write in it, but for answers to questions.
LIVE = """[...document.querySelectorAll("button, input, select, textarea, label.file")]
  .filter((control) => !control.disabled && !control.closest(".predict")
    && !control.matches(".vh") && control.checkVisibility())
  .map((control) => control.outerHTML)"""


def test_without_javascript_no_control_looks_alive(pages: Pages):
    page = pages(java_script_enabled=False)
    page.open()
    assert page.tab.evaluate(LIVE) == []
    inert = page.tab.locator("button:disabled")
    assert inert.count() > 100
    answers = page.tab.locator("[data-after]").all()
    assert len(answers) > 10 and all(answer.is_visible() for answer in answers[:9])


def test_first_frames_keep_their_place_when_python_takes_over(page: FishPage):
    where = """Object.fromEntries([...document.querySelectorAll("[data-canvas]")]
      .map((box) => [box.dataset.canvas, box.getBoundingClientRect().toJSON()]))"""
    page.open("#step=0")
    before = page.tab.evaluate(where)
    page.wait_state("paused")
    after = page.tab.evaluate(where)
    for name, box in before.items():
        for side in ("left", "top", "width", "height"):
            assert abs(box[side] - after[name][side]) <= 1, (name, side)


def test_boots_under_a_sub_path_and_trains_by_itself(page: FishPage):
    page.boot()
    assert page.wait_state("training", seconds=2)
    page.wait_step(20)
    assert 0 < float(page.loss) < 8
    asked = [url for url in page.requests if url.startswith("http")]
    for part in (
        "pyodide.asm.wasm",
        "numpy.pack",
        "fishformer.pack",
        "pyscript/core.js",
    ):
        assert any(part in url for url in asked), part
    assert not page.tab.locator("#failure").is_visible()


def test_progress_shows_true_bytes_that_only_rise(page: FishPage, site: Host):
    page.tab.add_init_script("""
      window.progress = [];
      new MutationObserver(() => {
        const bar = document.querySelector("#e01 > .rule");
        const text = bar?.getAttribute("aria-valuetext");
        if (text && text !== window.progress.at(-1)?.[1]) {
          window.progress.push([Number(bar.ariaValueNow), text, bar.checkVisibility()]);
        }
      }).observe(document, { subtree: true, attributes: true });
    """)
    site.faults["pyodide.asm.wasm"] = "slow"
    page.boot()
    told = page.tab.evaluate("window.progress")
    manifest = json.loads((site.built / "manifest.json").read_text())
    boot = ("python", "numpy", "fishformer")
    total = sum(f["bytes"] for f in manifest["files"] if f["stage"] in boot)
    counts = [re.search(r"([\d.]+) of ([\d.]+) MB", text) for _, text, _ in told]
    got = [float(count[1]) for count in counts if count]
    assert len(set(got)) >= 10
    assert got == sorted(got)
    assert {count[2] for count in counts if count} == {f"{total / 1e6:.1f}"}
    percents = [percent for percent, _, _ in told]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert all(visible for _, _, visible in told[:-1])
    assert any("Python" in text for _, text, _ in told)
    assert not page.tab.locator("#e01 > .rule").is_visible()


CHATTER = """async () => {
  const { send } = await import(document.querySelector("script[src$='boot.mjs']").src);
  setInterval(() => send({ kind: "visible", exhibit: "e01", value: true }), 5);
}"""


def test_what_is_said_before_the_first_message_is_dropped(page):
    page.open("#step=2")
    page.tab.evaluate(CHATTER)
    assert page.wait_state("paused", "failed", seconds=START) == "paused"
    assert page.step == 2
