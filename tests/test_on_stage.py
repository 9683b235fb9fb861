"""What every exhibit may do on the stage: work, tick, want files, fail."""

import pytest

from fishformer.exhibits.exhibit import Exhibit
from fishformer.exhibits.stage import EXHIBITS
from staging import small_stage


@pytest.fixture
def stage():
    return small_stage()


class Busy(Exhibit):
    """Counts what the stage does with it."""

    id = "e99"

    def __init__(self, config, corpus):
        super().__init__(config, corpus)
        self.looks = self.pieces = 0
        self.files = []
        self.turned = 0.0

    def handle(self, name, value):
        if name == "work":
            self.pieces = value
        elif name == "point":
            self.lit = value
        else:
            super().handle(name, value)

    def compute(self, timeline):
        self.looks += 1

    @property
    def busy(self):
        return self.pieces > 0

    def work(self):
        self.pieces -= 1

    @property
    def moving(self):
        return not self.still

    def tick(self, seconds):
        self.turned += seconds

    @property
    def wants(self):
        return None if self.files else "recorded/deep.npz"

    def receive(self, name, data):
        self.files.append((name, data))

    def receive_failed(self, name, message):
        self.files.append((name, message))

    def texts(self):
        return {"e99.looks": str(self.looks)}


@pytest.fixture
def busy(stage, monkeypatch):
    monkeypatch.setitem(EXHIBITS, "e99", "never.Imported")
    stage.exhibits["e99"] = Busy(stage.config, stage.corpus)
    stage.set_on_screen("e99", True)
    return stage.exhibits["e99"]


def test_an_exhibit_off_the_screen_neither_computes_nor_speaks(stage, busy):
    stage.work()
    assert busy.looks == 2 and "e99.looks" in stage.frame()["texts"]
    stage.set_on_screen("e99", False)
    for _ in range(3):
        stage.work()
    assert busy.looks == 2 and "e99.looks" not in stage.frame()["texts"]
    assert not stage.moving and not stage.wanted()
    stage.set_on_screen("e99", True)
    assert busy.looks == 3


def test_one_that_does_not_look_at_the_model_is_left_alone(stage, busy):
    busy.live = False
    stage.changed.clear()
    stage.work()
    assert busy.looks == 1 and stage.changed == {"e01"}


def test_in_training_others_than_e01_glance_at_the_model(stage, busy):
    busy.glance = 60.0
    looks = busy.looks
    for _ in range(10):
        stage.work()  # much quicker than a glance is long
    assert busy.looks <= looks + 1
    stage.command("pause")
    assert busy.looks > looks and "e99" in stage.changed
    looks = busy.looks
    stage.command("step")
    assert busy.looks > looks


def test_a_job_goes_on_off_the_screen_to_its_end(stage, busy):
    stage.command("pause")
    stage.event("e99", "work", 3)
    stage.set_on_screen("e99", False)
    looks = busy.looks
    assert stage.has_jobs and not stage.busy
    for _ in range(3):
        stage.work_on_jobs()
    assert not stage.has_jobs and busy.looks == looks


def test_what_is_lit_is_lit_everywhere(stage, busy):
    stage.event("e99", "point", "word:bass")
    assert stage.exhibits["e01"].lit == "word:bass" == stage.frame()["lit"]
    stage.event("e01", "light", None)
    assert busy.lit is None and stage.changed == {"e01", "e99"}


def test_what_moves_ticks_unless_it_shall_keep_still(stage, busy):
    assert stage.moving
    stage.tick(0.5)
    assert busy.turned == 0.5
    stage.event("e01", "still", True)
    assert not stage.moving
    assert stage.exhibit("e02").still
    stage.event("e01", "still", False)
    assert stage.moving


@pytest.mark.parametrize("fails", [False, True])
def test_a_file_is_wanted_until_it_came_or_cannot(stage, busy, fails):
    assert stage.wanted() == {"e99": "recorded/deep.npz"}
    if fails:
        stage.receive_failed("e99", "recorded/deep.npz", "404")
    else:
        stage.receive("e99", "recorded/deep.npz", b"data")
    assert busy.files == [("recorded/deep.npz", "404" if fails else b"data")]
    assert not stage.wanted() and "e99" in stage.changed


def test_other_sentences_make_exhibits_of_the_corpus_anew(stage, busy):
    busy.of_corpus = False
    first = stage.exhibits["e01"]
    stage.command("corpus", "\n".join(f"one two three {n}" for n in range(9)))
    assert stage.exhibits["e99"] is busy and stage.exhibits["e01"] is not first


@pytest.mark.parametrize(
    "method", ["compute", "draw", "texts", "view", "work", "handle"]
)
def test_an_exhibit_that_fails_stops_alone(stage, monkeypatch, method):
    from fishformer.exhibits.e06_dot import DotProduct

    def fail(*_):
        raise IndexError("list index out of range")

    stage.set_on_screen("e06", True)
    monkeypatch.setattr(DotProduct, method, fail)
    monkeypatch.setattr(DotProduct, "busy", True)
    stage.event("e06", "sum", None) if method == "handle" else stage.look("e06")
    stage.work_on_jobs()
    for canvas in stage.canvases():
        stage.draw(canvas, 300, 200)
    stage.frame()
    views = stage.views()
    assert "IndexError" in views["e06"]["broken"]["words"]
    assert "broken" not in views["e01"]
    stage.command("step")
    assert stage.timeline.step == 1
    stage.event("e06", "anything", None)  # pressed a little late
    monkeypatch.undo()
    stage.event("e06", "begin_again", None)
    assert "broken" not in stage.views()["e06"]
