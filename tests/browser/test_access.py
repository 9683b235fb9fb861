"""axe-core looks at the whole page: every chapter, in both themes, at three widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe

WIDTHS = (360, 768, 1440)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(pages, width, theme):
    page = pages(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.boot_at(20)
    page.scroll_through()
    found = Axe().run(page.tab).response["violations"]
    told = [
        f"{v['impact']}, {v['id']}: {v['help']}: {node['html'][:200]}"
        for v in found
        for node in v["nodes"][:5]
    ]
    assert not told, "\n".join(told)


def test_every_link_within_the_page_leads_somewhere(page):
    page.boot_at(1)
    astray = page.tab.evaluate("""[...document.querySelectorAll("a[href^='#']")]
      .map((link) => link.hash.slice(1))
      .filter((id) => !document.getElementById(id))""")
    assert not astray
    twice = page.tab.evaluate("""[...document.querySelectorAll("[id]")]
      .map((element) => element.id)
      .filter((id, place, all) => all.indexOf(id) !== place)""")
    assert not twice
