"""Curves to draw, and what is drawn: for tests of the charts."""

from types import SimpleNamespace

import numpy as np

from fishformer.charts import labels, loss
from fishformer.charts.drawing import text_width

SIZES = ((384, 356), (328, 280))
REFERENCES = (  # training set, grammar, frequency
    (0.19, 0.6, 4.1),
    (0.0, 0.11, 4.36),
    (0.3, 0.32, 4.1),
    (0.87, None, 3.6),
    (1.9, 2.0, 2.05),
    (5.0, None, 5.1),
    (0.1, 4.6, 5.0),
    (1.97, 4.35, 5.0),
)
CURVES = ("training", "held-out")
ALIGNED = {"left": 0.0, "center": 0.5, "right": 1.0}


def references(train_floor, grammar_floor, frequency=4.1, words=172):
    return loss.reference_lines(
        SimpleNamespace(
            uniform=np.log(words),
            frequency=frequency,
            train_floor=train_floor,
            grammar_floor=grammar_floor,
        )
    )


def run(steps=1000, seed=0):
    """Losses and held-out losses that fall as those of a training run do."""
    rng, t = np.random.default_rng(seed), np.arange(steps + 1)
    falling = 0.4 + 4.7 * np.exp(-t / 250)
    noise = rng.normal(size=steps + 1) * 0.3 * np.minimum(1, t / 30)
    every = t[::10]
    return falling + noise, np.stack([every, falling[::10] + every / 4000], 1)


def marks(drawing, kind):
    return [mark for mark in drawing.marks if isinstance(mark, kind)]


def box(text):
    wide = text_width(text.text, text.size, text.weight, text.family)
    left = text.x - wide * ALIGNED[text.align]
    top = text.y - labels.ASCENT
    return labels.Box(left, top, left + wide, top + labels.HEIGHT)
