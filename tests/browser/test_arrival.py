"""What a visitor waits for: little, and nothing that moves what is being read."""

import hashlib
import json
import re
from pathlib import Path

from browsers import Pages
from fishpage import FishPage
from serving import Host
from watched import SHIFTS


def test_a_walk_through_the_whole_page_needs_no_more_of_the_library(
    page: FishPage, site: Host
):
    """What is missing in .build/modules.txt would be fetched with rest.zip."""
    page.tab.add_init_script(SHIFTS)
    page.boot()
    page.wait_step(3)
    asked = {url.partition(f"/{site.built.name}/")[2] for url in page.requests}
    manifest = json.loads((site.built / "manifest.json").read_text())
    on_demand = {f["path"] for f in manifest["files"] if f["stage"] == "on demand"}
    assert on_demand and not asked & on_demand
    assert page.tab.evaluate("globalThis.shifted ?? 0") < 0.02
    page.scroll_through()
    page.wait_step(page.step + 3)
    late = {"rest.zip", "micropip", "testing/"}
    asked = [url for url in page.requests if any(part in url for part in late)]
    assert not asked


def test_what_is_fetched_for_the_first_step_is_small(site: Host):
    """As a host sends it: what is packed already as it is, the rest by gzip."""
    import gzip

    manifest = json.loads((site.built / "manifest.json").read_text())
    total = len(gzip.compress((site.folder / "index.html").read_bytes()))
    assert total < 132_000  # five round trips of a telephone on a slow network
    for file in manifest["files"]:
        if file["stage"] not in ("soon", "memory", "on demand"):
            data = (site.built / file["path"]).read_bytes()
            packed = file["path"].endswith(".pack")
            total += len(data) if packed else len(gzip.compress(data))
    assert total < 6.5e6


def test_the_article_can_be_read_while_python_is_on_its_way(page: FishPage, site: Host):
    site.faults["pyodide.asm.wasm"] = "hang"
    page.open()
    tab = page.tab
    bar = tab.locator("#e01 > .rule")
    page.wait("the bar", bar.is_visible)
    manifest = json.loads((site.built / "manifest.json").read_text())
    boot = [
        f for f in manifest["files"] if f["stage"] in ("python", "numpy", "fishformer")
    ]
    total = sum(f["bytes"] for f in boot)
    half = next(f["bytes"] for f in boot if f["path"].endswith("asm.wasm")) // 2

    def all_but_half() -> bool:
        said = re.search(r"([\d.]+) of", bar.get_attribute("aria-valuetext") or "")
        return bool(said) and abs(float(said[1]) - (total - half) / 1e6) < 0.2

    page.wait("all but the half that hangs", all_but_half)
    told = int(bar.get_attribute("aria-valuenow") or 0)
    assert abs(told - 100 * (total - half) / total) < 2
    tab.locator("#contents summary").click()
    tab.locator("#contents a[href='#chapter-4']").click()
    heading = tab.locator("#chapter-4-title")
    page.wait("the chapter on the screen", lambda: in_view(heading))
    assert tab.locator(".first svg:visible").count() > 5
    site.let_go.set()
    page.wait_state("training")


def test_on_a_slow_network_the_bar_is_true_and_the_article_there(
    page: FishPage, site: Host
):
    """1.6 Mbit/s and 150 ms, as the host sends it: the first megabyte."""
    site.thin = 1.6e6 / 8, 0.15
    page.open()
    tab = page.tab
    bar = tab.locator("#e01 > .rule")
    manifest = json.loads((site.built / "manifest.json").read_text())
    boot = [
        f for f in manifest["files"] if f["stage"] in ("python", "numpy", "fishformer")
    ]
    plain = [f["path"] for f in boot if not f["path"].endswith((".mjs", ".js"))]

    def told() -> float:
        said = re.search(r"([\d.]+) of", bar.get_attribute("aria-valuetext") or "")
        return float(said[1]) if said else 0.0

    def sent() -> float:
        """What has left the server; of compressed files at most what they hold."""
        known = sum(n for path, n in site.sent.items() if path.endswith(tuple(plain)))
        return known / 1e6

    scripts = sum(f["bytes"] for f in boot if f["path"] not in plain) / 1e6
    for least in (0.3, 0.6, 0.9):
        page.wait(f"{least} MB", lambda least=least: told() >= least)
        before = sent()
        now = told()
        assert before - 0.4 <= now <= sent() + scripts + 0.1
    tab.locator("#contents summary").click()
    tab.locator("#contents a[href='#chapter-4']").click()
    heading = tab.locator("#chapter-4-title")
    page.wait("the chapter on the screen", lambda: in_view(heading))
    assert tab.locator(".first svg:visible").count() > 5
    assert page.state()["state"] == "booting"


def test_the_first_step_needs_nothing_that_comes_after_it(page: FishPage, site: Host):
    site.faults |= {"soon.zip": "hang", "rest.zip": "missing"}
    page.boot()
    page.wait("soon.zip", lambda: any("soon.zip" in path for path in site.asked))
    page.wait_step(page.step + 5)
    frame = page.tab.locator("#e06 .first svg")
    page.show("#e06")
    page.wait_step(page.step + 5)  # it waits for its code, and training does not
    assert frame.count()
    site.let_go.set()
    page.wait("Python's own drawing", lambda: not frame.count())


def in_view(locator) -> bool:
    box = locator.bounding_box()
    return bool(box) and -5 < box["y"] < 500


def test_every_file_is_named_by_its_build(pages: Pages, site: Host):
    """What a browser or a network may keep for long must never change."""
    page = pages(java_script_enabled=False)
    page.open()
    name = site.built.name
    own = [u.removeprefix(site.url) for u in page.requests if u != site.url]
    assert own
    assert all(path.startswith(f"{name}/") for path in own)


def test_every_file_of_a_build_is_vouched_for(dist: Path):
    """index.html has hashes of scripts, and names the folder by that of a list.

    The list has a hash of every other file.
    """
    (inside,) = dist.glob("b-*")
    html = (dist / "index.html").read_text("utf-8")
    sealed = set(re.findall(rf'{inside.name}/(\S+)" integrity="sha256-', html))
    listed = (inside / "manifest.json").read_bytes()
    assert inside.name == f"b-{hashlib.sha256(listed).hexdigest()[:10]}"
    hashes = {file["path"]: file["sha256"] for file in json.loads(listed)["files"]}
    for path in inside.rglob("*"):
        name = path.relative_to(inside).as_posix()
        if path.is_dir() or name == "manifest.json":
            continue
        assert hashlib.sha256(path.read_bytes()).hexdigest() == hashes[name]
        by_list = name.startswith(("runtime/", "testing/", "recorded/"))
        if path.suffix in (".js", ".mjs", ".py", ".css") and not by_list:
            assert name in sealed, name


def test_what_is_far_is_not_laid_out(page: FishPage, site: Host):
    """A text field or a list would be: Chromium's autofill looks at each."""
    site.faults["pyodide.asm.wasm"] = "hang"
    page.open()
    session = page.tab.context.new_cdp_session(page.tab)
    session.send("Performance.enable")

    def count(what: str) -> int:
        told = session.send("Performance.getMetrics")["metrics"]
        return next(int(one["value"]) for one in told if one["name"] == what)

    bar = page.tab.locator("#e01 > .rule")
    page.wait("Python on its way", lambda: bar.get_attribute("aria-valuetext"))
    assert count("LayoutObjects") < 3000  # with all of the fields 8,000
    assert count("Nodes") < 25_000  # PyScript's search for attributes made 24,000 more


def test_what_came_as_a_button_becomes_the_field_that_it_is(page: FishPage):
    page.boot()
    page.wait("the last field", lambda: not page.tab.locator("[data-late]").count())
    fields = page.tab.locator("[data-do='e05.racer'], [data-do='e05.seed']")
    assert fields.evaluate_all("all => all.map((one) => one.type)") == [
        "select-one",
        "number",
    ]
    page.show("#share")
    assert page.tab.locator("#share-at").is_visible()
