"""All parameters of a model in one contiguous buffer, each a named view into it.

One buffer makes the optimiser three lines long and a checkpoint one copy.
"""

import math

import numpy as np

Shapes = dict[str, tuple[int, ...]]


class Params:
    """Named arrays that lie one after another in `buffer`.

    params["layer_1.w_q"] is a view: writing into it writes into the buffer.
    """

    def __init__(self, shapes: Shapes, dtype: str):
        self.shapes = shapes
        size = sum(math.prod(shape) for shape in shapes.values())
        self.buffer = np.zeros(size, dtype)
        self.views: dict[str, np.ndarray] = {}
        start = 0
        for name, shape in shapes.items():
            end = start + math.prod(shape)
            self.views[name] = self.buffer[start:end].reshape(shape)
            start = end

    def __getitem__(self, name: str) -> np.ndarray:
        return self.views[name]

    def part(self, prefix: str) -> dict[str, np.ndarray]:
        """The views below a prefix: part("layer_1.")["w_q"]."""
        return {
            name.removeprefix(prefix): view
            for name, view in self.views.items()
            if name.startswith(prefix)
        }

    def zeros_like(self) -> "Params":
        """The same names and shapes, all zero: for gradients."""
        return Params(self.shapes, self.buffer.dtype.name)
