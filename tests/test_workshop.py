"""E22's workshop natively: runs of edits; test_source.py has the edits themselves."""

import pytest

from editing import SCALE, now


def test_a_flood_of_prints_is_cut_to_what_one_can_read(copy):
    told = []
    printed = now("browser.printed").Printed(told.append)
    printed.take()
    try:
        print("first")
        printed.flush(now=True)
        for n in range(20_000):
            print("flood", n)
            printed.flush()
    finally:
        printed.give_back()
    assert told[0] == "first\n" and told[-1].endswith("flood 19999\n")
    assert "characters left out" in told[-1]
    assert all(len(text) < 4_100 for text in told) and len(told) < 12


class Page:
    """A Show before a page without charts, and what it tells."""

    def __init__(self):
        self.told = []
        message = {"settings": {}, "still": True, "base": "", "tokens": {}, "dpr": 1}
        message |= {"fonts": {}, "sizes": {}, "canvases": {}, "visible": {}}
        self.show = now("browser.show").Show(message, self.post)
        self.workshop = self.show.part("workshop")

    def post(self, kind, data=None, **message):
        if kind == "part" and message["part"] == "workshop":
            self.told.append((message["name"], message["value"]))

    def say(self, name, value=None):
        self.show.hear(
            {"kind": "part", "part": "workshop", "name": name, "value": value}
        )

    def train(self, steps):
        self.show.stage.command("train")
        for _ in range(steps):
            with self.show.careful():
                self.show._step()

    def last(self, name):
        return [value for n, value in self.told if n == name][-1]


@pytest.fixture
def page(copy):
    return Page()


def test_a_run_with_an_edit_begins_anew_and_keeps_the_one_before(page):
    page.train(6)
    stage = page.show.stage
    before = list(stage.timeline.losses)
    page.say("open")
    original = page.last("files")["original"]
    text = original["attention.py"].replace(SCALE, "  scores *= 2")
    page.say("run", {**original, "attention.py": text})
    stage = page.show.stage
    assert stage.edits == {"attention.py": text} and stage.state == "training"
    assert stage.timeline.step == 0 and len(stage.runs) == 2
    kept = stage.runs[0]
    assert list(kept.losses) == before and kept.last == 6 and not kept.edits
    told = page.last("running")
    assert told["files"] == ["attention.py"] and told["challenge"] is None
    assert ["in", "+        scores *= 2"] in told["lines"]
    page.train(6)
    assert stage.timeline.losses[0] == pytest.approx(before[0], rel=1e-2)
    assert list(stage.timeline.losses) != before
    page.workshop.open(0)
    while page.show.stage.busy:  # it goes to its step
        page.show._step()
    assert not page.show.stage.edits and page.show.stage.timeline.step == 6
    assert list(page.show.stage.timeline.losses) == before
    edited = page.show.stage.runs[1]
    assert edited.edits == {"attention.py": text} and edited.last == 6
    assert page.last("running")["files"] == []


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("scores *= np.nan", "the loss became nan"),
        ("scores *= np.inf", "the loss became"),
        ("scores /= wrong", "'wrong' is not defined"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_edit_that_fails_its_trial_leaves_run_and_code(page, new, words):
    page.train(3)
    stage = page.show.stage
    original = page.workshop.source.original
    text = original["attention.py"].replace(SCALE, f"  {new}")
    page.say("run", {"attention.py": text})
    assert words in page.last("refused")["words"]
    assert page.show.stage is stage and stage.timeline.step == 3
    assert not page.workshop.source.edits
    page.train(2)
    assert stage.timeline.step == 5


def test_an_edit_that_fails_later_is_taken_back_with_the_run_before_it(page):
    page.train(5)
    before = list(page.show.stage.timeline.losses)
    source = page.workshop.source
    text = source.original["optim.py"] + "\n\nCALLS = []\n"
    step = "        self.m += (1 - BETA_1) * (grads - self.m)\n"
    late = "        CALLS.append(1)\n        1 / (len(CALLS) - 9)\n"
    assert step in text
    page.say("run", {"optim.py": text.replace(step, late + step)})
    assert page.show.stage.edits
    page.train(9)
    fell = page.last("fell")
    assert fell["file"] == "optim.py" and "divides by zero" in fell["words"]
    assert "1 / (len(CALLS) - 9)" in fell["detail"]
    assert not source.edits and not page.show.stage.edits
    assert list(page.show.stage.timeline.losses)[:6] == before
    assert page.last("running")["files"] == []
    first, failed = page.show.stage.runs
    assert page.show.stage.live is first and failed.edits and failed.last == 6


def test_code_that_has_run_before_has_more_time_than_new_code(page, monkeypatch):
    """On a busy machine a kept run of edits took longer than new code may: lost."""
    watchdog, given = page.workshop.watchdog, []
    at_most = watchdog.at_most

    def noted(seconds):
        given.append(seconds)
        return at_most(seconds)

    def longest(act, *values):
        given.clear()
        act(*values)
        return max(given)

    monkeypatch.setattr(watchdog, "at_most", noted)
    original = page.workshop.source.original["optim.py"]
    step = "        self.m += (1 - BETA_1) * (grads - self.m)\n"
    late = "        CALLS.append(1)\n        1 / (len(CALLS) - 9)\n"
    text = original.replace(step, late + step) + "\n\nCALLS = []\n"
    new = longest(page.say, "run", {"optim.py": text})
    assert 5 <= new <= 15
    fell = longest(page.train, 9)
    assert "divides by zero" in page.last("fell")["words"]
    opened = longest(page.workshop.open, 1)
    applied = longest(page.workshop.apply, {})
    assert min(fell, opened, applied) >= 3 * new


def test_two_edits_that_fail_later_end_at_the_original_code(page):
    page.train(3)
    source = page.workshop.source
    step = "        self.m += (1 - BETA_1) * (grads - self.m)\n"
    original = source.original["optim.py"]
    for steps in (12, 5):  # the second is taken back first, then the first one fails
        late = f"        CALLS.append(1)\n        1 / (len(CALLS) - {steps})\n"
        text = original.replace(step, late + step) + "\n\nCALLS = []\n"
        page.say("run", {"optim.py": text})
    page.train(5)
    assert page.show.stage.edits and "divides by zero" in page.last("fell")["words"]
    page.told.clear()
    page.train(12)
    assert "divides by zero" in page.last("fell")["words"]
    assert not source.edits and not page.show.stage.edits
    page.train(3)


def test_a_deleted_run_can_be_brought_back_after_an_edit(page):
    page.train(6)
    before = list(page.show.stage.timeline.losses)
    page.show.stage.start_run({"seed": "9"})
    page.train(3)
    page.show.stage.event("runs", "delete", page.show.stage.runs[0].key)
    original = page.workshop.source.original["attention.py"]
    page.say("run", {"attention.py": original.replace(SCALE, "  scores *= 2")})
    stage = page.show.stage
    assert stage.edits and stage.runs[0].name != "First run"
    assert stage.exhibit("runs").view()["state"]["runs.gone"]
    stage.event("runs", "undelete", None)
    back = stage.runs[0]
    assert back.name == "First run" and list(back.losses) == before
    page.workshop.open(0)
    assert not page.show.stage.edits


def test_what_is_refused_names_the_file(page):
    page.say("run", {"nothing.py": "x"})
    assert page.last("refused") == {
        "words": "There is no nothing.py to edit.",
        "file": "",
        "line": 0,
        "detail": "",
        "what": "run",
    }


def test_every_challenge_is_typed_and_runs(page):
    for challenge in now("lessons.challenges").CHALLENGES:
        page.say("challenge", challenge.key)
        made = page.last("made")
        page.say("run", made["texts"])
        assert page.last("running")["challenge"] == challenge.key
        page.train(2)
        assert page.show.stage.timeline.step == 2
    assert len(page.show.stage.runs) == len(now("lessons.challenges").CHALLENGES)
