"""What a very long run takes: of its history, and of the process that makes it."""

import multiprocessing
import os
from pathlib import Path

from history import QUICK, bytes_kept

from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.timeline import Timeline

SMALL = {**QUICK, "d_model": "16", "d_ff": "16", "heads": "2", "layers": "1"}


def memory_at(steps: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(step, bytes of history, bytes of the process) of a small model's run.

    In a process of its own, for this one may hold much else.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (steps,))


def _run(steps: tuple[int, ...]) -> list[tuple[int, int, int]]:
    timeline = Timeline(Config.from_strings(SMALL), load_fish())
    found = []
    for step in steps:
        while timeline.step < step:
            timeline.advance()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        size = pages * os.sysconf("SC_PAGE_SIZE")
        found.append((step, bytes_kept(timeline), size))
    return found
