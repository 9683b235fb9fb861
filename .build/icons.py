"""dist/icons/: the fish of site/icon.svg as the PNG files of an installed page."""

from __future__ import annotations

import itertools
import math
import re
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import basics

PIECES = 48  # straight pieces of a curve: less than a tenth of a pixel beside it
SIZES = {"192": (192, False), "512": (512, False), "maskable-512": (512, True)}
SAFE = 0.62  # of a maskable icon's width: launchers cut circles out of it

Point = tuple[float, float]


class Mark(NamedTuple):
    """What icon.svg draws: strokes with round ends in a square."""

    side: float
    width: float  # of the stroke
    colour: bytes
    lines: list[list[Point]]


def read_mark(svg: str) -> Mark:
    """One path of absolute M and C in a square viewBox."""

    def said(pattern: str) -> str:
        (found,) = re.findall(pattern, svg)
        return found

    lines: list[list[Point]] = []
    for part in said(r' d="M([^"]+)"').split("M"):
        start, *curves = (
            [float(number) for number in re.findall(r"[-\d.]+", curve)]
            for curve in part.split("C")
        )
        line = [(start[0], start[1])]
        for x1, y1, x2, y2, x3, y3 in curves:
            line += bend([line[-1], (x1, y1), (x2, y2), (x3, y3)])
        lines.append(line)
    side = float(said(r'viewBox="0 0 ([\d.]+) \1"'))
    colour = bytes.fromhex(said(r'stroke="#(\w{6})"'))
    return Mark(side, float(said(r'stroke-width="([\d.]+)"')), colour, lines)


def bend(points: list[Point]) -> list[Point]:
    """A cubic curve as a line through points after its first."""
    line = []
    for piece in range(1, PIECES + 1):
        t = piece / PIECES
        parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x = sum(part * point[0] for part, point in zip(parts, points, strict=True))
        y = sum(part * point[1] for part, point in zip(parts, points, strict=True))
        line.append((x, y))
    return line


def ink(mark: Mark, size: int, share: float) -> list[bytearray]:
    """Rows of size × size: how much of each pixel is inked, 0 to 255.

    The mark takes `share` of the width, in the middle.
    """
    scale = size * share / mark.side
    edge, reach = size * (1 - share) / 2, mark.width * scale / 2
    rows = [bytearray(size) for _ in range(size)]
    for line in mark.lines:
        at = [(edge + x * scale, edge + y * scale) for x, y in line]
        for (ax, ay), (bx, by) in itertools.pairwise(at):
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            around = reach + 1
            left = max(0, math.floor(min(ax, bx) - around))
            right = min(size, math.ceil(max(ax, bx) + around))
            above = max(0, math.floor(min(ay, by) - around))
            below = min(size, math.ceil(max(ay, by) + around))
            for y in range(above, below):
                row, py = rows[y], y + 0.5 - ay
                for x in range(left, right):
                    px = x + 0.5 - ax
                    along = min(1.0, max(0.0, (px * dx + py * dy) / length))
                    distance = math.hypot(px - along * dx, py - along * dy)
                    covered = min(1.0, reach + 0.5 - distance)
                    if covered * 255 > row[x]:
                        row[x] = round(covered * 255)
    return rows


def png(rows: list[bytearray], colour: bytes, ground: bytes | None) -> bytes:
    """The ink in a colour, on a ground or on nothing."""
    over = ground or colour
    shades = [
        bytes(
            (c * ink + g * (255 - ink)) // 255
            for c, g in zip(colour, over, strict=True)
        )
        + (b"" if ground else bytes([ink]))
        for ink in range(256)
    ]
    kind = 2 if ground else 6  # RGB, or RGB and alpha
    pixels = b"".join(b"\0" + b"".join(shades[ink] for ink in row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows), len(rows), 8, kind, 0, 0, 0)
    parts = {b"IHDR": head, b"IDAT": zlib.compress(pixels, 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )


def write_icons(icons: Path) -> None:
    """Those that site/manifest.webmanifest lists."""
    icons.mkdir()
    site = basics.ROOT / "site"
    mark = read_mark((site / "icon.svg").read_text("utf-8"))
    paper = re.search(r"--paper: #(\w{6});", (site / "style.css").read_text("utf-8"))
    for name, (size, maskable) in SIZES.items():
        rows = ink(mark, size, SAFE if maskable else 1)
        ground = bytes.fromhex(paper[1]) if maskable and paper else None
        (icons / f"{name}.png").write_bytes(png(rows, mark.colour, ground))
