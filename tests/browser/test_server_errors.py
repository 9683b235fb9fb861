"""One file after the other that the server answers with HTTP 500."""

from fishpage import FishPage
from serving import Host

# Every kind of file that a start asks for: who asks, and what is said of it.
SCRIPT = "or one that it needs, is missing, altered or broken"
SERVER = "The server has trouble"
OF_A_START = {
    "boot.mjs": SCRIPT,
    "e01.mjs": SCRIPT,  # only imported
    "pyscript/core.js": SCRIPT,
    "runtime/interpreter.mjs": SCRIPT,
    "style.css": "The server does not give style.css",
    "worker.py": "The server does not give worker.py",
    "manifest.json": SERVER,
    "pyodide.mjs": SERVER,
    "pyodide.asm.wasm": SERVER,
    "numpy.pack": SERVER,
}


def test_a_start_that_lacks_any_file_names_it_and_a_later_one_is_whole(
    page: FishPage, site: Host
):
    page.allowed = ("console", "error: Failed to")
    panel = page.tab.locator("#failure")
    for file, said in OF_A_START.items():
        site.faults = {file: "broken"}
        page.open()
        page.wait_state("failed")
        page.wait("a message", panel.is_visible)
        words = panel.inner_text()
        assert said in words and file.rpartition("/")[2] in words
    site.faults.clear()
    page.button("Try again").click()
    page.wait_state("training")


def test_what_training_does_not_need_may_fail(page: FishPage, site: Host):
    page.allowed = ("console",)
    for file in ("theme.js", "icon.svg", "manifest.webmanifest"):
        site.faults[file] = "broken"
    page.boot()
    page.wait_step(3)


def test_what_comes_later_is_asked_for_again(page: FishPage, site: Host):
    page.allowed = ("console",)
    site.faults |= {"soon.zip": "broken", "deep.npz": "broken", "rest.zip": "broken"}
    page.boot_at(3)
    page.show("#e06")
    broken = page.tab.locator("#e06 .broken")
    page.wait("why", broken.is_visible)
    assert "soon.zip cannot be fetched now" in broken.inner_text()
    page.make_step()
    page.show("#e22")
    run = page.tab.locator("[data-tests=quick]")
    page.wait("the editor", page.tab.locator("#e22-code [role=textbox]").count)
    page.tell()
    assert run.is_disabled()
    del site.faults["soon.zip"]

    page.show("#e06")
    broken.get_by_role("button", name="Begin it again").click()
    page.wait("the exhibit", lambda: not broken.count())
    page.wait_chart("e06.arrows")
    page.show("#e22")
    run.click()
    results = page.tab.locator("#e22-results")
    page.wait("why", lambda: "rest.zip cannot be fetched now" in results.inner_text())
    page.show("#e17")
    page.control("e17.model", "pre").click()
    page.wait("no recording", page.tab.get_by_text("No recording: 500").is_visible)
    assert page.control("e17.train").is_enabled()
    page.make_step()
