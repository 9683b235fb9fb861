"""What the articles behind this page print, and what comes out when it is computed.

Each check returns what the errata list says in numbers; a test holds both together.
"""

from typing import NamedTuple

import numpy as np

from fishformer.lessons.cost import pairs
from fishformer.lessons.counting import (
    GPT_1,
    GPT_2,
    GPT_3,
    Block,
    Shape,
    total,
    weights_of_block,
)
from fishformer.lessons.helmet import agreeing, attend, load_helmet
from fishformer.softmax import softmax_forward

SMACKED = 2  # the word of the helmet whose row the article follows
# Rows that the dinner party's article prints as attention: who looks at "The", "bank",
# "river" and "overflowed".
PRINTED_ROWS = np.array(
    [[0.05, 0.45, 0.92, 0.38], [0.03, 0.88, 0.52, 0.71], [0.02, 0.79, 0.85, 0.60]]
)
# Shapes as published. GPT-2's largest is the one that its paper calls 1542M; BERT's
# have no segment vectors here, and no layer on top of the first word.
GPT_2_XL = Shape(48, 25, 1600, 6400, 50_257, 1024, True, True, 1)
BERT_BASE = Shape(12, 12, 768, 3072, 30_522, 512, True, True, 1)
BERT_LARGE = Shape(24, 16, 1024, 4096, 30_522, 512, True, True, 1)
# An encoder, and a decoder of the same shape; sines for positions.
TRANSFORMER = Shape(6, 8, 512, 2048, 37_000, 0, tied=True, outer_norms=0)
TRANSFORMER_BIG = Shape(6, 16, 1024, 4096, 37_000, 0, tied=True, outer_norms=0)


def with_decoder(shape: Shape) -> int:
    """Parameters of an encoder and a decoder whose blocks look at the encoder too."""
    encoder = total(shape)
    blocks = encoder - total(shape._replace(n_layers=0))
    D = shape.d_model
    looking = weights_of_block(D, shape.n_heads, shape.d_ff).attention + 2 * D
    outer = shape.outer_norms * 2 * D
    return encoder + blocks + shape.n_layers * looking + outer


class Published(NamedTuple):
    """A model and its size, as a paper gives it: rounded, and not computed here."""

    name: str
    year: int
    parameters: int
    paper: str
    counted: int | None = None  # by the formulas of E15, from its shape


MODELS = (
    Published("Transformer, base", 2017, 65_000_000, "Vaswani et al. 2017, table 3",
              with_decoder(TRANSFORMER)),
    Published("Transformer, big", 2017, 213_000_000, "Vaswani et al. 2017, table 3",
              with_decoder(TRANSFORMER_BIG)),
    Published("GPT-1", 2018, 117_000_000, "Radford et al. 2019, table 2",
              total(GPT_1)),
    Published("BERT base", 2018, 110_000_000, "Devlin et al. 2018, section 3",
              total(BERT_BASE)),
    Published("BERT large", 2018, 340_000_000, "Devlin et al. 2018, section 3",
              total(BERT_LARGE)),
    Published("GPT-2 XL", 2019, 1_542_000_000, "Radford et al. 2019, table 2",
              total(GPT_2_XL)),
    Published("T5, largest", 2019, 11_000_000_000, "Raffel et al. 2019, section 3.7"),
    Published("GPT-3", 2020, 175_000_000_000, "Brown et al. 2020, table 2.1",
              total(GPT_3)),
)  # fmt: skip


def model_named(name: str) -> Published:
    """One of MODELS. Raises ValueError for another name."""
    for model in MODELS:
        if model.name == name:
            return model
    raise ValueError(f"There is no model named {name!r} here.")


def how_many_times(larger: str, smaller: str) -> float:
    """The size of one published model over that of another."""
    return model_named(larger).parameters / model_named(smaller).parameters


def furthest_off() -> float:
    """The largest share by which a published size differs from the one counted."""
    return max(
        abs(model.parameters / model.counted - 1) for model in MODELS if model.counted
    )


def dinner_shares() -> np.ndarray:
    """softmax of (1, 2, 1) / sqrt 2, in per cent: printed as 26, 48, 26."""
    return 100 * softmax_forward(np.array([1.0, 2.0, 1.0]) / np.sqrt(2))


def without_exp(scores: np.ndarray) -> np.ndarray:
    """Each score over the sum of all, in per cent: what softmax is said to be."""
    return 100 * scores / scores.sum()


class Agreement(NamedTuple):
    """How many printed numbers are what ours round to."""

    divided: int
    undivided: int
    printed: int


def helmet_agreement(row: str) -> Agreement:
    """With and without the division by sqrt d_k: "first", "second" or "head_1"."""
    helmet = load_helmet()
    printed = helmet.printed[row]
    counts = []
    for divided in (True, False):
        _, cache = attend(helmet.x, helmet.weights, divided)
        shares = cache.attn_weights[0, 0]
        ours = (
            shares @ cache.v[0, 0]
            if row == "head_1"
            else 100 * shares[SMACKED : SMACKED + 1]
        )
        counts.append(sum(same for line in agreeing(ours, printed) for same in line))
    return Agreement(counts[0], counts[1], sum(map(len, printed)))


def second_head_twice() -> tuple[list[str], list[str]]:
    """Head 2 of "smacked" where it is computed, and where it is added to the word."""
    printed = load_helmet().printed
    return printed["head_2"][SMACKED], printed["added"][0][4:]


def tiny_block() -> Block:
    """The weights of the example with 8 numbers a word, two heads and 32 inside."""
    return weights_of_block(8, 2, 32)


def pairs_grow(short: int = 64, long: int = 1024) -> float:
    """How many times as many pairs a longer text has."""
    return pairs(long) / pairs(short)


def gpt_2_sizes() -> tuple[int, int]:
    """Parameters of GPT-2 with 12 blocks and with 48, counted from their shapes."""
    return total(GPT_2), total(GPT_2_XL)
