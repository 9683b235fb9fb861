"""What edited code prints, taken up for the page: no more of it than one can read."""

import io
import sys
import time
from collections.abc import Callable
from typing import TextIO

LONGEST = 4_000  # characters told at a time; of more, the last ones
EVERY = 0.25  # seconds between two tellings


class Printed(io.TextIOBase):
    """Stands in for stdout and stderr from take() to give_back()."""

    def __init__(self, tell: Callable[[str], None]):
        self._tell = tell
        self._parts: list[str] = []
        self._size = self._lost = 0
        self._told = 0.0
        self._real: tuple[TextIO, TextIO] | None = None

    def take(self) -> None:
        """Take up what is printed from now on."""
        if self._real is None:
            self._real = sys.stdout, sys.stderr
            sys.stdout = sys.stderr = self

    def give_back(self) -> None:
        """Let it go again where it went before."""
        if self._real is not None:
            self.flush(now=True)
            sys.stdout, sys.stderr = self._real
            self._real = None

    def write(self, text: str) -> int:
        """Keep it until it is told; of a flood only the newest."""
        self._parts.append(text)
        self._size += len(text)
        if self._size > 2 * LONGEST:
            self._shorten()
        return len(text)

    def _shorten(self) -> None:
        whole = "".join(self._parts)
        kept = whole[-LONGEST:]
        self._lost += len(whole) - len(kept)
        self._parts, self._size = [kept], len(kept)

    def flush(self, now: bool = False) -> None:
        """Tell what there is, at most every quarter of a second."""
        clock = time.perf_counter()
        if not self._size or (not now and clock < self._told + EVERY):
            return
        self._told = clock
        if self._size > LONGEST:
            self._shorten()
        lost = f"... {self._lost:,} characters left out ...\n" if self._lost else ""
        text = lost + "".join(self._parts)
        self._parts, self._size, self._lost = [], 0, 0
        self._tell(text)
