"""Somebody's own sentences: trained on in the page, or refused with a reason."""

from itertools import islice

import pytest
from fishpage import FishPage
from pytest import approx

from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.training import train

SUBJECTS = ("le chat", "la chèvre", "un ours", "鱼 和 猫", "<b>l'oie</b>")
ENDINGS = ("dort à midi", "mange du pain", "chante très fort", "part en mer")
TEXT = "\n".join(f"{s} {e}." for s in SUBJECTS for e in ENDINGS) + "\n\nseul\n"


@pytest.fixture
def open_form(page: FishPage) -> FishPage:
    """A page at step 3 whose form for other sentences is open."""
    page.boot_at(3)
    page.tab.get_by_text("Other sentences to learn from").click()
    return page


# Chromium pastes 2,000 lines at once, but takes half a minute to fill them in.
PASTE = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""


def submit(page: FishPage, text: str) -> None:
    page.tab.locator("#corpus-text").evaluate(PASTE, text)
    page.button("Train on these").click()


def said(page: FishPage, part: str) -> str:
    return page.tab.locator(part).inner_text()


def test_own_sentences_are_trained_on_and_the_fish_come_back(open_form: FishPage):
    page = open_form
    fish_loss = page.loss
    submit(page, TEXT)
    page.wait_state("training")
    page.wait("the report", lambda: said(page, "#corpus-report"))
    page.pause()
    corpus = load_corpus(TEXT)
    report = said(page, "#corpus-report")
    for part in (
        "20 sentences",
        f"of {len(corpus.tokenizer)}",
        "learning them by heart",
    ):
        assert part in report
    assert "Line 22" in report and "one word only" in report
    assert page.tab.locator("[data-fact=sentences]").inner_text() == "20"
    page.tab.keyboard.press("Home")
    page.wait_step(0)
    losses = [float(page.loss), *(float(page.make_step()) for _ in range(4))]
    native = [report.loss for report in islice(train(Config(), corpus), 5)]
    assert losses == approx(native, rel=1e-3)
    assert all(chart.colours >= 3 for chart in page.settled().charts.values())
    page.button("Back to the fish").click()
    page.wait_state("training")
    page.wait_step(3)
    page.pause()
    page.slider("Timeline").press("Home")
    page.wait_step(0)
    assert [page.make_step() for _ in range(3)][-1] == fish_loss


def test_text_that_cannot_be_used_is_refused_and_the_run_goes_on(open_form: FishPage):
    page = open_form
    before = page.loss
    for text, reason in {
        "": "5 different sentences",
        "one sentence alone": "This text has 1",
        "the same words\n" * 9: "This text has 1",
        "\n".join(f"word{n} and word{n + 1}" for n in range(2100)): "2,100 lines",
    }.items():
        submit(page, text)
        page.wait(reason, lambda reason=reason: reason in said(page, "#corpus-error"))
        assert (page.state()["state"], page.loss) == ("paused", before)
    page.make_step()


def test_file_of_sentences(open_form: FishPage):
    page = open_form
    chooser = page.tab.locator("#corpus-file")
    chooser.set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"caf\xe9 noir"}
    )
    page.wait("a refusal", lambda: "a.txt is not" in said(page, "#corpus-error"))
    chooser.set_input_files(
        {"name": "b.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}
    )
    field = page.tab.locator("#corpus-text")
    page.wait("the text", lambda: field.input_value() == TEXT)
    assert said(page, "#corpus-error") == ""
