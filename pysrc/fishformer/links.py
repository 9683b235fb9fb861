"""A run in a link, or in a small file when no link can hold it.

    #seed=7&layers=1&step=212&at=e10&w=1.q1YqSs1JTVGyUkrLLM5Q0lEqSa0oUbJSKi4...

Settings, the step and where to look stand there to be read. Sentences and edits of the
code are in `w`: the number of the form, a dot, and JSON, deflated, in base64url. An
edit is kept as what it changes of the original. A link is anybody's: all that is read
from it is checked here.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fishformer.guests import GuestError, check
from fishformer.patches import Hunk, PatchError, hunks_of, patched

LIMIT = 8_000  # characters after the #; longer links break on their way
MAX_BYTES = 1_500_000  # of what is packed, unpacked again
MAX_FIELDS = 60
FORM = 1
FILE = "fishformer link"
PLACE = ("at", "teach", "sentence", "head")  # where to look
RAW = -15  # deflate without a header
MAX_DEPTH = 20  # of brackets within brackets
STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
BRACKETS = re.compile(r"[\[\]{}]")

Originals = Mapping[str, str]  # a module of the package -> its text as it was made
Json = Any


class LinkError(ValueError):
    """A link or a file that cannot be read; the message says why, and is for all."""


@dataclass(frozen=True)
class Link:
    """What a link or a file holds. `text` is None for the fish; `edits` maps a module
    to its whole edited text; `place` has some of PLACE."""

    settings: Mapping[str, str] = field(default_factory=dict)
    step: int | None = None
    text: str | None = None
    edits: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)


# ---- links -------------------------------------------------------------------------


def write(link: Link, originals: Originals) -> str:
    """The link as it stands after the #. It may be longer than LIMIT."""
    fields = dict(link.settings)
    if link.step is not None:
        fields["step"] = str(link.step)
    fields |= link.place
    if link.text is not None or link.edits:
        fields["w"] = f"{FORM}.{_packed(_content(link, originals))}"
    return urlencode(fields, safe=",")


def read(fragment: str, originals: Originals) -> Link:
    """What stands after the #. Settings are not looked at. Raises LinkError."""
    if len(fragment) > LIMIT:
        raise LinkError(
            f"This link is too long: {len(fragment):,} characters after the #, and "
            f"{LIMIT:,} are allowed."
        )
    try:
        fields = dict(
            parse_qsl(fragment, keep_blank_values=True, max_num_fields=MAX_FIELDS)
        )
    except ValueError:
        raise LinkError(f"This link has more than {MAX_FIELDS} settings.") from None
    packed = fields.pop("w", None)
    place = {key: fields.pop(key) for key in PLACE if key in fields}
    step = fields.pop("step", "")
    content: Json = {}
    if packed is not None:
        form, dot, rest = packed.partition(".")
        if not (dot and _is_number(form)):
            raise LinkError(
                "What this link holds is not whole: it must start with a number and "
                f"a dot, not with {_cut(packed)}."
            )
        _check_form(int(form), "link")
        content = _unpacked(rest)
    return Link(
        fields,
        int(step) if _is_number(step) else None,
        _text_of(content),
        _edits_of(content, originals),
        place,
    )


def _packed(content: Json) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    squeezer = zlib.compressobj(9, zlib.DEFLATED, RAW)
    data = squeezer.compress(text.encode("utf-8", "surrogatepass")) + squeezer.flush()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unpacked(text: str) -> Json:
    """Never unpacks more than MAX_BYTES."""
    broken = LinkError("What this link holds is damaged: a part of it may be missing.")
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
        opener = zlib.decompressobj(RAW)
        plain = opener.decompress(data, MAX_BYTES)
    except (UnicodeEncodeError, binascii.Error, zlib.error):
        raise broken from None
    if opener.unconsumed_tail or (not opener.eof and len(plain) == MAX_BYTES):
        raise LinkError(f"This link unpacks to more than {MAX_BYTES:,} bytes.")
    if not opener.eof or opener.unused_data:
        raise broken
    try:
        return _json(plain.decode("utf-8", "surrogatepass"))
    except ValueError:
        raise broken from None


def _json(text: str) -> Json:
    """As json.loads, but what is too deep is a ValueError: it would end Pyodide."""
    depth = deepest = 0
    for bracket in BRACKETS.findall(STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise ValueError("too deep")
    return json.loads(text)


# ---- files -------------------------------------------------------------------------


def to_file(link: Link, originals: Originals) -> str:
    """The same as JSON text, of any length."""
    about = {
        "format": FILE,
        "version": FORM,
        "settings": dict(link.settings),
        "step": link.step,
        "place": dict(link.place),
    }
    return json.dumps(about | _content(link, originals), indent=1, ensure_ascii=False)


def from_file(text: str, originals: Originals) -> Link:
    """What to_file() wrote. Raises LinkError."""
    if len(text) > MAX_BYTES:
        raise LinkError(
            f"This file has {len(text):,} characters; {MAX_BYTES:,} are allowed."
        )
    try:
        content = _json(text)
    except ValueError:
        raise LinkError(
            "This file is not JSON, so it is none of this page’s."
        ) from None
    if not isinstance(content, dict) or content.get("format") != FILE:
        raise LinkError(f"This file is none of this page’s: it is no {FILE!r}.")
    version: Json = content.get("version")
    step = content.get("step")
    if not _is_count(version):
        raise LinkError("This file does not say which version it is.")
    _check_form(version, "file")
    if not (step is None or _is_count(step)):
        raise LinkError(f"step = {_cut(step)} is not a step.")
    return Link(
        _strings(content, "settings"),
        step,
        _text_of(content),
        _edits_of(content, originals),
        _strings(content, "place"),
    )


def _check_form(form: int, what: str) -> None:
    if form > FORM:
        raise LinkError(
            f"This {what} is of form {_cut(form)}; this page reads forms up to {FORM}. "
            "It was made by a newer version of the page."
        )


# ---- what both hold ----------------------------------------------------------------


def _content(link: Link, originals: Originals) -> dict[str, Json]:
    edits = {path: hunks_of(originals[path], t) for path, t in link.edits.items()}
    content: dict[str, Json] = {}
    if link.text is not None:
        content["text"] = link.text
    if edits:
        content["edits"] = edits
    return content


def _text_of(content: Json) -> str | None:
    if not isinstance(content, dict):
        raise LinkError("What is packed here is not what this page packs.")
    text = content.get("text")
    if not (text is None or isinstance(text, str)):
        raise LinkError("The sentences in it are not text.")
    return text


def _edits_of(content: dict[str, Json], originals: Originals) -> dict[str, str]:
    """Whole edited texts. Raises LinkError for what may not be edited, or not so."""
    given = content.get("edits", {})
    if not isinstance(given, dict):
        raise LinkError("The edits in it are not edits of files.")
    edits = {}
    for path, changes in given.items():
        if path not in originals:
            raise LinkError(
                f"It would edit {_cut(path)}. Only modules of the model can be edited."
            )
        try:
            edits[path] = patched(originals[path], [_hunk(c) for c in changes])
            check(path, edits[path], originals[path])
        except PatchError as error:
            raise LinkError(f"Its edit does not fit {path}. {error}") from None
        except GuestError as error:
            raise LinkError(f"Its code is refused. {error}") from None
        except (TypeError, ValueError):
            raise LinkError(f"Its edit of {path} is damaged.") from None
    return {path: text for path, text in edits.items() if text != originals[path]}


def _hunk(given: Json) -> Hunk:
    line, old, new = given
    good = _is_count(line) and isinstance(old, list) and isinstance(new, list)
    if not (good and all(isinstance(text, str) for text in [*old, *new])):
        raise TypeError
    return Hunk(line, old, new)


def _strings(content: dict[str, Json], key: str) -> dict[str, str]:
    given = content.get(key, {})
    good = isinstance(given, dict) and len(given) <= MAX_FIELDS
    if not good or not all(isinstance(value, str) for value in given.values()):
        raise LinkError(f"The {key} in it cannot be read.")
    return given


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _cut(value: Json, most: int = 40) -> str:
    """What somebody wrote, for a sentence about it."""
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
