"""Runs that are kept: as bytes, side by side on the workbench, opened again."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fishformer.browser.keeper import Keeper
from fishformer.config import ConfigError
from fishformer.corpus import CorpusError
from fishformer.exhibits.stage import Stage
from fishformer.runs import CHECKPOINTS, Run, differences, pack, unpack
from fishformer.shelf import MOST_RUNS, Shelf
from fishformer.storage import StorageError

CHAPTER = Path(__file__).parents[1] / "site" / "chapters" / "9a.html"
SMALL = {"d_model": "8", "heads": "2", "d_ff": "8", "batch": "8", "steps": "300"}
LINES = "\n".join(f"{a} cats chase {b} mice" for a in ("two", "ten") for b in "xyz")


def to_step(stage, step):
    stage.command("train")
    while stage.timeline.step < step:
        stage.work()
    stage.command("pause")
    return stage


def settle(stage):
    while stage.player.in_haste or stage.player.target is not None:
        stage.work()
    return stage


@pytest.fixture
def stage():
    stage = Stage(SMALL)
    stage.open()
    return to_step(stage, 47)


def buffer(stage):
    return stage.timeline.trainer.model.params.buffer.copy()


def test_other_settings_begin_a_run_and_keep_the_one_before(stage):
    losses = stage.timeline.losses[:]
    state = stage.exhibit("runs").view()["state"]
    assert state["runs.alone"] and not state["runs.one"]  # nothing to compare with yet
    stage.start_run({**SMALL, "layers": "1"})
    state = stage.exhibit("runs").view()["state"]
    assert state["runs.one"] and not state["runs.alone"]
    first, second = stage.runs
    assert stage.live is second and stage.state == "training"
    assert second.name == "2 layers → 1 layer"
    assert (first.step, first.losses) == (47, losses)
    assert stage.timeline.step == 0 and stage.config.n_layers == 1
    to_step(stage, 5)
    assert stage.capture().last == 5


@pytest.mark.parametrize(("measure", "number"), [("training", 3), ("held-out", 4)])
def test_the_curves_are_told_with_the_losses_that_they_show(stage, measure, number):
    stage.event("runs", "measure", measure)
    [row] = stage.tables("runs")[0].rows
    assert row[3] != row[4]
    said = stage.exhibit("runs").labels()["runs.curves"]
    assert said.endswith(f"{row[0]}: {row[number]}.")


def test_a_kept_run_opens_at_its_step_with_the_same_bits(stage):
    before, losses = buffer(stage), stage.timeline.losses[:]
    stage.start_run({**SMALL, "residual": "off"})
    to_step(stage, 9)
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
    to_step(stage, 31)
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
    to_step(again, 40)
    to_step(stage, 40)
    assert again.timeline.losses == stage.timeline.losses


def test_one_that_trained_goes_on_training(stage):
    stage.command("train")
    again = Stage()
    again.unpack(stage.pack())
    again.open()
    settle(again)
    assert again.state == "training" and again.timeline.step == 47


def test_a_link_wins_and_the_kept_runs_stay_listed(stage):
    again = Stage({**SMALL, "seed": "9"})
    again.unpack(stage.pack())
    again.open()
    assert again.state == "training" and again.config.seed == 9
    assert [run.last for run in again.runs] == [47, 0]
    assert again.live is again.runs[-1]
    same = Stage({**SMALL, "step": "20"})
    same.unpack(stage.pack())
    assert settle(same).timeline.step == 20 and same.timeline.last == 47


def test_few_checkpoints_are_kept_the_one_of_the_step_among_them(stage):
    to_step(stage, 290)
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
    stage = Stage(SMALL)
    stage.start_run({**SMALL, "seed": "3"})
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
    new, other = Stage(SMALL), Stage(SMALL)
    with pytest.raises(StorageError, match="cannot be opened: params holds what is no"):
        new.take_up([run], about)
    assert (to_step(new, 3) and buffer(new) == buffer(to_step(other, 3))).all()


# ---- what the page keeps -------------------------------------------------------------


class Page:
    """Stands for the page's half of the keeper, and for the Show."""

    def __init__(self, stage):
        self.stage = stage
        self.runs, self.about, self.told = {}, None, []
        self.keeper = Keeper(self)

    def tell(self, part, name, value, data=None):
        self.told.append(name)
        if name == "run":
            self.runs[value["key"]] = data
        elif name == "took":
            self.took = value
        else:
            self.about = json.loads(json.dumps(value))

    def show_all(self):
        pass

    def reload(self, settings=None):
        """The page after a reload, with what this one kept."""
        page = Page(Stage(settings))
        page.keeper.take_up(self.about, self.runs[self.about["live"]])
        page.stage.open()
        order = self.about["order"]
        rest = [self.runs[key] for key in order if key != self.about["live"]]
        page.keeper.handle("rest", {"order": order, "runs": rest})
        settle(page.stage)
        return page


@pytest.fixture
def page(stage):
    stage.start_run({**SMALL, "layers": "1"})
    to_step(stage, 21)
    stage.start_run({**SMALL, "norm": "none"})
    to_step(stage, 12)
    stage.open_run(stage.runs[1])
    settle(stage)
    page = Page(stage)
    page.keeper.save()
    return page


def test_a_reload_brings_back_all_runs_in_their_order(page):
    later = page.reload()
    assert later.took == "Your 3 runs are back; step 21."
    again = later.stage
    assert [run.name for run in again.runs] == [run.name for run in page.stage.runs]
    assert [run.last for run in again.runs] == [47, 21, 12]
    assert again.live is again.runs[1]
    assert (again.timeline.step, again.state) == (21, "paused")
    again.start_run({**SMALL, "seed": "8"})
    assert len({run.key for run in again.runs}) == 4


def test_nothing_is_saved_before_the_other_runs_are_back(page):
    later = Page(Stage())
    later.keeper.take_up(page.about, page.runs[page.about["live"]])
    later.keeper.save()
    assert later.told == ["took"]


def test_only_what_has_changed_is_packed_again(page):
    page.told.clear()
    page.keeper.save()
    assert page.told == ["kept"]
    to_step(page.stage, 25)
    page.keeper.save()
    assert page.told == ["kept", "run", "kept"]
    page.stage.shelf.rename(page.stage.runs[0], "mine")
    page.keeper.save()
    again = page.reload()
    assert again.stage.runs[0].name == "mine"
    again.keeper.save()
    assert again.told == [
        "took",
        "run",
        "kept",
    ]  # the live one, for it has not been told yet


def test_a_link_to_another_run_wins_over_the_kept_one(page):
    later = page.reload({**SMALL, "seed": "3"})
    assert later.took.startswith("This link shows a run of its own")
    again = later.stage
    assert again.config.seed == 3 and again.state == "training"
    assert [run.last for run in again.runs] == [47, 21, 12, 0]
    assert again.live is again.runs[3]


def test_what_was_kept_and_cannot_be_read_is_said(page):
    page.runs[page.about["live"]] = b"broken"
    again = page.reload().stage
    assert "could not be taken up again" in again.notices[0]
    assert again.state == "training"
    assert len({run.key for run in again.runs}) == 3


def test_starting_afresh_loses_nothing(page):
    page.keeper.handle("afresh", None)
    assert [run.last for run in page.stage.runs] == [47, 21, 12, 0]
    assert page.stage.config.to_strings() == {} and page.stage.state == "training"


def test_another_tabs_runs_are_copies_with_keys_of_their_own(page):
    other = Page(Stage(SMALL))
    other.keeper.handle("rest", {"order": [], "runs": list(page.runs.values())})
    assert len({run.key for run in other.stage.runs}) == 4
    assert other.stage.live.last == 0
