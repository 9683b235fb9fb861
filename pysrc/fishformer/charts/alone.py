"""A drawing as an SVG file that stands alone, in the colours and fonts of one theme."""

import re
from collections.abc import Mapping
from html import escape

from .colour import rgb
from .drawing import Drawing, Rect
from .svg import to_svg

PAINT = re.compile(r'(fill|stroke)="([^"]*)"')
FAMILY = re.compile(r' class="(sans|serif|mono)"')
MIXED = re.compile(
    r"color-mix\(in srgb,var\(--([\w-]+)\) ([\d.]+)%,var\(--([\w-]+)\)\)"
)
TOKEN = re.compile(r"var\(--([\w-]+)\)")


def on_paper(drawing: Drawing) -> Drawing:
    """The drawing on a ground of paper, as it lies on the page."""
    paper = Rect(0, 0, drawing.width, drawing.height, "paper")
    return Drawing(drawing.width, drawing.height, [paper]) + drawing


def to_svg_file(
    drawing: Drawing, title: str, tokens: Mapping[str, str], fonts: Mapping[str, str]
) -> str:
    """The drawing with its title, every colour and font written out.

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
    svg = PAINT.sub(paint, to_svg(on_paper(drawing), title))
    svg = FAMILY.sub(lambda kind: f' font-family="{escape(fonts[kind[1]])}"', svg)
    svg = svg.replace(' class="first"', "", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'
