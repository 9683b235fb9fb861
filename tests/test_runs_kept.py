"""Runs that are kept: as bytes, side by side on the workbench, opened again."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fishformer.charts.lines import window
from fishformer.config import ConfigError
from fishformer.corpus import CorpusError
from fishformer.exhibits.kept import RECENT
from fishformer.exhibits.stage import Stage
from fishformer.runs import CHECKPOINTS, Run, differences, pack, unpack
from fishformer.shelf import MOST_RUNS, Shelf
from fishformer.storage import StorageError
from staging import LINES, LONG, kept_stage, settle, train_to

CHAPTER = Path(__file__).parents[1] / "site" / "chapters" / "9a.html"


@pytest.fixture
def stage():
    return kept_stage()


def buffer(stage):
    return stage.timeline.trainer.model.params.buffer.copy()


def test_other_settings_begin_a_run_and_keep_the_one_before(stage):
    losses = stage.timeline.losses[:]
    state = stage.exhibit("runs").view()["state"]
    assert state["runs.alone"] and not state["runs.one"]  # nothing to compare with yet
    stage.start_run({**LONG, "layers": "1"})
    state = stage.exhibit("runs").view()["state"]
    assert state["runs.one"] and not state["runs.alone"]
    first, second = stage.runs
    assert stage.live is second and stage.state == "training"
    assert second.name == "2 layers → 1 layer"
    assert (first.step, first.losses) == (47, losses)
    assert stage.timeline.step == 0 and stage.config.n_layers == 1
    train_to(stage, 5)
    assert stage.capture().last == 5


@pytest.mark.parametrize(("measure", "number"), [("training", 3), ("held-out", 4)])
def test_the_curves_are_told_with_the_losses_that_they_show(stage, measure, number):
    stage.event("runs", "measure", measure)
    [row] = stage.tables("runs")[0].rows
    assert row[3] != row[4]
    said = stage.exhibit("runs").labels()["runs.curves"]
    assert said.endswith(f"{row[0]}: {row[number]}.")


def test_a_training_loss_that_is_a_mean_says_so(stage):
    """E01's is that of one batch: two numbers of one name would differ in silence."""
    end, losses = stage.timeline.end, stage.timeline.losses
    runs, [table, *_] = stage.exhibit("runs"), stage.tables("runs")
    assert table.rows[0][3] == f"{np.mean(losses[-RECENT:]):.2f}" != f"{losses[-1]:.2f}"
    assert table.columns[3] == f"Training loss, mean of {RECENT}"
    assert f"<dt>training loss, mean of {RECENT}</dt>" in CHAPTER.read_text("utf-8")
    said = runs.texts()["runs.what"]
    assert said == f"Training loss, in nats, mean of {window(end)} steps"
    stage.start_run({**LONG, "steps": str(10 * end)})  # its curves are smoothed more
    assert runs.texts()["runs.what"].endswith(f"mean of {window(10 * end)} steps")
    assert runs.tables()[0].rows[0][3] == table.rows[0][3]


def test_curves_of_a_few_steps_are_no_means():
    runs = train_to(Stage({**LONG, "steps": "30"}), 5).exhibit("runs")
    assert runs.texts()["runs.what"] == "Training loss, in nats, of one step"


def test_a_kept_run_opens_at_its_step_with_the_same_bits(stage):
    before, losses = buffer(stage), stage.timeline.losses[:]
    stage.start_run({**LONG, "residual": "off"})
    train_to(stage, 9)
    stage.open_run(stage.runs[0])
    settle(stage)
    assert (stage.timeline.step, stage.state) == (47, "paused")
    assert stage.timeline.losses == losses
    np.testing.assert_array_equal(buffer(stage), before)
    stage.open_run(stage.runs[1])
    settle(stage)
    assert (stage.timeline.step, stage.config.residual) == (9, False)


def test_everything_comes_back_from_bytes(stage):
    stage.start_run(text=LINES)
    train_to(stage, 31)
    stage.command("seek", 17)
    settle(stage)
    before, losses = buffer(stage), stage.timeline.losses[:]
    stage.player.command("speed", 5)
    again = Stage()
    again.unpack(stage.pack())
    again.open()
    settle(again)
    assert again.state == "paused" and again.player.speed == 5
    assert (again.timeline.step, again.timeline.last) == (17, 31)
    assert again.timeline.losses == losses
    assert again.corpus.train == stage.corpus.train
    np.testing.assert_array_equal(buffer(again), before)
    assert [run.name for run in again.runs] == [run.name for run in stage.runs]
    for mine, other in zip(again.runs, stage.runs, strict=True):
        assert (mine.losses, mine.held_out) == (other.losses, other.held_out)
    train_to(again, 40)
    train_to(stage, 40)
    assert again.timeline.losses == stage.timeline.losses


def test_one_that_trained_goes_on_training(stage):
    stage.command("train")
    again = Stage()
    again.unpack(stage.pack())
    again.open()
    settle(again)
    assert again.state == "training" and again.timeline.step == 47


def test_a_link_wins_and_the_kept_runs_stay_listed(stage):
    again = Stage({**LONG, "seed": "9"})
    again.unpack(stage.pack())
    again.open()
    assert again.state == "training" and again.config.seed == 9
    assert [run.last for run in again.runs] == [47, 0]
    assert again.live is again.runs[-1]
    same = Stage({**LONG, "step": "20"})
    same.unpack(stage.pack())
    assert settle(same).timeline.step == 20 and same.timeline.last == 47


def test_few_checkpoints_are_kept_the_one_of_the_step_among_them(stage):
    train_to(stage, 290)
    stage.command("seek", 133)
    settle(stage)
    run = stage.capture()
    assert len(run.checkpoints) <= CHECKPOINTS == 20
    assert "some twenty of its steps" in CHAPTER.read_text("utf-8")
    assert 133 - max(k for k in run.checkpoints if k <= 133) < 14
    assert max(run.checkpoints) > 270
    assert min(run.checkpoints) < 40


def test_what_is_refused_changes_nothing(stage):
    for settings, error in (
        ({"heads": "3"}, ConfigError),
        ({"layers": "0"}, ConfigError),
        ({"model": "lstm"}, ConfigError),
    ):
        with pytest.raises(error):
            stage.start_run(settings)
    with pytest.raises(CorpusError):
        stage.start_run(text="one line")
    assert stage.timeline.step == 47 and len(stage.runs) == 1


def test_the_shelf_refuses_too_many_and_brings_back_the_deleted():
    shelf = Shelf(Run("a", losses=np.zeros(3)))
    with pytest.raises(ValueError, match="live run cannot be deleted"):
        shelf.delete(shelf.live)
    for n in range(MOST_RUNS - 1):
        shelf.add(Run(f"run {n % 3}", losses=np.zeros(3)), live=False)
    assert len({run.name for run in shelf.runs}) == MOST_RUNS
    with pytest.raises(ValueError, match="Delete one first"):
        shelf.add(Run("more"), live=True)
    gone = shelf.runs[2]
    shelf.delete(gone)
    assert gone not in shelf.runs
    assert shelf.undelete() is gone is shelf.runs[2]
    assert shelf.undelete() is None
    for name in ("", "  ", "x" * 61):
        with pytest.raises(ValueError, match="1 to 60"):
            shelf.rename(gone, name)
    shelf.rename(gone, " <b>my</b>   run ")
    assert gone.name == "<b>my</b> run"


def test_a_run_that_never_began_is_not_kept():
    stage = Stage(LONG)
    stage.start_run({**LONG, "seed": "3"})
    assert [run.settings["seed"] for run in stage.runs] == ["3"]


def test_differences_are_named():
    one = Run(settings={"layers": "1", "residual": "off", "lr": "0.01"})
    other = Run(text="a", edits={"layers.py": "x"})
    assert differences(one, other) == [
        "2 layers → 1 layer",
        "lr 0.004 → 0.01",
        "no residual",
        "the fish",
        "not edited",
    ]
    assert differences(other, one)[-2:] == ["other sentences", "edited layers.py"]


def tampered(data, change):
    with np.load(io.BytesIO(data)) as arrays:
        kept = dict(arrays)
    head = json.loads(kept["head"].tobytes())
    change(head, kept)
    kept["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **kept)
    return file.getvalue()


CHANGES = {
    "settings": lambda head, kept: head["runs"][0]["settings"].update(layers="99"),
    "format": lambda head, kept: head.update(format="fishformer runs 9"),
    "step": lambda head, kept: head["runs"][0].update(step=-1),
    "checkpoint": lambda head, kept: kept.pop("0.short.params_and_roots"),
    "pickle": lambda head, kept: kept.update({"0.losses": np.array([{}], object)}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_bytes_that_are_no_runs_are_refused_in_words(stage, change):
    data = tampered(stage.pack(), CHANGES[change])
    before = list(stage.runs)
    with pytest.raises(StorageError, match="no runs that can be read"):
        stage.unpack(data)
    assert stage.runs == before


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x05\x06" + bytes(18)])
def test_other_bytes_are_refused(data):
    with pytest.raises(StorageError, match="no runs that can be read"):
        unpack(data)


def test_a_bomb_is_refused_before_it_is_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("head.npy", bytes(401_000_000))
    with pytest.raises(StorageError, match="larger than any"):
        unpack(file.getvalue())


def test_checkpoints_of_another_model_are_refused(stage):
    run = unpack(pack(stage.capture()))[0][0]
    run.settings = {**run.settings, "d_model": "16"}
    with pytest.raises(StorageError, match="cannot be opened: params_and_roots is not"):
        stage.add_run(run)
    assert len(stage.runs) == 1 and stage.timeline.step == 47


def test_what_cannot_be_taken_up_leaves_a_new_stage_as_it_was(stage):
    (run,), about = unpack(stage.pack())
    checkpoint = run.checkpoints[max(run.checkpoints)].whole()
    nothing = np.full_like(checkpoint.params, np.nan)
    run.checkpoints[checkpoint.step] = checkpoint._replace(params=nothing)
    new, other = Stage(LONG), Stage(LONG)
    with pytest.raises(StorageError, match="cannot be opened: params holds what is no"):
        new.take_up([run], about)
    assert (train_to(new, 3) and buffer(new) == buffer(train_to(other, 3))).all()
