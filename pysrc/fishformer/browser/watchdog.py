"""Stops Python code that runs for too long, from inside: no thread, no second worker.

CPython tells of every jump backwards and of every call (sys.monitoring); at some of
them we look at the clock. A step in numpy makes few of either, so it costs nothing
there. What never comes back from C, such as 9**9**9, only the page can stop.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TOOL = 3  # one of the numbers that sys.monitoring leaves to applications
LOOK_EVERY = 64  # events
NEVER = float("inf")


class Stuck(BaseException):
    """The code has run for longer than it may; `except Exception` does not catch it."""


class Watchdog:
    """Awake from wake() to sleep(); raises Stuck only inside `at_most`."""

    def __init__(self) -> None:
        self._deadline = NEVER
        self._events = 0
        self._awake = False

    def wake(self) -> None:
        """Begin to listen. Before Python 3.12, which cannot, nothing is stopped."""
        if self._awake or sys.version_info < (3, 12):
            return
        monitoring = sys.monitoring
        both = (monitoring.events.JUMP, monitoring.events.PY_START)
        monitoring.use_tool_id(TOOL, "fishformer")
        for event in both:
            monitoring.register_callback(TOOL, event, self._look)
        monitoring.set_events(TOOL, both[0] | both[1])
        self._awake = True

    def sleep(self) -> None:
        """Listen no more."""
        if not self._awake or sys.version_info < (3, 12):
            return
        sys.monitoring.set_events(TOOL, 0)
        sys.monitoring.free_tool_id(TOOL)
        self._awake = False

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Raise Stuck in what happens here, once it has taken so long.

        One within another has a time of its own, which the outer one does not count.
        """
        began = time.perf_counter()
        before, self._deadline = self._deadline, began + seconds
        try:
            yield
        finally:
            self._deadline = before + time.perf_counter() - began

    def _look(self, *_: object) -> None:
        self._events += 1
        if self._events % LOOK_EVERY == 0 and time.perf_counter() > self._deadline:
            self._deadline = NEVER  # once: it may be raised on the way out of at_most
            raise Stuck
