"""A run as plain data that JSON can hold, and back: all of it but its numbers."""

import math
import platform
import re
import sys
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

import fishformer
from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.runs import Run
from fishformer.storage import StorageError
from fishformer.training import HeldOut

FORMAT = "fishformer run"
VERSION = 1
FISH = "fish"
MODULE = re.compile(r"(\w+/)*\w+\.py", re.ASCII)
MOST_STEPS = 1_000_000
LONGEST_EDIT = 200_000  # characters
LONGEST_NAME = 60  # characters


def to_record(run: Run, losses: Sequence[float]) -> dict[str, Any]:
    """The run with the losses of its first steps, or of all."""
    last = len(losses) - 1
    looks = {k: look for k, look in sorted(run.held_out.items()) if k <= last}
    config = run.config
    return {
        "format": f"{FORMAT} {VERSION}",
        "made_by": {
            "fishformer": fishformer.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "platform": sys.platform,
        },
        "name": run.name,
        "replayable": run.base == 0,
        "settings": {key: said["value"] for key, said in config.described().items()},
        "seed": config.seed,
        "corpus": FISH if run.text is None else run.text,
        "edits": dict(run.edits),
        "step": min(run.step, last),
        "end": max(run.end, last),
        "losses": [plain(loss) for loss in losses],
        "held_out": [[k, *map(plain, look)] for k, look in looks.items()],
    }


def plain(number: float) -> float | None:
    """The number, or None if it is none: JSON knows no NaN."""
    return number if math.isfinite(number) else None


def from_record(record: Any) -> Run:
    """The run that a record tells of, without checkpoints.

    Raises StorageError, ConfigError or CorpusError, which say what is wrong with it.
    """
    check_format(record, FORMAT, VERSION)
    for key, kind in KINDS.items():
        if key not in record:
            raise StorageError(f"it has no {key!r}.")
        if not isinstance(record[key], kind) or isinstance(record[key], bool):
            raise StorageError(f"its {key!r} is {record[key]!r:.60}.")
    settings, edits = record["settings"], record["edits"]
    if not all(isinstance(text, str) for text in settings.values()):
        raise StorageError("its settings are not texts.")
    config = Config.from_strings(settings)
    if config.model != "encoder":
        raise StorageError(
            f"model = {config.model} trains in a terminal; this page has an encoder."
        )
    text = None if record["corpus"] == FISH else record["corpus"]
    if text is not None:
        load_corpus(text)
    for path, code in edits.items():
        _check_edit(path, code)
    losses = [_loss(loss) for loss in record["losses"]]
    last, step, end = len(losses) - 1, record["step"], record["end"]
    if not 0 <= step <= last <= end <= MOST_STEPS:
        raise StorageError(
            f"step = {step} is not on its timeline, 0 to {last} of {end}."
        )
    return Run(
        name=record["name"][:LONGEST_NAME],
        settings=config.to_strings(),
        text=text,
        edits=edits,
        step=step,
        end=max(end, 1),
        losses=array("d", losses),
        held_out=dict(_look(look, last) for look in record["held_out"]),
        base=0 if record.get("replayable") is True else step,
    )


KINDS = {
    "name": str,
    "settings": dict,
    "corpus": str,
    "edits": dict,
    "step": int,
    "end": int,
    "losses": list,
    "held_out": list,
}


def check_format(record: Any, name: str, version: int) -> None:
    """Raises StorageError for what is not of this format, or of a later version."""
    said = record.get("format") if isinstance(record, dict) else None
    found = (
        re.fullmatch(rf"{name} (\d{{1,9}})", said) if isinstance(said, str) else None
    )
    if not found:
        raise StorageError(f"its format is not {name!r}, but {said!r:.60}.")
    if int(found[1]) > version:
        raise StorageError(
            f"its format is {said!r}; this page reads versions up to {version}. A "
            "newer page made it."
        )


def _check_edit(path: str, code: Any) -> None:
    if not MODULE.fullmatch(path) or not isinstance(code, str):
        raise StorageError(f"it edits {path!r:.60}, which is no module.")
    if len(code) > LONGEST_EDIT:
        raise StorageError(
            f"its edited {path} has {len(code):,} characters; {LONGEST_EDIT:,} are "
            "allowed."
        )


def _loss(value: Any) -> float:
    if value is None:
        return math.nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise StorageError(f"among its losses is {value!r:.60}.")
    return float(value)


def _look(look: Any, last: int) -> tuple[int, HeldOut]:
    """One look at the held-out sentences: [step, loss, top 1, top 5]."""
    if isinstance(look, list) and len(look) == 4 and look[0] in range(last + 1):
        return look[0], HeldOut(*map(_loss, look[1:]))
    raise StorageError(f"among its held-out losses is {look!r:.60}.")
