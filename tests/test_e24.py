"""E24: every erratum is computed again, and sizes are compared as published."""

import re
from pathlib import Path

import numpy as np
import pytest

from exhibiting import shown, told
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e24_errata import Errata, about
from fishformer.lessons.counting import shape_of
from fishformer.lessons.errata import (
    GPT_2_XL,
    MODELS,
    dinner_shares,
    gpt_2_sizes,
    helmet_agreement,
    how_many_times,
    model_named,
    pairs_grow,
    second_head_twice,
    tiny_block,
    with_decoder,
    without_exp,
)
from fishformer.model import make_model
from fishformer.timeline import Timeline

CHAPTER = Path(__file__).parents[1] / "site" / "chapters" / "10.html"


@pytest.fixture(scope="module")
def timeline():
    return Timeline(Config(), load_fish())


@pytest.fixture
def fresh(timeline):
    return shown(Errata(Config(), load_fish()), timeline)


# ---- the errata -------------------------------------------------------------------


def test_the_dinner_party():
    np.testing.assert_allclose(dinner_shares(), [24.83, 50.35, 24.83], atol=0.01)


def test_the_helmet():
    assert helmet_agreement("first")[::2] == (6, 6)  # divided: all
    assert helmet_agreement("first").undivided < 6
    assert helmet_agreement("second")[1:] == (6, 6)  # undivided: all
    assert helmet_agreement("second").divided < 6
    assert helmet_agreement("head_1")[1:] == (24, 24)
    assert helmet_agreement("head_1").divided < 24
    first, second = second_head_twice()
    assert first == ["0.43", "0.35", "0.33", "0.45"]
    assert second == ["0.74", "0.74", "0.72", "0.98"]


def test_parameters_of_the_example():
    block = tiny_block()
    assert (block.feed_forward, block.one_head) == (512, 96)
    assert block.feed_forward / block.attention == 2


def test_softmax_without_exp_is_no_share():
    shares = without_exp(np.array([1.0, 2.0, -1.0]))
    assert shares.sum() == pytest.approx(100) and shares.min() < 0


def test_pairs_and_sizes():
    assert pairs_grow() == 256
    assert round(how_many_times("GPT-3", "BERT base")) == 1591
    assert round(how_many_times("GPT-3", "BERT large")) == 515
    small, xl = gpt_2_sizes()
    assert small == 124_439_808  # what the files of both hold
    assert xl == 1_557_611_200
    assert xl == pytest.approx(model_named("GPT-2 XL").parameters, rel=0.02)
    assert GPT_2_XL.n_layers == 48
    with pytest.raises(ValueError, match="no model"):
        model_named("GPT-5")


def test_the_published_sizes_come_out_of_the_published_shapes():
    """Rounded as they are: what is counted is what is quoted, to 3.1 per cent."""
    for model in MODELS:
        if model.counted is not None:
            assert model.parameters == pytest.approx(model.counted, rel=0.031), model
    assert [model.name for model in MODELS if model.counted is None] == ["T5, largest"]
    # Heads whose numbers are not a share of the width: 128 of 128 beside 1,024.
    D, heads, F, V, layers = 1024, 128 * 128, 65_536, 32_128, 24
    attention, feed_forward = 4 * D * heads, 2 * D * F
    t5 = V * D + layers * (3 * attention + 2 * feed_forward)
    assert t5 == pytest.approx(model_named("T5, largest").parameters, rel=0.031)


def test_an_encoder_with_a_decoder_is_counted_as_this_package_makes_one():
    config = Config(model="encoder-decoder", positions="none")
    made = make_model(config, 12, 6, np.random.default_rng(0))
    shape = shape_of(config, 12, 6)
    assert with_decoder(shape) == made.params.buffer.size


# ---- the exhibit ------------------------------------------------------------------


def test_the_list_says_what_was_computed(fresh):
    texts = fresh.texts()
    assert texts["e24.dinner"] == "24.8, 50.3 and 24.8%"
    assert texts["e24.first"] == texts["e24.second"] == "6 of 6"
    assert texts["e24.plain"] == "50, 100 and −50%"
    assert (texts["e24.base"], texts["e24.large"]) == ("1,591", "515")
    assert (texts["e24.small"], texts["e24.xl"]) == ("124 million", "1.56 billion")
    assert texts["e24.rows"] == "1.80, 2.14 and 2.26"
    assert "7 of the 8 come within 3.1% of that; T5, largest is" in texts["e24.sizes"]
    assert texts["e24.one_head"] == "5.33" and texts["e24.all_heads"] == "2"


def test_two_models_are_compared(fresh, timeline):
    own = timeline.trainer.model.params.buffer.size
    assert fresh._models[0].parameters == own
    assert "1,591 times" in told(fresh, "e24.ratio")
    assert told(fresh, "e24.ratio") not in told(fresh, "e24.finding")
    assert "4.71 million times as many: 6.7 powers" in told(fresh, "e24.finding")
    fresh.handle("model", "GPT-1")
    assert {fresh.one, fresh.other} == {"GPT-3", "GPT-1"}
    fresh.handle("model", "this page")
    said = told(fresh, "e24.ratio")
    assert said.startswith("GPT-1 has") and f"{117e6 / own:,.0f} times" in said
    chosen = [i.value for i in fresh.view()["lists"]["e24.models"] if i.lit]
    assert chosen == ["this page", "GPT-1"]
    for size in ((328, 320), (688, 320)):
        to_svg(fresh.draw("e24.sizes", *size))


def test_a_press_on_a_row_chooses_it(fresh):
    fresh.draw("e24.sizes", 384, 320)
    press = {"canvas": "e24.sizes", "x": 5, "y": 40, "kind": "press"}
    fresh.handle("at", press)
    assert fresh.other == "Transformer, base"
    fresh.handle("at", press | {"y": 319})  # on the axis
    fresh.handle("at", press | {"kind": "hover", "y": 80})
    assert fresh.other == "Transformer, base"


@pytest.mark.parametrize(("name", "value"), [("model", "GPT-9"), ("year", 1990)])
def test_refusals(fresh, name, value):
    with pytest.raises(ValueError, match=f"{name}|{value}"):
        fresh.handle(name, value)


@pytest.mark.parametrize(
    ("count", "words"),
    [(37_168, "37.2 thousand"), (110e6, "110 million"), (1.542e9, "1.54 billion"),
     (11e9, "11 billion"), (175e9, "175 billion"), (12, "12")],
)  # fmt: skip
def test_sizes_in_words(count, words):
    assert about(count) == words


# ---- the chapter ------------------------------------------------------------------


def test_the_lines_for_a_notebook_are_right(capsys):
    """What stands in the page runs as it stands there, but for the fetching."""
    text = CHAPTER.read_text("utf-8").split("import micropip")[1].split("</pre>")[0]
    lines = text[text.index("from ") :]
    assert "steps=100" in lines
    exec(lines.replace("steps=100", "steps=2"), {})
    told = capsys.readouterr().out.split()
    assert told[::2] == ["0", "1", "2"] and 4 < float(told[1]) < 6


def test_every_claim_of_the_scoreboard_leads_to_its_exhibit():
    table = CHAPTER.read_text("utf-8").split("<tbody>")[1].split("</tbody>")[0]
    rows = table.split("<tr>")[1:]
    assert len(rows) == 8
    assert all(re.search(r'<a href="#e\d\d">E\d\d</a>', row) for row in rows)
