"""A drawing as an SVG file that stands alone, in the colours and fonts of one theme."""

import re
from collections.abc import Mapping
from html import escape

import numpy as np

from .colour import rgb
from .drawing import Drawing, Line, Mark, Polygon, Rect, Rule, Text, fitted, text_width
from .svg import to_svg

MARGIN, GAP, LEADING = 24.0, 8.0, 18.0  # px: of the sheet, above the words, of a line
LEAST = 240.0  # px: a small chart's words need so much room
MOST_LINES = 4  # of a title
PAINT = re.compile(r'(fill|stroke)="([^"]*)"')
FAMILY = re.compile(r' class="(sans|serif|mono)"')
MIXED = re.compile(
    r"color-mix\(in srgb,var\(--([\w-]+)\) ([\d.]+)%,var\(--([\w-]+)\)\)"
)
TOKEN = re.compile(r"var\(--([\w-]+)\)")


def on_paper(drawing: Drawing, title: str, source: str) -> Drawing:
    """The drawing on a sheet of paper with a margin, below it what it is and whence."""
    inner = max(drawing.width, LEAST)
    lines = [(line, "ink", 600) for line in wrapped(title, inner, 600)]
    lines += [(line, "ink-2", 400) for line in wrapped(source, inner, 400)]
    width = inner + 2 * MARGIN
    top = MARGIN + drawing.height + GAP
    height = top + len(lines) * LEADING + MARGIN - GAP
    words = [
        Text(MARGIN, top + n * LEADING, line, fill, weight=weight)
        for n, (line, fill, weight) in enumerate(lines, start=1)
    ]
    paper = Rect(0, 0, width, height, "paper")
    marks = [moved(mark, MARGIN, MARGIN) for mark in drawing.marks]
    return Drawing(width, height, [paper, *marks, *words])


def moved(mark: Mark, right: float, down: float) -> Mark:
    """The same mark in another place."""
    if isinstance(mark, Line | Polygon):
        return mark._replace(xy=mark.xy + np.array((right, down)))
    if isinstance(mark, Rule):
        x1, x2 = mark.x1 + right, mark.x2 + right
        return mark._replace(x1=x1, y1=mark.y1 + down, x2=x2, y2=mark.y2 + down)
    return mark._replace(x=mark.x + right, y=mark.y + down)


def wrapped(text: str, room: float, weight: int) -> list[str]:
    """The text in lines that fit, some MOST_LINES at most."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, weight=weight) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"{lines[MOST_LINES - 1]} …"]
    return [fitted(line, room, 12, weight) for line in lines]


def to_svg_file(
    drawing: Drawing, title: str, tokens: Mapping[str, str], fonts: Mapping[str, str]
) -> str:
    """A drawing on_paper() with its title, every colour and font written out.

    tokens: the page's colours by name. fonts: CSS families of sans, serif, mono.
    Raises KeyError for a colour that is no token.
    """

    def mixed(found: re.Match) -> str:
        one, percent, other = found.groups()
        share = float(percent) / 100
        parts = zip(rgb(tokens[one]), rgb(tokens[other]), strict=True)
        return "#" + "".join(f"{round(b + (a - b) * share):02x}" for a, b in parts)

    def paint(found: re.Match) -> str:
        colour = MIXED.sub(mixed, found[2])
        return f'{found[1]}="{TOKEN.sub(lambda token: tokens[token[1]], colour)}"'

    # Texts cannot be taken for attributes: their quotation marks are escaped.
    svg = PAINT.sub(paint, to_svg(drawing, title))
    svg = FAMILY.sub(lambda kind: f' font-family="{escape(fonts[kind[1]])}"', svg)
    svg = svg.replace(' class="first"', "", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'
