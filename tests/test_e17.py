"""E17: the geometry of the live model, and of two deep ones trained here."""

from dataclasses import replace

import numpy as np
import pytest

from exhibiting import do, go_on, shown, told
from fishformer.charts.drawing import Circle, Polygon, Text
from fishformer.charts.space import LOOKS, Points, View, nearest, seen, space
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.corpus import load_corpus, load_fish
from fishformer.exhibits.e17_deep import FILE
from fishformer.exhibits.e17_geometry import MANY, Geometry
from fishformer.exhibits.e17_sight import between, looks_of
from fishformer.geometry import unit_length
from fishformer.lessons.deep import (
    MOMENTS,
    NORMS,
    DeepRun,
    deep_config,
    packed,
    shortened,
    unpacked,
)
from fishformer.lessons.kinship import cloud_of, kinship, telling_sentences
from fishformer.timeline import Timeline
from fishformer.training import Trainer

STEPS = 30  # of the short recording


@pytest.fixture(scope="module")
def timeline():
    return Timeline(Config(), load_fish())


@pytest.fixture(scope="module")
def trained():
    return go_on(Timeline(Config(), load_fish()), 300)


@pytest.fixture(scope="module")
def recordings():
    found = {}
    for norm in NORMS:
        run = DeepRun(replace(deep_config(norm), steps=STEPS), load_fish())
        while run.advance():
            pass
        found[norm] = run.recording
    return found


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


# ---- deep models ------------------------------------------------------------------


@pytest.mark.parametrize("norm", NORMS)
def test_a_deep_run_is_a_run_like_any_other(norm):
    config = replace(deep_config(norm), steps=4)
    trainer = Trainer(config, load_fish())
    losses = [trainer.report.loss]
    losses += [trainer.update().loss for _ in range(config.steps)]
    run = DeepRun(config, load_fish())
    while run.advance():
        pass
    assert run.recording.losses == losses
    held_out = run.recording.moments[0].held_out
    assert held_out == pytest.approx(Trainer(config, load_fish()).report.held_out.loss)


def test_post_norm_collapses_at_once_and_pre_norm_nearly_does(recordings):
    for norm, recording in recordings.items():
        moment = recording.moments[-1]
        assert moment.step == STEPS
        alike = kinship(moment.states, recording.cloud)
        assert alike.everyone[-1] > (0.999 if norm == "post" else 0.9)
        assert alike.everyone[0] < 0.2


def test_a_recording_comes_back_from_its_file(recordings):
    data = packed(recordings)
    moments = len(recordings["pre"].moments)
    assert len(data) / moments * len(MOMENTS) < 2.2e6  # later ones pack better
    back = unpacked(data)
    for norm, recording in recordings.items():
        assert back[norm].config == recording.config
        assert back[norm].losses == pytest.approx(recording.losses)
        assert back[norm].cloud.words == recording.cloud.words
        for ours, theirs in zip(back[norm].moments, recording.moments, strict=True):
            assert ours.step == theirs.step and ours.held_out == theirs.held_out
            np.testing.assert_array_equal(ours.states, theirs.states)


def test_what_is_kept_is_near_to_what_was_there():
    states = 30 * np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)
    kept = shortened(states)
    assert kept.dtype == np.float16
    np.testing.assert_allclose(kept, states, rtol=1 / 256)


@pytest.mark.parametrize("data", [b"", b"<html>", packed.__doc__.encode()])
def test_other_files_are_refused(data):
    with pytest.raises(ValueError, match="no recording"):
        unpacked(data)


# ---- the picture -----------------------------------------------------------------


def test_nearer_is_larger_and_a_turn_brings_the_back_to_the_front():
    places = np.array([(0, 0, -1.0), (0, 0, 1.0)])
    front = seen((400, 300), View(0, 0), places)
    back = seen((400, 300), View(180, 0), places)
    np.testing.assert_allclose(front[:, 2], [-1, 1], atol=1e-12)
    np.testing.assert_allclose(back[:, 2], [1, -1], atol=1e-12)
    kinds = ["other", "other"]
    drawing, _ = space((400, 300), Points(places, kinds, ["far", "near"]), View(0, 0))
    far, near = (mark for mark in drawing.marks if isinstance(mark, Circle))
    assert far.radius < LOOKS["other"][0] < near.radius


def test_words_are_told_apart_without_colours():
    places, kinds = np.zeros((5, 3)), ["a", "b", "c", "d", "e"]
    drawing, _ = space((400, 300), Points(places, kinds, kinds), View(0, 0))
    marks = [m for m in drawing.marks if isinstance(m, Circle | Polygon)][-5:]
    shapes = {
        (m.fill == "paper",) if isinstance(m, Circle) else tuple((m.xy - m.xy[0]).flat)
        for m in marks
    }
    assert len(shapes) == 5


def test_one_mark_a_point_and_no_name_upon_another():
    rng = np.random.default_rng(0)
    N = 500
    kinds = [("other", "first", "second", "lit")[n % 4] for n in range(N)]
    points = Points(rng.uniform(-1, 1, (N, 3)), kinds, [f"word{n}" for n in range(N)])
    drawing, places = space((680, 480), points, View(32, 16))
    shapes = [m for m in drawing.marks if isinstance(m, Circle | Polygon)]
    assert len(shapes) == N and len(drawing.marks) < N + 80
    names = [m for m in drawing.marks if isinstance(m, Text)]
    assert 10 < len(names) < 40
    for n, one in enumerate(names):
        for other in names[:n]:
            assert abs(one.y - other.y) > 10 or abs(one.x - other.x) > 30
    assert nearest(places, *places[7]) == 7
    assert nearest(places, -50, -50) is None


def test_an_empty_picture_can_be_drawn():
    drawing, places = space((300, 200), Points(np.empty((0, 3)), (), ()), View(0, 0))
    assert len(places) == 0 and to_svg(drawing)


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
    fresh.still = True
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


def test_the_recording_is_fetched_once_it_is_wanted(fresh, timeline, recordings):
    assert fresh.wants is None
    do(fresh, "model", "post", timeline)
    assert fresh.wants == FILE and fresh.live is False
    assert "on its way" in fresh.texts()["e17.finding"]
    fresh.draw("e17.space", 328, 350)
    fresh.receive(FILE, packed(recordings))
    fresh.compute(timeline)
    assert fresh.wants is None and fresh.going.layer == 12
    assert "run together" in fresh.texts()["e17.finding"]
    assert "any two words 1.00" in told(fresh, "e17.here")
    assert "seed 7" in fresh.texts()["e17.made"]
    assert "python3 -m fishformer.lessons.deep" in fresh.texts()["e17.made"]
    assert fresh.view()["state"]["e17.moment"] == len(recordings["post"].moments) - 1
    do(fresh, "moment", 0, timeline)
    assert fresh._sight.step == 0
    assert "held-out loss is 5." in fresh.texts()["e17.deepnote"]
    do(fresh, "model", "live", timeline)
    assert fresh.live and fresh.going.layer == 2


def test_without_a_recording_it_says_so_and_can_train(fresh, timeline):
    do(fresh, "model", "pre", timeline)
    fresh.receive_failed(FILE, "404 Not Found")
    fresh.compute(timeline)
    assert "404 Not Found" in fresh.texts()["e17.problem"]
    assert fresh.wants is None
    do(fresh, "train", timeline=timeline)
    assert fresh.busy
    while not fresh.deep.own["pre"].moments:
        fresh.work()
    fresh.compute(timeline)
    assert fresh._sight.n_layers == 12 and "step 0 of 500" in fresh.texts()["e17.job"]
    do(fresh, "stop", timeline=timeline)
    assert not fresh.busy and "Stopped at step 0" in fresh.texts()["e17.job"]
    assert "in this browser" in fresh.texts()["e17.made"]


def test_rubbish_for_a_recording_is_told(fresh, timeline):
    do(fresh, "model", "pre", timeline)
    fresh.receive(FILE, b"<html>not found</html>")
    fresh.compute(timeline)
    assert "no recording" in fresh.texts()["e17.problem"]


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
    for canvas in fresh.canvases:
        to_svg(fresh.draw(canvas, 328, 300))
    assert fresh.texts()["e17.finding"] and fresh.tables()
