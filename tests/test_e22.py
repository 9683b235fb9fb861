"""E22: what the page says of its six edits and offers, before any of them is made."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from fishformer import attention
from fishformer.browser.workshop import STEPS
from fishformer.config import Config
from fishformer.exhibits.e22_edit import EditThePython
from fishformer.grammar import read_data
from fishformer.lessons.challenges import (
    CHALLENGES,
    in_words,
    named,
    reckoning,
    red_tests,
    verdict,
)
from fishformer.tokenizer import PAD
from fishformer.training import Trainer

HTML = (Path(__file__).parents[1] / "site" / "chapters" / "9c.html").read_text()


@pytest.fixture
def exhibit(fish):
    return EditThePython(Config(), fish)


def test_the_diff_of_an_edit_has_whole_lines_and_only_what_changes(exhibit):
    for challenge in CHALLENGES:
        lines = exhibit.texts()[f"e22.diff.{challenge.key}"]
        for text, kind in lines:
            assert re.fullmatch(r"[-+] {5,}\S.*\n", text)
            assert (text[0] == "+") == (kind == "in")
        out = {text[2:] for text, kind in lines if kind == "out"}
        assert out.isdisjoint(text[2:] for text, kind in lines if kind == "in")


def test_a_test_is_named_in_words():
    assert in_words("test_model.py::test_rows_sum_to_1[a b]") == "Rows sum to 1 (a b)"
    assert in_words("test_golden.py::test_the_first") == "The first"
    assert in_words("test_broken.py") == "Broken.py"


def test_the_table_names_every_test_of_every_edit(exhibit):
    (table,) = exhibit.tables()
    assert len(table.rows) == sum(len(red_tests(c)) for c in CHALLENGES)


def test_the_page_counts_the_lines_of_its_heart_and_the_steps_of_a_trial():
    lines = len(Path(attention.__file__).read_text().splitlines())
    (told,) = re.findall(r"the heart of it, some (\d+) lines", HTML)
    assert abs(int(told) - lines) <= 5
    assert STEPS == 2 and "a trial of two steps" in HTML


def test_the_page_asks_and_offers_each_of_them():
    for challenge in CHALLENGES:
        for attribute in ("data-challenge", "data-type"):
            assert f'{attribute}="{challenge.key}"' in HTML
        assert f'data-predict="e22-{challenge.key}"' in HTML
    assert HTML.count('class="challenge"') == len(CHALLENGES)


def test_what_the_last_two_do_to_the_curve_is_measured():
    for key, label in (("heads", "one view"), ("gradient", "wrong gradient")):
        told = HTML.partition(f'data-after="e22-{key}"')[2].partition("</p>")[0]
        for edit in (label, "unedited"):
            assert f"{{{{finding:edits.{edit}, step 1000 .2f}}}}" in told
    measured = json.loads(read_data("findings.json"))["findings"]["edits"]["measured"]
    ends = [measured[f"{edit}, step 1000"] for edit in ("one view", "unedited")]
    apart = abs(ends[0]["mean"] - ends[1]["mean"])
    assert apart < ends[1]["spread"]  # "from one seed to the next it varies by more"


def test_what_it_says_of_the_broken_gradient_and_of_roots_is_so():
    assert "Three tests of gradients turn red, and one of them says which layer" in HTML
    (red,) = (challenge.red for challenge in CHALLENGES if challenge.key == "gradient")
    assert len(red) == 3 and all("gradient" in name for name in red)
    assert sum("layer_norm" in name for name in red) == 1
    for d_head, told in ((Config().d_model // Config().n_heads, "2.8"), (512, "22.6")):
        assert f"{d_head} numbers" in HTML and f"{d_head**0.5:.1f}" == told
        assert f"{told} times too large" in HTML


def test_results_are_held_against_what_was_expected():
    root = named("root")
    first, golden = red_tests(root)
    quick, other = "test_essentials.py::test_other", "test_model.py::test_other"
    says = [
        verdict(*of, red_tests(root))
        for of in (
            (first, "failed"), (golden, "passed"), (quick, "failed"),
            (quick, "passed"), (other, "failed"),
        )
    ]  # fmt: skip
    assert says == [
        "as expected", "expected to fail, but passed", "not expected", "", "",
    ]  # fmt: skip
    start = "“Forget the root of dₖ” should turn 2 tests of the quick set red: "
    for outcomes, end in (
        ({first: "failed", golden: "failed"}, "2 did; no other."),
        ({first: "failed", golden: "failed", other: "failed"}, "2 did; no other."),
        (
            {first: "failed", golden: "passed", quick: "failed"},
            "1 did, 1 stayed green; 1 of the quick ones did that should not.",
        ),
        ({quick: "passed"}, "2 did not run; no other."),
    ):
        assert reckoning(root, outcomes) == start + end


def test_it_knows_no_events(exhibit):
    with pytest.raises(ValueError, match="no event 'x'"):
        exhibit.handle("x", None)


def darkness(fish, steps, **settings):
    """The largest weight of a row, mean over heads and words of the held-out batch."""
    trainer = Trainer(Config(**settings), fish)
    while trainer.report.step < steps:
        trainer.update()
    batch = trainer.held_out_batch
    _, trace = trainer.model.forward(batch.token_ids, batch.places)
    weights = np.stack([block.attention.attn_weights for block in trace.blocks])
    return weights.max(-1).transpose(1, 3, 0, 2)[batch.token_ids != PAD].mean()


def test_what_one_is_told_to_look_at_in_the_maps_of_e01_is_there(fish):
    """So it was with seeds 0 to 4 too, at step 1,000 and at step 50."""
    assert "In E01 the maps are the paler ones in the end." in HTML
    assert darkness(fish, 500, residual=False) < 0.8 * darkness(fish, 500)
    assert "In E01 the maps get their dark cells earlier" in HTML
    assert darkness(fish, 50, scale_scores=False) > 1.15 * darkness(fish, 50)
