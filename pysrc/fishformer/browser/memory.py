"""When the browser gives Python no more memory: make room, pause, and say so."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
        if not _of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold arrays
        show.stage.make_room()
        show.post("short", words=WORDS.format(f"{show.stage.timeline.step:,}"))
        show.show_all()


def _of_memory(error: BaseException | None) -> bool:
    """Python's own, the browser's, or one of them that Pyodide let go on for a call."""
    if isinstance(error, SystemError):
        error = error.__cause__
    browsers = getattr(error, "name", "") == "RangeError" and "stack" not in str(error)
    return isinstance(error, MemoryError) or browsers
