"""E23's workings: every number of a model, its arithmetic, its gradient, its line."""

import inspect
from itertools import pairwise

import numpy as np
import pytest

from fishformer.attention import attention_forward
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.lessons.lab import Lab
from fishformer.lessons.making import made
from fishformer.lessons.places import LOSS, Number, is_parameter, lines_of
from fishformer.lessons.watching import Spot, statement, watching
from fishformer.lessons.wiring import Wiring
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from kinds import KINDS

FISH = load_fish()
ASKED = FISH.featured[0]
SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 12}


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
