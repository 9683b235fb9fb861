"""What attention costs: pairs of words, counted, and seconds, measured.

Shapes: N words, D d_model, H heads, F d_ff.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fishformer.attention import attention_forward
from fishformer.cells import elman_forward
from fishformer.config import Config

LENGTHS = (16, 32, 64, 128, 256, 512, 1024)  # words
ROUNDS = 7  # timings of each, of which the median counts
AT_LEAST = 0.004  # seconds that one timing takes: the clocks of browsers are coarse


# ---- counted ---------------------------------------------------------------------


def pairs(n_words: int) -> int:
    """Every word looks at every word, itself too: N words make N x N scores."""
    return n_words * n_words


def steps_in_a_row(n_words: int) -> int:
    """What a recurrent network needs: each step waits for the one before."""
    return n_words


def bytes_of_scores(n_words: int, n_heads: int) -> int:
    """Room for the scores of one layer, in numbers of 4 bytes."""
    return 4 * n_heads * pairs(n_words)


class Work(NamedTuple):
    """Multiplications in one layer."""

    projections: int  # queries, keys, values and the last matrix: 4 N D D
    pairs: int  # every score, and every blend of values: 2 N N D
    feed_forward: int  # 2 N D F


def work_of_layer(n_words: int, d_model: int, d_ff: int) -> Work:
    """The heads share D among themselves, so their number does not matter."""
    N, D = n_words, d_model
    return Work(4 * N * D * D, 2 * pairs(N) * D, 2 * N * D * d_ff)


def length_where_pairs_lead(d_model: int, d_ff: int) -> int:
    """From how many words on the pairs cost more than all the rest of a layer.

    2 N N D = 4 N D D + 2 N D F has the solution N = 2 D + F.
    """
    return 2 * d_model + d_ff


# ---- measured --------------------------------------------------------------------


class Timing(NamedTuple):
    """One measurement."""

    kind: str  # attention or elman
    n_words: int
    seconds: float  # of one pass


def passes(n_words: int, config: Config) -> dict[str, Callable[[], object]]:
    """Attention over N words, and an Elman network over as many: one layer each."""
    D = config.d_model
    rng = np.random.default_rng(config.seed)
    x = rng.standard_normal((1, n_words, D)).astype(config.dtype)
    names = ("w_q", "w_k", "w_v", "w_o", "w_xh", "w_hh")
    bound = 1 / np.sqrt(D)
    p = {n: rng.uniform(-bound, bound, (D, D)).astype(config.dtype) for n in names}
    p["b_h"] = np.zeros(D, config.dtype)
    everyone = np.zeros((1, 1, 1, n_words), config.dtype)
    return {
        "attention": lambda: attention_forward(x, x, everyone, p, config),
        "elman": lambda: elman_forward(x, p),
    }


def measurements(
    config: Config, lengths: Sequence[int] = LENGTHS, rounds: int = ROUNDS
) -> Iterator[Timing]:
    """Time both at every length, again and again, one measurement at a time.

    Whatever else the machine does in between then falls on all lengths alike. What is
    quicker than a clock can tell is done several times over.
    """
    ready = {n: passes(n, config) for n in lengths}
    times: dict[tuple[str, int], int] = {}
    for _ in range(rounds):
        for n in lengths:
            for kind, once in ready[n].items():
                if (kind, n) not in times:
                    once()  # the first is slower: memory is new
                    times[kind, n] = max(1, round(AT_LEAST / max(timed(once), 1e-5)))
                yield Timing(kind, n, timed(once, times[kind, n]))


def median(values: Sequence[float]) -> float:
    """The one in the middle. numpy's would have the page fetch numpy.ma for it."""
    ordered, n = sorted(values), len(values)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def timed(once: Callable[[], object], times: int = 1) -> float:
    """Seconds that one call takes, from so many."""
    began = time.perf_counter()
    for _ in range(times):
        once()
    return (time.perf_counter() - began) / times


def fitted_exponent(lengths: Sequence[int], seconds: Sequence[float]) -> float:
    """The a of seconds = c N^a that fits best: the slope where both are logarithms."""
    return float(np.polyfit(np.log(lengths), np.log(seconds), 1)[0])
