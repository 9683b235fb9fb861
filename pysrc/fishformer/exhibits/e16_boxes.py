"""The boxes of E16's block: what they are called, their Python, the ways around."""

import inspect
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from fishformer.attention import attention_forward
from fishformer.block import add_and_norm_forward, block_forward
from fishformer.charts.block import Skip
from fishformer.config import Config
from fishformer.exhibits.numerals import power
from fishformer.layers import feed_forward_forward

# What a box is called, what kind it is, and what happens there.
BOXES = {
    "x": ("what comes in", "place", "A vector for every word, from the layer below."),
    "attention": (
        "attention", "sublayer",
        "The only place in the block where words see one another.",
    ),
    "add_1": (
        "add", "add", "What came in goes around attention and is added to what it says."
    ),
    "norm_1": (
        "layer norm", "norm", "Each word’s vector back to mean 0 and variance 1, then "
        "gain and bias."
    ),
    "think": (
        "feed-forward", "sublayer",
        "Each word by itself: wider, cut off at zero, and back again.",
    ),
    "add_2": (
        "add", "add", "The second way around: what went into the feed-forward step is "
        "added to what comes out."
    ),
    "norm_2": ("layer norm", "norm", "And normalised again: the block’s output."),
}  # fmt: skip
# In which function it happens, and in which of its lines.
LINES: dict[str, tuple[Callable, str]] = {
    "x": (block_forward, "x: np.ndarray,"),
    "attention": (attention_forward, "attn_out = project_forward"),
    "add_1": (add_and_norm_forward, "out = x + out"),
    "norm_1": (add_and_norm_forward, "out, ln_cache = layer_norm_forward"),
    "think": (feed_forward_forward, "hidden = ACTIVATIONS"),
    "add_2": (add_and_norm_forward, "out = x + out"),
    "norm_2": (add_and_norm_forward, "out, ln_cache = layer_norm_forward"),
}
# What E23 calls the boxes that it calls otherwise.
PLACES = {
    "attention": "attn_out",
    "think": "ffn_out",
    "add_1": "sum_1",
    "add_2": "sum_2",
}
PRE_NORM = (add_and_norm_forward, "inside, ln_cache = layer_norm_forward")


@cache
def line_of(function: Callable, piece: str) -> tuple[str, str]:
    """Where the line with this piece of code stands, and the line itself."""
    lines, first = inspect.getsourcelines(function)
    n = next(n for n, line in enumerate(lines) if piece in line)
    file = inspect.getfile(function).replace("\\", "/").rpartition("/")[2]
    return f"{file}, line {first + n}", lines[n].strip()


def size_of(value: float) -> str:
    """The length of a gradient: 0.132, or a power of ten."""
    return f"{value:.3f}" if value >= 0.001 or value == 0 else power(value)


def length_of(gradient: np.ndarray) -> float:
    """The length of a gradient of any shape."""
    return float(np.sqrt((gradient.astype(np.float64) ** 2).sum()))


def name_of(key: str) -> str:
    """What a box is called, and which of two it is."""
    return BOXES[key][0] + {"1": ", first", "2": ", second"}.get(key[-1], "")


def skips_of(keys: Sequence[str], config: Config) -> list[Skip]:
    """The ways around the sublayers of a block that has these boxes."""
    if not config.residual:
        return []
    skips, start = [], 0
    for add in ("add_1", "add_2"):
        if add in keys:
            end = keys.index(add)
            skips.append(Skip(start, end))
            start = end + (config.norm == "post")
    return skips
