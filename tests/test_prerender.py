from pathlib import Path
from xml.etree import ElementTree

import pytest

from fishformer.exhibits.stage import Stage
from fishformer.prerender import FirstFrame, PrerenderError

SITE = Path(__file__).parents[1] / "site"


@pytest.fixture(scope="module")
def first():
    return FirstFrame(Stage(), SITE)


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
