"""HTTP 500 for what a start can do without, and for what comes after it."""

from fishpage import FishPage
from playwright.sync_api import Locator
from serving import Host


def start_without(page: FishPage, said: str) -> Locator:
    """It trains; E06, which cannot be had, says why: that panel."""
    page.boot_at(3)
    page.show("#e06")
    broken = page.tab.locator("#e06 .broken")
    page.wait("why", broken.is_visible)
    assert said in broken.inner_text()
    page.make_step()
    return broken


def test_what_training_does_not_need_may_fail(page: FishPage, site: Host):
    page.allowed = ("console",)
    for file in ("theme.js", "icon.svg", "manifest.webmanifest"):
        site.faults[file] = "broken"
    page.boot()
    page.wait_step(3)


def test_what_comes_later_is_asked_for_again(page: FishPage, site: Host):
    page.allowed = ("console",)
    site.faults |= {"soon.zip": "broken", "deep.npz": "broken", "rest.zip": "broken"}
    broken = start_without(page, "soon.zip cannot be fetched now")
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


def test_what_comes_later_and_is_altered_is_not_used(page: FishPage, site: Host):
    page.allowed = ("console",)
    site.faults |= {"soon.zip": "corrupt", "deep.npz": "corrupt"}
    said = "soon.zip came damaged: try again. All others go on"
    broken = start_without(page, said)
    del site.faults["soon.zip"]
    broken.get_by_role("button", name="Begin it again").click()
    page.wait_chart("e06.arrows")
    page.show("#e17")
    page.control("e17.model", "pre").click()
    page.wait("no recording", page.tab.get_by_text("No recording:").is_visible)
    page.make_step()
