"""The page can be installed, and looks like itself once it is."""

import json

from browsers import Pages
from fishpage import FishPage
from serving import Host


def test_chromium_finds_nothing_against_installing(
    on_disk: FishPage, site: Host, pages: Pages
):
    page = on_disk
    page.boot()
    devtools = page.tab.context.new_cdp_session(page.tab)
    told = devtools.send("Page.getAppManifest")
    assert told["errors"] == []
    assert told["url"] == f"{site.url}{site.built.name}/manifest.webmanifest"
    manifest = told["manifest"]
    assert (manifest["startUrl"], manifest["scope"]) == (site.url, site.url)
    assert "standalone" in manifest["display"].lower()
    for icon in json.loads(told["data"])["icons"]:
        assert (site.built / icon["src"]).is_file()
    found = devtools.send("Page.getInstallabilityErrors")
    assert found["installabilityErrors"] == []


def test_an_installed_window_takes_the_colour_of_the_theme(pages: Pages):
    page = pages(color_scheme="dark")
    page.open()
    colour = """[...document.querySelectorAll("meta[name=theme-color]")]
      .filter((meta) => matchMedia(meta.media).matches).map((meta) => meta.content)"""
    assert page.tab.evaluate(colour) == ["#0b161f"]
    page.button("Light theme").click()
    assert page.tab.evaluate(colour) == ["#fcfaf6"]
