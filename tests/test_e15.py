"""E15: the formulas count what is really there."""

from pathlib import Path

import pytest

from exhibiting import said, told
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e15_parameters import Parameters, about
from fishformer.lessons.counting import (
    GPT_1,
    GPT_2,
    GPT_3,
    count_parts,
    shape_of,
    total,
    weights_of_block,
)
from fishformer.timeline import Timeline

FISH = load_fish()


@pytest.fixture
def exhibit():
    made = Parameters(Config(), FISH)
    made.compute(Timeline(Config(), FISH))
    return made


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"n_layers": 5, "n_heads": 2, "d_model": 24, "d_ff": 50},
        {"norm": "pre"},
        {"norm": "none"},
        {"feed_forward": False},
        {"feed_forward": False, "norm": "pre"},
        {"positions": "none"},
        {"positions": "sinusoidal", "residual": False},
    ],
    ids=str,
)
def test_the_formulas_count_what_is_in_the_buffer(settings):
    config = Config(**settings)
    buffer = Timeline(config, FISH).trainer.model.params.buffer
    shape = shape_of(config, len(FISH.tokenizer), FISH.max_len)
    assert total(shape) == buffer.size


def test_each_part_is_the_size_of_its_arrays(exhibit):
    shapes = Timeline(Config(), FISH).trainer.model.params.views
    sizes = {part.name: part.size for part in count_parts(exhibit.ours)}

    def of(*ends):
        return sum(v.size for name, v in shapes.items() if name.endswith(ends))

    assert sizes["word vectors"] == of("tok_emb")
    assert sizes["position vectors"] == of("pos_emb")
    assert sizes["attention"] == of("w_q", "w_k", "w_v", "w_o")
    assert sizes["feed-forward"] == of("w_in", "w_out")
    assert sizes["its biases"] == of("b_in", "b_out")
    assert sizes["layer norms"] == of(".gain", ".bias")
    assert sizes["word scores"] == of("w_vocab", "b_vocab")


def test_the_gpts():
    """The totals of the published models."""
    assert total(GPT_1) == 116_534_784
    assert total(GPT_2) == 124_439_808
    assert total(GPT_3) == 174_604_259_328
    assert [shape.d_head for shape in (GPT_1, GPT_2, GPT_3)] == [64, 64, 128]
    assert (GPT_3.n_heads, GPT_3.d_model) == (96, 12_288)


def test_what_the_prose_says_of_shares():
    chapter = Path(__file__).parents[1] / "site" / "chapters" / "5.html"
    html = chapter.read_text("utf-8")
    assert "Two thirds of a block’s weights" in html
    block = weights_of_block(12_288, 96, 4 * 12_288)
    assert 3 * block.feed_forward == 2 * (block.attention + block.feed_forward)
    assert "GPT-3 words and positions are less than one number in a hundred" in html
    words = sum(part.size for part in count_parts(GPT_3) if part.kind == "words")
    assert 0 < words < total(GPT_3) / 100


def test_the_erratum(exhibit):
    tiny = weights_of_block(8, 2, 32)
    assert (tiny.feed_forward, tiny.one_head, tiny.all_heads) == (512, 96, 192)
    assert tiny.attention == 256
    texts = exhibit.texts()
    assert texts["e15.against_one"] == "5.3"
    assert texts["e15.against_all"] == "2"
    assert texts["e15.gpt3_one"] == "256"
    for D, H in ((8, 2), (768, 12), (12_288, 96)):  # 2 to 1 at any scale ...
        block = weights_of_block(D, H, 4 * D)
        assert block.feed_forward == 2 * block.attention
        assert block.feed_forward / block.one_head == pytest.approx(8 * H / 3)


def test_the_count_is_checked_against_the_live_model(exhibit):
    text = told(exhibit, "e15.check")
    assert text.count("37,168") == 2 and text.endswith("= the same")
    exhibit.buffer += 1
    assert "≠" in told(exhibit, "e15.check")


def test_presets_and_numbers(exhibit):
    assert exhibit.view()["state"]["e15.preset"] == "ours"
    exhibit.handle("preset", "gpt3")
    texts = exhibit.texts()
    assert texts["e15.total"] == "174,604,259,328"
    assert texts["e15.about"] == "174.6 billion"
    assert texts["e15.d_head"] == "12,288 ÷ 96 = 128"
    assert "2 to 1" in said(texts["e15.ratio"])
    exhibit.handle("layers", 48)
    assert exhibit.view()["state"]["e15.preset"] is None
    assert total(exhibit.shape) < total(GPT_3)
    before = total(exhibit.shape)
    exhibit.handle("heads", 12)  # another share each, the same number of weights
    assert total(exhibit.shape) == before
    exhibit.handle("preset", "ours")
    assert exhibit.texts()["e15.total"] == "37,168"


def test_a_part_opens_its_formula(exhibit):
    exhibit.handle("preset", "gpt2")
    exhibit.handle("row", ["parts", 2])
    assert told(exhibit, "e15.opened") == (
        "attention: L × 4 × D × D = 12 × 4 × 768 × 768 = 28,311,552"
    )
    for row in range(9):
        exhibit.handle("row", ["parts", row])
        formula, value = told(exhibit, "e15.opened").rsplit(" = ", 1)
        numbers = formula.rsplit(" = ", 1)[1].replace(",", "").replace("×", "*")
        assert eval(numbers) == int(value.replace(",", ""))


@pytest.mark.parametrize("value", [0, -3, 2.5, float("nan"), "abc", None, 10**9])
def test_numbers_that_cannot_be_are_named(exhibit, value):
    exhibit.handle("layers", value)
    assert "Layers: a whole number from 1 to 1,000" in exhibit.texts()["e15.error"]
    assert "still 2" in exhibit.texts()["e15.error"]
    assert exhibit.shape == exhibit.ours
    exhibit.handle("layers", 3)
    assert exhibit.texts()["e15.error"] == ""


def test_heads_that_do_not_divide(exhibit):
    exhibit.handle("heads", 5)
    texts = exhibit.texts()
    assert "5 heads cannot share 32 numbers equally" in texts["e15.error"]
    assert texts["e15.d_head"] == "–"
    assert texts["e15.total"] == "37,168"
    for canvas in exhibit.canvases:
        exhibit.draw(canvas, 384, 300)
    exhibit.handle("d_model", 40)
    assert exhibit.texts()["e15.error"] == ""


def test_charts_labels_and_tables_of_every_shape(exhibit):
    for preset in exhibit.presets:
        exhibit.handle("preset", preset)
        for canvas in exhibit.canvases:
            for size in ((328, 300), (384, 340), (680, 240)):
                assert exhibit.draw(canvas, *size).marks
        assert set(exhibit.labels()) == set(exhibit.canvases)
        assert exhibit.tables()[0].rows[-1][2] == f"{total(exhibit.shape):,}"
    exhibit.handle("d_ff", 10)
    assert len(exhibit.tables()[1].rows) == 5
    for row in exhibit._shares():
        assert sum(row.parts) == pytest.approx(1)


def test_other_runs(cats):
    for config in (Config(feed_forward=False), Config(positions="none")):
        made = Parameters(config, cats)
        made.compute(Timeline(config, cats))
        assert told(made, "e15.check").endswith("= the same")
        for canvas in made.canvases:
            made.draw(canvas, 384, 300)


def test_unknown_events_and_numbers_as_one_says_them(exhibit):
    with pytest.raises(ValueError, match="no event 'fly'"):
        exhibit.handle("fly", None)
    with pytest.raises(ValueError, match="no event 'preset'"):
        exhibit.handle("preset", "gpt9")
    assert about(999_999) == "999,999"
    assert about(1_500_000) == "1.5 million"
