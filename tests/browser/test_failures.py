"""When something is missing: a plain message that names it, never a blank."""

import json
import re
from pathlib import Path

import pytest
from fishpage import FishPage
from serving import Host


def failure(page: FishPage) -> str:
    """What the page says when it has given up."""
    page.wait_state("failed")
    panel = page.tab.get_by_role("alert").and_(page.tab.locator("#failure"))
    page.wait("a message", panel.is_visible)
    assert panel.get_by_role("button").is_enabled()
    assert page.tab.locator(".first svg:visible").count() > 5  # still no blank
    assert not page.tab.locator("#e01 > .rule").is_visible()
    return panel.inner_text()


def fetched(page: FishPage) -> float:
    """The megabytes that the bar tells of."""
    told = page.tab.locator("#e01 > .rule").get_attribute("aria-valuetext") or ""
    found = re.search(r"([\d.]+) of", told)
    return float(found[1]) if found else 0.0


# Of every kind that a start asks for.
FILES = (
    *("pyodide.asm.wasm", "python.pack", "numpy.pack", "numpy.wasm"),
    *("fishformer.pack", "runtime/interpreter.mjs", "pyodide.mjs", "manifest.json"),
    *("worker.py", "pyscript/core.js", "boot.mjs", "page.mjs", "e01.mjs", "style.css"),
)
TITLES = {
    "missing": "A file of this page is missing|A part of this page did not load",
    "broken": "The server has trouble|A part of this page did not load|is missing",
}


@pytest.mark.parametrize("fault", TITLES)
def test_a_file_that_the_server_does_not_give_is_named(
    page: FishPage, site: Host, fault: str
):
    page.allowed = ("console", "Failed to", "failed to")
    for file in FILES:
        site.faults = {file: fault}
        page.open()
        said = failure(page)
        assert re.search(TITLES[fault], said) and file.rpartition("/")[2] in said
    site.faults.clear()
    page.button("Try again").click()
    page.wait_state("training")


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("python.pack", "python.pack"),
        ("fishformer.pack", "fishformer.pack"),
        ("numpy.wasm", "numpy.wasm"),
        ("pyodide.asm.js", "pyodide.asm.js"),
        ("manifest.json", "manifest.json"),
    ],
)
def test_damaged_file_is_named_and_not_run(
    page: FishPage, site: Host, file: str, named: str
):
    page.allowed = ("console",)
    site.faults[file] = "corrupt"
    page.open()
    said = failure(page)
    assert "damaged" in said
    assert named in said


@pytest.mark.parametrize(
    "file",
    [
        "boot.mjs",
        "page.mjs",
        "e01.mjs",  # only imported
        "pyscript/core.js",
        "runtime/interpreter.mjs",  # these two run in the worker
        "fence.mjs",
        "worker.py",
    ],
)
def test_altered_script_is_named_and_not_run(page: FishPage, site: Host, file: str):
    page.allowed = ("integrity", "Failed to", "failed to")
    altered = (site.built / file).read_bytes() + b"\nglobalThis.altered = true;"
    site.faults[file] = altered
    page.open()
    assert file.rpartition("/")[2] in failure(page)
    assert not page.tab.evaluate("Boolean(globalThis.altered)")


def test_altered_style_is_not_used(page: FishPage, site: Host):
    page.allowed = ("integrity",)
    site.faults["style.css"] = b":root { --paper: red }"
    page.open()
    page.wait_state("failed")
    assert "style.css" in page.tab.locator("#failure").inner_text()


# The script of an extension fails, and one of the page's when something is pressed.
FAIL = """(ours) => {
  const theirs = "chrome-extension://abc/inject.js";
  for (const filename of [theirs, ours]) {
    const error = new Error("no harm");
    dispatchEvent(new ErrorEvent("error", { filename, error, message: error.message }));
  }
}"""


def test_a_script_that_fails_once_all_are_read_ends_nothing(page: FishPage, site: Host):
    site.faults["pyodide.asm.wasm"] = "hang"
    page.open()
    page.wait("all but the wasm", lambda: fetched(page) > 5)
    page.tab.evaluate(FAIL, f"{page.url}{site.built.name}/teach.mjs")
    site.let_go.set()
    page.wait_state("training")
    assert page.tab.get_by_role("alert").is_hidden()


def test_broken_line_is_told(page: FishPage, site: Host):
    page.allowed = ("console",)
    site.faults["python.pack"] = "short"
    page.open()
    assert "python.pack" in failure(page)


def test_trying_again_works_once_the_site_is_whole(page: FishPage, site: Host):
    page.allowed = ("console",)
    site.faults["python.pack"] = "corrupt"
    page.open()
    failure(page)
    site.faults.clear()
    page.button("Try again").click()
    page.wait_state("training")


def test_boot_that_hangs_is_told_and_may_still_come_back(page: FishPage, site: Host):
    site.faults["pyodide.asm.wasm"] = "hang"
    page.tab.clock.install()
    page.open()
    page.wait("the wasm", lambda: any("wasm" in path for path in site.asked))
    page.wait("all but the wasm", lambda: fetched(page) > 5)
    page.tab.clock.run_for(25_000)
    panel = page.tab.get_by_role("alert")
    page.wait("a word about the wait", panel.is_visible)
    assert "slow to start" in panel.inner_text()
    assert page.state()["state"] == "booting"
    site.let_go.set()
    page.wait_state("training")
    assert not panel.is_visible()


def test_boot_that_hangs_for_good_is_given_up(page: FishPage, site: Host):
    site.faults["python.pack"] = "hang"
    page.tab.clock.install()
    page.open()
    page.wait("the file", lambda: any("python.pack" in path for path in site.asked))
    page.wait("half of it", lambda: fetched(page) > 5)

    def given_up():
        page.tab.clock.run_for(20_000)  # again, for a late word of Python counts
        return page.state()["state"] == "failed"

    page.wait("giving up", given_up)
    assert "Try again" in failure(page)
    assert len(page.tab.workers) == 1
    assert sum("python.pack" in path for path in site.asked) == 1


# The page never hears some of its workers, or no more than that all has been fetched.
DEAF = """([workers, last]) => {
  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(...given) {
      super(...given);
      if (workers-- <= 0) return;
      let silent = !last;
      this.addEventListener("message", (event) => {
        if (silent) event.stopImmediatePropagation();
        silent ||= event.data?.boot?.stage === last;
      });
    }
  };
  globalThis.statuses = [];
  new MutationObserver(() => {
    const said = document.querySelector("[data-text='e01.status']")?.textContent;
    if (said !== statuses.at(-1)) statuses.push(said);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


def deaf(page: FishPage, workers: int, last: str = "") -> None:
    page.tab.add_init_script(f"({DEAF})({json.dumps([workers, last])})")
    page.tab.clock.install()
    page.open()


def statuses(page: FishPage) -> str:
    return "\n".join(page.tab.evaluate("statuses"))


@pytest.mark.parametrize("last", ["", "start"], ids=["never heard", "all fetched"])
def test_a_start_that_hangs_is_begun_anew_once(page: FishPage, last: str):
    deaf(page, 1, last)
    page.wait("a worker", lambda: page.tab.workers)
    if last:
        page.wait("all", lambda: "Starting Python" in statuses(page))
    hung = page.tab.workers[0]
    page.tab.clock.run_for(30_000)
    panel = page.tab.get_by_role("alert")
    assert "After a minute the page begins its start anew" in panel.inner_text()
    assert page.tab.workers == [hung]
    page.tab.clock.run_for(35_000)
    page.wait_state("training")
    assert "Begun anew after a minute of silence: Starting" in statuses(page)
    assert not panel.is_visible()
    assert len(page.tab.workers) == 1
    assert page.tab.workers != [hung]
    page.wait_step(3)


def test_a_second_start_that_hangs_is_given_up(page: FishPage):
    deaf(page, 2)
    page.wait("a worker", lambda: page.tab.workers)
    page.tab.clock.run_for(65_000)
    page.wait("its successor", lambda: "Begun anew" in statuses(page))
    assert page.state()["state"] == "booting"
    page.tab.clock.run_for(65_000)
    assert "begun a second time" in failure(page)


def test_a_device_that_sleeps_in_a_start_is_not_silent(page: FishPage, site: Host):
    site.faults["pyodide.asm.wasm"] = "hang"
    page.tab.clock.install()
    page.open()
    page.wait("all but the wasm", lambda: fetched(page) > 5)
    page.tab.clock.fast_forward("10:00:00")
    page.tab.clock.run_for(10_000)
    assert page.tab.get_by_role("alert").is_hidden()
    site.let_go.set()
    page.wait_state("training")


def test_without_webassembly(page: FishPage):
    page.tab.add_init_script("delete globalThis.WebAssembly")
    page.open()
    assert "WebAssembly" in failure(page)


def test_without_offscreen_canvas(page: FishPage):
    page.tab.add_init_script("delete globalThis.OffscreenCanvas")
    page.open()
    assert "too old" in failure(page)


@pytest.fixture
def no_site_data(tmp_path: Path) -> None:
    """A browser's preferences: only they block workers' site data as well."""
    block = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(block))


@pytest.mark.usefixtures("no_site_data")
def test_with_site_data_blocked_it_trains_all_the_same(on_disk: FishPage):
    page = on_disk
    page.boot()
    page.wait_step(20)
    assert page.tab.evaluate("(() => { try { localStorage.x } catch { return 1 } })()")


def test_training_that_fails_says_so_and_goes_back(page: FishPage):
    page.open("#lr=1&warmup=0&clip=1000000")
    page.wait_state("failed")
    panel = page.tab.get_by_role("alert")
    page.wait("a message", panel.is_visible)
    assert "Training stopped at step" in panel.inner_text()
    assert "Try a learning rate below 1" in panel.inner_text()
    panel.get_by_role("button", name="Go back to step").click()
    page.wait_step(0)
    assert page.state()["state"] == "paused"
    assert not panel.is_visible()
