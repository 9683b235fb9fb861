"""What E17 sees: one model at one step, as points."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fishformer.corpus import Corpus
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import Projector, unit_length
from fishformer.lessons.deep import Recording
from fishformer.lessons.kinship import WATERSIDE, Cloud, Kinship, cloud_of, kinship
from fishformer.model import Transformer
from fishformer.timeline import Timeline

COMMON = 5  # words with a colour of their own
FULL = 97  # per cent of the points lie inside the cube that fills the sheet

Key = tuple[str, Any]


class Sight(NamedTuple):
    """One model at one step, ready to be looked at."""

    cloud: Cloud
    units: np.ndarray  # (L + 1, N, D) all of length 1
    places: np.ndarray  # (L + 1, N, 3)
    shares: np.ndarray  # (3,) of the variance of all layers together
    alike: Kinship
    lengths: np.ndarray  # (L + 1,) mean length of the vectors
    step: int
    right: np.ndarray | None = None  # (L + 1,) of a recording
    held_out: float | None = None

    @property
    def n_layers(self) -> int:
        """Layers of the model."""
        return len(self.places) - 1


def sight_of(
    vectors: np.ndarray, cloud: Cloud, projector: Projector, step: int, new: bool
) -> Sight:
    """Vectors (L + 1, N, D) as points: each at length 1, all layers seen from one side.

    `new` says that training gets to this step for the first time. In a deep pre-norm
    model the vectors grow from layer to layer; at length 1, what differs is where
    they point.
    """
    units = unit_length(vectors)
    if new:
        projector.keep(step, units)
    frame = projector.frame(step, units)
    places = frame.project(units)
    size = np.percentile(np.linalg.norm(places, axis=-1), FULL)
    return Sight(
        cloud,
        units,
        places / (size or 1),
        frame.shares,
        kinship(units, cloud),
        np.linalg.norm(vectors.astype(np.float64), axis=-1).mean(axis=-1),
        step,
    )


class Looking:
    """Looks at models, each from the side that it was seen from before.

    A key names what is seen: a model, and which sentences or whose recording of it.
    """

    def __init__(self) -> None:
        self._projectors: dict[Key, Projector] = {}
        self._kept: dict[Key, int] = {}  # moments that have their key frames
        self._clouds: dict[int, Cloud] = {}
        self.seen: Any = None  # what the sight is of
        self.sight: Sight | None = None
        self._listed: tuple[Cloud | None, list[str]] = None, []

    def forget(self, key: Key) -> None:
        """Of a model that is trained anew."""
        self._projectors.pop(key, None)
        self._kept.pop(key, None)
        self.seen = None

    def forget_live(self) -> None:
        """Other sentences have come."""
        self._clouds.clear()
        for key in [key for key in self._projectors if key[0] == "live"]:
            del self._projectors[key]

    @property
    def listed(self) -> list[str]:
        """The words to choose from."""
        cloud = self.sight.cloud if self.sight else None
        if cloud is not self._listed[0]:
            self._listed = cloud, listed(cloud) if cloud else []
        return self._listed[1]

    def look_at_live(self, timeline: Timeline, corpus: Corpus, n: int) -> None:
        """The live model on n sentences."""
        model, seen = (
            timeline.trainer.model,
            ("live", n, timeline.trainer, timeline.step),
        )
        if seen == self.seen or not isinstance(model, Transformer):
            return
        self.seen = seen
        cloud = self._clouds.setdefault(n, cloud_of(corpus, n))
        trace = model.stack.forward(cloud.token_ids)
        vectors = vectors_by_layer(trace)[:, *cloud.here]
        if not np.isfinite(vectors).all():
            return  # what was there before the run failed stays
        projector = self._projectors.setdefault(("live", n), Projector(3))
        new = timeline.step == timeline.last
        self.sight = sight_of(vectors, cloud, projector, timeline.step, new)

    def look_at(self, recording: Recording | None, place: int, key: Key) -> None:
        """One moment of a recording, if there is any."""
        if recording is None or not recording.moments:
            self.sight = self.seen = None
        elif self.seen != (key, id(recording), place):
            self.seen = key, id(recording), place
            self.sight = self._recorded(key, recording, place)

    def _recorded(self, key: Key, recording: Recording, place: int) -> Sight:
        projector = self._projectors.setdefault(key, Projector(3, spacing=1))
        for moment in recording.moments[self._kept.get(key, 0) : place]:
            projector.keep(moment.step, unit_length(moment.states))
        self._kept[key] = max(self._kept.get(key, 0), place)
        moment = recording.moments[place]
        sight = sight_of(
            moment.states, recording.cloud, projector, moment.step, new=True
        )
        return sight._replace(right=moment.right, held_out=moment.held_out)


def point_of(
    sight: Sight, pointed: int | None, words: Sequence[str | None]
) -> int | None:
    """Which point is asked about: the one pointed at, or else the first of a word."""
    known = sight.cloud.words
    if pointed is not None and pointed < len(known):
        return pointed
    return next((known.index(word) for word in words if word in known), None)


def between(by_layer: np.ndarray, layer: float) -> np.ndarray:
    """By layer (L + 1, ...) -> at a layer, even between two."""
    low = min(int(layer), len(by_layer) - 1)
    high = min(low + 1, len(by_layer) - 1)
    part = layer - low
    return (1 - part) * by_layer[low] + part * by_layer[high]


def looks_of(
    cloud: Cloud, colour: str, chosen: str, lit: str
) -> tuple[list[str], list[tuple[str, str]]]:
    """What each point looks like, and what that means; the word `lit` stands out."""
    if colour == "sense" and any(cloud.senses):
        kinds = [
            "other" if not s else "first" if s in WATERSIDE else "second"
            for s in cloud.senses
        ]
        key = [
            ("first", "by the water"),
            ("second", "elsewhere"),
            ("other", "words of one sense"),
        ]
    elif colour == "position":
        last = int(cloud.place.max()) + 1
        kinds = [f"p{1 + 5 * p // last}" for p in cloud.place.tolist()]
        key = [("p1", "first words"), ("p3", "middle"), ("p5", "last words")]
    else:
        counts = Counter(word for word in cloud.words if word != chosen)
        common = [word for word, _ in counts.most_common(COMMON)]
        of_word = dict(zip(common, "abcde", strict=False))
        kinds = [of_word.get(word, "other") for word in cloud.words]
        key = [(kind, word) for word, kind in of_word.items()]
    kinds = [
        "lit" if word == lit else kind
        for word, kind in zip(cloud.words, kinds, strict=True)
    ]
    if lit in cloud.words:
        key = [("lit", lit), *key]
    return kinds, key


def listed(cloud: Cloud) -> list[str]:
    """Words of two senses, and the commonest of the others."""
    two = [w for w, s in zip(cloud.words, cloud.senses, strict=True) if s]
    rest = Counter(w for w in cloud.words if w not in two)
    common = [w for w, _ in rest.most_common(COMMON if two else 2 * COMMON)]
    return list(dict.fromkeys([*two, *common]))
