"""E10: the attention of any sentence, and every number on the way to a weight."""

import numpy as np
import pytest

from exhibiting import do, draw_all, go_on, shown, told
from fishformer.config import Config
from fishformer.exhibits.e10_matrix import AttentionMatrix
from fishformer.exhibits.numerals import power, signed, times
from fishformer.lessons.weighing import weigh
from fishformer.timeline import Timeline

SIZE = 680.0, 520.0


@pytest.fixture(scope="module")
def timeline(fish):
    return go_on(Timeline(Config(seed=3), fish), 3)


@pytest.fixture
def exhibit(fish, timeline):
    return shown(AttentionMatrix(Config(seed=3), fish), timeline)


# ---- numbers ---------------------------------------------------------------------


def test_the_weights_are_those_of_the_live_model(exhibit, timeline, fish):
    token_ids = np.array([fish.tokenizer.encode(exhibit.words)])
    anywhere = (np.array([0]), np.array([0]))
    _, trace = timeline.trainer.model.forward(token_ids, anywhere)
    for layer, block in enumerate(trace.blocks, start=1):
        for head in range(1, 5):
            do(exhibit, "layer", layer, timeline)
            do(exhibit, "head", head, timeline)
            expected = block.attention.attn_weights[0, head - 1]
            assert np.array_equal(exhibit.weights, expected)
            np.testing.assert_allclose(exhibit.weights.sum(axis=-1), 1, atol=1e-6)


def test_the_arithmetic_of_every_weight_leads_to_it(exhibit, timeline):
    for row in range(len(exhibit.words)):
        do(exhibit, "from", row, timeline)
        found = exhibit.weighing()
        np.testing.assert_allclose(found.weights, exhibit.weights[row], atol=2e-6)
        assert found.weights.sum() == pytest.approx(1)
        assert found.exps.sum() == pytest.approx(found.total)
        for column in range(len(exhibit.words)):
            do(exhibit, "row", ["row", column], timeline)
            matrices = exhibit.view()["matrices"]
            products = [float(r[2].replace("−", "-")) for r in _all(matrices)]
            total = float(matrices["e10.steps"].values[0][1].replace("−", "-"))
            assert sum(products) == pytest.approx(total, abs=1e-3 * len(products))
            weight = float(matrices["e10.steps"].values[-1][1])
            assert weight == pytest.approx(exhibit.weights[row, column], abs=1e-4)


def _all(matrices):
    return matrices["e10.products"].values


def test_one_row_by_hand():
    query, keys = np.array([1.0, 2.0]), np.array([[3.0, 0.0], [1.0, -1.0]])
    found = weigh(query, keys, 2.0)
    assert found.products.tolist() == [[3, 0], [1, -2]]
    assert found.sums.tolist() == [3, -1]
    assert found.scores.tolist() == [1.5, -0.5]
    assert found.largest == 1.5
    assert found.exps.tolist() == [1, pytest.approx(np.exp(-2))]
    assert found.weights[1] == pytest.approx(
        np.exp(-0.5) / (np.exp(1.5) + np.exp(-0.5))
    )


def test_scores_that_are_not_scaled_are_not_divided(fish):
    config = Config(scale_scores=False)
    timeline, exhibit = Timeline(config, fish), AttentionMatrix(config, fish)
    exhibit.compute(timeline)
    assert exhibit.divisor == 1
    np.testing.assert_allclose(
        exhibit.weighing().weights, exhibit.weights[exhibit.row], atol=2e-6
    )


def test_it_computes_again_only_when_something_changed(exhibit, timeline):
    before = exhibit.attn_weights
    exhibit.compute(timeline)
    assert exhibit.attn_weights is before
    do(exhibit, "from", 1, timeline)
    assert exhibit.attn_weights is before
    do(exhibit, "typed", "the bass sleeps", timeline)
    assert exhibit.attn_weights.shape[-1] == 3


def test_it_follows_the_step(fish):
    timeline = Timeline(Config(), fish)
    exhibit = AttentionMatrix(Config(), fish)
    exhibit.compute(timeline)
    before = exhibit.attn_weights
    timeline.advance()
    exhibit.compute(timeline)
    assert not np.array_equal(before, exhibit.attn_weights)
    assert exhibit.texts()["e10.status"] == "Layer 2, head 1, step 1"


# ---- sentences -------------------------------------------------------------------


def test_a_sentence_of_ones_own(exhibit, timeline):
    do(exhibit, "typed", "The old bass, and the ___.", timeline)
    assert exhibit.words == ("the", "old", "bass", "and", "the", "[mask]")
    assert exhibit.weights.shape == (6, 6)
    assert [item.words for item in exhibit.view()["lists"]["e10.from"]][-1] == "gap"
    assert exhibit.texts()["e10.error"] == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("___ ___", "A sentence of gaps alone has no word to look at."),
        (
            "the bass reads hieroglyphs in zanzibar",
            "Not in the vocabulary: hieroglyphs, zanzibar.",
        ),
        ("bass", "two words or more"),
        ("", "two words or more"),
        ("the " * 40, "has 40 words; the model has places for 16"),
        ("<img src=x onerror=alert(1)>", "img"),
    ],
)
def test_a_sentence_that_cannot_be_read_leaves_the_one_before(
    exhibit, timeline, text, says
):
    before = exhibit.words
    do(exhibit, "typed", text, timeline)
    assert says in exhibit.texts()["e10.error"]
    assert exhibit.words == before
    assert exhibit.view()["state"]["e10.typed"] == text
    do(exhibit, "sentence", "1", timeline)
    assert exhibit.texts()["e10.error"] == ""
    assert exhibit.words == exhibit.examples[1]


def test_unknown_words_are_named(exhibit):
    exhibit.handle("typed", "the zyzzyva sleeps")
    assert "Not in the vocabulary: zyzzyva" in exhibit.error


def test_examples_are_held_out(exhibit, fish):
    assert set(exhibit.examples) <= set(fish.held_out)


# ---- events ----------------------------------------------------------------------


def test_choosing_a_word_opens_its_strongest_look(exhibit, timeline):
    do(exhibit, "from", "4", timeline)
    strongest = int(exhibit.weights[4].argmax())
    assert exhibit.opened == (4, strongest)
    do(exhibit, "row", ["row", 0], timeline)
    assert exhibit.opened == (4, 0)
    assert exhibit.view()["matrices"]["e10.row"].opened == (0, 2)
    shown = told(exhibit, "e10.opened")
    assert shown == f"sleeps looks at the: {exhibit.weights[4, 0]:.1%}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jump", 1),
        ("layer", 3),
        ("head", 0),
        ("from", 99),
        ("row", ["row", -1]),
        ("sentence", 5),
        ("view", "pie"),
        ("layer", "two"),
    ],
)
def test_events_that_make_no_sense_are_refused(exhibit, name, value):
    with pytest.raises(ValueError, match="E10"):
        exhibit.handle(name, value)


def test_a_term_changes_nothing(exhibit):
    before = exhibit.texts(), exhibit.view()
    exhibit.handle("term", "query")
    assert (exhibit.texts(), exhibit.view()) == before


# ---- words ----------------------------------------------------------------------


def test_at_the_start_nothing_is_decided(fish):
    timeline, exhibit = Timeline(Config(), fish), AttentionMatrix(Config(), fish)
    exhibit.compute(timeline)
    finding = exhibit.texts()["e10.finding"]
    assert finding.startswith("Each of the 88 rows of this sentence")
    assert "nothing is decided here yet" in finding


def test_tables_have_every_number(exhibit):
    attention, row = exhibit.tables()
    assert [len(line) for line in attention.rows] == [13] * 11
    assert all(line[-1] == "1.000" for line in attention.rows)
    assert len(row.rows) == 11
    assert exhibit.labels().keys() == set(exhibit.canvases)


def test_other_shapes_of_model(small):
    config = Config(n_layers=3, n_heads=1, d_model=40, d_ff=8)
    timeline, exhibit = Timeline(config, small), AttentionMatrix(config, small)
    exhibit.compute(timeline)
    products = exhibit.view()["matrices"]["e10.products"]
    assert products.rows[-1] == "24 more"  # of 40
    shown = [float(row[2].replace("−", "-")) for row in products.values]
    assert sum(shown) == pytest.approx(
        exhibit.weighing().sums[exhibit.opened[1]], abs=0.02
    )
    assert [item.words for item in exhibit.view()["lists"]["e10.head"]] == ["1"]


def test_a_run_that_failed_says_so(fish):
    timeline, exhibit = Timeline(Config(), fish), AttentionMatrix(Config(), fish)
    timeline.trainer.model.params.buffer[...] = np.nan
    exhibit.compute(timeline)
    assert exhibit.texts()["e10.finding"].startswith("This run has failed: at step 0")
    exhibit.view()
    exhibit.tables()
    draw_all(exhibit, SIZE)


def test_numbers_are_written_as_one_reads_them():
    assert signed(-0.001) == "0.00"
    assert signed(-1.5, 1) == "−1.5"
    assert power(4.9e-8) == "4.9\u00a0×\u00a010⁻⁸"
    assert power(0) == "0"
    assert [times(x) for x in (0.5, 41.23, 24_000, 1e-5)] == [
        "0.5000",
        "41.2",
        "2.4\u00a0×\u00a010⁴",
        "1.0\u00a0×\u00a010⁻⁵",
    ]
