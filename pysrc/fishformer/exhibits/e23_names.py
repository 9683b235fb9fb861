"""E23's words: what any number of a pass is called, and its row and its column."""

from math import floor, log10

import numpy as np

from fishformer.completion import as_named
from fishformer.config import Config
from fishformer.exhibits.numerals import SUPERSCRIPTS, power, signed
from fishformer.lessons.lab import Reading
from fishformer.lessons.places import (
    LOSS,
    PARAMETERS,
    PROBS,
    Number,
    is_parameter,
    kind_of,
    split,
)
from fishformer.tokenizer import Tokenizer

OF_WORD = {  # a number of one word's row; {n} is which
    "embedding": "number {n} of {word}, word vector and position vector together",
    "embedded": "number {n} of {word} as it comes into layer 1",
    "norm_1": "number {n} of {word} after the first layer norm of layer {layer}",
    "mixed": "number {n} of what the heads of layer {layer} bring to {word}",
    "attn_out": "number {n} of what attention in layer {layer} says to {word}",
    "sum_1": "number {n} of {word} in layer {layer}, attention added",
    "norm_2": "number {n} of {word} after the second layer norm of layer {layer}",
    "before": "neuron {n} of layer {layer} for {word}, before the activation",
    "hidden": "neuron {n} of layer {layer} for {word}, after the activation",
    "ffn_out": "number {n} of what the feed-forward step of layer {layer} says to "
    "{word}",
    "sum_2": "number {n} of {word} in layer {layer}, the feed-forward step added",
    "ln_final": "number {n} of {word} after the last layer norm",
    "q": "number {n} of the query of {word} in layer {layer}, head {head}",
    "k": "number {n} of the key of {word} in layer {layer}, head {head}",
    "v": "number {n} of the value of {word} in layer {layer}, head {head}",
}
OF_LAYER = {  # parameters; {row} goes in, {n} comes out
    "w_q": "the weight from number {row} to query number {n} in layer {layer}",
    "w_k": "the weight from number {row} to key number {n} in layer {layer}",
    "w_v": "the weight from number {row} to value number {n} in layer {layer}",
    "w_o": "the weight from the heads’ number {row} to number {n} of what attention "
    "says in layer {layer}",
    "w_in": "the weight from number {row} to neuron {n} in layer {layer}",
    "b_in": "the bias of neuron {n} in layer {layer}",
    "w_out": "the weight from neuron {row} to number {n} in layer {layer}",
    "b_out": "the bias of number {n} of what the feed-forward step of layer {layer} "
    "says",
}
NORMS = {
    "ln_emb": "the layer norm of the embedding",
    "ln_1": "the first layer norm of layer {layer}",
    "ln_2": "the second layer norm of layer {layer}",
    "ln_final": "the last layer norm",
}


def figure(value: float) -> str:
    """A number as it is read: 0.1312, 41.2, 2.4 × 10⁻⁵."""
    if value == 0:
        return "0"
    if abs(value) < 0.001 or abs(value) >= 1e6:
        return power(value)
    return f"{value:,.{_decimals(value)}f}".replace("-", "−")


def _decimals(value: float) -> int:
    """As many as make four digits, or more before the point."""
    return min(max(3 - floor(log10(abs(value))), 1), 7) if value else 1


def cells(values: np.ndarray) -> list[list[str]]:
    """Numbers in narrow columns, with as many decimals as the largest needs.

    A 0 is exactly that; what would round to it has a power of ten.
    """
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    decimals = _decimals(largest)

    def cell(value: float) -> str:
        if value == 0:
            return "0"
        if largest < 1e-4 or largest >= 1e5 or not round(value, decimals):
            return power(value).replace("\u00a0×\u00a0", "·")
        return signed(value, decimals)

    return [[cell(value) for value in row] for row in values.tolist()]


def column(values: np.ndarray, name: str) -> tuple[list[str], str]:
    """Numbers one below the other, and their heading; small ones have a unit in it."""
    largest = float(np.abs(values).max(initial=0.0))
    if not 0 < largest < 0.01:
        return [text for (text,) in cells(values[:, None])], name
    exponent = floor(log10(largest))
    unit = f"10{str(exponent).translate(SUPERSCRIPTS)}"
    digits = [signed(value / 10.0**exponent, 3) for value in values.tolist()]
    return digits, f"{name}, {unit}"


def group_of(place: str) -> str:
    """Under which heading a place stands in the map."""
    layer, name = split(place)
    if is_parameter(place):
        return "Learned"
    if not layer:
        return "Passed"
    think = name in ("norm_2", "before", "hidden", "ffn_out", "sum_2")
    return "Feed-forward" if think else "Attention"


class Names:
    """The words for one sentence in one model."""

    def __init__(self, config: Config, tokenizer: Tokenizer, reading: Reading):
        self.config, self.vocabulary = config, tokenizer.words
        self.shapes = {place: v.shape for place, v in reading.values.items()}
        self.asked = reading.asked
        self.words = words = as_named(reading.asked.words)
        self.told_apart = [  # a word that stands there twice has its place, too
            f"{word} ({n})" if words.count(word) > 1 else word
            for n, word in enumerate(words, start=1)
        ]

    def place(self, place: str) -> str:
        """What a place is called in the map."""
        if not is_parameter(place):
            return kind_of(place).name
        name = split(place)[1]
        owner, _, kind = name.rpartition(".")
        said = PARAMETERS[kind][0]
        which = {"ln_1": "first ", "ln_2": "second "}.get(owner, "")
        return f"{which}{said}"

    def where(self, place: str) -> str:
        """The same with its layer."""
        layer, _ = split(place)
        return f"{self.place(place)}, layer {layer}" if layer else self.place(place)

    def rows(self, place: str) -> list[str]:
        """What the rows of a place are."""
        name = split(place)[1]
        n_rows = self.shapes[place][-2]
        if name == "tok_emb":
            return list(self.vocabulary)
        if not is_parameter(place) and place not in ("logits", PROBS, LOSS):
            return self.told_apart
        if n_rows == 1:
            return [""]
        return [str(n) for n in range(1, n_rows + 1)]

    def columns(self, place: str) -> list[str]:
        """What its columns are."""
        name = split(place)[1]
        if name in ("scores", "attn_weights"):
            return self.told_apart
        if name in ("logits", PROBS, "w_vocab", "b_vocab"):
            return list(self.vocabulary)
        return [str(n) for n in range(1, self.shapes[place][-1] + 1)]

    def full(self, number: Number) -> str:
        """A number's name as one says it."""
        layer, name = split(number.place)
        owner, _, kind = name.rpartition(".")
        here: dict[str, object] = {
            "n": number.column + 1, "row": number.row + 1, "layer": layer,
            "head": number.head + 1,
        }  # fmt: skip
        if kind in ("gain", "bias"):
            return f"the {kind} of number {{n}} in {NORMS[owner]}".format(**here)
        if name in OF_LAYER:
            return OF_LAYER[name].format(**here)
        if name in OF_WORD:
            here["word"] = f"“{self.told_apart[number.row]}”"
            return OF_WORD[name].format(**here)
        return self._other(number, name, layer)

    def _other(self, number: Number, name: str, layer: int) -> str:
        n = number.column + 1
        if name == "attn_weights":
            one, two = self._pair(number)
            return (
                f"how much {one} looks at {two} in layer {layer}, head "
                f"{number.head + 1}"
            )
        if name == "scores":
            one, two = self._pair(number)
            return f"the score of {one} for {two} in layer {layer}, head " + str(
                number.head + 1
            )
        if name == "tok_emb":
            word = self.vocabulary[number.row]
            return f"number {n} of the vector of the word “{word}”"
        if name == "pos_emb":
            return f"number {n} of the vector of position {number.row + 1}"
        if name == LOSS:
            return f"the loss: the surprise at “{self.asked.answer}”, in nats"
        word = self.vocabulary[number.column]
        return {
            "logits": f"the score of the word “{word}” for the gap",
            PROBS: f"the probability of the word “{word}” for the gap",
            "w_vocab": f"the weight from number {number.row + 1} to the score of the "
            f"word “{word}”",
            "b_vocab": f"the bias of the score of the word “{word}”",
        }[name]

    def _pair(self, number: Number) -> tuple[str, str]:
        one, two = (self.told_apart[n] for n in (number.row, number.column))
        return f"“{one}”", "itself" if number.row == number.column else f"“{two}”"

    def short(self, number: Number, head: bool = False, place: bool = True) -> str:
        """A number's name where there is little room; head and place if asked."""
        rows, columns = self.rows(number.place), self.columns(number.place)
        name = f"{self.place(number.place)} " if place else ""
        if number.place == LOSS:
            return self.place(LOSS)
        if is_parameter(number.place) or len(rows) == 1:
            said = f"{name}{columns[number.column]}"
        elif columns == rows:
            said = f"{name}{rows[number.row]} → {columns[number.column]}"
        else:
            said = f"{name}{columns[number.column]}: {rows[number.row]}"
        if head and len(self.shapes[number.place]) == 3:
            said = f"{said} (head {number.head + 1})"
        return said
