"""The loop's pace: so many steps a second, by a clock of the test's own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from fishformer.browser import show as showing

MESSAGE = {
    "settings": {"d_model": "8", "heads": "1", "layers": "1"},
    "still": True, "base": "", "tokens": {}, "dpr": 1, "fonts": {}, "sizes": {},
    "canvases": {}, "visible": {},
}  # fmt: skip
A_STEP = 0.01  # seconds of that clock


class EndError(Exception):
    """The time is up."""


def steps_made(monkeypatch, speed, seconds, held_up=0.0):
    """What a run has done after so long, the first step of it held up."""
    clock = SimpleNamespace(now=100.0)

    async def sleep(wait):
        clock.now += max(wait, A_STEP)
        if clock.now > 100 + seconds:
            raise EndError

    time = SimpleNamespace(perf_counter=lambda: clock.now)
    monkeypatch.setattr(showing, "time", time)
    monkeypatch.setattr(
        showing, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    )

    async def visit():
        show = showing.Show(MESSAGE, lambda kind, **said: None)
        show.hear({"kind": "command", "name": "speed", "value": speed})
        work = show.stage.work

        def slow_work():
            clock.now += held_up if show.stage.timeline.step == 0 else 0
            return work()

        show.stage.work = slow_work
        with pytest.raises(EndError):
            await show.run()
        return show.stage.timeline.step

    with ThreadPoolExecutor() as apart:  # playwright's loop may run in this one
        return apart.submit(asyncio.run, visit()).result()


@pytest.mark.parametrize(("speed", "steps"), [(1, 4), (10, 40), (0, 400)])
def test_a_second_has_as_many_steps_as_were_asked_for(monkeypatch, speed, steps):
    assert abs(steps_made(monkeypatch, speed, 4) - steps) <= 2


def test_a_slow_step_does_not_make_the_next_ones_hurry(monkeypatch):
    assert abs(steps_made(monkeypatch, 10, 4, held_up=2) - 20) <= 3
