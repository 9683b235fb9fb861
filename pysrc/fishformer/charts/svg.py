"""The same drawing as inline SVG: the first frame of a chart, before Python runs.

Colours are the page's custom properties, so both themes work; there are no style
attributes, which the page's content security policy forbids. Type families are the
classes sans, serif and mono of the page's style sheet.
"""

import math
from collections.abc import Iterator
from html import escape

import numpy as np

from .drawing import Circle, Drawing, Heat, Line, Mark, Polygon, Rect, Rule, Text

HALO = 4  # px, half of it shows
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_STOPS = 8  # steps between the nine stops of a ramp
SMALLEST = 2  # CSS pixels of a cell that is drawn by itself
SHADES = 160  # of a heat map, a multiple of _STOPS


def to_svg(drawing: Drawing, title: str = "", shades: int = SHADES) -> str:
    """The drawing as one <svg class="first">, with a name or else hidden from readers.

    A heat map has so many shades besides the lowest, and an element for each in use.
    Raises TypeError for a kind of mark that it does not know.
    """
    width, height = _number(drawing.width), _number(drawing.height)
    name = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    marks = "".join(_mark(mark, shades) for mark in drawing.marks)
    return (
        f'<svg class="first" xmlns="http://www.w3.org/2000/svg" {name} '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"{marks}</svg>"
    )


def cells(levels: np.ndarray) -> Iterator[tuple[int, int, int, int, int]]:
    """Cover a matrix by rectangles of equal level: (level, row, column, rows, columns).

    levels (R, C) int. Each cell is covered once; equal neighbours are merged along
    rows, and equal runs of neighbouring rows into one.
    """
    open_runs: dict[tuple[int, int, int], int] = {}  # (column, columns, level): row
    rows = levels.tolist()
    for row, values in enumerate([*rows, []]):
        runs = {}
        start = 0
        for column in range(1, len(values) + 1):
            if column == len(values) or values[column] != values[start]:
                run = (start, column - start, values[start])
                runs[run] = open_runs.pop(run, row)
                start = column
        for (column, columns, level), first in open_runs.items():
            yield level, first, column, row - first, columns
        open_runs = runs


def _number(value: float) -> str:
    """At most one decimal, and no more characters than needed."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _attributes(**values: str | float | None) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{_text(value)}"'
        for name, value in values.items()
        if value is not None
    )


def _text(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:g}"


def _colour(token: str | None) -> str:
    return f"var(--{token})" if token else "none"


def _stroke(stroke: str | None, width: float, dash: tuple[float, ...] = ()) -> str:
    if stroke is None:
        return ""
    return _attributes(
        stroke=_colour(stroke),
        stroke_width=None if width == 1 else width,
        stroke_dasharray=" ".join(map(_number, dash)) or None,
    )


def _path(xy: np.ndarray, close: str = "") -> str:
    points = (f"{_number(x)} {_number(y)}" for x, y in xy.tolist())
    return "M" + "L".join(points) + close


def _mark(mark: Mark, shades: int) -> str:
    match mark:
        case Rect(x, y, width, height, fill):
            return (
                f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" '
                f'height="{_number(height)}" fill="{_colour(fill)}"/>'
            )
        case Rule(x1, y1, x2, y2, stroke, width, dash):
            crisp = ' shape-rendering="crispEdges"' if width == 1 else ""
            return (
                f'<path d="M{_number(x1)} {_number(y1)}L{_number(x2)} {_number(y2)}"'
                f"{_stroke(stroke, width, dash)}{crisp}/>"
            )
        case Line(xy, stroke, width, dash):
            if len(xy) < 2:
                return ""
            outline = _stroke(stroke, width, dash)
            outline += _attributes(stroke_linejoin="round" if width > 1 else "bevel")
            return f'<path fill="none"{outline} d="{_path(xy)}"/>'
        case Polygon(xy, fill, stroke, width):
            order = ' paint-order="stroke"' if stroke and fill else ""
            outline = _stroke(stroke, width) + order
            return f'<path fill="{_colour(fill)}"{outline} d="{_path(xy, "Z")}"/>'
        case Circle(x, y, radius, fill, stroke, width):
            return (
                f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" '
                f'fill="{_colour(fill)}"{_stroke(stroke, width)}/>'
            )
        case Text():
            return _text_mark(mark)
        case Heat():
            return _heat(mark, shades)
    raise TypeError(f"not a mark: {mark!r}")


def _text_mark(mark: Text) -> str:
    x, y = _number(mark.x), _number(mark.y)
    look = _attributes(
        fill=_colour(mark.fill),
        font_size=mark.size,
        font_weight=None if mark.weight == 400 else float(mark.weight),
        font_style="italic" if mark.italic else None,
        text_anchor=None if mark.align == "left" else _ANCHORS[mark.align],
        transform=f"rotate({_number(mark.angle)} {x} {y})" if mark.angle else None,
    )
    if mark.halo:
        look += _stroke("paper", HALO) + ' paint-order="stroke" stroke-linejoin="round"'
    family = mark.family
    return f'<text class="{family}" x="{x}" y="{y}"{look}>{escape(mark.text)}</text>'


def _heat(mark: Heat, shades: int) -> str:
    """Cells by shade, one path a shade, and the gaps as lines of paper over them.

    A cell is one by one in a group of its own scale: short, for there are thousands.
    """
    values = np.clip(mark.values, 0, 1)
    values = _pooled(_pooled(values, mark.height).T, mark.width).T
    rows, columns = values.shape
    drawn: dict[int, str] = {}
    levels = np.rint(values * shades).astype(int)
    for level, row, column, tall, wide in cells(levels):
        cell = f"M{column} {row}h{wide}v{tall}h-{wide}"
        drawn[level] = drawn.get(level, "") + cell
    paths = "".join(
        f'<path fill="{_shade(mark.ramp, level / shades)}" d="{path}"/>'
        for level, path in sorted(drawn.items())
    )
    place = f"translate({_number(mark.x)} {_number(mark.y)})"
    size = f"scale({mark.width / columns:.6g} {mark.height / rows:.6g})"
    crisp = 'shape-rendering="crispEdges"'
    heat = f'<g transform="{place} {size}" {crisp}>{paths}</g>'
    if mark.gap:
        left, right = _number(mark.x), _number(mark.x + mark.width)
        top, bottom = _number(mark.y), _number(mark.y + mark.height)
        edges_x = mark.x + mark.width * np.arange(1, columns + 1) / columns
        edges_y = mark.y + mark.height * np.arange(1, rows + 1) / rows
        lines = [f"M{_number(x - 0.5)} {top}V{bottom}" for x in edges_x]
        lines += [f"M{left} {_number(y - 0.5)}H{right}" for y in edges_y]
        heat += f'<path stroke="var(--paper)" {crisp} d="{"".join(lines)}"/>'
    return heat


def _pooled(values: np.ndarray, length: float) -> np.ndarray:
    """Rows that are lower than SMALLEST as their means, two and two."""
    while len(values) % 2 == 0 and length / len(values) < SMALLEST:
        values = (values[::2] + values[1::2]) / 2
    return values


def _shade(ramp: str, level: float) -> str:
    """The colour of a level from 0 to 1, mixed in sRGB from the two nearest stops."""
    part, stop = math.modf(level * _STOPS)
    first = f"var(--{ramp}-{int(stop) + 1})"
    share = _number(100 * part)
    if share == "0":
        return first
    return f"color-mix(in srgb,var(--{ramp}-{int(stop) + 2}) {share}%,{first})"
