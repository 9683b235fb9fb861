"""Colours that have to be told apart can be, by those who see fewer of them too."""

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

STYLE = (Path(__file__).parents[1] / "site" / "style.css").read_text()
# Machado, Oliveira and Fernandes 2009: what is left of linear red, green and blue for
# people without one kind of cone.
SIGHT = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = XYZ.sum(axis=1)
LEAST = 15.0  # between two colours; some 2 are seen at all
SETS = {  # drawn together, with nothing but the colour between them
    "lines": ("sea", "coral", "ink-3"),
    "letters": ("query", "key", "value"),
    "marks": ("sea", "coral", "paper"),
}


def palettes() -> dict[str, dict[str, str]]:
    """Each theme's colours by name."""
    light, dark = STYLE.split("--paper:")[1:3]
    token = re.compile(r"--([\w-]+): (#\w{6});")
    return {
        "light": dict(token.findall(f"--paper:{light}")),
        "dark": dict(token.findall(f"--paper:{dark}")),
    }


PALETTES = palettes()


def lab(colour: str, sight: str) -> np.ndarray:
    """CIE L*a*b* of a colour as it is seen."""
    rgb = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear, 0, 1)
    t = XYZ @ seen / WHITE
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, sight: str) -> float:
    """How far two colours are apart."""
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


def test_the_palette_is_read_whole():
    assert set(PALETTES["light"]) == set(PALETTES["dark"])
    assert apart("#000000", "#ffffff", "all") == pytest.approx(100, abs=0.1)
    assert apart("#c00000", "#008000", "deuteranopia") < 0.6 * apart(
        "#c00000", "#008000", "all"
    )


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_what_only_colour_tells_apart_is_apart(theme, sight, names):
    colours = PALETTES[theme]
    for one, other in combinations(names, 2):
        assert apart(colours[one], colours[other], sight) > LEAST, (one, other)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("sight", SIGHT)
def test_a_ramp_runs_one_way_and_its_two_ends_differ(theme, sight):
    colours = PALETTES[theme]
    seen = {
        ramp: [lab(colours[f"{ramp}-{n}"], sight) for n in range(1, 10)]
        for ramp in ("seq", "div")
    }
    light = [colour[0] for colour in seen["seq"]]
    up = np.sign(light[-1] - light[0])
    assert all((after - before) * up > 3 for before, after in pairwise(light))
    # From the middle both ways further and further, and the two ways not alike.
    middle = seen["div"][4]
    for way in (seen["div"][4:], seen["div"][4::-1]):
        away = [np.linalg.norm(colour - middle) for colour in way]
        assert all(after > before for before, after in pairwise(away))
    for n in (1, 2, 3):
        assert np.linalg.norm(seen["div"][3 - n] - seen["div"][5 + n]) > LEAST
