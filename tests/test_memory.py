"""Where the browser gives no more memory: the run stays true, and nothing is lost.

And with much memory no need for it: what does not belong to the history stays small.
"""

import gc
import json
import tracemalloc
import weakref
from contextlib import nullcontext
from itertools import count

import numpy as np
import pytest

from fishformer import timeline, training
from fishformer.browser.memory import within_memory
from fishformer.exhibits.stage import EXHIBITS, Stage
from fishformer.runs import unpack
from fishformer.timeline import Timeline

TINY = {"d_model": "8", "heads": "2", "d_ff": "8", "batch": "4", "layers": "1"}


def fail_at(monkeypatch, owner, name, first, last):
    """A function finds no memory at its calls of these numbers."""
    real, calls = getattr(owner, name), count()

    def short(*given, **named):
        if first <= next(calls) <= last:
            raise MemoryError
        return real(*given, **named)

    monkeypatch.setattr(owner, name, short)


class Page:
    """As much of a Show as within_memory needs."""

    def __init__(self):
        self.stage = Stage(TINY)
        self.said = []
        self.stage.open()

    def post(self, kind, **message):
        self.said.append((kind, message))

    def show_all(self):
        self.stage.frame(), self.stage.views()

    def work(self, step):
        while self.stage.timeline.step < step and self.stage.busy:
            with within_memory(self):
                self.stage.work()


IN_A_STEP = pytest.mark.parametrize(
    ("owner", "name"),
    [
        (training, "gradient_norm"),  # once the weights have moved, but not the step
        (training.Adam, "update"),
        (Timeline, "_keep"),
    ],
    ids=lambda thing: getattr(thing, "__name__", thing),
)


def same_run(page: Page) -> None:
    """To step 60, as if nothing had happened."""
    straight = Page()
    for one in (page, straight):
        one.stage.command("train")
        one.work(60)
    mine, other = page.stage.timeline, straight.stage.timeline
    assert mine.losses == other.losses
    buffers = [one.trainer.model.params.buffer for one in (mine, other)]
    np.testing.assert_array_equal(*buffers)


@IN_A_STEP
def test_training_pauses_at_a_true_step_and_goes_on(monkeypatch, owner, name):
    page = Page()
    with monkeypatch.context() as patch:
        fail_at(patch, owner, name, 50, 50)
        page.work(60)
    stage = page.stage
    ((kind, said),) = page.said
    assert kind == "short"
    assert f"paused at step {stage.timeline.step}." in said["words"]
    assert stage.state == "paused" and stage.timeline.step in (26, 52)
    assert sorted(stage.timeline.checkpoints)[:2] == [0, 26]
    same_run(page)


@IN_A_STEP
def test_going_back_to_a_step_does_too(monkeypatch, owner, name):
    page = Page()
    page.work(50)
    page.stage.command("seek", 20)
    with monkeypatch.context() as patch:
        fail_at(patch, owner, name, 3, 3)
        page.work(60)
    assert page.said and page.stage.state == "paused"
    assert not page.stage.busy and page.stage.timeline.step < 20
    same_run(page)


def test_with_no_memory_left_at_all_it_says_so_and_stays_true(monkeypatch):
    page = Page()
    with monkeypatch.context() as patch:
        fail_at(patch, training, "gradient_norm", 50, 10**9)
        with pytest.raises(MemoryError):
            page.work(60)
    same_run(page)


def test_a_run_too_large_or_any_other_work_leaves_the_run_where_it_is(monkeypatch):
    page = Page()
    page.work(40)
    stage, losses = page.stage, page.stage.timeline.losses[:]
    with monkeypatch.context() as patch, within_memory(page):
        fail_at(patch, training, "make_model", 0, 0)
        stage.start_run({"d_model": "256"})
    assert (stage.timeline.step, stage.state) == (40, "paused")
    assert [run.settings for run in stage.runs] == [stage.config.to_strings()]
    assert stage.timeline.losses == losses
    runs, _ = unpack(stage.pack())
    assert runs[0].last == 40
    same_run(page)


# ---- an exhibit that wants more than there is ----------------------------------------


class JsError(Exception):
    """As Pyodide's JsException."""

    name = "RangeError"


@pytest.mark.parametrize("method", ["compute", "draw", "work", "handle", "receive"])
@pytest.mark.parametrize("wants", [MemoryError, JsError])
def test_an_exhibit_out_of_memory_lets_go_of_all_it_held(monkeypatch, method, wants):
    page = Page()
    page.work(20)
    stage, kept = page.stage, [*page.stage.timeline.checkpoints]
    stage.set_on_screen("e06", True)
    exhibit = stage.exhibit("e06")
    held = weakref.ref(exhibit)

    def fail(self, *_):
        self.itself = self  # only the collector finds it
        self.large = np.zeros(10_000)
        raise wants

    monkeypatch.setattr(type(exhibit), method, fail)
    monkeypatch.setattr(type(exhibit), "busy", True)
    del exhibit
    with within_memory(page):
        match method:
            case "handle":
                stage.event("e06", "sum", None)
            case "receive":
                stage.receive("e06", "a file", b"")
            case "work":
                stage.work_on_jobs()
            case _:
                stage.look("e06")
                for canvas in stage.canvases():
                    stage.draw(canvas, 300, 200)
    assert held() is None
    broken = stage.views()["e06"]["broken"]
    assert broken["title"] == "This exhibit stopped for want of memory"
    assert "let go. All others go on" in broken["words"]
    assert not page.said and list(stage.timeline.checkpoints) == kept
    page.work(25)
    assert stage.timeline.step == 25
    monkeypatch.undo()
    stage.event("e06", "begin_again", None)
    assert "broken" not in stage.views()["e06"]


def test_where_an_exhibit_asks_too_much_of_the_run_that_is_told_of_the_run(monkeypatch):
    page = Page()
    page.work(20)
    with monkeypatch.context() as patch, within_memory(page):
        fail_at(patch, training, "make_model", 0, 0)
        page.stage.set_on_screen("setup", True)
        page.stage.event("setup", "seed", "9")
        page.stage.event("setup", "train", None)
    assert [kind for kind, _ in page.said] == ["short"]
    assert "broken" not in page.stage.views()["setup"]


@pytest.mark.parametrize(
    ("error", "fine"),
    [
        (MemoryError(), True),
        (JsError("RangeError: offset is out of bounds"), True),
        (JsError("RangeError: Maximum call stack size exceeded"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_what_is_for_want_of_memory_and_what_is_not(error, fine):
    page = Page()
    if error:
        with nullcontext() if fine else pytest.raises(type(error)), within_memory(page):
            raise error
    with nullcontext() if fine else pytest.raises(SystemError), within_memory(page):
        raise SystemError("returned a result with an exception set") from error
    assert len(page.said) == 2 * fine


def test_all_runs_give_half_of_what_they_kept():
    page = Page()
    page.work(200)
    page.stage.start_run({**TINY, "seed": "2"})
    page.work(200)
    page.stage.capture()
    before = [len(run.checkpoints) for run in page.stage.runs]
    page.stage.make_room()
    after = [len(run.checkpoints) for run in page.stage.runs]
    assert all(0 < few <= many / 2 + 1 for few, many in zip(after, before, strict=True))
    for run in list(page.stage.runs):
        page.stage.open_run(run)
        page.stage.command("seek", 171)
        page.work(10**9)
        assert page.stage.timeline.report.loss == page.stage.timeline.losses[171]


# ---- a long run ----------------------------------------------------------------------

STEPS = 1000
A_STEP = 100  # bytes: losses, their smooth curve, every tenth step the held-out look


def test_nothing_grows_with_the_steps_but_the_curves(monkeypatch):
    monkeypatch.setattr(timeline, "ROOM", 1e5)  # reached in the first few steps
    stage = Stage({**TINY, "batch": "2", "steps": "10000"})
    for name in EXHIBITS:
        stage.set_on_screen(name, True)
    stage.open()

    def train(steps: int) -> str:
        """The longest message on the way."""
        messages = [""]
        end = stage.timeline.step + steps
        while stage.timeline.step < end:
            stage.work()
            if stage.timeline.step % 50 == 0:
                for canvas in stage.canvases():
                    stage.draw(canvas, 300, 200)
                    stage.backdrop(canvas, 300, 200)
                messages.append(json.dumps([stage.frame(), stage.labels()]))
                stage.changed.clear()
        gc.collect()
        return max(messages, key=len)

    train(200)
    for name in set(EXHIBITS) - {"e01"}:
        stage.set_on_screen(name, False)
    early = train(500)
    tracemalloc.start(1)
    try:
        late = train(STEPS)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stage.timeline.step == stage.timeline.last == 700 + STEPS
    assert grown < 150_000 + A_STEP * STEPS  # the former: checkpoints, whole arrays
    assert len(late) < 1.2 * len(early)
