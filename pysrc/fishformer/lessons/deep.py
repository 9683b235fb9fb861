"""Twelve layers, with the layer norms before or after: one learns, one collapses.

`python -m fishformer.lessons.deep FILE.npz` trains both and keeps where the words of
a few sentences lie after each layer, at some steps on the way. The page shows it, or
trains one of them itself, an update at a time: there each takes about a tenth of a
second.

Shapes: B sentences, T words, N words that are shown, S moments, L layers, D d_model.
"""

import io
import json
import sys
import time
from typing import NamedTuple

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus, load_fish
from fishformer.experiments import logit_lens, vectors_by_layer
from fishformer.lessons.kinship import Cloud, cloud_of
from fishformer.model import Transformer
from fishformer.training import Trainer

NORMS = ("pre", "post")
N_LAYERS = 12
N_SENTENCES = 9  # each for another word of two senses
MOMENTS = (0, 10, 20, 30, 50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500)
FORMAT = "fishformer deep 1"
DIGITS = 256  # binary fractions to which a state is rounded: the file gets smaller


def deep_config(norm: str, seed: int = Config.seed) -> Config:
    """The settings of a deep run: the page's own but for these."""
    return Config(seed=seed, n_layers=N_LAYERS, norm=norm, steps=MOMENTS[-1])


# ---- a run, and what is kept of it -----------------------------------------------


class Moment(NamedTuple):
    """How far a run has come at one step."""

    step: int
    states: np.ndarray  # (L + 1, N, D) float16, before the first block and after each
    right: np.ndarray  # (L + 1,) share of held-out gaps guessed, read after each layer
    held_out: float  # loss, nats; NaN without held-out sentences


def shortened(states: np.ndarray) -> np.ndarray:
    """In float16, rounded to eight binary digits: far finer than a picture shows."""
    fractions, exponents = np.frexp(states.astype(np.float32))
    rounded = np.rint(fractions * DIGITS) / DIGITS
    return np.ldexp(rounded, exponents).astype(np.float16)


class Recording:
    """What is kept of one run of a deep model."""

    def __init__(self, config: Config, cloud: Cloud):
        self.config = config
        self.cloud = cloud
        self.moments: list[Moment] = []
        self.losses: list[float] = []  # of each step's batch
        self.seconds = 0.0  # of computing; no part of the file

    @property
    def step(self) -> int:
        """Updates made so far."""
        return max(len(self.losses) - 1, 0)


class DeepRun:
    """Trains a deep model update by update and records it."""

    def __init__(self, config: Config, corpus: Corpus):
        self.recording = Recording(config, cloud_of(corpus, N_SENTENCES))
        self._trainer: Trainer | None = None
        self._corpus = corpus

    def advance(self) -> bool:
        """One update, and what is kept of it; whether there is more to do."""
        began = time.perf_counter()
        recording = self.recording
        if self._trainer is None:
            self._trainer = Trainer(recording.config, self._corpus)
        else:
            self._trainer.update()
        recording.losses.append(self._trainer.report.loss)
        if recording.step in MOMENTS:
            recording.moments.append(self._look(self._trainer))
        recording.seconds += time.perf_counter() - began
        return recording.step < recording.config.steps

    def _look(self, trainer: Trainer) -> Moment:
        model, cloud = trainer.model, self.recording.cloud
        assert isinstance(model, Transformer)
        trace = model.stack.forward(cloud.token_ids)
        states = shortened(vectors_by_layer(trace)[:, *cloud.here])
        step, batch = trainer.report.step, trainer.held_out_batch
        if batch is None:
            return Moment(step, states, np.full(len(states), np.nan), np.nan)
        trace = model.stack.forward(batch.token_ids)
        probs = logit_lens(model, trace, batch.places)
        right = (probs.argmax(axis=-1) == batch.targets).mean(axis=-1)
        of_target = probs[-1, np.arange(len(batch.targets)), batch.targets]
        return Moment(step, states, right, float(-np.log(of_target).mean()))


# ---- the file --------------------------------------------------------------------


def packed(recordings: dict[str, Recording]) -> bytes:
    """Both recordings as one compressed .npz; the same numbers give the same bytes."""
    cloud = recordings[NORMS[0]].cloud
    about = {
        "format": FORMAT,
        "words": cloud.words,
        "senses": cloud.senses,
        "settings": {n: r.config.to_strings() for n, r in recordings.items()},
        "steps": [moment.step for moment in recordings[NORMS[0]].moments],
    }
    arrays = {
        "token_ids": cloud.token_ids,
        "sentence": cloud.sentence,
        "place": cloud.place,
    }
    for norm, recording in recordings.items():
        moments = recording.moments
        arrays |= {
            f"{norm}.states": np.stack([moment.states for moment in moments]),
            f"{norm}.right": np.stack([moment.right for moment in moments]),
            f"{norm}.held_out": np.array([moment.held_out for moment in moments]),
            f"{norm}.losses": np.array(recording.losses, np.float32),
        }
    file = io.BytesIO()
    np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpacked(data: bytes) -> dict[str, Recording]:
    """The recordings in a file. Raises ValueError if there are none in it."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = dict(file)
        about = json.loads(str(arrays["about"]))
        if about["format"] != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
        cloud = Cloud(
            arrays["token_ids"],
            tuple(about["words"]),
            arrays["sentence"],
            arrays["place"],
            tuple(about["senses"]),
        )
        recordings = {}
        for norm in NORMS:
            config = Config.from_strings(about["settings"][norm])
            recording = recordings[norm] = Recording(config, cloud)
            recording.losses = arrays[f"{norm}.losses"].tolist()
            parts = (arrays[f"{norm}.{n}"] for n in ("states", "right", "held_out"))
            recording.moments = [
                Moment(step, states, right, float(held_out))
                for step, states, right, held_out in zip(
                    about["steps"], *parts, strict=True
                )
            ]
        return recordings
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise ValueError(f"This is no recording of deep models: {error}.") from None


def main(path: str) -> None:
    """Train both, say how far they are, and write the file."""
    recordings = {}
    for norm in NORMS:
        run = DeepRun(deep_config(norm), load_fish())
        while run.advance():
            pass
        recordings[norm] = run.recording
        last = run.recording.moments[-1]
        print(
            f"{norm}-norm: held-out loss {last.held_out:.2f} at step {last.step}, "
            f"{run.recording.seconds:.0f} s",
            flush=True,
        )
    with open(path, "wb") as file:
        file.write(packed(recordings))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m fishformer.lessons.deep OUT.npz")
    main(sys.argv[1])
