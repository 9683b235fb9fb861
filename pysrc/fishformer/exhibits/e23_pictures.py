"""The two charts of E23: the map of a part of the model, and the way to the loss."""

import numpy as np

from fishformer.charts.drawing import Drawing, Size
from fishformer.charts.shuffled import coloured
from fishformer.charts.tiles import Tile, tiles
from fishformer.charts.way import Stop, way
from fishformer.exhibits.e23_names import figure
from fishformer.exhibits.e23_tables import tone_of
from fishformer.exhibits.e23_walk import NumberWalk
from fishformer.lessons.places import split


def map_chart(size: Size, walk: NumberWalk) -> Drawing:
    """The matrices of the part of the model in which the opened number is."""
    passed = {stop.place for stop in walk.way}

    def tile(place: str) -> Tile:
        array = walk.reading.values[place]
        head = min(walk.opened.head, len(array) - 1)
        values = array[head] if array.ndim == 3 else array
        shares = split(place)[1] in ("attn_weights", "probs")
        most = float(np.abs(values).max()) or 1.0
        return Tile(
            place, walk.names.place(place),
            values if shares else coloured(values, most),
            "seq" if shares else "div", tone_of(place), place in passed,
        )  # fmt: skip

    groups = [(name, [tile(p) for p in places]) for name, places in walk.groups()]
    return tiles(size, groups, walk.opened.place)


def way_chart(size: Size, walk: NumberWalk) -> Drawing:
    """The lengths of the gradients from the loss back to the opened number."""
    names, reading = walk.names, walk.reading
    stops = [
        Stop(names.where(stop.place), length, abs(reading.gradient(stop)),
             figure(length))
        for stop, length in zip(walk.way, walk.lengths(), strict=True)
    ]  # fmt: skip
    return way(size, stops, len(stops) - 1)
