"""The icons of an installed page are the fish of icon.svg."""

import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

import icons

SITE = Path(__file__).parents[1] / "site"
PAPER = [0xFC, 0xFA, 0xF6]
DOT = """<svg viewBox="0 0 8 8" stroke="#102030" stroke-width="4">
<path d="M2 4C2 4 6 4 6 4"/></svg>"""


def decoded(data):
    """The pixels of a PNG in which each row is stored as it is."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, parts = 8, {}
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(name + body)
        parts[name] = body
        at += 12 + length
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert depth == 8
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8)
    rows = rows.reshape(height, -1)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, {2: 3, 6: 4}[kind])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("icons") / "icons"
    icons.write_icons(folder)
    return {path.stem: decoded(path.read_bytes()) for path in folder.iterdir()}


def test_a_stroke_with_round_ends_covers_what_it_should():
    mark = icons.read_mark(DOT)
    alpha = decoded(icons.png(icons.ink(mark, 160, 1), mark.colour, None))
    assert (alpha[..., :3] == [0x10, 0x20, 0x30]).all()
    area = (alpha[..., 3] / 255).sum() / 20**2  # in the units of the viewBox
    assert area == pytest.approx(4 * 4 + np.pi * 4, rel=0.01)
    assert alpha[80, 80, 3] == 255 and alpha[80, 1, 3] > 0 and alpha[30, 80, 3] == 0


def test_the_manifest_lists_icons_of_these_sizes(drawn):
    manifest = json.loads((SITE / "manifest.webmanifest").read_text())
    for icon in manifest["icons"]:
        pixels = drawn[Path(icon["src"]).stem]
        assert icon["sizes"] == f"{pixels.shape[1]}x{pixels.shape[0]}"
        assert (pixels.shape[2] == 3) == (icon.get("purpose") == "maskable")
    assert len(manifest["icons"]) == len(drawn)


def test_a_launcher_may_cut_a_circle_out_of_the_maskable_one(drawn):
    pixels = drawn["maskable-512"]
    down, across = np.nonzero((pixels != PAPER).any(axis=2))
    assert np.hypot(down - 256, across - 256).max() < 0.4 * 512
    assert len(down) > 0.05 * 512**2


def test_colours_are_those_of_the_tokens():
    style = (SITE / "style.css").read_text()
    light, dark = re.findall(r"--paper: (#\w{6});", style)
    manifest = json.loads((SITE / "manifest.webmanifest").read_text())
    assert manifest["theme_color"] == manifest["background_color"] == light
    page = (SITE / "index.html").read_text()
    told = re.findall(r'name="theme-color" content="(#\w+)" data-theme="(\w+)"', page)
    assert told == [(light, "light"), (dark, "dark")]
