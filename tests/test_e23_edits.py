"""E23 of edited code: it shows what is there, and finds what is wrong."""

import pytest

from editing import SCALE, now
from fishformer.attention import attention_forward
from fishformer.lessons.watching import statement

SOFTMAX = "attn_weights = softmax_forward(scores)"
EDITS = {
    "no root": ("attention.py", SCALE, "  pass"),
    "a remark": ("attention.py", SOFTMAX, f"pass\n    {SOFTMAX}  # of 1"),
    "no residual": ("block.py", "        out = x + out\n", "        pass\n"),
    "another name": ("attention.py", "attn_weights", "looks"),
    "a wrong way back": ("layers.py", "return inv_std * (dnorm", "return 2 * (dnorm"),
    "a new weight": ("block.py", "= {**square,", "= {'new': (D, D), **square,"),
}  # fmt: skip


@pytest.fixture
def edited(source):
    """E23 of a model whose code has one of the edits."""

    def make(name):
        path, old, new = EDITS[name]
        text = source.original[path]
        assert old in text

        def shown():
            corpus, config = now("corpus").load_fish(), now("config").Config()
            timeline = now("timeline").Timeline(config, corpus)
            made = now("exhibits.e23_number").AnyNumber(config, corpus)
            made.compute(timeline)
            return made

        return source.swap({path: text.replace(old, new)}, shown)

    return make


def test_an_edited_line_is_shown_as_it_is_now(edited):
    shown = edited("a remark")
    texts = shown.texts()
    assert texts["e23.line"] == f"{SOFTMAX}  # of 1"
    before = statement(attention_forward, SOFTMAX).first
    assert texts["e23.where"] == f"attention.py, line {before + 1}"
    shown.handle("check", None)
    assert "the gradient is right" in shown.texts()["e23.check"]


def test_without_its_root_a_score_is_not_what_the_formula_says(edited):
    shown = edited("no root")
    shown.handle("place", "layer_1.scores")
    assert shown.texts()["e23.made"].startswith("≠")
    shown.handle("place", "layer_1.q")
    shown.handle("check", None)
    assert "do not agree" in shown.texts()["e23.check"]  # backward still divides


def test_without_its_residual_a_model_has_no_sums(edited):
    shown = edited("no residual")
    assert not shown.walk.problem
    assert not [place for place in shown.walk.reading.values if "sum" in place]


def test_a_wrong_way_back_is_found(edited):
    """The chain rule's sum and the finite difference both tell."""
    shown = edited("a wrong way back")
    shown.handle("place", "layer_1.sum_2")
    assert "≠" in shown.texts()["e23.gradient"]
    shown.handle("place", "layer_1.w_in")
    shown.handle("check", None)
    assert "do not agree" in shown.texts()["e23.check"]


def test_code_changed_beyond_recognition_by_an_edit(edited):
    shown = edited("another name")
    assert "can no longer be told apart" in shown.texts()["e23.problem"]
    assert shown.view()["state"]["e23.lost"] and shown.labels()


def test_a_weight_that_nobody_knows_is_passed_over(edited):
    assert "layer_1.new" not in edited("a new weight").walk.reading.values
