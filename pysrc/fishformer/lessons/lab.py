"""A copy of a model to look into and to nudge, with one sentence and one hidden word.

It computes in float64, whatever the model does, so that a difference of two losses has
digits enough. The model itself is only read.
"""

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Blanked
from fishformer.lessons.places import LOSS, PROBS, Number, is_parameter, spots
from fishformer.lessons.watching import Touch, watching
from fishformer.model import Transformer
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tokenizer import Tokenizer

# Of a number, or of its size where that is above 1. A large nudge leaves the straight
# part of the loss, a small one drowns in rounding: the slope is taken where two agree.
NUDGES = (1e-3, 1e-4, 1e-5, 1e-6)


class Reading(NamedTuple):
    """Every number of one pass and its gradient, by place, in the order of the pass.

    The parameters come last. A matrix is (T, D), or (H, T, D) where there are heads;
    a vector, as of a bias, is (1, D).
    """

    asked: Blanked
    values: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    target: int  # the id of the right word

    def value(self, number: Number) -> float:
        """The number itself. Raises KeyError or IndexError where there is none."""
        return float(_at(self.values, number))

    def gradient(self, number: Number) -> float:
        """The gradient of the loss with respect to it."""
        return float(_at(self.gradients, number))


def _at(arrays: dict[str, np.ndarray], number: Number) -> np.ndarray:
    array = arrays[number.place]
    place = (number.row, number.column)
    return array[number.head, *place] if array.ndim == 3 else array[place]


class Check(NamedTuple):
    """A gradient against the loss itself, computed twice more."""

    by: float  # the nudge, up and down
    above: float  # the loss with the number nudged up
    below: float
    slope: float  # their difference, divided
    gradient: float
    noise: float  # what rounding alone can make of the slope

    @property
    def difference(self) -> float:
        """How far apart the two are, relative to the larger."""
        largest = max(abs(self.slope), abs(self.gradient))
        return abs(self.slope - self.gradient) / largest if largest else 0.0


class Lab:
    """The copy: `load` parameters, `read` a pass, `check` a number."""

    def __init__(self, config: Config, tokenizer: Tokenizer, max_len: int,
                 dtype: str = "float64"):  # fmt: skip
        self.config = replace(config, dtype=dtype)
        self.tokenizer = tokenizer
        rng = np.random.default_rng(config.seed)
        self.model = Transformer(self.config, len(tokenizer), max_len, rng)
        self.start = self.model.params.zeros_like()  # the parameters of step 0
        self.start.buffer[...] = self.model.params.buffer
        self.forward, self.backward = spots(self.model)

    def load(self, buffer: np.ndarray) -> None:
        """Take over the parameters of a model."""
        self.model.params.buffer[...] = buffer

    def started(self, number: Number) -> float:
        """What a parameter was at step 0."""
        return float(_matrix(self.start[number.place])[number.row, number.column])

    def read(self, asked: Blanked) -> Reading:
        """One pass there and back, with every number on the way."""
        values: dict[str, np.ndarray] = {}
        gradients: dict[str, np.ndarray] = {}
        model = self.model
        ids, places, targets = self._batch(asked)
        with watching(self.forward, _keeping(values)):
            logits, trace = model.forward(ids, places)
        loss, probs = cross_entropy_forward(logits, targets)
        with watching(self.backward, _keeping(gradients)):
            grads = model.backward(cross_entropy_backward(probs, targets), trace)
        (target,) = targets.tolist()
        values[PROBS], values[LOSS] = probs, np.array([[loss]])
        of_probs = np.zeros_like(probs)
        of_probs[0, target] = -1 / probs[0, target]
        gradients[PROBS], gradients[LOSS] = of_probs, np.ones((1, 1))
        for name, view in model.params.views.items():
            if not is_parameter(name):
                continue  # one that an edit has added
            values[name], gradients[name] = (
                _matrix(part).copy() for part in (view, grads[name])
            )
        return Reading(asked, values, gradients, target)

    def loss(self, asked: Blanked) -> float:
        """The surprise at the hidden word, in nats."""
        ids, places, targets = self._batch(asked)
        return cross_entropy_forward(self.model.forward(ids, places)[0], targets)[0]

    def nudged(self, asked: Blanked, number: Number, by: float) -> float:
        """The loss where one number is so much larger, and all after it follows.

        A parameter is changed and put back; any other is changed in passing, right
        after the line that computes it. Raises ValueError for the loss itself.
        """
        if number.place == LOSS:
            raise ValueError("The loss is what is measured; it has no other slope.")
        if number.place == PROBS:
            ids, places, targets = self._batch(asked)
            logits, _ = self.model.forward(ids, places)
            probs = cross_entropy_forward(logits, targets)[1][0]
            probs[number.column] += by
            return float(-np.log(probs[targets[0]]))
        if is_parameter(number.place):
            view = _matrix(self.model.params[number.place])
            before = view[number.row, number.column]
            view[number.row, number.column] += by
            try:
                return self.loss(asked)
            finally:
                view[number.row, number.column] = before

        def nudge(_: str, array: np.ndarray) -> None:
            inside = array[0] if array.ndim > 2 else array
            place = (number.row, number.column)
            inside[(number.head, *place) if inside.ndim == 3 else place] += by

        with watching({number.place: self.forward[number.place]}, nudge):
            return self.loss(asked)

    def check(self, reading: Reading, number: Number) -> Check:
        """The loss with a number nudged up and down, against the gradient."""
        size = abs(reading.value(number))
        if number.place != PROBS:
            size = max(size, 1.0)
        tried = [self.slope(reading, number, nudge * size) for nudge in NUDGES]
        apart = [abs(one.slope - two.slope) for one, two in pairwise(tried)]
        return tried[1 + int(np.argmin(apart))]

    def slope(self, reading: Reading, number: Number, by: float) -> Check:
        """The same with a nudge that is given."""
        above = self.nudged(reading.asked, number, by)
        below = self.nudged(reading.asked, number, -by)
        eps = float(np.finfo(self.config.dtype).eps)
        noise = eps * max(abs(above), abs(below), 1.0) / by
        slope = (above - below) / (2 * by)
        return Check(by, above, below, slope, reading.gradient(number), noise)

    def _batch(self, asked: Blanked) -> tuple:
        ids = np.array([self.tokenizer.encode(asked.words)])
        target = np.array(self.tokenizer.encode([asked.answer]))
        return ids, (np.array([0]), np.array([asked.position])), target


def _matrix(array: np.ndarray) -> np.ndarray:
    """A view with rows: a vector is one."""
    return array[None] if array.ndim == 1 else array


def _keeping(kept: dict[str, np.ndarray]) -> Touch:
    """Copies what is passed, without the axis of sentences: there is one."""

    def keep(key: str, array: np.ndarray) -> None:
        kept[key] = (array[0] if array.ndim > 2 else array).copy()

    return keep
