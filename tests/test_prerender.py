from pathlib import Path
from xml.etree import ElementTree

import pytest

from fishformer.exhibits.exhibit import Item, Matrix
from fishformer.exhibits.stage import Stage
from fishformer.prerender import FirstFrame, PrerenderError

SITE = Path(__file__).parents[1] / "site"
MANIFEST = {"files": [{"path": "runtime/fishformer-0.1.0-0xabc-py3-none-any.whl"}]}


@pytest.fixture
def first():
    return FirstFrame(Stage(), SITE, MANIFEST)


def test_the_whole_page_can_be_filled(first):
    page = first.fill((SITE / "index.html").read_text("utf-8"))
    assert "{{" not in page
    assert page.count("<svg") > 12


def test_facts_are_computed(first):
    stage = first.stage
    assert first.fill("{{fact:parameters}}") == (
        f"{stage.timeline.trainer.model.params.buffer.size:,}"
    )
    uniform = stage.corpus.references.uniform
    assert first.fill("{{fact:uniform}}") == f"{uniform:.2f}"


@pytest.mark.parametrize("canvas", [c for c in Stage().canvases() if "own" not in c])
def test_every_chart_has_a_first_frame(first, canvas):
    svg = first.fill(f"{{{{svg:{canvas} 300 200}}}}")
    assert len(ElementTree.fromstring(svg)) >= 1


def test_the_wheel_has_its_name(first):
    wheel = first.fill("{{wheel:name}}")
    assert wheel == "fishformer-0.1.0-0xabc-py3-none-any.whl"


def test_findings_are_means_of_the_file(first):
    found = first.fill("{{finding:it.step 200 .2f}}")
    assert 0.95 < float(found) <= 1


def test_conditions_and_choices_follow_the_state(first):
    first.state = {"e99.on": True, "e99.word": "bass"}
    page = '<p data-if="e99.on"><p data-unless="e99.on"><p data-if="e99.off">'
    assert first.fill(page) == (
        '<p data-if="e99.on"><p data-unless="e99.on" hidden>'
        '<p data-if="e99.off" hidden>'
    )
    for word, pressed in (("bass", "true"), ("perch", "false")):
        button = f'<button data-do="e99.word" data-value="{word}">'
        assert first.fill(button) == f'{button[:-1]} aria-pressed="{pressed}">'


def test_matrices_and_lists_are_text(first):
    first.matrices = {
        "e99.m": Matrix(
            [["1", "<2>"]], ["a"], ["b", "c"], "query", lit=[(0, 1)], opened=(0, 1),
            marks=[["", "same"]], shade=[[0.5]],
        )
    }  # fmt: skip
    assert first.fill("{{matrix:e99.m}}") == (
        '<table class="query"><tr><th><span class="vh">row</span></th>'
        '<th scope="col">b</th><th scope="col">c</th></tr><tr><th scope="row">a</th>'
        '<td class="s5">1</td><td class="same lit opened">&lt;2&gt;</td></tr></table>'
    )
    first.lists = {"e99.l": [Item("x", "<x>"), Item("y", "y", lit=True)]}
    assert first.fill("{{list:e99.l}}") == (
        '<span class="">&lt;x&gt;</span> <span class="lit">y</span>'
    )


def test_an_included_file_is_filled_too(tmp_path, first):
    (tmp_path / "part.html").write_text("<p>{{fact:layers}}</p>")
    first.folder = tmp_path
    assert first.fill("{{include:part.html}}") == "<p>2</p>"
    (tmp_path / "part.html").write_text("{{fact:nothing}}")
    with pytest.raises(PrerenderError, match=r"nothing fills \{\{fact:nothing"):
        first.fill("{{include:part.html}}")
    with pytest.raises(PrerenderError, match=r"nothing fills \{\{include:none"):
        first.fill("{{include:none.html}}")


def test_a_note_is_named_by_its_heading(first):
    note = '<aside class="note"><h3>Of <i>it</i></h3><p>x</p></aside>'
    named = note.replace('class="note"', 'class="note" aria-label="Of it"')
    assert first.fill(note) == named
    assert first.fill(named) == named


def test_contents_are_what_the_page_has(first):
    page = (
        '{{contents:all}}|<section class="exhibit" id="e98"><h2>Live</h2></section>'
        '<section class="chapter" id="one" tabindex="-1"><h2 class="title">One</h2>'
        '</section><section class="exhibit" id="e99"><h3>Nine</h3></section>'
        '<section class="chapter" id="two"><h2>Two</h2></section>'
    )
    assert first.fill(page).split("|")[0] == (
        '<li><a href="#one">One</a><ol><li><a href="#e99">Nine</a></li></ol></li>'
        '<li><a href="#two">Two</a></li>'
    )


def test_words_mark_the_gap(first):
    words = first.fill("{{words:e01}}")
    assert words.count('<span class="gap">gap</span>') == 1


@pytest.mark.parametrize(
    "wrong",
    ["{{svg:e01.nothing 10 10}}", "{{text:e01.no}}", "{{fact:x}}", "{{svg:e01.loss}}",
     "{{words:e99}}", "{{pie:e01.loss}}"],
)  # fmt: skip
def test_a_placeholder_that_nothing_fills_fails_the_build(first, wrong):
    with pytest.raises(PrerenderError, match="nothing fills"):
        first.fill(wrong)
