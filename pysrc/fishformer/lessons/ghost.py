"""How much of each word is left while a network reads on, before any training."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.experiments import state_input_gradient
from fishformer.model import make_model
from fishformer.tokenizer import SPECIALS


class Net(NamedTuple):
    """One kind of reader."""

    name: str
    settings: dict[str, Any]


# A recurrent network of one layer, and a decoder of two: it too reads left to right.
NETS = {
    "default": Net("Elman network", {"model": "elman", "n_layers": 1}),
    "orthogonal": Net(
        "Elman network, orthogonal start",
        {"model": "elman", "n_layers": 1, "orthogonal": True},
    ),
    "lstm": Net("LSTM", {"model": "lstm", "n_layers": 1}),
    "attention": Net("Attention", {"model": "decoder", "n_layers": 2}),
}


class Reading:
    """All four readers on one sentence, as they are before any training.

    shares[net][t, k] is how much the state at word t depends on word k, compared with
    word t itself, the one just read; NaN where it is not computed yet.
    """

    def __init__(self, sentence: str, seed: int):
        self.words = sentence.split()
        known = sorted(set(self.words))
        self.token_ids = np.array([len(SPECIALS) + known.index(w) for w in self.words])
        T = len(self.words)
        self.shares = {net: np.full((T, T), np.nan) for net in NETS}
        self._due = [(place, net) for place in range(T) for net in NETS]
        self._models: dict[str, Any] = {}
        self._seed, self._vocab_size = seed, len(SPECIALS) + len(known)

    @property
    def done(self) -> float:
        """How much has been computed, 0 to 1."""
        return 1 - len(self._due) / (len(self.words) * len(NETS))

    def read_on(self) -> None:
        """One word further with one reader."""
        place, net = self._due.pop(0)
        left = state_input_gradient(
            self._model(net), self.token_ids[: place + 1], place
        )
        self.shares[net][place, : place + 1] = left / left[-1]

    def _model(self, net: str) -> Any:
        if net not in self._models:
            config = replace(Config(seed=self._seed), **NETS[net].settings)
            rng = np.random.default_rng(self._seed)
            T = len(self.words)
            self._models[net] = make_model(config, self._vocab_size, T, rng)
        return self._models[net]
