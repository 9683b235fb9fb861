"""E23: numbers opened, walked between, checked; test_e23_shown.py: in any model."""

import json

import numpy as np
import pytest

from exhibiting import go_on, said, shown
from fishformer.browser.listing import source_of
from fishformer.charts.drawing import Text
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e23_number import AnyNumber
from fishformer.exhibits.number_link import link_to
from fishformer.lessons.lab import Lab
from fishformer.lessons.places import LOSS, Number
from fishformer.timeline import Timeline

FISH = load_fish()
ASKED = FISH.featured[0]


@pytest.fixture
def timeline():
    return Timeline(Config(), FISH)


@pytest.fixture
def exhibit(timeline):
    return shown(AnyNumber(Config(), FISH), timeline)


def open_at(exhibit, *number):
    exhibit.handle("number", link_to(Number(*number), ASKED))


def test_names_and_lines(exhibit, timeline):
    def opened(*number):
        open_at(exhibit, *number)
        exhibit.compute(timeline)
        texts = exhibit.texts()
        return said(texts["e23.name"]), texts["e23.line"], texts["e23.back_line"]

    name, line, back = opened("layer_1.attn_weights", 1, 3, 1)
    assert name == "How much “old” looks at “never” in layer 1, head 2"
    assert line == "attn_weights = softmax_forward(scores)"
    assert back.startswith("dattn_weights = dheads @")
    name, line, back = opened("layer_2.before", 1, 16)
    assert name == "Neuron 17 of layer 2 for “old”, before the activation"
    assert line == 'before = linear_forward(x, p["w_in"], p["b_in"])'
    bass = FISH.tokenizer.encode(["bass"])[0]
    name, line, back = opened("tok_emb", bass, 4)
    assert name == "Number 5 of the vector of the word “bass”"
    assert line == "buffer -= lr * m_hat / (np.sqrt(v_hat) + EPS)"
    assert back.startswith("dtok_emb[words] += np.add.reduceat")
    _, _, back = opened("layer_1.attn_out", 0, 0)
    assert back == "dattn_out: np.ndarray,"
    assert exhibit.texts()["e23.back_where"].endswith(
        ", an argument of attention_backward"
    )
    name, *_ = opened("layer_1.ln_2.gain", 0, 3)
    assert name == "The gain of number 4 in the second layer norm of layer 1"
    name, line, _ = opened("loss", 0, 0)
    assert name == f"The loss: the surprise at “{ASKED.answer}”, in nats"
    for term, place in (("line", 0), ("back", 1)):
        source = source_of(exhibit)
        assert source["terms"][term][0] in (0, place)


def test_one_walks_from_the_loss_to_a_word_and_back(exhibit):
    exhibit.handle("part", 3)
    exhibit.handle("place", "loss")
    seen = []
    while exhibit.walk.opened.place not in ("tok_emb", "pos_emb"):
        seen.append(exhibit.walk.opened.place)
        exhibit.handle("open", ["terms", 0, 0])
        assert len(seen) < 60
    assert seen[:3] == ["loss", "probs", "logits"] and "layer_1.sum_1" in seen
    for place in reversed(seen):
        exhibit.handle("back", None)
        assert exhibit.walk.opened.place == place
    exhibit.handle("place", "b_vocab")
    exhibit.handle("open", ["uses", 0, 0])
    assert exhibit.walk.opened.place == "logits"
    exhibit.handle("open", ["uses", 0, 0])
    assert exhibit.walk.opened.place == "loss"
    exhibit.handle("stop", 0)
    assert exhibit.walk.opened.place == "loss"


def test_terms_gain_and_bias_can_be_opened(exhibit):
    exhibit.handle("place", "layer_1.norm_1")
    exhibit.handle("from", 0)
    assert exhibit.walk.opened.place == "layer_1.ln_1.gain"
    exhibit.handle("place", "layer_1.q")
    exhibit.handle("open", ["terms", 1, 1])
    assert exhibit.walk.opened.place == "layer_1.w_q"
    made_said = said(exhibit.texts()["e23.made"])
    assert "training has not touched it" in made_said


def test_a_window_on_a_large_matrix(exhibit):
    exhibit.handle("place", "layer_1.w_in")
    exhibit.handle("column", 100)
    exhibit.handle("row", 30)
    view = exhibit.view()
    matrix, state = view["matrices"]["e23.numbers"], view["state"]
    assert "100" in matrix.columns and "30" in matrix.rows
    row, column = matrix.opened
    value = float(exhibit.walk.reading.values["layer_1.w_in"][29, 99])
    shown = float(matrix.values[row][column].replace("−", "-"))
    assert shown == pytest.approx(value, abs=1e-4)
    assert (state["e23.left.off"], state["e23.down.off"]) == (False, True)
    exhibit.handle("left", None)
    matrix = exhibit.view()["matrices"]["e23.numbers"]
    assert matrix.opened is None and matrix.columns[-1] == "96"
    exhibit.handle("open", ["numbers", 0, 0])
    assert exhibit.walk.opened == Number("layer_1.w_in", 24, 84)
    exhibit.handle("column", 129)
    assert exhibit.texts()["e23.error"] == (
        "Here are 128 columns, from 1; column 129 is not among them."
    )
    assert exhibit.walk.opened.column == 84
    exhibit.handle("row", "two")
    assert "'two'" in exhibit.texts()["e23.error"]
    exhibit.handle("side", "gradients")
    assert exhibit.view()["state"]["e23.side"] == "gradients"


def test_long_sums_are_cut_and_shown_whole(exhibit):
    exhibit.handle("place", "layer_1.ffn_out")
    cut = exhibit.view()["matrices"]["e23.terms"]
    assert len(cut.values) == 12
    assert "116 more come to" in exhibit.texts()["e23.rest"]
    exhibit.handle("all", True)
    assert len(exhibit.view()["matrices"]["e23.terms"].values) == 128
    assert exhibit.texts()["e23.rest"] == ""


def test_the_check_agrees_in_float64_and_shows_why_not_in_float32(exhibit, timeline):
    exhibit.handle("place", "layer_1.w_v")
    exhibit.handle("check", None)
    exact, rough = exhibit.walk.checked
    assert exact.difference < 1e-6 < rough.difference
    assert "the gradient is right" in exhibit.texts()["e23.check"]
    table = exhibit.view()["matrices"]["e23.check"]
    assert table.values[1][0] == f"{exact.above:.13f}"
    exhibit.handle("place", "layer_1.w_q")  # another number: not checked yet
    assert "e23.check" not in exhibit.view()["matrices"]
    exhibit.handle("check", None)
    timeline.advance()
    exhibit.compute(timeline)  # another step: neither
    assert exhibit.walk.checked is None
    exhibit.handle("place", "loss")
    exhibit.handle("check", None)
    assert "nothing to check" in exhibit.texts()["e23.error"]


def test_zeros_are_explained(exhibit, timeline):
    before = exhibit.walk.reading.values["layer_1.before"]
    row, column = map(int, np.argwhere(before < -0.1)[0])
    unused = next(
        n for n, word in enumerate(FISH.tokenizer.words)
        if n > 3 and word not in ASKED.words
    )  # fmt: skip
    other = (ASKED.position + 1) % len(ASKED.words)
    for number, reason in (
        (("layer_1.before", row, column), "ReLU"),
        (("tok_emb", unused, 0), "not stand in this sentence"),
        (("pos_emb", FISH.max_len - 1, 0), "ends before"),
        (("layer_2.norm_2", other, 0), "only the row of the gap"),
    ):
        open_at(exhibit, *number)
        exhibit.compute(timeline)
        assert exhibit.walk.reading.gradient(exhibit.walk.opened) == 0
        assert exhibit.texts()["e23.way"] == "No gradient comes here from the loss."
        assert reason in exhibit.texts()["e23.gradient"]
        exhibit.handle("check", None)
        assert reason in exhibit.texts()["e23.check"], number


def test_it_follows_the_run_and_winds_back(exhibit, timeline):
    exhibit.handle("place", "layer_1.w_v")
    value = said(exhibit.texts()["e23.value"])
    go_on(timeline, 12)
    exhibit.compute(timeline)
    assert said(exhibit.texts()["e23.value"]) != value
    assert "12 updates have moved it" in exhibit.texts()["e23.made"]
    live = timeline.trainer.model.params["layer_1.w_v"]
    opened = exhibit.walk.opened
    assert exhibit.walk.reading.value(opened) == live[opened.row, opened.column]
    for _ in timeline.seek(0):
        pass
    exhibit.compute(timeline)
    assert said(exhibit.texts()["e23.value"]) == value


def test_the_batch_of_the_step(exhibit, timeline):
    exhibit.handle("batch", 3)
    exhibit.compute(timeline)
    batch = timeline.trainer.batch
    asked = exhibit.walk.asked
    ids = FISH.tokenizer.encode(asked.words)
    assert batch.token_ids[2][: len(ids)].tolist() == ids
    assert asked.position == batch.places[1][2]
    assert FISH.tokenizer.encode([asked.answer])[0] == batch.targets[2]
    timeline.advance()
    exhibit.compute(timeline)
    assert exhibit.walk.asked != asked
    exhibit.handle("batch", 33)
    assert "32 sentences" in exhibit.texts()["e23.error"]
    exhibit.handle("sentence", 1)
    exhibit.compute(timeline)
    assert exhibit.walk.asked == FISH.featured[1]


def test_pressing_the_map_and_the_way(exhibit):
    exhibit.draw("e23.map", 1120, 240)
    exhibit.draw("e23.way", 680, 420)
    at = {"canvas": "e23.map", "x": 20, "y": 40, "kind": "press"}
    exhibit.handle("at", at)
    assert exhibit.walk.opened.place == "layer_1.q"
    exhibit.handle("at", {**at, "canvas": "e23.way", "y": 5})
    assert exhibit.walk.opened.place == "loss"
    exhibit.handle("at", {**at, "kind": "hover"})
    exhibit.handle("at", {**at, "y": 5000})
    assert exhibit.walk.opened.place == "loss"


def test_on_a_telephone_the_names_on_the_way_are_whole(exhibit, timeline):
    open_at(exhibit, "layer_1.ffn_out", 0, 0)
    exhibit.compute(timeline)
    texts = [
        mark.text
        for mark in exhibit.draw("e23.way", 328, 520).marks
        if isinstance(mark, Text)
    ]
    walk = exhibit.walk
    names = {walk.names.where(stop.place) for stop in walk.way}
    assert "feed-forward says, layer 1" in names
    assert names <= set(texts)


def test_a_run_that_failed_says_so_and_shows_the_start(exhibit, timeline):
    timeline.advance()
    timeline.trainer.model.params.buffer[7] = np.nan
    exhibit.compute(timeline)
    assert "no longer numbers" in exhibit.texts()["e23.problem"]
    assert exhibit.view()["state"]["e23.troubled"]
    assert np.isfinite(exhibit.walk.reading.values[LOSS]).all()


def test_code_changed_beyond_recognition(exhibit, timeline, monkeypatch):
    def lost(*_):
        raise KeyError("layer_1.scores")

    monkeypatch.setattr(Lab, "read", lost)
    timeline.advance()
    exhibit.compute(timeline)
    assert "layer_1.scores" in exhibit.texts()["e23.problem"]
    assert exhibit.view()["state"]["e23.lost"]
    exhibit.handle("place", "loss")  # has no effect, and does no harm
    for canvas in exhibit.canvases:
        assert exhibit.draw(canvas, 300, 200).marks == [] and exhibit.labels()[canvas]
    monkeypatch.undo()
    timeline.advance()
    exhibit.compute(timeline)
    assert not exhibit.view()["state"]["e23.lost"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fly", None), ("sentence", 9), ("part", 4), ("place", "roof"), ("head", 5),
        ("open", ["sums", 0, 0]), ("stop", 99), ("from", 3), ("number", "x"),
        ("number", json.dumps(["loss", 0, 0, 0, ["nobody"], 0, "nobody"])),
        ("number", json.dumps(["loss", 0, 0, 0, ["the"], 5, "the"])),
    ],
)  # fmt: skip
def test_unknown_events_are_refused(exhibit, name, value):
    with pytest.raises(ValueError, match="E23"):
        exhibit.handle(name, value)


def test_a_number_that_this_model_has_not_is_named(exhibit, timeline):
    open_at(exhibit, "layer_9.q", 0, 0)
    exhibit.compute(timeline)
    assert "not in this model" in exhibit.texts()["e23.problem"]
    exhibit.handle("sentence", 0)
    exhibit.compute(timeline)
