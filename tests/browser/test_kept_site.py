"""What the service worker keeps, gives and refuses, on visits after the first."""

from browsers import Pages
from fishpage import FishPage
from serving import PREFIX, Host
from test_offline import wait_ready

# Empties all that is kept under a name; how many bytes each had.
EMPTY = """async (name) => {
  const found = [];
  for (const key of await caches.keys()) {
    const store = await caches.open(key);
    for (const { url } of await store.keys()) if (url.endsWith(`/${name}`)) {
      found.push((await (await store.match(url)).arrayBuffer()).byteLength);
      await store.put(url, new Response(""));
    }
  }
  return found;
}"""


def visit(pages: Pages, before: FishPage) -> FishPage:
    """Another one, in the same browser."""
    before.tab.close()
    page = pages.watch(before.tab.context)
    page.allowed = ("500", "Failed to load resource")
    page.boot()
    page.wait_step(3)
    return page


def test_it_keeps_nothing_altered_and_the_server_may_have_trouble(
    on_disk: FishPage, pages: Pages, site: Host
):
    site.faults["memory.pack"] = "corrupt"
    on_disk.boot()

    def asked_again() -> bool:
        return sum(path.endswith("memory.pack") for path in site.asked) == 2

    on_disk.wait("memory.pack asked for twice", asked_again)
    on_disk.wait_step(on_disk.step + 3)
    assert on_disk.tab.locator("#offline").inner_text() == ""
    assert on_disk.tab.evaluate(EMPTY, "memory.pack") == []

    site.faults.clear()
    page = visit(pages, on_disk)
    assert "ready" in wait_ready(page)
    # V8's machine code is with the browser's own copy: that one comes first.
    wasm = (site.built / "runtime/pyodide.asm.wasm").stat().st_size
    assert page.tab.evaluate(EMPTY, "pyodide.asm.wasm") == [wasm]
    for fault in ("broken", "hang"):  # half of it comes, in time
        site.faults[PREFIX] = fault
        site.asked.clear()
        page = visit(pages, page)
        assert PREFIX in site.asked
    assert not [path for path in site.asked if path.endswith("asm.wasm")]
