"""What the rest of a run depends on, whole or in five bytes a parameter.

The whole state takes twelve: parameters and Adam's two moments in float32. A long run
keeps many, so what is kept is shorter, and at the steps where one may be kept the run
itself is rounded to it: it goes on from exactly what was kept.

P is the number of parameters.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

ROUND_EVERY = 13  # steps of a float32 run between two roundings
PARAM_DIGITS, M_DIGITS, ROOT_DIGITS = 13, 2, 8  # binary, after the first one
SCALE = 1024.0  # moves Adam's moments to where short floats are fine
LARGEST = 57344.0  # of Adam's, so scaled; further away they are cut off
END = 65536.0  # of short floats: from here on a parameter is no number any more
TINY = np.float32(2.0**-112)  # times this, those below have 3 exponent bits at zero
SIZE = np.uint32(2**28 - 1)  # the bits of such a float32 that are not zero or sign


class HeldOut(NamedTuple):
    """How the model does on sentences that it never trains on."""

    loss: float  # mean surprise, nats
    top_1: float  # share of hidden words that are its first guess
    top_5: float  # share that are among its first five


class Checkpoint(NamedTuple):
    """All that the rest of a run depends on: the same checkpoint, the same bits."""

    step: int
    params: np.ndarray  # (P,) float32 or float64, as are the next two
    adam_m: np.ndarray  # (P,)
    adam_v: np.ndarray  # (P,)
    rng_state: Mapping[str, Any]
    held_out: HeldOut | None

    @property
    def nbytes(self) -> int:
        """Room that its numbers take."""
        return self.params.nbytes + self.adam_m.nbytes + self.adam_v.nbytes

    def short(self) -> "Checkpoint | ShortCheckpoint":
        """One near it that takes less room; itself in float64.

        Numbers go up or down by luck, the nearer way more often, so that on average
        nothing is lost of even the smallest updates.
        """
        if self.params.dtype != np.float32:
            return self
        m = np.clip(self.adam_m * SCALE, -LARGEST, LARGEST)
        root = np.minimum(np.sqrt(self.adam_v) * SCALE, LARGEST)
        rng = np.random.default_rng(self.step)
        luck = rng.integers(2**32, size=len(m), dtype=np.uint32)
        return ShortCheckpoint(
            self.step,
            shortened(self.params, PARAM_DIGITS, luck) << (5 + ROOT_DIGITS)
            | shortened(root, ROOT_DIGITS, luck),
            shortened(m, M_DIGITS, luck).astype(np.uint8),
            self.rng_state,
            self.held_out,
        )

    def whole(self) -> "Checkpoint":
        """Itself."""
        return self


class ShortCheckpoint(NamedTuple):
    """A checkpoint of 5 bytes a parameter, all of them short floats.

    A parameter has 14 binary digits, where float32 has 24; Adam's m, a memory of ten
    steps, 3; the root of its v, a memory of a thousand, 9.
    """

    step: int
    params_and_roots: np.ndarray  # (P,) uint32: 19 bits, and 13 of 1024 sqrt(v)
    adam_m: np.ndarray  # (P,) uint8: 1024 m
    rng_state: Mapping[str, Any]
    held_out: HeldOut | None

    @property
    def nbytes(self) -> int:
        """Room that its numbers take."""
        return self.params_and_roots.nbytes + self.adam_m.nbytes

    def whole(self) -> Checkpoint:
        """The checkpoint that this one stands for."""
        roots = self.params_and_roots & ((1 << (5 + ROOT_DIGITS)) - 1)
        params = self.params_and_roots >> (5 + ROOT_DIGITS)
        root_of_v = lengthened(roots, ROOT_DIGITS) / SCALE
        return Checkpoint(
            self.step,
            lengthened(params, PARAM_DIGITS),
            lengthened(self.adam_m.astype(np.uint32), M_DIGITS) / SCALE,
            root_of_v * root_of_v,
            self.rng_state,
            self.held_out,
        )


def shortened(x: np.ndarray, digits: int, luck: np.ndarray) -> np.ndarray:
    """float32 x (P,) as uint32 of sign, 5 bits of exponent, and digits; luck uint32."""
    bits = (np.where(abs(x) < END, x, END) * TINY).view(np.uint32)
    size = (bits & SIZE) + (luck >> (9 + digits))
    return (bits >> 31) << (5 + digits) | size >> (23 - digits)


def lengthened(short: np.ndarray, digits: int) -> np.ndarray:
    """Undo shortened: uint32 (P,) -> float32 (P,)."""
    size = (short << (23 - digits)) & SIZE
    bits = (short >> (5 + digits)) << 31 | size
    x = bits.view(np.float32) * (1 / TINY)
    x[abs(x) >= END] = np.nan
    return x
