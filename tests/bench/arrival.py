"""How the page arrives in Chromium, and how it would without the work on that.

Every round visits both builds (untrimmed.py makes the other one) with nothing cached,
and then again once the service worker has kept them, both times in a browser with a
profile on disk, for only that keeps machine code. A visit is watched from navigation
until two seconds after its first training step, and lasts some seconds more.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browsers import CHROMIUM_FLAGS, DIST, WINDOW
from counting import Site
from playwright.sync_api import Browser, BrowserContext
from rounds import say
from untrimmed import write_untrimmed
from watching import PATIENCE, WATCH, measures

import basics

ROUNDS = 5
STAY = 5000  # milliseconds that a visit goes on; machine code is kept after some two


@contextmanager
def served(folder: Path) -> Iterator[dict[str, Site]]:
    """Our build as it is now, for others may build, and the untrimmed one."""
    say("making the untrimmed build")
    with basics.alone():
        shutil.copytree(DIST, folder / "ours")
        write_untrimmed(folder / "ours", folder / "untrimmed")
    sites = {name: Site(folder / name) for name in ("ours", "untrimmed")}
    for site in sites.values():
        threading.Thread(target=site.serve_forever, daemon=True).start()
    yield sites
    for site in sites.values():
        site.shutdown()
        site.server_close()


def arrivals(browser: Browser, folder: Path, rounds: int = ROUNDS) -> dict[str, Any]:
    """{build: {"cold" or "warm": {measure: [a number for each round]}}}."""
    with served(folder) as sites:
        results: dict[str, Any] = {name: {"cold": {}, "warm": {}} for name in sites}
        say("visiting the page and the untrimmed one")
        for number in range(rounds):
            order = list(sites) if number % 2 else list(sites)[::-1]
            profiles = Path(tempfile.mkdtemp(dir=folder))
            visitors = {name: newcomer(browser, profiles / name) for name in order}
            for visit in ("cold", "warm"):
                for name in order:
                    for key, value in visited(visitors[name], sites[name]).items():
                        results[name][visit].setdefault(key, []).append(value)
            for context in visitors.values():
                context.close()
    return results


def newcomer(browser: Browser, profile: Path) -> BrowserContext:
    """Somebody who has never been here."""
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=os.environ["CHROMIUM"],
        args=[*CHROMIUM_FLAGS],
        viewport=WINDOW,
    )
    context.add_init_script(WATCH)
    return context


def visited(visitor: BrowserContext, site: Site) -> dict[str, float]:
    """The measures of one visit, at whose end the service worker has kept the page."""
    tab = visitor.new_page()
    tab.goto(site.url, wait_until="commit")
    seen = tab.evaluate("arrived")
    kept = tab.locator("#offline", has_text="ready")
    kept.wait_for(state="attached", timeout=PATIENCE)
    tab.wait_for_timeout(STAY)
    tab.close()
    if not seen["charts"]:
        raise SystemExit("bench: nothing of E01 is on the screen when the page opens.")
    begin = seen["origin"] / 1000
    sent = site.sent(begin, begin + seen["step"] / 1000)
    return {**measures(seen), "bytes": sent}
