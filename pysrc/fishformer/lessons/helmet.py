"""A worked example: six words, eight numbers each, two heads of four dimensions.

The numbers and where they come from are in data/helmet.json. What is done with them
is the model's own attention, here in double precision on one sentence.
Shapes: T 6 words, D 8 numbers a word, H 2 heads, Dh 4 numbers a head.
"""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from fishformer.attention import AttentionCache, Weights, attention_forward
from fishformer.config import Config

Printed = list[list[str]]  # numbers as somebody printed them, digit for digit

CONFIGS = {
    scaled: Config(d_model=8, n_heads=2, dtype="float64", scale_scores=scaled)
    for scaled in (True, False)
}
NOBODY_HIDDEN = np.zeros((1, 1, 1, 1))  # a mask that hides nothing


class Helmet(NamedTuple):
    """The example's words, numbers and weights, and what its article prints."""

    words: tuple[str, ...]
    x: np.ndarray  # (T, D)
    weights: Weights  # w_q w_k w_v (D, H Dh), head 1 left of head 2; w_o (H Dh, D)
    printed: dict[str, Printed]


@cache
def load_helmet() -> Helmet:
    """The example as it stands; its arrays are not to be written to."""
    text = files("fishformer").joinpath("data", "helmet.json").read_text("utf-8")
    data = json.loads(text)

    def both_heads(name: str) -> np.ndarray:
        return np.hstack([_numbers(data[head][name]) for head in ("head_1", "head_2")])

    weights = {f"w_{n.lower()}": both_heads(f"W_{n}") for n in "QKV"}
    weights["w_o"] = np.eye(8)  # the article has none: this one changes nothing
    x = _numbers(data["X"])
    for array in (x, *weights.values()):
        array.setflags(write=False)
    printed = {name: _read(rows) for name, rows in data["printed"].items()}
    return Helmet(tuple(data["words"]), x, weights, printed)


def _read(rows: list[str]) -> Printed:
    return [row.split() for row in rows]


def _numbers(rows: list[str]) -> np.ndarray:
    return np.array(_read(rows), np.float64)


def attend(
    x: np.ndarray, weights: Weights, scaled: bool
) -> tuple[np.ndarray, AttentionCache]:
    """The sentence through the model's own attention, with or without / sqrt(Dh).

    x (T, D) -> attn_out (T, D), and every number on the way.
    """
    batch = x[None]  # one sentence
    attn_out, cache = attention_forward(
        batch, batch, NOBODY_HIDDEN, weights, CONFIGS[scaled]
    )
    return attn_out[0], cache


def written(number: float, like: str) -> str:
    """A number with as many decimals as one in print: 0.6431 like "1.16" is "0.64"."""
    decimals = len(like.partition(".")[2])
    text = f"{round(number, 9):.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def agreeing(numbers: np.ndarray, printed: Printed) -> list[list[bool]]:
    """Which printed numbers are what these round to; the shapes are the same."""
    return [
        [written(number, like) == like for number, like in zip(*rows, strict=True)]
        for rows in zip(numbers.tolist(), printed, strict=True)
    ]
