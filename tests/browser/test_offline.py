"""Without a network, and with a new build while a tab still shows the old one."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import Pages
from fishpage import FishPage
from playwright.sync_api import Browser
from serving import Host
from test_fence import heard, run_edit

# Python that imports what a start goes without, and tells whether it came.
IMPORT = "\nimport wave\nraise ValueError(f'found {wave.__name__}')\n"


def publish(dist: Path, place: Path, mark: str) -> Path:
    """A copy of the built site in which one module differs: another build."""
    shutil.copytree(dist, place)
    (old,) = place.glob("b-*")
    changed = old / "contents.mjs"
    changed.write_text(f"{changed.read_text()}\ndocument.body.dataset.mark = '{mark}';")
    manifest = json.loads((old / "manifest.json").read_text())
    for file in manifest["files"]:
        data = (old / file["path"]).read_bytes()
        file |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps(manifest)
    (old / "manifest.json").write_text(text)
    new = old.with_name(f"b-{hashlib.sha256(text.encode()).hexdigest()[:10]}")
    old.rename(new)
    index = place / "index.html"
    html = index.read_text().replace(old.name, new.name)
    code = base64.b64encode(hashlib.sha256((new / changed.name).read_bytes()).digest())
    sealed = rf'({changed.name}" integrity="sha256-)[^"]+'
    index.write_text(re.sub(sealed, rf"\g<1>{code.decode()}", html))
    return place


def built(page: FishPage) -> set[str]:
    """The builds that a page asked for files of."""
    return set(re.findall(r"/(b-[0-9a-f]{10})/", "\n".join(page.requests)))


def wait_ready(page: FishPage) -> str:
    """Until the page is kept; what it says about that."""
    said = page.tab.locator("#offline")
    page.wait("a word that it is kept", said.inner_text)
    return said.inner_text()


def mark(page: FishPage) -> str:
    return page.tab.evaluate("document.body.dataset.mark")


def run_tests(page: FishPage, ends: str) -> str:
    """The quick set of the repository's tests, in the page; what came of it."""
    page.show("#e22")
    page.tab.click("[data-tests=quick]")
    said = page.tab.locator("#e22-tests-said")
    page.wait(ends, lambda: ends in said.inner_text())
    return page.tab.locator("#e22-results").inner_text()


def imports(page: FishPage) -> str:
    run_edit(page, IMPORT)
    return page.wait("its words", lambda: heard(page, "refused"))["words"]


@pytest.fixture
def first(dist: Path, tmp_path: Path) -> Iterator[Host]:
    """A host of its own, which a test may stop or give another build."""
    host = Host(publish(dist, tmp_path / "first", "first"))
    yield host
    host.stop()


def test_a_new_build_replaces_the_old_one_and_none_needs_a_server_then(
    chromium: Browser, first: Host, dist: Path, tmp_path: Path
):
    pages = Pages(chromium, first.url)
    old = pages(service_workers="allow")
    old.boot()
    said = wait_ready(old)
    megabytes = float(re.search(r"ready, ([\d.]+) MB", said)[1])
    manifest = json.loads((first.built / "manifest.json").read_text())
    totals = manifest["totals"]
    assert megabytes == pytest.approx(
        (sum(totals.values()) - totals["on demand"]) / 1e6, abs=0.1
    )
    old_build = first.built.name

    # A visit while the server is down is one to the same build.
    first.folder = tmp_path / "nothing"
    again = pages.watch(old.tab.context)
    again.boot()
    again.wait_step(5)
    assert mark(again) == "first"
    assert "over the network the first" in run_tests(again, "could not be run")
    assert "rest.zip cannot be fetched now" in imports(again)
    again.tab.close()

    # A new build: a new tab is all new, the old tab stays all old.
    first.folder = publish(dist, tmp_path / "second", "second")
    new = pages.watch(old.tab.context)
    new.requests.clear()
    old.requests.clear()
    new.boot()
    assert mark(new) == "second"
    own = {url for url in new.requests if f"/{old_build}/" not in url}
    assert any("interpreter.mjs" in url for url in own)
    assert not [u for u in new.requests if f"/{old_build}/" in u]
    wait_ready(new)
    run_tests(new, "passed, in")
    assert "found wave" in imports(new)
    old.tab.bring_to_front()
    before = old.step
    old.wait("the old tab trains on", lambda: old.step > before)
    assert mark(old) == "first"

    # What is the same in both was not fetched again, and the new one is kept now.
    same = [path for path in first.asked if path.endswith("pyodide.asm.wasm")]
    assert {path.split("/")[-3] for path in same} == {old_build}
    first.folder = tmp_path / "nothing"
    last = pages.watch(old.tab.context)
    last.boot()
    last.wait_step(5)
    assert mark(last) == "second"
    run_tests(last, "passed, in")  # what came once is kept
    assert "found wave" in imports(last)
    for page in pages.opened:
        page.allowed = ("404", "ERR_FAILED", "request failed", "loading micropip")
        assert not page.unexpected()
    old.tab.context.close()


def test_no_service_worker_is_no_harm(page: FishPage):
    page.tab.add_init_script("delete Navigator.prototype.serviceWorker")
    page.boot()
    page.wait_step(5)
    page.tab.wait_for_timeout(3500)
    assert page.tab.locator("#offline").inner_text() == ""
