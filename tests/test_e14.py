"""E14: eight numbers, the models that lack a part, and saturation."""

import json
from pathlib import Path

import numpy as np
import pytest

from exhibiting import finish, go_on, told
from fishformer.config import Config
from fishformer.corpus import load_corpus, load_fish
from fishformer.exhibits.e14_norm import AddAndNormalise
from fishformer.exhibits.e14_numbers import PRINTED
from fishformer.exhibits.e14_pictures import STAGES, five_seeds
from fishformer.lessons.ablations import (
    KINDS,
    WHOLE,
    AblationRun,
    config_without,
    overlap,
)
from fishformer.lessons.heads import asked_of
from fishformer.lessons.normalising import D_KS, add_and_normalise, random_rows
from fishformer.timeline import Timeline
from fishformer.training import Trainer

FISH = load_fish()
SMALL = Config(d_model=8, n_heads=2, d_ff=8, batch_size=8)
X = np.array([0.68, 0.23, 0.91, 0.45, 0.12, 0.77, 0.34, 0.56])
Y = np.array([0.59, 1.02, 0.81, 1.23, 0.74, 0.74, 0.72, 0.98])
FINDINGS = Path(__file__).parents[1] / "pysrc" / "fishformer" / "data" / "findings.json"


@pytest.fixture
def exhibit():
    made = AddAndNormalise(SMALL, FISH)
    made.compute(Timeline(SMALL, FISH))
    return made


# ---- the eight numbers ---------------------------------------------------------------


def test_the_numbers_of_the_article():
    found = add_and_normalise(X, Y)
    printed = np.array([float(text) for text in PRINTED])
    assert round(float(printed.mean()), 3) == 0
    assert printed.var() == pytest.approx(1, abs=0.005)
    np.testing.assert_allclose(
        found.added, [1.27, 1.25, 1.72, 1.68, 0.86, 1.51, 1.06, 1.54]
    )
    assert np.abs(found.normed - printed).max() < 0.015
    assert found.normed.mean() == pytest.approx(0, abs=1e-12)
    assert found.normed.var() == pytest.approx(1, abs=1e-3)


def test_rounding_explains_what_differs_from_print():
    """Sums that round to the printed ones give the printed results exactly."""
    found = add_and_normalise(X, Y)
    sums = found.mean + found.std * np.array([float(text) for text in PRINTED])
    assert np.abs(sums - found.added).max() < 0.005
    normed = add_and_normalise(sums, np.zeros(8)).normed
    assert [f"{n:.2f}" for n in normed] == [f"{float(text):.2f}" for text in PRINTED]


def test_what_the_article_calls_before_would_give_other_numbers():
    rounded = np.round(X + Y, 1)
    normed = add_and_normalise(rounded, np.zeros(8)).normed
    assert [f"{n:.2f}" for n in normed[:2]] == ["-0.23", "-0.60"]  # as the page says


def test_size_and_mean_do_not_get_through(exhibit):
    plain = add_and_normalise(X, Y).normed
    np.testing.assert_allclose(add_and_normalise(X, Y, 10).normed, plain, atol=2e-4)
    np.testing.assert_allclose(add_and_normalise(X, Y, 1, 5).normed, plain, atol=1e-9)
    assert float(exhibit.texts()["e14.unmoved"]) <= 2e-4
    before = exhibit.view()["matrices"]["e14.steps"].values
    exhibit.handle("before", "times")
    after = exhibit.view()["matrices"]["e14.steps"].values
    assert [row[2] for row in after] == [row[2] for row in before]
    assert after[0][0] == "12.70"
    exhibit.handle("before", "plus")
    assert exhibit.view()["matrices"]["e14.steps"].values[0][0] == "6.27"


def test_every_number_opens_its_arithmetic(exhibit):
    sums = {
        (0, 0): "0.68 + 0.59 = 1.27",
        (2, 1): "1.72 − 1.361 = 0.359",
        (4, 2): "(0.86 − 1.361) ÷ 0.284 = −1.76",
    }
    for (row, column), text in sums.items():
        exhibit.handle("open", ["steps", row, column])
        assert exhibit.texts()["e14.arith"] == text
        assert exhibit.view()["matrices"]["e14.steps"].opened == (row, column)
    for row, column, start, end in (
        (0, 0, "(1.27 + 1.25", "= 1.361"),
        (1, 0, "((−0.09)² +", "= 0.0809"),
        (2, 0, "√(0.0809 + 0.00001) = 0.284", "by zero"),
        (0, 1, "((−0.32) + (−0.39)", "= 0.000"),
        (1, 1, "((−0.32)² +", "= 0.9999"),
        (2, 1, "√0.9999", "= 1.000"),
    ):
        exhibit.handle("open", ["stats", row, column])
        text = exhibit.texts()["e14.arith"]
        assert text.startswith(start) and text.endswith(end)
        assert exhibit.view()["matrices"]["e14.stats"].opened == (row, column)
        assert exhibit.view()["matrices"]["e14.steps"].opened is None
    for bad in (["steps", 8, 0], ["stats", 3, 0], ["put", 0, 0]):
        with pytest.raises(ValueError, match="no number"):
            exhibit.handle("open", bad)
    exhibit.handle("before", "times")
    exhibit.handle("open", ["steps", 0, 0])
    assert exhibit.texts()["e14.arith"] == "(0.68 + 0.59) × 10 = 12.70"


def test_edits_undo_reset_and_refusals(exhibit):
    exhibit.handle("edit", ["put", 0, 0, "−1,5"])
    assert exhibit.edits["put"][0, 0] == -1.5
    assert exhibit.view()["matrices"]["e14.put"].marks[0][0] == "edited"
    assert not any(mark for (mark,) in exhibit.view()["matrices"]["e14.print"].marks)
    for text, why in (("abc", "“abc” is not a number"), ("11", "from −10 to 10")):
        before = exhibit.view()["state"]["e14.edits"]
        exhibit.handle("edit", ["put", 3, 1, text])
        assert why in exhibit.texts()["e14.error"]
        assert "still 1.23" in exhibit.texts()["e14.error"]
        assert exhibit.view()["state"]["e14.edits"] > before  # so the field is reset
    exhibit.handle("undo", None)
    assert exhibit.edits["put"][0, 0] == 0.68
    assert exhibit.texts()["e14.error"] == ""
    assert exhibit.view()["state"]["e14.undo.off"]
    exhibit.handle("edit", ["put", 2, 1, "3"])
    exhibit.handle("before", "plus")
    exhibit.handle("reset", None)
    assert not exhibit.edits.changed and exhibit.before == "as"
    assert exhibit.view()["state"]["e14.reset.off"]


def test_eight_equal_numbers_become_zeros(exhibit):
    for row in range(8):
        exhibit.handle("edit", ["put", row, 0, "0.5"])
        exhibit.handle("edit", ["put", row, 1, "0.5"])
    assert np.abs(exhibit.steps.normed).max() < 1e-9
    assert "Eight equal numbers" in exhibit.texts()["e14.finding"]
    exhibit.draw("e14.dots", 328, 220)


def test_beside_the_print(exhibit):
    printed = exhibit.view()["matrices"]["e14.print"]
    assert [row[0].replace("−0", "−").lstrip("0") for row in printed.values] == [
        text.replace("-", "−") for text in PRINTED
    ]
    marks = [mark for (mark,) in printed.marks]
    assert (marks.count("same"), marks.count("differs")) == (2, 6)
    assert exhibit.texts()["e14.apart"] == "0.01"
    exhibit.handle("before", "times")
    assert not any(mark for (mark,) in exhibit.view()["matrices"]["e14.print"].marks)


# ---- models that lack a part ---------------------------------------------------------


def test_findings_are_those_of_the_study():
    found = json.loads(FINDINGS.read_text())["findings"]["ablations"]["measured"]
    seeds = five_seeds()
    assert set(seeds) == {WHOLE, *KINDS}
    assert seeds["residual"][300] == found["no residual, step 300"]["values"]
    assert all(len(values) == 5 for kind in seeds.values() for values in kind.values())


def test_what_is_said_of_five_seeds_is_what_they_show(exhibit):
    """And the prose of the page says no more."""
    found = json.loads(FINDINGS.read_text())["findings"]["ablations"]["measured"]
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


def test_rings_only_where_the_findings_apply(exhibit):
    assert not exhibit.as_measured  # SMALL is not the default model
    assert AddAndNormalise(Config(seed=9), FISH).as_measured
    own = load_corpus(
        "\n".join(f"{a} cats chase {b} mice" for a in "xy" for b in "uvw")
    )
    assert not AddAndNormalise(Config(), own).as_measured


def test_sentences_without_held_out_ones():
    own = load_corpus(
        "\n".join(f"{a} cats chase {b} mice" for a in "xy" for b in "uvw")
    )
    run = AblationRun(SMALL, own)
    for _ in run.pieces(20):
        pass
    assert set(run.losses) == {0, 20}
    assert len(asked_of(own).targets) == 6


# ---- saturation ----------------------------------------------------------------------


def test_large_heads_saturate_unless_divided(exhibit):
    plain = [float(random_rows(d_k).mean.unscaled[0, 0]) for d_k in D_KS]
    divided = [float(random_rows(d_k).mean.scaled[0, 0]) for d_k in D_KS]
    assert plain == sorted(plain)
    assert plain[0] == divided[0]  # the root of 1
    assert plain[-1] > 0.9
    assert max(divided) < 0.4
    found = json.loads(FINDINGS.read_text())["findings"]["saturation"]["measured"]
    for d_k in (8, 512):
        at = D_KS.index(d_k)
        assert plain[at] == pytest.approx(
            found[f"d_k {d_k}, as it is"]["mean"], abs=0.05
        )
        assert divided[at] == pytest.approx(
            found[f"d_k {d_k}, divided"]["mean"], abs=0.05
        )
    for d_k in D_KS:
        rows = random_rows(d_k)
        assert rows.plain.sum() == pytest.approx(1)
        assert rows.divided.sum() == pytest.approx(1)
        assert (np.diff(rows.plain) <= 0).all()


def test_the_slider_of_d_k(exhibit):
    exhibit.handle("d_k", 9)
    assert exhibit.texts()["e14.d_k"] == "512"
    assert "dₖ = 512" in told(exhibit, "e14.saturated")
    row = exhibit.view()["matrices"]["e14.row"]
    assert float(row.values[0][0]) > float(row.values[1][0])
    with pytest.raises(ValueError, match="from 1 to 512"):
        exhibit.handle("d_k", 10)


def test_the_live_model_follows_the_run(exhibit):
    timeline = Timeline(SMALL, FISH)
    exhibit.compute(timeline)
    before = exhibit.texts()["e14.live"]
    go_on(timeline, 5)
    exhibit.compute(timeline)
    assert exhibit.live is True
    assert exhibit.texts()["e14.live"] != before
    assert "step 5" in exhibit.texts()["e14.live"]


def test_labels_tables_and_unknown_events(exhibit):
    assert set(exhibit.labels()) == set(exhibit.canvases)
    captions = [table.caption for table in exhibit.tables()]
    assert len(captions) == 3
    for canvas in exhibit.canvases:
        for width in (328, 680):
            assert exhibit.draw(canvas, width, 300).marks
    with pytest.raises(ValueError, match="no event 'fly'"):
        exhibit.handle("fly", None)
    with pytest.raises(ValueError, match="no event 'kind'"):
        exhibit.handle("kind", "heads")
