"""Which place of a pass comes before which: what a sublayer reads, what a norm takes.

It depends on the settings: where the layer norms stand, whether there are residuals.
"""

from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.layers import EPS
from fishformer.lessons.lab import Reading
from fishformer.lessons.places import is_parameter, split


class Standing(NamedTuple):
    """The numbers of one row, before and after a layer norm."""

    x: np.ndarray  # (D,)
    mean: float
    variance: float
    normed: np.ndarray  # (D,) before gain and bias


class Layout:
    """How the places of one reading hang together."""

    def __init__(self, config: Config, reading: Reading, token_ids: list[int]):
        self.config, self.reading = config, reading
        self.token_ids = token_ids
        self.values, self.gradients = reading.values, reading.gradients
        self.position = reading.asked.position
        self.divisor = float(np.sqrt(config.d_head)) if config.scale_scores else 1.0
        self.streams = ["embedded"]  # what comes into each layer, and out of the last
        for layer in range(1, config.n_layers + 1):
            mine = [place for place in self.values if split(place)[0] == layer]
            self.streams.append([p for p in mine if not is_parameter(p)][-1])

    @property
    def top(self) -> str:
        """What the word scores are made from."""
        return "ln_final" if "ln_final" in self.values else self.streams[-1]

    def stream(self, layer: int, half: int) -> str:
        """What comes into attention (half 1) or the feed-forward step (2)."""
        if half == 1:
            return self.streams[layer - 1]
        mine = (f"layer_{layer}.{name}" for name in ("sum_1", "attn_out"))
        norm = f"layer_{layer}.norm_1"
        if self.config.norm == "post" and norm in self.values:
            return norm
        return next(place for place in mine if place in self.values)

    def inside(self, layer: int, half: int) -> str:
        """What the sublayer itself reads: in pre-norm a layer norm lies before it."""
        norm = f"layer_{layer}.norm_{half}"
        pre = self.config.norm == "pre" and norm in self.values
        return norm if pre else self.stream(layer, half)

    def normed_from(self, norm: str) -> str:
        """What a layer norm normalises."""
        layer, name = split(norm)
        if name == "embedded":
            return "embedding"
        if name == "ln_final":
            return self.streams[-1]
        half = int(name[-1])
        if self.config.norm == "pre":
            return self.stream(layer, half)
        sum_ = f"layer_{layer}.sum_{half}"
        return sum_ if sum_ in self.values else self.sublayer(layer, half)

    @staticmethod
    def sublayer(layer: int, half: int) -> str:
        """What attention or the feed-forward step says."""
        return f"layer_{layer}.{'attn_out' if half == 1 else 'ffn_out'}"

    @staticmethod
    def norm_parameters(norm: str) -> str:
        """The name that a layer norm's gain and bias start with."""
        layer, name = split(norm)
        if layer:
            return f"layer_{layer}.ln_{name[-1]}"
        return "ln_emb" if name == "embedded" else name

    def standing(self, norm: str, row: int) -> Standing:
        """What a layer norm makes of one row."""
        x = self.values[self.normed_from(norm)][row]
        mean = float(x.mean())
        variance = float(((x - mean) ** 2).mean())
        return Standing(x, mean, variance, (x - mean) / np.sqrt(variance + EPS))
