"""The numbers of a model in a file: each parameter under its name, and its history.

Beside the parameters lie the optimiser's two memories, so that training goes on as if
nothing had happened, and as JSON the settings, the corpus, the edits and the curve.
"""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from fishformer.exporting import safetensors
from fishformer.exporting.record import check_format, from_record, plain, to_record
from fishformer.runs import Run, corpus_of
from fishformer.storage import StorageError
from fishformer.timeline import Timeline
from fishformer.training import Checkpoint, HeldOut, Trainer

FORMAT = "fishformer weights"
VERSION = 1
ABOUT = "about"  # the JSON in a .npz
METADATA = "fishformer"  # the JSON in a .safetensors
MEMORIES = ("optimiser.m", "optimiser.v")  # Adam's, each in one row
MOST_BYTES = 150_000_000
BROKEN = (  # what reading a zip or an array may raise where they are not whole
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    EOFError,
    KeyError,
    MemoryError,
    OSError,
    RuntimeError,
    ValueError,
)
SAME_LOSS = 1e-3  # nats between the loss that a file names and that of its weights

Arrays = dict[str, np.ndarray]
# A run, and its timeline at its step if the code that runs now is its own. Yields what
# comes next, in words: with a large model each part takes seconds.
Reading = Generator[str, None, tuple[Run, Timeline | None]]


def to_npz(run: Run, trainer: Trainer) -> bytes:
    """The model where the trainer stands, as numpy's own format."""
    arrays, about = _contents(run, trainer)
    file = io.BytesIO()
    np.savez(file, **{ABOUT: np.array(json.dumps(about, allow_nan=False))}, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def to_safetensors(run: Run, trainer: Trainer) -> bytes:
    """The model where the trainer stands, as safetensors."""
    arrays, about = _contents(run, trainer)
    metadata = {"format": "np", METADATA: json.dumps(about, allow_nan=False)}
    return safetensors.write(arrays, metadata)


def _contents(run: Run, trainer: Trainer) -> tuple[Arrays, dict[str, Any]]:
    state, params = trainer.checkpoint(), trainer.model.params
    memories = dict(zip(MEMORIES, (state.adam_m, state.adam_v), strict=True))
    about = {
        "format": f"{FORMAT} {VERSION}",
        "run": {**to_record(run, run.losses[: state.step + 1]), "step": state.step},
        "parameters": {name: list(shape) for name, shape in params.shapes.items()},
        "vocabulary": list(trainer.task.tokenizer.words),
        "rng_state": state.rng_state,
        "held_out": state.held_out and [*map(plain, state.held_out)],
    }
    return {**params.views, **memories}, about


def from_npz(data: bytes, edits: Mapping[str, str]) -> Reading:
    """The run in a .npz, standing at the step of its weights. Never unpickles.

    `edits` are those of the code that runs now: other code's model cannot be checked.
    Raises StorageError, ConfigError or CorpusError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = {part.filename.removesuffix(".npy") for part in file.infolist()}
            if any(name.endswith(".pkl") for name in names):
                raise StorageError(
                    "it is a pickle, which could run code when it is opened. This "
                    "page never opens one."
                )
            size = sum(part.file_size for part in file.infolist())
            if size > MOST_BYTES:
                raise StorageError(
                    f"unpacked it takes {size / 1e6:,.0f} MB; up to "
                    f"{MOST_BYTES / 1e6:,.0f} MB can be opened."
                )
        if ABOUT not in names:
            raise StorageError(f"it has no {ABOUT!r}: it was not made by this page.")
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except StorageError:
        raise
    except BROKEN as error:
        raise StorageError(f"it cannot be unpacked: {error}") from None
    return (yield from _run(arrays, str(arrays.pop(ABOUT)), edits))


def from_safetensors(data: bytes, edits: Mapping[str, str]) -> Reading:
    """The run in a .safetensors, standing at the step of its weights; as from_npz().

    Raises StorageError, ConfigError or CorpusError.
    """
    try:
        arrays, metadata = safetensors.read(data)
    except safetensors.SafetensorsError as error:
        raise StorageError(str(error)) from None
    if METADATA not in metadata:
        raise StorageError("it has no settings: it was not made by this page.")
    return (yield from _run(arrays, metadata[METADATA], edits))


def _run(arrays: Arrays, text: str, edits: Mapping[str, str]) -> Reading:
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"what it says of itself cannot be read: {error}") from None
    check_format(about, FORMAT, VERSION)
    run = from_record(about.get("run"))
    shapes = _shapes(about.get("parameters"))
    size = sum(math.prod(shape) for shape in shapes.values())
    timeline = None
    if run.edits == edits:  # the model that these weights are of is the one here
        yield f"making a model of {size:,} numbers like it"
        timeline = Timeline(run.config, corpus_of(run.text))
        wanted = timeline.trainer.model.params.shapes
        if shapes != wanted:
            _tell_difference(shapes, wanted)
    yield "looking through its numbers"
    named = shapes | dict.fromkeys(MEMORIES, (size,))
    if set(arrays) == set(shapes):  # somebody's own: the optimiser starts afresh
        arrays |= {name: np.zeros(size, run.config.dtype) for name in MEMORIES}
        run.base = run.step
    _check(arrays, named, run.config.dtype)
    state = Checkpoint(
        run.step,
        np.concatenate([arrays[name].ravel() for name in shapes]),
        arrays[MEMORIES[0]],
        arrays[MEMORIES[1]],
        about.get("rng_state") or {},
        _held_out(about.get("held_out")),
    )
    if timeline:
        yield "trying its weights"
        _try(run, timeline.trainer, state)
    run.checkpoints = {run.step: state}
    return run, timeline


def _shapes(said: Any) -> dict[str, tuple[int, ...]]:
    if not isinstance(said, dict) or not said:
        raise StorageError("it does not say which parameters it has.")
    for name, shape in said.items():
        fine = isinstance(shape, list) and all(
            isinstance(n, int) and 0 < n <= MOST_BYTES for n in shape
        )
        if not fine or math.prod(shape) * 4 > MOST_BYTES:
            raise StorageError(f"the shape of {name!r:.60} is {shape!r:.60}.")
    return {name: tuple(shape) for name, shape in said.items()}


def _tell_difference(
    shapes: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]
) -> None:
    for name, shape in wanted.items():
        if name not in shapes:
            raise StorageError(f"it has no {name!r}, which its settings call for.")
        if shapes[name] != shape:
            raise StorageError(
                f"{name!r} is {_times(shapes[name])}; by its settings it is "
                f"{_times(shape)}."
            )
    strange = sorted(set(shapes) - set(wanted))
    raise StorageError(
        f"it has {strange[0]!r:.60}, which its settings do not."
        if strange
        else "its parameters are in another order than this page’s."
    )


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _check(arrays: Arrays, wanted: Mapping[str, tuple[int, ...]], dtype: str) -> None:
    """Every array is there, and nothing else; its shape is right and it is finite."""
    for name, shape in wanted.items():
        if name not in arrays:
            raise StorageError(f"it has no {name!r}.")
        array = arrays[name]
        if array.shape != shape or array.dtype != dtype:
            raise StorageError(
                f"{name!r} is {_times(array.shape)} of {array.dtype}; it should be "
                f"{_times(shape)} of {dtype}."
            )
        if not np.isfinite(array).all():
            raise StorageError(f"{name!r} holds a number that is none (NaN or ∞).")
    for name in set(arrays) - set(wanted):
        raise StorageError(f"it has {name!r:.60}, which is no parameter of its model.")


def _held_out(said: Any) -> HeldOut | None:
    if said is None:
        return None
    try:
        loss, top_1, top_5 = (math.nan if part is None else part for part in said)
        return HeldOut(float(loss), float(top_1), float(top_5))
    except (TypeError, ValueError):
        raise StorageError(f"its held-out loss is {said!r:.60}.") from None


def _try(run: Run, trainer: Trainer, state: Checkpoint) -> None:
    """Whether the weights are those of the curve; if somebody changed them, say so."""
    try:
        loss = trainer.restore(state).loss
    except (TypeError, ValueError, KeyError, AttributeError):
        raise StorageError("its random state is none.") from None
    if not abs(loss - run.losses[run.step]) <= SAME_LOSS:
        run.base = run.step
        run.losses[run.step] = loss
