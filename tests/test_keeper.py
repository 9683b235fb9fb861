"""What the page keeps: all runs come back, and only what has changed is packed."""

import json

import pytest

from fishformer.browser.keeper import Keeper
from fishformer.browser.source import EditError
from fishformer.exhibits.stage import Stage
from staging import LONG, kept_stage, settle, train_to


@pytest.fixture
def stage():
    return kept_stage()


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

    def part(self, name):
        """A workshop that runs no edited code."""
        assert name == "workshop"
        return self

    def apply(self, edits):
        raise EditError("this ran for too long and was stopped.")

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
    stage.start_run({**LONG, "layers": "1"})
    train_to(stage, 21)
    stage.start_run({**LONG, "norm": "none"})
    train_to(stage, 12)
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
    again.start_run({**LONG, "seed": "8"})
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
    train_to(page.stage, 25)
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
    later = page.reload({**LONG, "seed": "3"})
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


def test_edited_code_that_does_not_begin_again_loses_no_run(page):
    page.about["edits"] = {"softmax.py": "slow = True"}
    later = page.reload()
    assert "ran for too long and was stopped. The page has begun" in later.took
    again = later.stage
    assert [run.last for run in again.runs] == [47, 21, 12, 0]
    assert again.live is again.runs[3] and again.state == "training"


def test_starting_afresh_loses_nothing(page):
    page.keeper.handle("afresh", None)
    assert [run.last for run in page.stage.runs] == [47, 21, 12, 0]
    assert page.stage.config.to_strings() == {} and page.stage.state == "training"


def test_another_tabs_runs_are_copies_with_keys_of_their_own(page):
    other = Page(Stage(LONG))
    other.keeper.handle("rest", {"order": [], "runs": list(page.runs.values())})
    assert len({run.key for run in other.stage.runs}) == 4
    assert other.stage.live.last == 0
