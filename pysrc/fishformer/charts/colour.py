"""The ramps of heat maps, as tables from the page's colour tokens."""

from collections.abc import Mapping

import numpy as np

STOPS = 9  # tokens seq-1 to seq-9 and div-1 to div-9
LEVELS = 256


def rgb(colour: str) -> tuple[int, int, int]:
    """The parts, 0 to 255, of a colour such as "#134f76"; ValueError if it is none."""
    digits = colour.strip().removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour of the form #rrggbb: {colour!r}")
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def ramp_table(tokens: Mapping[str, str], ramp: str) -> np.ndarray:
    """The colours of a ramp from 0 (its first stop) to 1 (its last): (256, 4) uint8.

    Straight lines in sRGB between the nine stops. ramp is "seq" (0 to 100 %) or "div"
    (the middle is zero). Levels are linear in the value: nothing is stretched.
    """
    stops = np.array([rgb(tokens[f"{ramp}-{n}"]) for n in range(1, STOPS + 1)])
    at = np.linspace(0, 1, LEVELS)
    table = np.full((LEVELS, 4), 255, np.uint8)
    for part in range(3):
        table[:, part] = np.rint(
            np.interp(at, np.linspace(0, 1, STOPS), stops[:, part])
        )
    return table
