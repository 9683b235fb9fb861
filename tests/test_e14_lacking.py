"""E14's models that lack a part: trained here side by side, and over five seeds."""

import json

import pytest

from exhibiting import finish, told
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e14_norm import AddAndNormalise
from fishformer.exhibits.e14_pictures import STAGES, five_seeds
from fishformer.grammar import read_data
from fishformer.lessons.ablations import (
    KINDS,
    WHOLE,
    AblationRun,
    config_without,
    overlap,
)
from fishformer.lessons.heads import asked_of
from fishformer.timeline import Timeline
from fishformer.training import Trainer

FISH = load_fish()
SMALL = Config(d_model=8, n_heads=2, d_ff=8, batch_size=8)
FINDINGS = json.loads(read_data("findings.json"))["findings"]


@pytest.fixture
def exhibit():
    made = AddAndNormalise(SMALL, FISH)
    made.compute(Timeline(SMALL, FISH))
    return made


def test_findings_are_those_of_the_study():
    found = FINDINGS["ablations"]["measured"]
    seeds = five_seeds()
    assert set(seeds) == {WHOLE, *KINDS}
    assert seeds["residual"][300] == found["no residual, step 300"]["values"]
    assert all(len(values) == 5 for kind in seeds.values() for values in kind.values())


def test_what_is_said_of_five_seeds_is_what_they_show(exhibit):
    """And the prose of the page says no more."""
    found = FINDINGS["ablations"]["measured"]
    seeds = five_seeds()
    for kind in KINDS:
        exhibit.handle("kind", kind)
        text = exhibit.texts()["e14.five"]
        for step in STAGES:
            whole, lacking = seeds[WHOLE][step], seeds[kind][step]
            # Rounded as the prose has it, which takes the mean of the file.
            name, two = (
                KINDS[kind].without,
                found["nothing taken out, step " + str(step)],
            )
            one = found[f"{name}, step {step}"]["mean"]
            assert f"{one:.2f} against {two['mean']:.2f}" in text
            part = text.split(": ")[1].split(";")[step == STAGES[1]]
            assert ("overlap" in part) == overlap(whole, lacking)
            if "worse" in part:
                assert min(lacking) > max(whole)
            if "better" in part:
                assert max(lacking) < min(whole)
    for kind in ("residual", "positions"):
        for step in STAGES:
            assert min(seeds[kind][step]) > max(seeds[WHOLE][step])
    for kind in ("norm", "feed_forward"):
        assert max(seeds[kind][300]) < min(seeds[WHOLE][300])
        assert overlap(seeds[kind][1000], seeds[WHOLE][1000])
    for step in STAGES:
        assert overlap(seeds["root"][step], seeds[WHOLE][step])


def test_two_models_from_one_seed_and_the_same_batches(exhibit):
    exhibit.handle("kind", "residual")
    exhibit.handle("train", None)
    assert exhibit.view()["state"]["e14.training"]
    while min(run.step if run else 0 for run in exhibit.runs.pair) < 41:
        exhibit.work()
    exhibit.handle("stop", None)
    assert not exhibit.busy
    whole, lacking = exhibit.runs.pair
    assert abs(whole.step - lacking.step) <= 1
    assert whole.config == SMALL and not lacking.config.residual
    trainer = Trainer(SMALL, FISH)
    for step in (0, 20, 40):
        while trainer.report.step < step:
            trainer.update()
        assert trainer.report.held_out.loss == pytest.approx(
            whole.losses[step], rel=1e-5
        )
    assert "Here, at step" in told(exhibit, "e14.what")
    assert exhibit.view()["state"]["e14.idle"]
    step = whole.step
    exhibit.handle("train", None)  # it goes on from where it was stopped
    exhibit.work()
    exhibit.work()
    assert whole.step >= step


def test_to_the_end_on_to_the_next_and_from_another_seed():
    tiny = Config(d_model=4, n_heads=1, d_ff=4, batch_size=4, n_layers=1)
    exhibit = AddAndNormalise(tiny, FISH)
    timeline = Timeline(tiny, FISH)
    exhibit.compute(timeline)
    exhibit.handle("kind", "norm")
    exhibit.handle("train", None)
    finish(exhibit, timeline)
    state = exhibit.view()["state"]
    assert state["e14.done"] and state["e14.on"] and state["e14.progress"] == 1
    assert exhibit.texts()["e14.status"] == "Step 300, seed 7"
    assert len(exhibit.runs.pair[0].losses) == 16
    exhibit.handle("kind", "positions")
    assert exhibit.view()["state"]["e14.idle"]
    exhibit.handle("train", None)
    finish(exhibit, timeline)
    assert len(exhibit.runs.made) == 3  # the whole model is not trained again
    exhibit.handle("again", None)
    for _ in range(60):
        exhibit.work()
    exhibit.handle("stop", None)
    assert exhibit.runs.seed == 8
    assert exhibit.runs.pair[0].config.seed == exhibit.runs.pair[1].config.seed == 8
    for width in (328, 680):
        assert exhibit.draw("e14.curves", width, 300).marks
    names = {row[0] for row in exhibit.tables()[-1].rows}
    assert {"the whole model", "no positions", "another seed"} <= names
    exhibit.handle("on", None)
    assert exhibit.runs.goal == 1000 and exhibit.busy
    exhibit.handle("stop", None)
    exhibit.handle("train", None)
    assert (exhibit.runs.goal, exhibit.runs.end) == (300, 300)
    exhibit.runs.made[7, "norm"]._trainer.report = exhibit.runs.made[
        7, "norm"
    ]._trainer.report._replace(step=301)
    assert exhibit.runs.end == 1000  # a longer run than the goal keeps its room


def test_every_kind_of_run_is_another_model():
    configs = {config_without(Config(), kind) for kind in (WHOLE, *KINDS)}
    assert len(configs) == 6
    lacking = AddAndNormalise(Config(residual=False), FISH)
    assert "residual" not in lacking.runs.kinds


def test_rings_only_where_the_findings_apply(exhibit, cats):
    assert not exhibit.as_measured  # SMALL is not the default model
    assert AddAndNormalise(Config(seed=9), FISH).as_measured
    assert not AddAndNormalise(Config(), cats).as_measured


def test_sentences_without_held_out_ones(cats):
    run = AblationRun(SMALL, cats)
    for _ in run.pieces(20):
        pass
    assert set(run.losses) == {0, 20}
    assert len(asked_of(cats).targets) == 6
