"""Runs that are kept: all that one is, as plain data, and as bytes.

A kept run has its whole curve but few checkpoints; any other step is the nearest one
before it, trained on from there. Its start needs none: its seed makes it again.
"""

import json
import zipfile
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from io import BytesIO
from typing import Any

import numpy as np

from fishformer.checkpoint import Checkpoint, HeldOut, ShortCheckpoint
from fishformer.config import Config
from fishformer.corpus import Corpus, load_corpus, load_fish
from fishformer.storage import UNREADABLE, StorageError
from fishformer.timeline import Timeline

FORMAT = "fishformer runs 1"
CHECKPOINTS = 20  # of a kept run, at most, besides its start
ROOM_A_RUN = 8e6  # bytes that they may take; one checkpoint may take more
MOST_BYTES = 400e6  # of packed runs, unpacked
LONGEST_TITLE = 50  # characters
PLURALS = ("layers", "heads")

Kept = Checkpoint | ShortCheckpoint
KINDS: dict[str, type[Kept]] = {"whole": Checkpoint, "short": ShortCheckpoint}


@dataclass(eq=False)
class Run:
    """One run. `text` is None for the fish; `edits` maps a module of the package to the
    whole text that it was run with in its place. `base` is the step that everything
    after it follows from: 0, its seed, or that of weights from a file."""

    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    edits: dict[str, str] = field(default_factory=dict)
    step: int = 0
    end: int = 0
    base: int = 0
    losses: array = field(default_factory=lambda: array("d"))  # one a step
    held_out: dict[int, HeldOut] = field(default_factory=dict)
    checkpoints: dict[int, Kept] = field(default_factory=dict)
    stops: dict[int, str] = field(default_factory=dict)  # by a rule: step -> why
    seconds: float = 0.0  # spent on training
    key: str = ""  # what the page calls it, whatever its name is

    @property
    def last(self) -> int:
        """The furthest step reached."""
        return max(len(self.losses) - 1, 0)

    @property
    def config(self) -> Config:
        """Its settings, those at their defaults too."""
        return Config.from_strings(self.settings)

    @property
    def nbytes(self) -> int:
        """Room that its checkpoints take."""
        return sum(kept.nbytes for kept in self.checkpoints.values())

    def take(self, timeline: Timeline, seconds: float) -> None:
        """Be as the timeline is now. Copies no checkpoint, for they never change."""
        self.step, self.end = timeline.step, timeline.end
        self.losses, self.held_out = timeline.losses[:], dict(timeline.held_out)
        self.seconds = seconds
        self.base, self.stops = timeline.base, dict(timeline.stops)
        self.checkpoints = chosen(timeline.checkpoints, timeline.step, self.base)

    def thin(self, most: int) -> None:
        """Keep fewer checkpoints."""
        self.checkpoints = chosen(self.checkpoints, self.step, self.base, most)


def chosen(
    checkpoints: Mapping[int, Kept], step: int, base: int = 0, most: int = CHECKPOINTS
) -> dict[int, Kept]:
    """So many of them, evenly spaced; always the last up to a step, for it shows it,
    and the one at the base."""
    steps = [k for k in sorted(checkpoints) if k]
    if not steps:
        return {}
    most = max(1, min(most, int(ROOM_A_RUN / checkpoints[steps[-1]].nbytes)))
    here = {*[k for k in steps if k <= step][-1:], *[k for k in steps if k == base]}
    if len(steps) > most:
        rest = [k for k in steps if k not in here]
        room = max(most - len(here), 0)
        places = np.linspace(len(rest) - 1, -1, room, endpoint=False)
        steps = sorted({*here, *(rest[round(place)] for place in places)})
    return {k: checkpoints[k] for k in steps}


def corpus_of(text: str | None) -> Corpus:
    """The fish, or somebody's sentences. Raises CorpusError."""
    return load_fish() if text is None else load_corpus(text)


def timeline_of(
    run: Run,
    corpus: Corpus,
    made: Timeline | None = None,
    fresh: Timeline | None = None,
) -> Timeline:
    """The run come to life, at its step or the checkpoint before it.

    `made` is one of its settings that has trained nothing and stands there already;
    `fresh` one that stands at its start, and goes there. Raises StorageError where its
    checkpoints are not those of such a model; then `fresh` is as it was.
    """
    timeline = made or _at_its_step(run, fresh or Timeline(run.config, corpus))
    if len(run.losses):
        timeline.losses, timeline.held_out = run.losses[:], dict(run.held_out)
    timeline.checkpoints |= run.checkpoints
    timeline.base, timeline.stops = run.base, dict(run.stops)
    timeline.end = run.end or timeline.end
    return timeline


def _at_its_step(run: Run, timeline: Timeline) -> Timeline:
    pattern = timeline.checkpoints[0]
    here = [k for k in run.checkpoints if k <= run.step]
    try:
        for checkpoint in run.checkpoints.values():
            _check_like(pattern, checkpoint)
            timeline.trainer.rng.bit_generator.state = checkpoint.rng_state
        timeline.trainer.restore(run.checkpoints[max(here)] if here else pattern)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        timeline.trainer.restore(pattern)
        raise StorageError(f"The run {run.name!r} cannot be opened: {error}") from None
    return timeline


def _check_like(start: Kept, checkpoint: Kept) -> None:
    short = isinstance(checkpoint, ShortCheckpoint)
    pattern = start.whole().short() if short else start.whole()
    for name in checkpoint._fields:
        mine: Any = getattr(pattern, name)
        other: Any = getattr(checkpoint, name)
        if not isinstance(mine, np.ndarray):
            continue
        if other.shape != mine.shape or other.dtype != mine.dtype:
            raise ValueError(f"{name} is not {mine.size:,} numbers of {mine.dtype}.")
        if mine.dtype.kind == "f" and not np.isfinite(other).all():
            raise ValueError(f"{name} holds what is not a number.")


# ---- what differs -------------------------------------------------------------------


def differences(run: Run, other: Run) -> list[str]:
    """What of a run is not as in another one, in words, other -> run."""
    mine, others = run.config, other.config
    said = []
    for f in fields(Config):
        key = f.metadata["key"]
        new, old = getattr(mine, f.name), getattr(others, f.name)
        if new == old:
            continue
        if isinstance(new, bool):
            said.append(key if new else f"no {key}")
        elif key in PLURALS:
            said.append(f"{_count(old, key)} → {_count(new, key)}")
        else:
            said.append(f"{key} {old} → {new}")
    if run.text != other.text:
        said.append("the fish" if run.text is None else "other sentences")
    changed = {
        m for m in run.edits | other.edits if run.edits.get(m) != other.edits.get(m)
    }
    if changed:
        said.append(
            f"edited {', '.join(sorted(changed))}" if run.edits else "not edited"
        )
    return said


def title_of(changes: Sequence[str]) -> str:
    """What a run is called for its differences from the one before."""
    return ", ".join(changes)[:LONGEST_TITLE]


def _count(n: int, key: str) -> str:
    return f"{n} {key}" if n != 1 else f"1 {key[:-1]}"


# ---- bytes --------------------------------------------------------------------------


def pack(*runs: Run, **about: Any) -> bytes:
    """Runs as bytes, and beside them whatever JSON can hold."""
    arrays: dict[str, Any] = {}
    headers = []
    for n, run in enumerate(runs):
        kept: dict[str, dict[str, list]] = {}
        for word, kind in KINDS.items():
            found = {k: c for k, c in run.checkpoints.items() if isinstance(c, kind)}
            kept[word] = {"at": list(found)}
            for name in kind._fields if found else ():
                column = [getattr(checkpoint, name) for checkpoint in found.values()]
                if isinstance(column[0], np.ndarray):
                    arrays[f"{n}.{word}.{name}"] = np.stack(column)
                else:
                    kept[word][name] = column
        looks = [(k, *look) for k, look in run.held_out.items()]
        arrays[f"{n}.held_out"] = np.array(looks).reshape(-1, 4)
        arrays[f"{n}.losses"] = np.array(run.losses)
        own = "name settings text edits step end base stops seconds key".split()
        header = {name: getattr(run, name) for name in own}
        headers.append({**header, "kept": kept})
    head = {"format": FORMAT, "runs": headers, "about": about}
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def unpack(data: bytes) -> tuple[list[Run], dict[str, Any]]:
    """What pack() was given: its runs, and what was beside them.

    Never unpickles. Raises StorageError in plain words. Whether checkpoints fit their
    model is found out by timeline_of().
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as file:
            if sum(part.file_size for part in file.infolist()) > MOST_BYTES:
                raise StorageError("it is larger than any that this page makes.")
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            if head["format"] != FORMAT:
                raise StorageError(f"its format is not {FORMAT!r}.")
            runs = [_run(n, h, arrays) for n, h in enumerate(head["runs"])]
            return runs, dict(head["about"])
    except (*UNREADABLE, OSError) as error:
        raise StorageError(f"These are no runs that can be read: {error}") from None


def _run(n: int, header: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Run:
    Config.from_strings(header["settings"])
    checkpoints: dict[int, Kept] = {}
    for word, kind in KINDS.items():
        parts = header["kept"][word]
        at, columns = map(int, parts["at"]), []
        for name in kind._fields if parts["at"] else ():
            stored = f"{n}.{word}.{name}"
            column = list(arrays[stored]) if stored in arrays else parts[name]
            if name == "held_out":
                column = [look and HeldOut(*map(float, look)) for look in column]
            columns.append(column)
        made: Any = map(kind, *columns) if columns else ()
        checkpoints |= dict(zip(at, made, strict=True))
    looks = arrays[f"{n}.held_out"].reshape(-1, 4).tolist()
    text, edits = header["text"], header["edits"]
    if not (text is None or isinstance(text, str)):
        raise StorageError("its sentences are not text.")
    if not all(isinstance(code, str) for code in edits.values()):
        raise StorageError("its edits are not text.")
    run = Run(
        name=str(header["name"])[:80],
        settings=header["settings"],
        text=text,
        edits=edits,
        step=int(header["step"]),
        end=int(header["end"]),
        base=int(header["base"]),
        losses=array("d", arrays[f"{n}.losses"].astype(float).ravel().tolist()),
        held_out={int(step): HeldOut(*look) for step, *look in looks},
        checkpoints=checkpoints,
        stops={int(k): str(why) for k, why in header.get("stops", {}).items()},
        seconds=float(header["seconds"]),
        key=str(header["key"])[:20],
    )
    within = all(
        0 < k <= run.last
        for k in (*checkpoints, *run.held_out, *run.stops, run.base)
        if k
    )
    if not (0 <= run.step <= run.last <= run.end <= 2_000_000 and within):
        raise StorageError(f"step = {run.step} is not on its timeline.")
    return run
