"""The part that needs no browser: ours and PyTorch, a long history, the floor."""

import statistics
from typing import Any

import history
import learning
import ours
from endless import memory_at
from rounds import check, interleave, say
from standard import BATCHES, CHECKED, ENDLESS, EXACT, LONG, LONGER, SEEDS, Shape

try:
    import pytorch
except ModuleNotFoundError:
    pytorch = None  # type: ignore[assignment]


def versions() -> dict[str, str]:
    named = ours.versions()
    return named | ({"pytorch": pytorch.torch.__version__} if pytorch else {})


def steps(rounds: int) -> dict[str, Any]:
    """{batch: {peer: timing}}, and under "products" their share of our step."""
    results: dict[str, Any] = {"products": {}}
    for batch in BATCHES:
        say(f"natively, B = {batch}" + ("" if pytorch else "; PyTorch is missing"))
        shape = Shape(batch=batch)
        whole, places = ours.Run(shape, False), ours.Run(shape, True)
        runs = {"ours": whole.time, "ours, only places": places.time}
        if pytorch:
            for name, run in (("PyTorch", whole), ("PyTorch, only places", places)):
                peer = pytorch.TorchRun(shape, run)
                expected = [run.step() for _ in range(CHECKED)]
                check(name, [peer.step() for _ in range(CHECKED)], expected, EXACT)
                runs[name] = peer.time
        results[str(batch)] = interleave(runs, rounds)
        shares = [ours.share_of_products(whole, 20) for _ in range(rounds)]
        results["products"][str(batch)] = statistics.median(shares)
    return results


def kept_by_a_long_run() -> list[tuple[int, int]]:
    """(step, bytes of history), every thousand steps."""
    say(f"the history of {LONGER:,} steps")
    return history.growth(LONGER, every=LONG // 10)


def endless() -> list[tuple[int, int, int]]:
    """(step, bytes of history, bytes of the process) of a very long run."""
    say(f"{ENDLESS[-1]:,} steps of a small model")
    return memory_at(ENDLESS)


def to_the_floor() -> list[dict[str, float]]:
    """Steps and seconds, for a few seeds."""
    say("natively, to near the floor")
    return [learning.to_the_floor(seed) for seed in SEEDS]
