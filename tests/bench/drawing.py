"""What it costs to show a run as the page does, beside training it."""

import asyncio
import json
import time
from typing import Any

from fishformer.browser.main import Show

SHOWS: list[Show] = []


def begin(canvases: Any, steps: int, **message: Any) -> None:
    """A run with every chart on a canvas of the page, after some steps."""
    message["canvases"] = dict(canvases.object_entries().to_py())
    show = Show(message, lambda kind, **said: json.dumps({"kind": kind, **said}))
    show.stage.open()
    for _ in range(steps):
        show.stage.work()
    SHOWS[:] = [show]


async def time_steps(what: str, steps: int) -> float:
    """Milliseconds a step. what: "train", and with it "compute", "draw" or "show".

    compute: what the exhibits make of the model. draw: also every chart. show: also
    the words and numbers, as JSON for the page; that is all that the page does.
    """
    (show,) = SHOWS
    began = time.perf_counter()
    for _ in range(steps):
        if what == "train":
            show.stage.timeline.advance()
        else:
            show.stage.work()
        if what == "draw":
            for name, painter in show.painters.items():
                size = show.sizes[name]
                painter.paint(
                    show.stage.draw(name, *size), show.stage.backdrop(name, *size)
                )
        if what == "show":
            show.show()
        await asyncio.sleep(0)  # what was drawn goes to the screen
    return (time.perf_counter() - began) / steps * 1000
