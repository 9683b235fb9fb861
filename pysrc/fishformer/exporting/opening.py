"""What a file is, by its content, and the run in it."""

import json
from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

from fishformer.config import Config, ConfigError
from fishformer.corpus import CorpusError
from fishformer.exporting import safetensors
from fishformer.exporting.record import from_record
from fishformer.exporting.weights import MOST_BYTES, from_npz, from_safetensors
from fishformer.guests import GuestError, check
from fishformer.links import FILE as LINK
from fishformer.links import Link, LinkError, from_file
from fishformer.runs import Run
from fishformer.storage import StorageError
from fishformer.timeline import Timeline

ZIP, NPY, PICKLE = b"PK\x03\x04", b"\x93NUMPY", b"\x80"
WHAT_COMES_BACK = "Weights (.npz, .safetensors) and runs (.json) can be brought back."


class Opened(NamedTuple):
    """A run from a file, and what there is to say of it."""

    run: Run
    words: str
    goal: int | None = None  # a step that it is to be trained to
    timeline: Timeline | None = None  # that stands at its step, where one was made


def open_file(
    name: str, data: bytes, edits: Mapping[str, str], originals: Mapping[str, str]
) -> Opened:
    """As opening(), all at once."""
    parts = opening(name, data, edits, originals)
    while True:
        try:
            next(parts)
        except StopIteration as end:
            return end.value


def opening(
    name: str, data: bytes, edits: Mapping[str, str], originals: Mapping[str, str]
) -> Generator[str, None, Opened]:
    """The run in a file, opened in parts: before each, what it is in words. `edits` are
    those of the code that runs now, `originals` the modules that may be edited, as they
    were made.

    Raises StorageError with a sentence that names the file.
    """
    try:
        yield "unpacking"
        opened = yield from _opened(data, edits, originals)
        for path, text in opened.run.edits.items():
            if path not in originals:
                raise StorageError(f"it edits {path}, which this page does not have.")
            check(path, text, originals[path])
        opened.run.edits = {
            path: text
            for path, text in opened.run.edits.items()
            if text != originals[path]
        }
        return opened
    except (StorageError, ConfigError, CorpusError, LinkError, GuestError) as error:
        raise StorageError(f"{name} cannot be brought back: {error}") from None


def _opened(
    data: bytes, edits: Mapping[str, str], originals: Mapping[str, str]
) -> Generator[str, None, Opened]:
    if not data:
        raise StorageError("it is empty.")
    if len(data) > MOST_BYTES:
        raise StorageError(
            f"it has {len(data) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:,.0f} MB can "
            "be opened."
        )
    if data.startswith(ZIP):
        return _weights(*(yield from from_npz(data, edits)))
    if data.startswith(NPY):
        raise StorageError("it is one array (.npy) without names or settings.")
    if data.startswith(PICKLE) and data.endswith(b"."):
        raise StorageError(
            "it is a pickle, which could run code when it is opened. This page never "
            "opens one."
        )
    if safetensors.looks_like(data):
        return _weights(*(yield from from_safetensors(data, edits)))
    text, found = _json(data)
    if found.get("format") == LINK:
        return _link(from_file(text, originals))
    run = from_record(found)
    if run.base:
        raise StorageError(
            "it began from weights, not from its seed, and without them it cannot be "
            "made again. Bring its weights (.npz) instead."
        )
    steps = f"Its {run.step:,} steps are made again from its seed." if run.step else ""
    return Opened(run, steps)


def _link(link: Link) -> Opened:
    config = Config.from_strings(dict(link.settings))
    end = max(config.steps, link.step or 0)
    run = Run("", config.to_strings(), link.text, dict(link.edits), end=end)
    return Opened(run, "It is trained from its seed.", link.step)


def _weights(run: Run, timeline: Timeline | None) -> Opened:
    if not run.base:
        words = "Training goes on as if it had never left."
    elif not run.checkpoints[run.step].whole().adam_v.any():
        words = "Training goes on; the optimiser’s memory starts empty."
    else:
        words = (
            "These are not the weights that its curve led to, but others: training "
            f"goes on from them. Before step {run.step:,} the curve is that of the old "
            "ones."
        )
    return Opened(run, words, timeline=timeline)


def _json(data: bytes) -> tuple[str, dict[str, Any]]:
    """A text, and the table in JSON that it is."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StorageError(
            f"it is nothing that this page makes. {WHAT_COMES_BACK}"
        ) from None
    if text.startswith("# /// script"):
        raise StorageError(f"a script is for Python to run. {WHAT_COMES_BACK}")
    if not text.lstrip().startswith("{"):
        raise StorageError(
            f"it is a text. {WHAT_COMES_BACK} Sentences to learn from go into the "
            "field of a new experiment."
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"its JSON cannot be read: {error}.") from None
    if "nbformat" in found:
        raise StorageError(f"a notebook is for Jupyter to run. {WHAT_COMES_BACK}")
    return text, found
