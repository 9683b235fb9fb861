"""What code in the worker can reach, though somebody else may have written it."""

import json

from fishpage import FishPage

# An edit that does its worst, and tells what came of it in the words of its refusal.
ASK = """
def _spy():
    import json, js
    from polyscript import xworker
    found = [n for n in %s if hasattr(js, n)]
    found += [n for n in %s if hasattr(js.navigator, n)]
    raise ValueError(json.dumps(found))
_spy()
"""
GLOBALS = [
    *("indexedDB", "caches", "XMLHttpRequest", "WebSocket", "EventSource", "Worker"),
    *("BroadcastChannel", "importScripts", "WebTransport", "window", "document"),
    *("localStorage", "cookieStore", "FontFace", "SharedWorker"),
]
NAVIGATOR = ["storage", "serviceWorker", "locks", "sendBeacon", "storageBuckets"]

FETCH = """
import asyncio, json, js
from polyscript import xworker
async def _try():
    said = []
    for url, options in %s:
        try:
            reply = await js.fetch(url, js.JSON.parse(options))
            said.append(str(reply.status))
        except Exception as error:
            said.append("refused")
    for name in %s:
        try:
            await getattr(xworker.sync, name)("get", None, "document")
            said.append("answered")
        except Exception as error:
            said.append("no answer")
    told = {"kind": "part", "part": "workshop", "name": "told", "value": said}
    js.postMessage(json.dumps(told))
_task = asyncio.ensure_future(_try())
"""

HERE = """new URL(".", document.querySelector("script[src$='page.mjs']").src).href"""

HEAR = """async () => {
  const { src } = document.querySelector("script[src$='page.mjs']");
  const { join, tellPart } = await import(src.replace("page.mjs", "boot.mjs"));
  window.heard = [];
  window.tellPart = tellPart;
  const hear = (name) => [name, (value) => heard.push([name, value])];
  join("workshop", Object.fromEntries(["files", "refused", "told"].map(hear)));
  tellPart("workshop", "open");
}"""


def heard(page: FishPage, name: str):
    said = page.tab.evaluate("heard")
    return next((value for kind, value in said if kind == name), None)


def run_edit(page: FishPage, code: str) -> None:
    page.tab.evaluate(HEAR)
    files = page.wait("the files", lambda: heard(page, "files"))
    text = files["original"]["optim.py"] + code
    page.tab.evaluate(
        "(text) => tellPart('workshop', 'run', { 'optim.py': text })", text
    )


def test_python_finds_no_store_no_network_and_no_page(page: FishPage):
    page.boot_at(2)
    run_edit(page, ASK % (GLOBALS, NAVIGATOR))
    refused = page.wait("its words", lambda: heard(page, "refused"))
    words = refused["words"]
    assert json.loads(words[words.index("[") : words.index("]") + 1]) == []


def test_it_reads_files_of_the_site_and_nothing_else(page: FishPage):
    page.boot_at(2)
    site = page.tab.evaluate(HERE)
    names = page.tab.evaluate("""() => {
      const { sync } = document.querySelector("script[type=py]").xworker;
      return Reflect.ownKeys(sync);
    }""")
    assert names and all(isinstance(name, str) for name in names)
    post = json.dumps({"method": "POST", "body": "x"})
    urls = [
        [f"{site}manifest.json", "{}"],
        [f"{site}../", "{}"],
        [f"{site}manifest.json", post],
        ["https://example.org/", "{}"],
        ["data:text/plain,x", "{}"],
    ]
    run_edit(page, FETCH % (urls, names))
    found = page.wait("what it found", lambda: heard(page, "told"))
    answers = ["200", *["refused"] * 4, *["no answer"] * len(names)]
    assert found == answers
