"""axe-core looks at the whole page: every chapter, in both themes, at three widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from look import LAY_OUT_ALL
from shared import SharedPage

WIDTHS = (360, 768, 1440)
ONLY = {"resultTypes": ["violations"]}  # what it found in order need not be told


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(shared: SharedPage, width: int, theme: str):
    page = shared
    page.drawn_at(20)
    page.tab.set_viewport_size({"width": width, "height": 900})
    if page.state()["theme"] != theme:
        page.button(f"{theme.capitalize()} theme").click()
    page.wait("the theme", lambda: page.state()["theme"] == theme)
    page.tab.evaluate(LAY_OUT_ALL)
    page.settled()
    found = Axe().run(page.tab, options=ONLY).response["violations"]
    told = [
        f"{v['impact']}, {v['id']}: {v['help']}: {node['html'][:200]}"
        for v in found
        for node in v["nodes"][:5]
    ]
    assert not told, "\n".join(told)


def test_every_link_within_the_page_leads_somewhere(shared: SharedPage):
    page = shared.boot_at(1)
    astray = page.tab.evaluate("""[...document.querySelectorAll("a[href^='#']")]
      .map((link) => link.hash.slice(1))
      .filter((id) => !document.getElementById(id))""")
    assert not astray
    twice = page.tab.evaluate("""[...document.querySelectorAll("[id]")]
      .map((element) => element.id)
      .filter((id, place, all) => all.indexOf(id) !== place)""")
    assert not twice
