"""E23 in any model: what it shows agrees with what other exhibits show."""

import numpy as np
import pytest

from exhibiting import said
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e10_matrix import AttentionMatrix
from fishformer.exhibits.e16_block import BlockDrawn
from fishformer.exhibits.e23_number import AnyNumber
from fishformer.exhibits.number_link import read_link
from fishformer.exhibits.stage import Stage
from fishformer.lessons.places import LOSS, Number
from fishformer.timeline import Timeline
from kinds import KINDS

FISH = load_fish()
SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 12}
MANY = {"n_layers": 12, "n_heads": 8, "d_model": 16, "d_ff": 300}


@pytest.mark.parametrize("settings", [*KINDS, MANY], ids=str)
def test_every_place_can_be_opened_in_any_model(settings):
    config = Config(**{**SMALL, **settings})
    timeline = Timeline(config, FISH)
    shown = AnyNumber(config, FISH)
    shown.compute(timeline)
    for part in range(config.n_layers + 2):
        shown.handle("part", part)
        for item in shown.view()["lists"]["e23.place"]:
            shown.handle("place", item.value)
            assert shown.walk.opened.place == item.value
            texts, view = shown.texts(), shown.view()
            for key in ("name", "value", "made", "gradient", "where", "line", "way"):
                assert said(texts[f"e23.{key}"]).strip(), (item.value, key)
            assert "≠" not in "".join(map(said, texts.values()))
            assert view["matrices"]["e23.numbers"].opened is not None
            assert shown.labels() and shown.tables()
    for canvas in shown.canvases:
        for size in ((328, 480), (1120, 240)):
            assert shown.draw(canvas, *size).marks


def test_other_exhibits_have_their_numbers_opened():
    stage = Stage()
    stage.set_on_screen("e10", True)
    matrix = stage.exhibit("e10")
    stage.event("e10", "head", 3)
    link = matrix.view()["state"]["e10.number"]
    stage.event("e23", "number", link)
    shown = stage.exhibit("e23")
    row, column = matrix.opened
    assert shown.walk.opened == Number("layer_2.attn_weights", row, column, 2)
    weight = float(matrix.weights[row, column])
    assert shown.walk.reading.value(shown.walk.opened) == pytest.approx(
        weight, rel=1e-5
    )
    assert shown.walk.asked.words == matrix.words
    assert "though it can be seen" in said(shown.texts()["e23.asked"])
    assert len(shown.view()["lists"]["e23.sentence"]) == 4


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_the_block_opens_the_number_that_it_shows(settings):
    config = Config(**{**SMALL, **settings})
    timeline = Timeline(config, FISH)
    block, shown = BlockDrawn(config, FISH), AnyNumber(config, FISH)
    for layer in range(1, config.n_layers + 1):
        block.handle("layer", layer)
        block.compute(timeline)
        for box in block._keys():
            block.handle("box", box)
            shown.handle("number", block.view()["state"]["e16.number"])
            shown.compute(timeline)
            value = float(block.place.vectors[block.word][0])
            found = shown.walk.reading
            assert found.value(shown.walk.opened) == pytest.approx(value, abs=1e-5)
            gradient = float(block.place.gradient[block.word][0])
            assert found.gradient(shown.walk.opened) == pytest.approx(
                gradient, abs=1e-5
            )


def test_a_gap_in_e10_is_never_asked_for():
    shown = AttentionMatrix(Config(), FISH)
    shown.handle("typed", "___ bass swims")
    shown.compute(Timeline(Config(), FISH))
    shown.handle("from", 0)
    _, asked = read_link(shown.view()["state"]["e10.number"], FISH)
    assert asked.position == 1 and asked.answer == "bass"


def test_somebody_elses_sentences(cats):
    shown = AnyNumber(Config(), cats)
    shown.compute(Timeline(Config(), cats))
    shown.handle("part", 0)
    assert "≠" not in "".join(map(said, shown.texts().values()))


def test_what_the_prediction_says():
    """Short gradients at the start, and later only where the word is all but certain.

    Whatever the last digits of this machine: so the margins are wide.
    """
    timeline = Timeline(Config(), FISH)
    shown = AnyNumber(Config(), FISH)

    def read(name, values):
        for value in values:
            shown.handle(name, value)
            shown.compute(timeline)
            reading = shown.walk.reading
            gradient = reading.gradients["layer_1.w_q"]
            yield reading.values[LOSS][0, 0], np.sqrt((gradient**2).sum())

    featured = {}
    while timeline.step < 1000:
        if timeline.step in (0, 200):
            featured[timeline.step] = [*read("sentence", range(3))]
        timeline.advance()
    for (_, first), (loss, later) in zip(featured[0], featured[200], strict=True):
        assert loss > 1 and later > 3 * first
    batch = sorted(read("batch", range(1, 33)))
    lengths = [length for _, length in batch]
    assert batch[3][0] < 0.02 and max(lengths[:4]) < np.median(lengths[16:]) / 5
    nearly = [length for loss, length in batch if 0.1 < loss < 0.6]
    assert np.median(nearly) > 0.4 * np.median([length for _, length in featured[200]])
