"""A run in a file: .npz with parameters, optimiser, randomness, settings, sentences."""

import json
import zipfile
from pathlib import Path

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus, CorpusReport, load_fish
from fishformer.tasks import Data, Pair, Pairs, Question, Questions
from fishformer.training import Checkpoint, HeldOut, Trainer

FORMAT = "fishformer 1"


# What reading a file of another kind, or a damaged one, may raise.
UNREADABLE = (
    ValueError, KeyError, TypeError, AttributeError, EOFError, NotImplementedError,
    zipfile.BadZipFile,
)  # fmt: skip


class StorageError(ValueError):
    """A file does not hold a run that this version can read; the message says why."""


def save(path: str | Path, trainer: Trainer) -> None:
    """Write the run as it stands; `path` is used as given. Raises OSError."""
    state = trainer.checkpoint()
    about = {
        "format": FORMAT,
        "settings": trainer.config.to_strings(),
        "step": state.step,
        "rng_state": state.rng_state,
        "held_out": state.held_out,
        "data": {
            "kind": type(trainer.data).__name__,
            "name": trainer.data.name,
            "train": trainer.data.train,
            "held_out": trainer.data.held_out,
        },
    }
    with open(path, "wb") as file:
        np.savez(
            file,
            about=np.array(json.dumps(about)),
            params=state.params,
            adam_m=state.adam_m,
            adam_v=state.adam_v,
        )


def load(path: str | Path) -> Trainer:
    """The run in a file, standing where it stood. Raises StorageError, OSError."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about.get("format") != FORMAT:
                raise StorageError(f"its format is not {FORMAT!r}.")
            trainer = Trainer(
                Config.from_strings(about["settings"]), _data(about["data"])
            )
            if not isinstance(about["step"], int) or about["step"] < 0:
                raise StorageError(f"step = {about['step']} is not a step.")
            held_out = about["held_out"] and HeldOut(*about["held_out"])
            names = ("params", "adam_m", "adam_v")
            buffers = {name: arrays[name] for name in names}
            size = trainer.model.params.buffer.size
            for name, buffer in buffers.items():
                if buffer.shape != (size,) or not np.isfinite(buffer).all():
                    raise StorageError(f"{name} is not {size:,} numbers.")
            trainer.restore(
                Checkpoint(
                    step=about["step"],
                    rng_state=about["rng_state"],
                    held_out=held_out,
                    **buffers,
                )
            )
            return trainer
    except UNREADABLE as error:
        raise StorageError(f"{path} holds no run that can be read: {error}") from None


def _data(about: dict) -> Data:
    """What the run learns from, as it was when it was saved."""
    name, kind = about["name"], about["kind"]
    train, held_out = (about[split] for split in ("train", "held_out"))
    if kind == "Pairs":
        return Pairs(name, *(_all(Pair, rows) for rows in (train, held_out)))
    if kind == "Questions":
        return Questions(name, *(_all(Question, rows) for rows in (train, held_out)))
    train, held_out = (
        tuple(tuple(words) for words in rows) for rows in (train, held_out)
    )
    fish = load_fish()
    if (train, held_out) == (fish.train, fish.held_out):
        return fish
    sentences = [*train, *held_out]
    report = CorpusReport(len(sentences), sum(map(len, sentences)))
    return Corpus(name, train, held_out, report)


def _all(row_type, rows: list) -> tuple:
    """Rows as they were before JSON made lists of all tuples."""
    return tuple(
        row_type(*(tuple(x) if isinstance(x, list) else x for x in row)) for row in rows
    )
