"""E23: any number, its arithmetic, its line, its gradient, by the model's own code."""

import importlib
import inspect
import json
from itertools import pairwise

import numpy as np
import pytest

from exhibiting import BLOCKS, go_on
from fishformer.attention import attention_forward
from fishformer.browser.main import source_of
from fishformer.config import Config
from fishformer.corpus import load_corpus, load_fish
from fishformer.exhibits.e10_matrix import AttentionMatrix
from fishformer.exhibits.e16_block import BlockDrawn
from fishformer.exhibits.e23_number import AnyNumber
from fishformer.exhibits.number_link import link_to, read_link
from fishformer.exhibits.stage import Stage
from fishformer.lessons.lab import Lab
from fishformer.lessons.making import made
from fishformer.lessons.places import LOSS, Number, is_parameter, lines_of
from fishformer.lessons.watching import Spot, statement, watching
from fishformer.lessons.wiring import Wiring
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.timeline import Timeline
from fishformer.training import Trainer

FISH = load_fish()
ASKED = FISH.featured[0]
SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 12}
KINDS = [
    *BLOCKS,
    {"residual": False, "norm": "pre", "feed_forward": False},
    {"positions": "none"},
    {"positions": "sinusoidal"},
    {"scale_scores": False},
    {"n_layers": 3, "n_heads": 4},
    {"n_layers": 1, "n_heads": 1},
]
MANY = {"n_layers": 12, "n_heads": 8, "d_model": 16, "d_ff": 300}


def said(pieces):
    return pieces if isinstance(pieces, str) else "".join(text for text, _ in pieces)


def a_lab(settings):
    """A model whose gains, biases and word scores are not those of the start."""
    lab = Lab(Config(**{**SMALL, **settings}), FISH.tokenizer, FISH.max_len)
    buffer = lab.model.params.buffer
    buffer += 0.1 * np.random.default_rng(3).standard_normal(buffer.shape)
    return lab


def wired(lab, asked=ASKED):
    reading = lab.read(asked)
    ids = FISH.tokenizer.encode(asked.words)
    return reading, Wiring(lab.config, reading, ids)


def some_of(reading, place, rng, count=3):
    """Numbers of a place by lot, and that with the largest gradient."""
    array = reading.gradients[place]
    lots = [[int(rng.integers(n)) for n in array.shape] for _ in range(count)]
    lots.append(np.unravel_index(int(np.abs(array).argmax()), array.shape))
    for lot in lots:
        *head, row, column = map(int, lot)
        yield Number(place, row, column, *head)


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_every_place_comes_to_its_arithmetic_and_hands_back_its_gradient(settings):
    reading, wiring = wired(a_lab(settings))
    rng = np.random.default_rng(5)
    for place, values in reading.values.items():
        assert reading.gradients[place].shape == values.shape
        for number in some_of(reading, place, rng):
            found = made(wiring, number)
            assert (found is None) == is_parameter(place)
            if found:
                assert found.total == pytest.approx(reading.value(number), abs=1e-12)
            if place != LOSS:
                assert wiring.handed_back(number) == pytest.approx(
                    reading.gradient(number), rel=1e-9, abs=1e-12
                )


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_every_gradient_is_a_central_difference(settings):
    lab = a_lab(settings)
    reading, _ = wired(lab)
    for place in reading.values:
        if place == LOSS:
            continue
        *_, number = some_of(reading, place, np.random.default_rng(7), 1)
        check = lab.check(reading, number)
        assert check.gradient == reading.gradient(number)
        assert abs(check.slope - check.gradient) <= max(
            1e-6 * abs(check.gradient), 10 * check.noise
        ), (place, check)


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_values_and_gradients_are_those_of_the_model(settings):
    """What is read in passing is what the pass returns."""
    lab = a_lab(settings)
    model = lab.model
    before = model.params.buffer.copy()
    reading, wiring = wired(lab)
    np.testing.assert_array_equal(model.params.buffer, before)
    ids = np.array([FISH.tokenizer.encode(ASKED.words)])
    targets = np.array(FISH.tokenizer.encode([ASKED.answer]))
    logits, trace = model.forward(ids, (np.array([0]), np.array([ASKED.position])))
    loss, probs = cross_entropy_forward(logits, targets)
    grads = model.backward(cross_entropy_backward(probs, targets), trace)
    assert reading.values[LOSS][0, 0] == loss
    np.testing.assert_array_equal(reading.values["logits"], logits)
    np.testing.assert_array_equal(reading.values["embedded"], trace.stack.embedded[0])
    for layer, block in enumerate(trace.blocks, start=1):
        for name in ("q", "k", "v", "scores", "attn_weights", "mixed"):
            held = getattr(block.attention, name)[0]
            np.testing.assert_array_equal(reading.values[f"layer_{layer}.{name}"], held)
        np.testing.assert_array_equal(
            reading.values[wiring.streams[layer]], block.out[0]
        )
    for name in model.params.shapes:
        np.testing.assert_array_equal(
            reading.gradients[name].ravel(), grads[name].ravel()
        )
    np.testing.assert_array_equal(model.params.buffer, before)


def test_the_places_are_those_that_the_settings_leave():
    def places(**settings):
        reading = a_lab({"n_layers": 1, **settings}).read(ASKED)
        return {p.removeprefix("layer_1.") for p in reading.values}

    assert {"norm_1", "sum_1", "before", "norm_2"} <= places()
    assert not {"norm_1", "norm_2", "ln_final"} & places(norm="none")
    assert "ln_final" in places(norm="pre")
    assert not {"sum_1", "sum_2"} & places(residual=False)
    assert not {"before", "hidden", "ffn_out", "w_in"} & places(feed_forward=False)
    assert "pos_emb" not in places(positions="none")


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_the_way_leads_from_any_number_to_the_loss(settings):
    reading, wiring = wired(a_lab(settings))
    start = Number("tok_emb", wiring.token_ids[0], 1)
    way = wiring.way(start)
    assert way[0] == start and way[-1].place == LOSS
    assert all(reading.gradient(number) for number in way)
    for number, ahead in pairwise(way):
        goes_into = [
            uses.at(n) for uses in wiring.uses(number) for n in range(len(uses.slopes))
        ]
        assert ahead in goes_into


def test_a_number_that_nothing_reads_has_no_gradient_and_no_way():
    lab = a_lab({})
    reading, wiring = wired(lab)
    other = Number("layer_2.norm_2", (ASKED.position + 1) % len(ASKED.words), 0)
    assert reading.gradient(other) == 0 and wiring.uses(other) == []
    assert wiring.way(other) == [other]
    check = lab.check(reading, other)
    assert check.slope == check.gradient == check.difference == 0


# ---- watching ----------------------------------------------------------------------


# fmt: off
def twice(x):
    y = x + (
        x
    )
    y = y * 1
    return y
# fmt: on


def test_a_variable_is_read_and_changed_right_after_its_statement():
    seen = {}

    def touch(key, array):
        seen[key] = array.copy()
        if key == "y":
            array += 1

    spots = {
        "x": Spot(twice, "", "x"),
        "y": Spot(twice, "y = x + (", "y"),
        "z": Spot(twice, "y = y * 1", "y"),
        "gone": Spot(twice, "y = x - x", "y"),
    }
    with watching(spots, touch):
        assert twice(np.array([2.0])) == 5
    assert {key: float(value[0]) for key, value in seen.items()} == {
        "x": 2, "y": 4, "z": 5
    }  # fmt: skip
    assert twice(np.array([2.0])) == 4  # nothing is left of it


def test_a_call_is_known_by_its_arguments():
    one, two, seen = np.ones(1), np.ones(1), []
    with watching(
        {"it": Spot(twice, "", "x", (("x", two),))}, lambda *a: seen.append(a)
    ):
        twice(one)
        twice(two)
    assert len(seen) == 1 and seen[0][1] is two


def test_a_statement_is_found_as_it_stands_in_the_file():
    found = statement(attention_forward, "scores /= np.sqrt")
    lines, first = inspect.getsourcelines(attention_forward)
    assert found.file == "attention.py"
    assert lines[found.first - first].strip() == found.text
    assert statement(attention_forward, "no such line") is None
    whole = statement(twice, "x\n")
    assert (whole.last - whole.first, whole.text[:3]) == (2, "y =")


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_every_line_exists(settings):
    config = Config(**{**SMALL, **settings})
    for place in a_lab(settings).read(ASKED).values:
        for function, piece in lines_of(place, config.norm):
            found = statement(function, piece)
            assert found and piece.split("\n")[0] in found.text.replace("\n", " ")


# ---- the exhibit -------------------------------------------------------------------


@pytest.fixture
def timeline():
    return Timeline(Config(), FISH)


@pytest.fixture
def exhibit(timeline):
    shown = AnyNumber(Config(), FISH)
    shown.compute(timeline)
    return shown


def open_at(exhibit, *number):
    exhibit.handle("number", link_to(Number(*number), ASKED))


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


def test_somebody_elses_sentences():
    own = load_corpus(
        "\n".join(f"{a} cats chase {b} mice" for a in "xy" for b in "uvw")
    )
    shown = AnyNumber(Config(), own)
    shown.compute(Timeline(Config(), own))
    shown.handle("part", 0)
    assert "≠" not in "".join(map(said, shown.texts().values()))


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


# ---- code that a visitor has edited ------------------------------------------------

SCALE = "scores /= np.sqrt(config.d_head, dtype=x.dtype)"
SOFTMAX = "attn_weights = softmax_forward(scores)"
EDITS = {
    "no root": ("attention.py", f"        {SCALE}", "        pass"),
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
            load = importlib.import_module
            corpus = load("fishformer.corpus").load_fish()
            config = load("fishformer.config").Config()
            timeline = load("fishformer.timeline").Timeline(config, corpus)
            made = load("fishformer.exhibits.e23_number").AnyNumber(config, corpus)
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


def test_what_the_prediction_says():
    """Long gradients while a sentence is guessed badly, near to none once it is not."""
    trainer = Trainer(Config(), FISH)
    lab = Lab(Config(), FISH.tokenizer, FISH.max_len)
    found = {}
    while trainer.report.step < 1000:
        if trainer.report.step in (0, 200):
            lab.load(trainer.model.params.buffer)
            found[trainer.report.step] = lab.read(ASKED)
        trainer.update()
    lab.load(trainer.model.params.buffer)
    found[1000] = lab.read(ASKED)
    length = {
        step: np.sqrt((reading.gradients["layer_1.w_q"] ** 2).sum())
        for step, reading in found.items()
    }
    assert found[200].values[LOSS][0, 0] > 2 > 0.2 > found[1000].values[LOSS][0, 0]
    assert length[200] > 10 * length[1000] and length[200] > 10 * length[0]
