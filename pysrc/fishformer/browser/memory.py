"""When the browser gives Python no more memory: make room, pause, and say so."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fishformer.browser import module

WORDS = (
    "The browser gives this page no more memory, so the run is paused at step {}. To "
    "make room, every second step that was kept for winding back has been let go; the "
    "others lead to it still."
)


@contextmanager
def within_memory(show: Any) -> Iterator[None]:
    """Around all work of a Show."""
    try:
        yield
    except Exception as error:
        if not module("exhibits.broken").of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold arrays
        show.stage.make_room()
        show.post("short", words=WORDS.format(f"{show.stage.timeline.step:,}"))
        show.show_all()
