"""What every exhibit must be, whatever it shows."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fishformer.browser.listing import line_of, source_of
from fishformer.browser.show import plain
from fishformer.charts.svg import to_svg
from fishformer.exhibits.stage import EXHIBITS, Stage
from fishformer.prerender import FirstFrame

SITE = Path(__file__).parents[1] / "site"
TEXTS = "".join(path.read_text("utf-8") for path in SITE.rglob("*.html"))


@pytest.fixture(scope="module")
def stage():
    stage = Stage()
    for name in EXHIBITS:
        stage.set_on_screen(name, True)
    return stage


def keys(attribute, name):
    """What the page's attributes of this kind name in one exhibit."""
    return set(re.findall(rf'data-{attribute}="({name}\.[\w.-]+)"', TEXTS))


@pytest.mark.parametrize("name", EXHIBITS)
def test_it_shows_its_code_and_every_term_stands_in_it(stage, name):
    exhibit = stage.exhibit(name)
    source = source_of(exhibit)
    assert exhibit.id == name and source["functions"]
    assert set(source["terms"]) == set(exhibit.terms)
    for term, (k, number) in source["terms"].items():
        function, line = source["functions"][k], line_of(exhibit, term)
        text = function["text"].split("\n")[number - function["first_line"]].strip()
        assert line == {"file": function["file"], "line": number, "text": text}
        assert exhibit.terms[term][1] in text


def test_a_term_that_edited_code_no_longer_has_has_no_line(stage, monkeypatch):
    exhibit = stage.exhibit("e10")
    terms = {**exhibit.terms, "gone": (exhibit.shows_code[0], "no such line")}
    monkeypatch.setattr(type(exhibit), "terms", terms)
    assert line_of(exhibit, "gone") is None
    assert source_of(exhibit)["terms"].keys() == terms.keys() - {"gone"}


@pytest.mark.parametrize("name", EXHIBITS)
def test_the_terms_of_its_formulas_are_known(stage, name):
    section = TEXTS.split(f'id="{name}"')[1].split('id="e')[0]
    terms = re.findall(r'<button[^>]*data-term="([\w-]+)"', section)
    assert set(terms) <= set(stage.exhibit(name).terms)


@pytest.mark.parametrize("name", EXHIBITS)
def test_every_chart_of_the_page_is_drawn_and_described(stage, name):
    exhibit = stage.exhibit(name)
    named = keys("canvas", name)
    assert named <= set(exhibit.canvases)
    labels = exhibit.labels()
    for canvas in named - {"e01.guess.own"}:
        for size in ((320, 240), (680, 400)):
            to_svg(exhibit.draw(canvas, *size))
        assert labels[canvas].strip()


@pytest.mark.parametrize("name", EXHIBITS)
def test_every_slot_of_the_page_is_filled(stage, name):
    exhibit = stage.exhibit(name)
    texts, view = exhibit.texts(), plain(exhibit.view())
    filled = {
        "text": {*texts, "e01.status", "e01.blank.own"},
        "list": set(view["lists"]),
    }
    for attribute, known in filled.items():
        assert keys(attribute, name) <= known, attribute
    assert set(view["matrices"]) <= keys("matrix", name)
    for attribute in ("if", "unless", "bind"):
        assert keys(attribute, name) <= set(view.get("state", {})), attribute


@pytest.mark.parametrize("name", EXHIBITS)
def test_its_numbers_can_be_had_as_tables(stage, name):
    tables = stage.exhibit(name).tables()
    section = TEXTS.split(f'id="{name}"')[1].split('class="exhibit"')[0]
    assert tables or 'data-ask="table"' not in section
    for table in tables:
        assert table.caption
        assert {len(row) for row in table.rows} <= {len(table.columns)}


@pytest.mark.parametrize("name", EXHIBITS)
def test_it_refuses_what_it_does_not_know(stage, name):
    with pytest.raises(ValueError, match="no event 'no such event'"):
        stage.event(name, "no such event", "<b>")


def test_the_page_has_a_place_for_every_exhibit_and_no_other():
    ids = re.findall(r'class="exhibit"[^>]* id="(e\d\d|setup|sentences|runs)"', TEXTS)
    assert sorted(ids) == sorted(EXHIBITS)


class Places(HTMLParser):
    """The ids of a page, which of them the state may hide, and where links lead."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})

    def __init__(self):
        super().__init__()
        self.ids, self.hidden, self.links = set(), set(), set()
        self.open = []  # (tag, whether the state may hide what is inside)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        may_hide = bool(self.open) and self.open[-1][1]
        may_hide |= "data-if" in found or "data-unless" in found
        if found.get("href", "").startswith("#"):
            self.links.add(found["href"][1:])
        if "id" in found:
            self.ids.add(found["id"])
            if may_hide:
                self.hidden.add(found["id"])
        if tag not in self.VOID:
            self.open.append((tag, may_hide))

    def handle_endtag(self, tag):
        if any(one == tag for one, _ in self.open):
            while self.open.pop()[0] != tag:
                pass


def test_links_lead_to_what_is_there_and_never_hidden():
    places = Places()
    places.feed(re.sub(r"<svg.*?</svg>", "", TEXTS, flags=re.S))
    assert len(places.links) > 30 and places.hidden
    assert places.links <= places.ids
    assert not places.links & places.hidden


def test_nothing_is_left_to_fill():
    manifest = {"files": [{"path": "runtime/fishformer-1-py3-none-any.whl"}]}
    page = FirstFrame(Stage(), SITE, manifest).fill((SITE / "index.html").read_text())
    assert "{{" not in page and "undefined" not in page
