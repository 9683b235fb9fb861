"""The two charts of E17: the words in space, and how alike they are by layer."""

from collections.abc import Sequence

import numpy as np

from fishformer.charts.drawing import Drawing, Size, Text
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.charts.space import Points
from fishformer.exhibits.e17_sight import Sight, between

NOTHING = Points(np.empty((0, 3)), (), ())


def points_of(sight: Sight, layer: float, kinds: Sequence[str], way: bool) -> Points:
    """Where the words are at a layer, perhaps with the way that they have come."""
    now = between(sight.places, layer)
    trails = None
    if way and layer > 0:
        whole = sight.places[: int(layer) + 1]
        ways = whole if layer == int(layer) else [*whole, now]
        trails = np.stack([*ways], axis=1)
    return Points(now, kinds, sight.cloud.words, trails)


def in_the_middle(size: Size, words: str) -> Drawing:
    """What stands where there is nothing to see."""
    width, height = size
    said = Text(width / 2, height / 2, words, "ink-2", align="center")
    return Drawing(width, height, [said])


def alike_chart(
    size: Size, sight: Sight | None, L: int, layer: float
) -> tuple[Drawing, tuple[float, float]]:
    """The cosines over L layers, and where on the sheet the lines start and end."""
    x_axis = Axis(0, L, [(n, str(n)) for n in range(0, L + 1, 1 if L <= 6 else 3)])
    y_axis = Axis(-0.2, 1, [(0, "0"), (0.5, "0.5"), (1, "1")])
    curves = []
    if sight is not None:
        alike, x = sight.alike, np.arange(L + 1.0)
        curves = [
            Curve(x, alike.namesakes, "same word", "sea"),
            Curve(x, alike.neighbours, "same sentence", "coral-ink"),
            Curve(x, alike.everyone, "any two", "ink-2", 1.25, (5.0, 3.0)),
        ]
    plot = plot_of(size, x_axis, y_axis, curves)
    return series(size, x_axis, y_axis, curves, at=layer), (plot.left, plot.right)
