"""From the second visit on, Python begins with its memory of a start."""

import json

from browsers import Pages
from fishpage import FishPage
from playwright.sync_api import Browser
from serving import Host
from test_offline import wait_ready

RUN = "#seed=5"
STEP = 3
NO_RUNS = "Object.defineProperty(globalThis, 'indexedDB', { value: undefined });"
STARTED = "performance.getEntriesByType('mark').map(({ name }) => name)"
# How many bytes are kept in the memory's place, after `spoil` had its way with them.
KEPT = """async (spoil) => {
  for (const name of await caches.keys()) {
    const store = await caches.open(name);
    for (const { url } of await store.keys()) if (url.endsWith("/memory.pack")) {
      const bytes = new Uint8Array(await (await store.match(url)).arrayBuffer());
      if (spoil) bytes[bytes.length >> 1] ^= 1;
      if (spoil) await store.put(url, new Response(bytes));
      return bytes.length;
    }
  }
}"""


def started(page: FishPage) -> str:
    (how,) = page.tab.evaluate(STARTED)
    return how


def losses(page: FishPage) -> list[str]:
    """Of the run's first steps; no run is there from before."""
    page.boot_at(STEP, RUN)
    return [page.loss, *(page.make_step() for _ in range(STEP))]


def test_python_remembers_and_what_is_damaged_is_forgotten(
    chromium: Browser, site: Host
):
    pages = Pages(chromium, site.url)
    first = pages(service_workers="allow")
    first.tab.context.add_init_script(NO_RUNS)
    wanted = losses(first)
    assert started(first) == "Python imported"
    wait_ready(first)
    manifest = json.loads((site.built / "manifest.json").read_text())
    (size,) = (f["bytes"] for f in manifest["files"] if f["stage"] == "memory")
    assert first.tab.evaluate(KEPT, False) == size
    first.tab.close()

    # The same numbers, and Python's library is at hand: every exhibit opens.
    second = pages.watch(first.tab.context)
    assert losses(second) == wanted
    assert started(second) == "Python remembered"
    second.scroll_through()
    assert second.tab.evaluate(KEPT, True) == size
    second.tab.close()

    third = pages.watch(first.tab.context)
    assert losses(third) == wanted
    assert started(third) == "Python imported"
    assert third.tab.evaluate(KEPT, False) == 0
    for page in pages.opened:
        assert not page.unexpected()
    first.tab.context.close()
