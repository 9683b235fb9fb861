"""E17: the geometry of the live model; test_e17_deep.py has the deep ones."""

import numpy as np
import pytest

from exhibiting import do, draw_all, go_on, shown, told
from fishformer.config import Config
from fishformer.corpus import load_corpus, load_fish
from fishformer.exhibits.e17_geometry import MANY, Geometry
from fishformer.exhibits.e17_sight import between, looks_of
from fishformer.geometry import unit_length
from fishformer.lessons.kinship import cloud_of, kinship, telling_sentences
from fishformer.timeline import Timeline


@pytest.fixture(scope="module")
def timeline():
    return Timeline(Config(), load_fish())


@pytest.fixture(scope="module")
def trained():
    return go_on(Timeline(Config(), load_fish()), 300)


@pytest.fixture
def fresh(timeline):
    return exhibit_of(timeline)


def exhibit_of(timeline):
    return shown(Geometry(Config(), timeline.trainer.data), timeline)


def at(kind, x, y, canvas="e17.space"):
    return {"canvas": canvas, "x": x, "y": y, "kind": kind}


# ---- which words, and how alike they are ----------------------------------------


def test_kinship_is_the_mean_over_all_pairs():
    cloud = cloud_of(load_fish(), 4)
    N = len(cloud.words)
    units = unit_length(np.random.default_rng(1).standard_normal((3, N, 8)))
    found = kinship(units, cloud)
    for layer in range(3):
        pairs = {"namesakes": [], "neighbours": [], "everyone": []}
        for a in range(N):
            for b in range(a):
                cosine = units[layer, a] @ units[layer, b]
                apart = cloud.sentence[a] != cloud.sentence[b]
                pairs["everyone"].append(cosine)
                if not apart:
                    pairs["neighbours"].append(cosine)
                elif cloud.words[a] == cloud.words[b]:
                    pairs["namesakes"].append(cosine)
        for name, cosines in pairs.items():
            assert getattr(found, name)[layer] == pytest.approx(np.mean(cosines))


def test_first_come_sentences_that_have_a_word_in_both_senses():
    fish = load_fish()
    cloud = cloud_of(fish, 9)
    assert len(set(telling_sentences(fish, 45))) == 45
    by_sentence = {}
    for word, sense, sentence in zip(
        cloud.words, cloud.senses, cloud.sentence, strict=True
    ):
        by_sentence.setdefault(sentence, set()).add((word, sense))
    for uses in by_sentence.values():
        assert any(
            len({s for w, s in uses if w == word and s}) == 2 for word, _ in uses
        )


def test_sentences_of_ones_own_may_be_too_few_to_hold_any_out():
    corpus = load_corpus("\n".join(f"the {a} swims" for a in "abcdefgh"))
    cloud = cloud_of(corpus, 5)
    assert cloud.words[:3] == ("the", "a", "swims") and not any(cloud.senses)


# ---- the exhibit ------------------------------------------------------------------


def test_it_says_what_the_model_does(trained):
    """Namesakes part and sentences gather, untrained too, but then all words do."""
    before, after = exhibit_of(Timeline(Config(), load_fish())), exhibit_of(trained)
    start, end = before._sight.alike, after._sight.alike
    assert end.namesakes[-1] < end.namesakes[0] - 0.1
    assert end.neighbours[-1] > end.neighbours[0] + 0.25
    assert start.neighbours[-1] > start.neighbours[0] + 0.25  # untrained as well
    gaps = [(k.neighbours - k.everyone)[-1] for k in (start, end)]
    assert gaps[1] > 1.5 * gaps[0]
    apart = end.namesakes - end.neighbours
    assert apart[0] > 0.6 and abs(apart[-1]) < 0.3  # the two kinships come near
    texts = after.texts()
    assert f"{end.namesakes[0]:.2f} to {end.namesakes[-1]:.2f}" in texts["e17.answer"]
    assert "move apart" in texts["e17.answer"]
    assert "ends as a word in a sentence" in texts["e17.answer"]
    assert "look again" in before.texts()["e17.answer"]
    assert "step 300" in texts["e17.finding"]
    assert f"{after._sight.shares.sum():.0%}" in texts["e17.shares"]


def test_the_readout_names_the_nearest_in_all_dimensions(fresh, timeline):
    do(fresh, "layer", 0, timeline)
    said = told(fresh, "e17.readout")
    assert said.startswith("bass in “the old bass never sleeps but the singer plays")
    sight = fresh._sight
    units = sight.units[0]
    n = sight.cloud.words.index("bass")
    cosines = units @ units[n]
    cosines[n] = -1
    best = int(cosines.argmax())
    first = said.partition(" lies nearest to ")[2].partition(",")[0]
    assert first.startswith(f"{sight.cloud.words[best]} of ")
    assert first.endswith(f" {cosines[best]:.2f}")


def test_layers_are_scrubbed_and_lie_between_two(fresh, timeline):
    assert fresh.texts()["e17.layer"] == "2 of 2"
    do(fresh, "layer", 12, timeline)
    assert fresh.going.layer == 0.5
    assert fresh.texts()["e17.layer"] == "between 0 and 1"
    places = fresh._sight.places
    np.testing.assert_allclose(between(places, 0.5), (places[0] + places[1]) / 2)
    do(fresh, "at", at("press", 1e4, 10, "e17.alike"), timeline)
    fresh.draw("e17.alike", 384, 200)
    do(fresh, "at", at("press", 0, 10, "e17.alike"), timeline)
    assert fresh.going.layer == 0


def test_training_steps_are_followed_and_going_back_shows_the_same(timeline):
    timeline = Timeline(Config(), load_fish())
    exhibit = exhibit_of(timeline)
    first = exhibit._sight
    for _ in range(25):
        timeline.advance()
        exhibit.compute(timeline)
    later = exhibit._sight
    assert later.step == 25 and not np.allclose(later.places, first.places)
    for _ in timeline.seek(0):
        pass
    exhibit.compute(timeline)
    np.testing.assert_allclose(exhibit._sight.places, first.places, atol=1e-12)
    for _ in timeline.seek(25):
        pass
    exhibit.compute(timeline)
    np.testing.assert_allclose(exhibit._sight.places, later.places, atol=1e-12)


def test_a_drag_turns_and_a_press_chooses(fresh, timeline):
    fresh.draw("e17.space", 680, 480)
    spots = fresh._on_sheet
    n = fresh._sight.cloud.words.index("tank")
    turn, tilt = fresh.turning.view
    do(fresh, "at", at("hover", *spots[n]), timeline)
    assert fresh.lit == "word:tank"
    do(fresh, "at", at("down", *spots[n]), timeline)
    do(fresh, "at", at("up", *spots[n]), timeline)
    do(fresh, "at", at("press", *spots[n]), timeline)
    assert fresh.word == "tank"
    do(fresh, "at", at("leave", 0, 0), timeline)
    assert fresh.lit is None and fresh.turning.view == (turn, tilt)
    m = fresh._sight.cloud.words.index("sole")
    do(fresh, "at", at("down", *(spots[m] - [100, -20])), timeline)
    do(fresh, "at", at("drag", *spots[m]), timeline)
    do(fresh, "at", at("press", *spots[m]), timeline)
    assert (
        fresh.word == "tank" and fresh.turning.turn > turn and fresh.turning.tilt < tilt
    )


def test_it_moves_only_when_told_and_never_when_all_is_to_be_still(fresh):
    assert not fresh.moving
    fresh.handle("rotate", None)
    turn = fresh.turning.turn
    fresh.tick(0.1)
    assert fresh.moving and fresh.turning.turn > turn
    for _ in range(400):
        fresh.tick(0.1)
        assert -180 <= fresh.turning.turn <= 180
    fresh.handle("at", at("down", 1, 1))
    assert not fresh.moving
    fresh.handle("play", None)
    assert fresh.going.layer == 0
    while fresh.moving:
        fresh.tick(0.1)
    assert fresh.going.layer == 2
    fresh.handle("play", None)
    assert fresh.texts()["e17.play"] == "Stop"
    fresh.still = True
    assert fresh.texts()["e17.play"] == "Play the layers"
    for name in ("rotate", "play"):
        fresh.handle(name, None)
        assert not fresh.moving
    assert fresh.view()["state"]["e17.moves"] is False


@pytest.mark.parametrize("colour", ["word", "sense", "position"])
def test_colours_have_a_key(fresh, timeline, colour):
    do(fresh, "colour", colour, timeline)
    cloud = fresh._sight.cloud
    kinds, key = looks_of(cloud, colour, "bass", "bass")
    assert set(kinds) - {"other"} <= {kind for kind, _ in key} | {"p2", "p4"}
    assert key[0] == ("lit", "bass") and kinds.count("lit") == 2
    before = fresh.draw("e17.space", 680, 480).marks
    fresh.lit = "word:the"
    assert len(fresh.draw("e17.space", 680, 480).marks) != len(before)
    kinds, key = looks_of(cloud, colour, "bass", "the")
    assert key[0] == ("lit", "the")
    assert kinds.count("lit") == cloud.words.count("the")


def test_five_hundred_words_can_be_shown(fresh, timeline):
    do(fresh, "many", True, timeline)
    assert len(fresh._sight.cloud.words) > 500
    assert fresh._sight.cloud.sentence.max() == MANY - 1
    assert len(fresh.draw("e17.space", 680, 480).marks) < 700


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turn", 181), ("tilt", "up"), ("layer", 49), ("layer", None), ("moment", 0),
        ("model", "deep"), ("colour", "red"), ("train", None), ("fly", 1),
    ],
)  # fmt: skip
def test_refusals(fresh, name, value):
    with pytest.raises(ValueError, match=f"{name}|{value}|no recorded step"):
        fresh.handle(name, value)


def test_ones_own_sentences(timeline, fresh):
    lines = "\n".join(f"{a} fish {b} here" for a in "abcdef" for b in "uvwxyz")
    other = Timeline(Config(), load_corpus(lines))
    fresh.compute(other)
    assert "fish" in fresh._sight.cloud.words
    assert fresh.view()["state"]["e17.senses"] is False
    do(fresh, "colour", "sense", other)
    draw_all(fresh, (328, 300))
    assert fresh.texts()["e17.finding"] and fresh.tables()
