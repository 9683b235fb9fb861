"""The arithmetic of any number of a pass, with the numbers that it is made from."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fishformer.layers import EPS, GELU_CUBE, GELU_SCALE
from fishformer.lessons.places import LOSS, PROBS, Number, is_parameter, split
from fishformer.lessons.wiring import Wiring

At = Callable[[int], Number | None]  # where the n-th of some numbers stands


class Factors(NamedTuple):
    """Numbers of one row or column, and where they stand; None if they are given."""

    values: np.ndarray  # (N,)
    at: At
    name: str


class Step(NamedTuple):
    """One step from the sum to the number."""

    says: str
    gives: float
    number: Number | None = None  # what is used in it, if that can be opened


class Made(NamedTuple):
    """A number, opened: left times right gives products; then some steps.

    Without a right side the products are what becomes of each of the left.
    """

    left: Factors
    right: Factors | None
    products: np.ndarray  # (N,)
    gives: str  # what the products are called
    steps: tuple[Step, ...]

    @property
    def total(self) -> float:
        """What it comes to."""
        return self.steps[-1].gives


def made(wiring: Wiring, number: Number) -> Made | None:
    """The arithmetic of one number; None for a parameter: training has made it."""
    if is_parameter(number.place):
        return None
    layer, name = split(number.place)
    maker = _MAKERS.get(name)
    return maker(wiring, number, layer) if maker else _norm(wiring, number)


def _row(wiring: Wiring, place: str, row: int, name: str, head: int = 0) -> Factors:
    values = wiring.values[place]
    mine = values[head, row] if values.ndim == 3 else values[row]
    return Factors(mine, lambda n: Number(place, row, n, head), name)


def _column(
    wiring: Wiring, place: str, column: int, name: str, head: int = 0
) -> Factors:
    values = wiring.values[place]
    mine = values[head, :, column] if values.ndim == 3 else values[:, column]
    return Factors(mine, lambda n: Number(place, n, column, head), name)


def _sum_of_products(left: Factors, right: Factors) -> tuple[np.ndarray, Step]:
    products = left.values * right.values
    return products, Step("the sum of the products", float(products.sum()))


def _dot(
    left: Factors, right: Factors, wiring: Wiring, bias: str = "", column: int = 0
):
    products, step = _sum_of_products(left, right)
    steps = [step]
    if bias:
        at = Number(bias, 0, column)
        added = wiring.reading.value(at)
        steps.append(Step("+ the bias", step.gives + added, at))
    return Made(left, right, products, "product", tuple(steps))


def _softmax(left: Factors, column: int) -> Made:
    exps = np.exp(left.values - left.values.max())
    total = float(exps.sum())
    steps = (
        Step("the row’s largest, taken off", float(left.values.max())),
        Step("e to the power of the rest", float(exps[column])),
        Step("the total of all", total),
        Step("the one ÷ the total", float(exps[column]) / total),
    )
    return Made(left, None, exps, "exponential", steps)


def _qkv(wiring: Wiring, number: Number, layer: int) -> Made:
    name = split(number.place)[1]
    column = number.head * wiring.config.d_head + number.column
    left = _row(wiring, wiring.inside(layer, 1), number.row, "vector")
    right = _column(wiring, f"layer_{layer}.w_{name}", column, "weight")
    return _dot(left, right, wiring)


def _scores(wiring: Wiring, number: Number, layer: int) -> Made:
    left = _row(wiring, f"layer_{layer}.q", number.row, "query", number.head)
    right = _row(wiring, f"layer_{layer}.k", number.column, "key", number.head)
    products, step = _sum_of_products(left, right)
    steps = [step]
    if wiring.config.scale_scores:
        says = f"÷ √dₖ = {wiring.divisor:.3f}"
        steps.append(Step(says, step.gives / wiring.divisor))
    return Made(left, right, products, "product", tuple(steps))


def _attn_weights(wiring: Wiring, number: Number, layer: int) -> Made:
    place = f"layer_{layer}.scores"
    left = _row(wiring, place, number.row, "score", number.head)
    return _softmax(left, number.column)


def _mixed(wiring: Wiring, number: Number, layer: int) -> Made:
    head, column = divmod(number.column, wiring.config.d_head)
    left = _row(wiring, f"layer_{layer}.attn_weights", number.row, "attention", head)
    right = _column(wiring, f"layer_{layer}.v", column, "value", head)
    return _dot(left, right, wiring)


def _attn_out(wiring: Wiring, number: Number, layer: int) -> Made:
    left = _row(wiring, f"layer_{layer}.mixed", number.row, "mixed")
    right = _column(wiring, f"layer_{layer}.w_o", number.column, "weight")
    return _dot(left, right, wiring)


def _before(wiring: Wiring, number: Number, layer: int) -> Made:
    left = _row(wiring, wiring.inside(layer, 2), number.row, "vector")
    right = _column(wiring, f"layer_{layer}.w_in", number.column, "weight")
    return _dot(left, right, wiring, f"layer_{layer}.b_in", number.column)


def _hidden(wiring: Wiring, number: Number, layer: int) -> Made:
    before = number._replace(place=f"layer_{layer}.before")
    x = wiring.reading.value(before)
    left = Factors(np.array([x]), lambda _: before, "before")
    if wiring.config.activation == "relu":
        steps = [Step("the larger of it and 0", max(x, 0.0))]
    else:
        inner = float(GELU_SCALE * (x + GELU_CUBE * x * x * x))
        share = float(0.5 * (1 + np.tanh(inner)))
        steps = [
            Step("√(2/π) · (x + 0.044715 x³)", inner),
            Step("(1 + tanh of that) ÷ 2", share),
            Step("times x", x * share),
        ]
    return Made(left, None, left.values, "before", tuple(steps))


def _ffn_out(wiring: Wiring, number: Number, layer: int) -> Made:
    left = _row(wiring, f"layer_{layer}.hidden", number.row, "neuron")
    right = _column(wiring, f"layer_{layer}.w_out", number.column, "weight")
    return _dot(left, right, wiring, f"layer_{layer}.b_out", number.column)


def _added(wiring: Wiring, parts: list[tuple[Number | None, float]], name: str) -> Made:
    values = np.array([value for _, value in parts])
    places = [place for place, _ in parts]
    left = Factors(values, lambda n: places[n], name)
    return Made(left, None, values, "added", (Step("the sum", float(values.sum())),))


def _sum(wiring: Wiring, number: Number, layer: int) -> Made:
    half = int(number.place[-1])
    places = wiring.stream(layer, half), wiring.sublayer(layer, half)
    parts = [number._replace(place=place) for place in places]
    return _added(wiring, [(p, wiring.reading.value(p)) for p in parts], "part")


def _embedding(wiring: Wiring, number: Number, layer: int) -> Made:
    word = Number("tok_emb", wiring.token_ids[number.row], number.column)
    value = wiring.reading.value(word)
    parts: list[tuple[Number | None, float]] = [(word, value)]
    if "pos_emb" in wiring.values:
        position = number._replace(place="pos_emb")
        parts.append((position, wiring.reading.value(position)))
    elif wiring.config.positions == "sinusoidal":
        parts.append((None, wiring.reading.value(number) - value))
    return _added(wiring, parts, "part")


def _norm(wiring: Wiring, number: Number) -> Made:
    place, row, column = number.place, number.row, number.column
    standing = wiring.standing(place, row)
    name = wiring.norm_parameters(place)
    gain, bias = (Number(f"{name}.{kind}", 0, column) for kind in ("gain", "bias"))
    scaled = float(standing.normed[column]) * wiring.reading.value(gain)
    spread = float(np.sqrt(standing.variance + EPS))
    steps = (
        Step("the mean of the row", standing.mean),
        Step("its variance, the mean of the squares", standing.variance),
        Step("the number less the mean", float(standing.x[column]) - standing.mean),
        Step(f"÷ √(variance + 0.00001) = {spread:.4f}", float(standing.normed[column])),
        Step("times the gain", scaled, gain),
        Step("+ the bias", scaled + wiring.reading.value(bias), bias),
    )
    left = _row(wiring, wiring.normed_from(place), row, "number")
    squares = (left.values - standing.mean) ** 2
    return Made(left, None, squares, "less the mean, squared", steps)


def _logits(wiring: Wiring, number: Number, layer: int) -> Made:
    left = _row(wiring, wiring.top, wiring.position, "vector")
    right = _column(wiring, "w_vocab", number.column, "weight")
    return _dot(left, right, wiring, "b_vocab", number.column)


def _probs(wiring: Wiring, number: Number, layer: int) -> Made:
    return _softmax(_row(wiring, "logits", 0, "score"), number.column)


def _loss(wiring: Wiring, number: Number, layer: int) -> Made:
    at = Number(PROBS, 0, wiring.reading.target)
    p = wiring.reading.value(at)
    left = Factors(np.array([p]), lambda _: at, "probability")
    says = "− its natural logarithm"
    return Made(left, None, left.values, "of the right word", (Step(says, -np.log(p)),))


_MAKERS = {
    "q": _qkv, "k": _qkv, "v": _qkv, "scores": _scores, "attn_weights": _attn_weights,
    "mixed": _mixed, "attn_out": _attn_out, "before": _before, "hidden": _hidden,
    "ffn_out": _ffn_out, "sum_1": _sum, "sum_2": _sum, "embedding": _embedding,
    "logits": _logits, PROBS: _probs, LOSS: _loss,
}  # fmt: skip
