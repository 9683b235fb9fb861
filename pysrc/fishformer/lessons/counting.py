"""How many numbers a transformer learns, from its shape alone.

The shapes of GPT-1 (Radford et al. 2018), GPT-2 small (Radford et al. 2019) and GPT-3
(Brown et al. 2020) differ from this model's in a few small things, which a Shape names.
"""

from typing import NamedTuple

from fishformer.config import Config


class Shape(NamedTuple):
    """What the number of parameters depends on."""

    n_layers: int  # L
    n_heads: int  # H
    d_model: int  # D
    d_ff: int  # F
    vocab_size: int  # V
    max_len: int  # M, positions that are learned; 0 for none
    attention_biases: bool = False  # whether w_q, w_k, w_v and w_o each have one
    tied: bool = False  # whether the word scores use the word vectors again
    outer_norms: int = 1  # layer norms outside of the blocks
    block_norms: int = 2  # layer norms in every block
    feed_forward: bool = True

    @property
    def d_head(self) -> int | None:
        """Numbers a word in one head; None if the heads' shares are not equal."""
        return None if self.d_model % self.n_heads else self.d_model // self.n_heads


class Part(NamedTuple):
    """Some of the parameters, and how many."""

    name: str
    formula: str  # in the letters of a Shape
    size: int
    kind: str  # words, attention, feed-forward or rest


def shape_of(config: Config, vocab_size: int, max_len: int) -> Shape:
    """The shape of this package's encoder."""
    norms = config.norm != "none"
    return Shape(
        n_layers=config.n_layers,
        n_heads=config.n_heads,
        d_model=config.d_model,
        d_ff=config.d_ff,
        vocab_size=vocab_size,
        max_len=max_len if config.positions == "learned" else 0,
        outer_norms=1 + (config.norm == "pre"),
        block_norms=(1 + config.feed_forward) * norms,
        feed_forward=config.feed_forward,
    )


GPT_1 = Shape(12, 12, 768, 3072, 40_478, 512, True, True, 0)
GPT_2 = Shape(12, 12, 768, 3072, 50_257, 1024, True, True, 1)
GPT_3 = Shape(96, 96, 12_288, 49_152, 50_257, 2048, True, True, 1)


def count_parts(shape: Shape) -> list[Part]:
    """The parameters of a whole model by part; of the blocks, all layers together."""
    L, _, D, F, V, M, *_ = shape
    parts = [Part("word vectors", "V × D", V * D, "words")]
    parts.append(Part("position vectors", "M × D", M * D, "words"))
    parts.append(Part("attention", "L × 4 × D × D", L * 4 * D * D, "attention"))
    if shape.attention_biases:
        parts.append(Part("their biases", "L × 4 × D", L * 4 * D, "rest"))
    if shape.feed_forward:
        parts += (
            Part("feed-forward", "L × 2 × D × F", L * 2 * D * F,
                 "feed-forward"),
            Part("its biases", "L × (F + D)", L * (F + D), "rest"),
        )  # fmt: skip
    norms = L * shape.block_norms + shape.outer_norms
    counted = f"(L × {shape.block_norms} + {shape.outer_norms}) × 2 × D"
    parts.append(Part("layer norms", counted, norms * 2 * D, "rest"))
    if shape.tied:
        parts.append(Part("word scores, shared", "0", 0, "words"))
    else:
        parts.append(Part("word scores", "D × V + V", D * V + V, "words"))
    return parts


def total(shape: Shape) -> int:
    """All parameters."""
    return sum(part.size for part in count_parts(shape))


class Block(NamedTuple):
    """The weights, without biases, of one block."""

    one_head: int  # W_Q, W_K and W_V of one head
    all_heads: int  # of all heads
    w_o: int
    attention: int  # all heads and w_o
    feed_forward: int


def weights_of_block(d_model: int, n_heads: int, d_ff: int) -> Block:
    """What to compare a feed-forward step with: one head, or all of the attention."""
    D, Dh = d_model, d_model // n_heads
    one_head = 3 * D * Dh
    all_heads = n_heads * one_head
    return Block(one_head, all_heads, D * D, all_heads + D * D, 2 * D * d_ff)
