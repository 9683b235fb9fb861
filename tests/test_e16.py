"""E16: the vectors and gradients of a block are those of the model."""

import inspect

import numpy as np
import pytest

from exhibiting import go_on, shown, told
from fishformer.block import block_backward, block_forward
from fishformer.browser.listing import source_of
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e16_block import BOXES, BlockDrawn, line_of
from fishformer.lessons.anatomy import anatomy, gradients_at, values_at
from fishformer.model import Transformer
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.stack import init_params
from fishformer.tasks import Batch
from fishformer.timeline import Timeline
from kinds import BLOCKS

FISH = load_fish()
SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 12, "dtype": "float64"}
MASKS = np.zeros((1, 1, 1, 1))


def a_block(config):
    """A random block, a sentence in it, and the gradient of what comes out."""
    model = Transformer(config, 12, 6, np.random.default_rng(3))
    init_params(model.params, np.random.default_rng(4))
    p, spare = model.stack.blocks[0]
    for name, view in p.items():  # gains and biases that are not 1 and 0
        if view.ndim == 1:
            view += 0.1 * np.random.default_rng(len(name)).standard_normal(view.shape)
    rng = np.random.default_rng(5)
    x, dout = rng.standard_normal((2, 1, 5, config.d_model))
    _, cache = block_forward(x, MASKS, p, config)
    return x, dout, p, spare, cache


@pytest.mark.parametrize("settings", BLOCKS, ids=str)
def test_values_and_gradients_are_the_blocks(settings):
    config = Config(**SMALL, **settings)
    x, dout, p, spare, cache = a_block(config)
    values = values_at(cache, x, p, config)
    gradients = gradients_at(dout, cache, p, spare, config)
    assert set(values) == set(gradients)
    names = list(values)
    assert names[0] == "x"
    np.testing.assert_allclose(values[names[-1]], cache.out)
    np.testing.assert_allclose(gradients[names[-1]], dout)
    back = block_backward(dout, cache, p, spare, config)
    np.testing.assert_allclose(gradients["x"], back.dx)


@pytest.mark.parametrize("settings", [{}, {"norm": "pre"}], ids=str)
def test_every_gradient_by_a_finite_difference(settings):
    """A nudge at a place, carried on from there by the arithmetic after it."""
    config = Config(**SMALL, **settings)
    x, dout, p, spare, cache = a_block(config)
    gradients = gradients_at(dout, cache, p, spare, config)
    rng = np.random.default_rng(6)
    nudge = rng.standard_normal(x.shape)
    for place, gradient in gradients.items():

        def outcome(by, place=place):
            return float((carried_on(x, p, config, place, by * nudge) * dout).sum())

        slope = (outcome(1e-6) - outcome(-1e-6)) / 2e-6
        assert slope == pytest.approx(float((gradient * nudge).sum()), rel=1e-6), place


def carried_on(x, p, config, place, nudge):
    """A block in plain steps, with something added at one place."""
    from fishformer.attention import attention_forward
    from fishformer.layers import feed_forward_forward, layer_norm_forward

    def at(name, value):
        return value + nudge if name == place else value

    def norm(n, value):
        out, _ = layer_norm_forward(value, p[f"ln_{n}.gain"], p[f"ln_{n}.bias"])
        return at(f"norm_{n}", out)

    x = at("x", x)
    for n, name in (("1", "attention"), ("2", "think")):
        inside = norm(n, x) if config.norm == "pre" else x
        if name == "attention":
            out, _ = attention_forward(inside, inside, MASKS, p, config)
        else:
            out, _ = feed_forward_forward(inside, p, config.activation)
        x = at(f"add_{n}", x + at(name, out))
        if config.norm == "post":
            x = norm(n, x)
    return x


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("norm", ["post", "pre"])
def test_the_gradient_comes_down_from_the_loss(layer, norm):
    config = Config(norm=norm, dtype="float64")
    model = Timeline(config, FISH).trainer.model
    asked = FISH.featured[0]
    batch = Batch(
        np.array([FISH.tokenizer.encode(asked.words)]),
        (np.array([0]), np.array([asked.position])),
        np.array(FISH.tokenizer.encode([asked.answer])),
    )
    logits, trace = model.forward(batch.token_ids, batch.places)
    loss, probs = cross_entropy_forward(logits, batch.targets)
    model.backward(cross_entropy_backward(probs, batch.targets), trace)
    before = model.grads.buffer.copy(), model.params.buffer.copy()
    found = anatomy(model, batch, layer)
    np.testing.assert_array_equal(model.grads.buffer, before[0])  # it only reads
    np.testing.assert_array_equal(model.params.buffer, before[1])
    assert found.loss == loss
    places = {place.name: place for place in found.places}
    # A bias that is added for every word has the sum of the words' gradients.
    np.testing.assert_allclose(
        places["think"].gradient.sum(axis=0),
        model.grads[f"layer_{layer}.b_out"],
        atol=1e-12,
    )
    np.testing.assert_allclose(
        places["norm_1"].gradient.sum(axis=0),
        model.grads[f"layer_{layer}.ln_1.bias"],
        atol=1e-12,
    )


# ---- the exhibit ---------------------------------------------------------------------


@pytest.fixture
def timeline():
    return Timeline(Config(), FISH)


@pytest.fixture
def exhibit(timeline):
    return shown(BlockDrawn(Config(), FISH), timeline)


def test_every_box_has_its_line_its_shapes_and_its_numbers(exhibit):
    boxes = [item.value for item in exhibit.view()["lists"]["e16.box"]]
    assert boxes == list(BOXES)
    for box in boxes:
        exhibit.handle("box", box)
        texts, state = exhibit.texts(), exhibit.view()["state"]
        assert state[f"e16.is_{box}"]
        assert sum(state[f"e16.is_{other}"] for other in BOXES) == 1
        assert "11 words × 32 numbers" in texts["e16.shape"]
        function, piece = exhibit.terms[box]
        where, line = line_of(function, piece)
        assert (texts["e16.where"], texts["e16.line"]) == (where, line)
        file = inspect.getsourcefile(function)
        number = int(where.rsplit(" ", 1)[1])
        with open(file, encoding="utf-8") as source:
            assert source.read().split("\n")[number - 1].strip() == line
        numbers = exhibit.view()["matrices"]["e16.numbers"]
        vector = exhibit.place.vectors[exhibit.word]
        assert numbers.values[1][0] == f"{vector.std():.3f}"
        assert numbers.values[2][0] == f"{vector[0]:.3f}".replace("-", "−")
        assert len(numbers.values) == 8
    assert set(source_of(exhibit)["terms"]) == set(BOXES)


def test_at_an_addition_the_gradient_is_copied(exhibit):
    gradients = {place.name: place.gradient for place in exhibit.found.places}
    np.testing.assert_array_equal(gradients["add_1"], gradients["attention"])
    np.testing.assert_array_equal(gradients["add_2"], gradients["think"])


def test_after_a_layer_norm_the_spread_is_one_at_step_0(exhibit):
    for place in exhibit.found.places:
        if place.name.startswith("norm"):
            np.testing.assert_allclose(place.vectors.std(axis=-1), 1, atol=1e-3)
            np.testing.assert_allclose(place.vectors.mean(axis=-1), 0, atol=1e-6)


def test_only_the_gap_answers_at_the_top(exhibit, timeline):
    """As a question at the end of the chapter says."""
    exhibit.handle("layer", 2)
    exhibit.compute(timeline)
    gap = FISH.featured[0].position
    top = exhibit.found.places[-1].gradient
    others = np.delete(top, gap, axis=0)
    assert np.abs(top[gap]).max() > 0 and np.abs(others).max() == 0
    exhibit.handle("box", "norm_2")
    exhibit.handle("word", 0)
    assert "0.000 at the" in told(exhibit, "e16.gradient")
    exhibit.handle("layer", 1)
    exhibit.compute(timeline)
    assert np.abs(np.delete(exhibit.found.places[-1].gradient, gap, axis=0)).max() > 0


def test_it_follows_the_run_and_the_choices(exhibit, timeline):
    first = exhibit.labels()["e16.block"]
    go_on(timeline, 2)
    exhibit.compute(timeline)
    assert exhibit.labels()["e16.block"] != first
    assert exhibit.texts()["e16.status"] == "Layer 1, step 2"
    exhibit.handle("sentence", 1)
    exhibit.compute(timeline)
    assert exhibit.word == FISH.featured[1].position
    assert FISH.featured[1].answer in told(exhibit, "e16.asked")
    seen = exhibit.found
    exhibit.handle("box", "add_1")
    exhibit.compute(timeline)
    assert exhibit.found is seen  # a box is looked at, nothing is computed again


def test_pressing_the_drawing_chooses_a_box(exhibit):
    exhibit.draw("e16.block", 680, 470)
    at = {"canvas": "e16.block", "x": 150, "y": 460, "kind": "press"}
    exhibit.handle("at", at)
    assert exhibit.box == "x"
    exhibit.handle("at", {**at, "y": 40})
    assert exhibit.box == "norm_2"
    exhibit.handle("at", {**at, "y": 5})  # the headings
    exhibit.handle("at", {**at, "kind": "hover", "y": 460})
    assert exhibit.box == "norm_2"


@pytest.mark.parametrize("settings", BLOCKS, ids=str)
def test_blocks_of_other_kinds(settings):
    config = Config(**settings)
    made = BlockDrawn(config, FISH)
    made.compute(Timeline(config, FISH))
    for box in made._keys():
        made.handle("box", box)
        assert made.texts()["e16.line"] and made.view() and made.labels()
        for width in (328, 680):
            assert made.draw("e16.block", width, 470).marks
    assert len(made.skips) == (
        0 if not made.config.residual else 1 + made.config.feed_forward
    )
    keys = made._keys()
    for skip in made.skips:
        assert keys[skip.end].startswith("add")
        end = "norm" if config.norm == "post" else "add"
        assert skip.start == 0 or keys[skip.start].startswith(end)


def test_somebody_elses_sentences(cats):
    made = BlockDrawn(Config(), cats)
    made.compute(Timeline(Config(), cats))
    assert made.texts() and made.draw("e16.block", 328, 470).marks


def test_unknown_events_are_refused(exhibit):
    for name, value in (("fly", None), ("box", "roof"), ("layer", 3), ("word", 11)):
        with pytest.raises(ValueError, match="E16"):
            exhibit.handle(name, value)
    exhibit.handle("term", None)
    exhibit.handle("term", "think")
    assert exhibit.box == "think"
    assert exhibit.tables()[0].rows[0][0] == "what comes in"
