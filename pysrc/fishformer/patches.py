"""An edited text as what was changed in the original: short, and fit for a link."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

CONTEXT = 1  # unchanged lines kept on either side of a change
MAX_HUNKS = 500


class PatchError(ValueError):
    """A change does not fit the original; the message says where."""


class Hunk(NamedTuple):
    """Lines of the original from `line` on (the first is 1), and what replaces them."""

    line: int
    old: list[str]
    new: list[str]


def hunks_of(original: str, edited: str) -> list[Hunk]:
    """What makes the edited text of the original."""
    a, b = original.split("\n"), edited.split("\n")
    groups = SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(CONTEXT)
    hunks = []
    for group in groups:
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        hunks.append(Hunk(i1 + 1, a[i1:i2], b[j1:j2]))
    return hunks


def patched(original: str, hunks: Sequence[Hunk]) -> str:
    """The edited text. Lines may have moved; raises PatchError where they are gone."""
    if len(hunks) > MAX_HUNKS:
        raise PatchError(f"{len(hunks):,} changes are more than {MAX_HUNKS:,}.")
    lines = original.split("\n")
    made: list[str] = []
    done = drift = 0
    for hunk in hunks:
        start = _find(lines, hunk.old, hunk.line - 1 + drift, done)
        if start is None:
            raise PatchError(
                f"It changes line {hunk.line:,}, which does not read there as it "
                "did when the change was made."
            )
        drift = start - (hunk.line - 1)
        made += [*lines[done:start], *hunk.new]
        done = start + len(hunk.old)
    return "\n".join([*made, *lines[done:]])


def _find(lines: list[str], old: list[str], near: int, start: int) -> int | None:
    """Where the old lines stand, as near as possible to where they stood."""
    n = len(old)
    places = (
        k for k in range(start, len(lines) - n + 1) if n and lines[k : k + n] == old
    )
    return min(places, key=lambda k: abs(k - near), default=None)
