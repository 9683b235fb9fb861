"""What it costs to show a run as the page does, beside training it."""

import asyncio
import json
import time
from typing import Any

from fishformer.browser.show import Show

SHOWS: list[Show] = []
PARTS = ("train", "compute", "draw", "words", "whole")


def begin(canvases: Any, steps: int, **message: Any) -> None:
    """A run with every chart on a canvas of the page, after some steps."""
    message["canvases"] = dict(canvases.object_entries().to_py())
    show = Show(message, lambda kind, **said: json.dumps({"kind": kind, **said}))
    show.stage.open()
    for _ in range(steps):
        show.stage.work()
    SHOWS[:] = [show]


async def time_parts(steps: int) -> dict[str, float]:
    """Milliseconds a step of each of PARTS.

    train; compute what the exhibits make of the model; draw every chart; put the
    words and numbers into JSON. The whole is all of them and what the browser does
    in the worker until the next step: above all it takes the canvases to the screen.
    """
    (show,) = SHOWS
    stage, timeline = show.stage, show.stage.timeline
    if timeline.step + steps >= timeline.end:
        for _ in timeline.seek(timeline.end // 2):
            pass
    spent = dict.fromkeys(PARTS, 0.0)
    began = last = time.perf_counter()

    def lap(part: str) -> None:
        nonlocal last
        now = time.perf_counter()
        spent[part] += now - last
        last = now

    for _ in range(steps):
        last = time.perf_counter()
        timeline.advance()
        lap("train")
        for name in stage.on_screen:
            stage.exhibit(name).compute(timeline)
            stage.changed.add(name)
        lap("compute")
        show.canvases.paint(stage)
        lap("draw")
        for name, view in stage.views().items():
            show.views[name] = view
        show.post("frame", **stage.frame())
        stage.changed.clear()
        lap("words")
        await asyncio.sleep(0)
    spent["whole"] = time.perf_counter() - began
    return {part: seconds / steps * 1000 for part, seconds in spent.items()}
