"""The watchdog, which needs Python 3.12: tests/test_in_pyodide.py runs this as well."""

import sys
import time

import numpy as np
import pytest

from fishformer.browser.watchdog import Stuck, Watchdog

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Python 3.12 is the first with sys.monitoring"
)


def forever():
    """A function: what is raised at a jump passes by a `try` of its own frame."""
    while True:
        pass


def test_an_endless_loop_is_stopped_from_inside():
    watchdog = Watchdog()
    watchdog.wake()
    began = time.perf_counter()
    try:
        for loop in ("while True: pass", "for n in iter(int, 1): n += 1"):
            body = f" {loop}"
            with pytest.raises(Stuck), watchdog.at_most(0.1):
                exec(f"def endless():\n{body}\nendless()")
        sum(range(200_000))  # outside of it nothing is stopped
    finally:
        watchdog.sleep()
    assert time.perf_counter() - began < 3


def test_limits_nest_and_asleep_it_stops_nothing():
    watchdog = Watchdog()
    watchdog.wake()
    watchdog.wake()
    try:
        with watchdog.at_most(60):
            with pytest.raises(Stuck), watchdog.at_most(0.02):
                forever()
            sum(n for n in range(100_000))
        with watchdog.at_most(1):
            with pytest.raises(Stuck), watchdog.at_most(1.2):
                forever()
            sum(n for n in range(1_000))  # what the inner one took does not count
    finally:
        watchdog.sleep()
        watchdog.sleep()
    with watchdog.at_most(0):
        sum(n for n in range(100_000))


def test_numpy_runs_as_fast_as_ever():
    """Not a measurement: the quickest of many rounds, for others may be at work."""
    watchdog, x = Watchdog(), np.ones((30, 30))
    quickest = {False: np.inf, True: np.inf}
    for watched in [False, True] * 20:
        if watched:
            watchdog.wake()
        began = time.perf_counter()
        for _ in range(100):
            x = x @ np.eye(30)
        quickest[watched] = min(quickest[watched], time.perf_counter() - began)
        watchdog.sleep()
    assert quickest[True] < 3 * quickest[False] + 0.01
