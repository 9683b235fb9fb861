"""Looking into the model's own functions while they run.

Python can tell of every line that it is about to run, as a debugger has it. So what a
variable held at a line is read, or nudged, in the very pass that computes it: nothing
of the model is written a second time, and changed code shows what it does now.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

import numpy as np


class Spot(NamedTuple):
    """A variable, right after a statement of a function has set it.

    `piece` is a part of that statement; without one it is an argument as the call
    brings it. `given` are arguments by which one call is told from the others.
    """

    function: Callable
    piece: str
    variable: str
    given: tuple[tuple[str, Any], ...] = ()


class Statement(NamedTuple):
    """One statement of the source, as it stands in its file now."""

    file: str
    first: int  # number of its first line
    last: int
    text: str
    is_argument: bool = False


@cache
def statement(function: Callable, piece: str) -> Statement | None:
    """The statement with this piece of code, or None where the function has it not.

    Of a piece that stands among its arguments it is that line; without a piece, the
    line with the function's name.
    """
    lines, first = inspect.getsourcelines(function)
    file = inspect.getfile(function).replace("\\", "/").rpartition("/")[2]
    at = next((n for n, line in enumerate(lines, 1) if (piece or "def ") in line), None)
    if at is None:
        return None
    (whole,) = ast.parse(textwrap.dedent("".join(lines))).body
    inside = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(whole)
        if isinstance(node, ast.stmt) and node is not whole
    ]
    around = [(start, end) for start, end in inside if start <= at <= end]
    start, end = max(around, key=lambda lines: (lines[0], -lines[1]), default=(at, at))
    text = textwrap.dedent("".join(lines[start - 1 : end])).strip()
    return Statement(file, first + start - 1, first + end - 1, text, not around)


class _Watch(NamedTuple):
    """What to look at in one function."""

    key: str
    spot: Spot
    first: int
    last: int

    def knows(self, arguments: Mapping[str, Any]) -> bool:
        """Whether this is the call that is meant."""
        for name, thing in self.spot.given:
            found = arguments.get(name)
            same = found == thing if isinstance(thing, str) else found is thing
            if not same:
                return False
        return True


Touch = Callable[[str, np.ndarray], None]


@contextmanager
def watching(spots: Mapping[str, Spot], touch: Touch) -> Iterator[None]:
    """Meanwhile, touch(key, array) is called at every spot that is passed.

    What `touch` changes in the array, the pass goes on with. Spots whose statement the
    source does not have are passed by nobody.
    """
    by_code: dict[Any, list[_Watch]] = {}
    for key, spot in spots.items():
        found = statement(spot.function, spot.piece)
        if found:
            watch = _Watch(key, spot, found.first, found.last)
            by_code.setdefault(spot.function.__code__, []).append(watch)

    def on_call(frame: FrameType, event: str, arg: Any) -> Any:
        here = by_code.get(frame.f_code)
        if not here:
            return None
        arguments = frame.f_locals
        waiting = []
        for watch in here:
            if not watch.knows(arguments):
                continue
            if watch.spot.piece:
                waiting.append(watch)
            else:
                touch(watch.key, arguments[watch.spot.variable])
        return _line_tracer(waiting, touch) if waiting else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        yield
    finally:
        sys.settrace(before)


def _line_tracer(waiting: list[_Watch], touch: Touch) -> Callable:
    """Touch each when its statement has run: when the next one is about to."""
    running: list[_Watch] = []

    def on_line(frame: FrameType, event: str, arg: Any) -> Any:
        line = frame.f_lineno
        for watch in running[:]:
            if event == "return" or not watch.first <= line <= watch.last:
                running.remove(watch)
                touch(watch.key, frame.f_locals[watch.spot.variable])
        if event == "line":
            for watch in waiting:
                if watch.first <= line <= watch.last and watch not in running:
                    running.append(watch)
        return on_line

    return on_line
