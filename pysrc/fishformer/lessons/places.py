"""Every place of a pass that holds numbers: what it is, and where the code sets it.

A place is named "layer_1.scores", "embedding", or as the parameter that it is. Of each
it is known in which line the pass sets it and in which line of the way back its
gradient stands; which places a model has is found out by watching a pass.
"""

from collections.abc import Callable
from typing import NamedTuple

from fishformer.attention import attention_backward, attention_forward
from fishformer.block import add_and_norm_backward, add_and_norm_forward
from fishformer.layers import (
    embedding_backward,
    feed_forward_backward,
    feed_forward_forward,
    layer_norm_backward,
)
from fishformer.lessons.watching import Spot
from fishformer.model import Transformer
from fishformer.optim import Adam
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.stack import Stack

LOSS = "loss"
PROBS = "probs"


class Number(NamedTuple):
    """One number of a model at work: where it stands. Head from 0, where there are."""

    place: str
    row: int = 0
    column: int = 0
    head: int = 0


Line = tuple[Callable, str, str]


class Kind(NamedTuple):
    """What one kind of place is called, and its lines forward and back.

    A line is (function, piece of the statement, variable); `by` says which arguments
    tell its calls apart: p, ln, stack, gain or nothing.
    """

    name: str
    forward: Line
    backward: Line
    by: str = "p"
    tone: str = ""
    heads: bool = False


LOOK, LOOK_BACK = attention_forward, attention_backward
ADD, ADD_BACK = add_and_norm_forward, add_and_norm_backward
THINK, THINK_BACK = feed_forward_forward, feed_forward_backward
NORM_POST = ((ADD, "out, ln_cache = layer_norm_forward", "out"), (ADD_BACK, "", "dout"))
NORM_PRE = (
    (ADD, "inside, ln_cache = layer_norm_forward", "inside"),
    (ADD_BACK, "dx = sublayer_backward", "dx"),
)
SUM = (ADD, "out = x + out", "out"), (ADD_BACK, "dx = sublayer_backward", "dout")

# In every layer, in no order: that is the pass's.
IN_LAYER = {
    "norm_1": Kind("first norm", *NORM_POST, "ln_1"),
    "q": Kind("queries", (LOOK, "q, k, v = (split_heads", "q"),
              (LOOK_BACK, "dq = dscores", "dq"), tone="query", heads=True),
    "k": Kind("keys", (LOOK, "q, k, v = (split_heads", "k"),
              (LOOK_BACK, "dk = dscores", "dk"), tone="key", heads=True),
    "v": Kind("values", (LOOK, "q, k, v = (split_heads", "v"),
              (LOOK_BACK, "dv = attn_weights", "dv"), tone="value", heads=True),
    "scores": Kind("scores", (LOOK, "scores += mask", "scores"),
                   (LOOK_BACK, "dscores = softmax_backward", "dscores"), heads=True),
    "attn_weights": Kind("attention", (LOOK, "attn_weights = softmax", "attn_weights"),
                         (LOOK_BACK, "dattn_weights = dheads", "dattn_weights"),
                         heads=True),
    "mixed": Kind("mixed values", (LOOK, "mixed = merge_heads", "mixed"),
                  (LOOK_BACK, "dmixed = project_backward", "dmixed"), tone="value"),
    "attn_out": Kind("attention says", (LOOK, "attn_out = project_forward", "attn_out"),
                     (LOOK_BACK, "", "dattn_out")),
    "sum_1": Kind("first sum", *SUM, "ln_1"),
    "norm_2": Kind("second norm", *NORM_POST, "ln_2"),
    "before": Kind("neurons in", (THINK, "before = linear_forward", "before"),
                   (THINK_BACK, "dbefore = ACTIVATIONS", "dbefore")),
    "hidden": Kind("neurons out", (THINK, "hidden = ACTIVATIONS", "hidden"),
                   (THINK_BACK, "dhidden = linear_backward", "dhidden")),
    "ffn_out": Kind("feed-forward says", (THINK, "y = linear_forward", "y"),
                    (THINK_BACK, "", "dy")),
    "sum_2": Kind("second sum", *SUM, "ln_2"),
}  # fmt: skip
OUTSIDE = {
    "embedding": Kind("word + position", (Stack.forward, "x = embedding_forward", "x"),
                      (embedding_backward, "", "dx"), ""),
    "embedded": Kind("normalised", (Stack.forward, "x, ln_emb = ", "x"),
                     (layer_norm_backward, "", "dy"), "ln_emb"),
    "ln_final": Kind("last norm", (Stack.forward, "x, ln_final = ", "x"),
                     (layer_norm_backward, "", "dy"), "ln_final"),
    "logits": Kind("word scores", (Transformer.forward, "logits = linear_forward",
                                   "logits"), (Transformer.backward, "", "dlogits"),
                   ""),
    PROBS: Kind("probabilities", (cross_entropy_forward, "return float", ""),
                (cross_entropy_backward, "dlogits[np.arange", ""), ""),
    LOSS: Kind("loss", (cross_entropy_forward, "return float", ""),
               (cross_entropy_backward, "dlogits[np.arange", ""), ""),
}  # fmt: skip
# The parameters: what they are called, and where their gradient is added up.
PARAMETERS = {
    "tok_emb": ("word vectors", embedding_backward, "dtok_emb[words] +="),
    "pos_emb": ("position vectors", embedding_backward, "dpos_emb[:T] +="),
    "gain": ("gain", layer_norm_backward, "dgain +="),
    "bias": ("bias", layer_norm_backward, "dbias +="),
    "w_q": ("W query", LOOK_BACK, "return project_each_backward"),
    "w_k": ("W key", LOOK_BACK, "return project_each_backward"),
    "w_v": ("W value", LOOK_BACK, "return project_each_backward"),
    "w_o": ("W out", LOOK_BACK, "dmixed = project_backward"),
    "w_in": ("W in", THINK_BACK, "return linear_backward(dbefore"),
    "b_in": ("b in", THINK_BACK, "return linear_backward(dbefore"),
    "w_out": ("W back", THINK_BACK, "dhidden = linear_backward"),
    "b_out": ("b back", THINK_BACK, "dhidden = linear_backward"),
    "w_vocab": ("W words", Transformer.backward, "dat_places = linear_backward"),
    "b_vocab": ("b words", Transformer.backward, "dat_places = linear_backward"),
}
UPDATE = (Adam.update, "buffer -= lr")  # what has made a parameter what it is
TONES = {"w_q": "query", "w_k": "key", "w_v": "value"}


def split(place: str) -> tuple[int, str]:
    """The layer of a place, 0 outside of all layers, and its name there."""
    if not place.startswith("layer_"):
        return 0, place
    layer, _, name = place.removeprefix("layer_").partition(".")
    return int(layer), name


def is_parameter(place: str) -> bool:
    """Whether a place holds parameters, which training changes."""
    return split(place)[1].split(".")[-1] in PARAMETERS


def kind_of(place: str) -> Kind:
    """What kind of place it is. Raises KeyError for a parameter."""
    layer, name = split(place)
    return IN_LAYER[name] if layer else OUTSIDE[name]


def lines_of(place: str, norm: str) -> tuple[tuple, tuple]:
    """The lines of a place, forward and back, each a function and a piece of it."""
    if is_parameter(place):
        _, function, piece = PARAMETERS[place.split(".")[-1]]
        return UPDATE, (function, piece)
    kind = kind_of(place)
    forward, backward = kind.forward, kind.backward
    if norm == "pre" and split(place)[1] in ("norm_1", "norm_2"):
        forward, backward = NORM_PRE
    return forward[:2], _shown(backward)


def _shown(line: Line) -> tuple[Callable, str]:
    """The line to be shown: of an argument, that which names it."""
    function, piece, variable = line
    return function, piece or f"{variable}: np.ndarray"


def spots(model: Transformer) -> tuple[dict[str, Spot], dict[str, Spot]]:
    """Where a model's pass sets each place, and where the way back has its gradient."""
    stack, pre = model.stack, model.config.norm == "pre"
    forward: dict[str, Spot] = {}
    backward: dict[str, Spot] = {}
    for layer, (p, _) in enumerate(stack.blocks, start=1):
        for name, kind in IN_LAYER.items():
            lines = kind.forward, kind.backward
            if pre and name in ("norm_1", "norm_2"):
                lines = NORM_PRE
            given: tuple = (("p", p),)
            if kind.by in ("ln_1", "ln_2"):
                given = ("p", p), ("ln", kind.by)
            place = f"layer_{layer}.{name}"
            forward[place], backward[place] = (Spot(*line, given) for line in lines)
    for name, kind in OUTSIDE.items():
        if name in (PROBS, LOSS):
            continue
        gain = stack.p.get(f"{kind.by}.gain")
        forward[name] = Spot(*kind.forward)
        backward[name] = Spot(*kind.backward, (("gain", gain),) if kind.by else ())
    return forward, backward
