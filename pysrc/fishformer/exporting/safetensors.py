"""The safetensors format: a header in JSON that says where each array lies, then bytes.

Eight bytes hold the header's length (little-endian); the header and the data follow.
The header maps names to {"dtype", "shape", "data_offsets"}, and "__metadata__" to a
table of texts. Nothing in such a file can run.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
HEADER_LIMIT = 100_000_000  # bytes; the format's own
ALIGNED = 8


class SafetensorsError(ValueError):
    """The bytes are not of this format, or hold what cannot be read; says why."""


def write(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> bytes:
    """The file as bytes. Raises KeyError for a kind of number other than floats."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    data = []
    start = 0
    for name, array in arrays.items():
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        end = start + little.nbytes
        header[name] = {
            "dtype": NAMES[little.dtype],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
        data.append(little.tobytes())
        start = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    return b"".join((len(text).to_bytes(8, "little"), text, *data))


def looks_like(data: bytes) -> bool:
    """Whether the bytes begin as such a file does."""
    return len(data) > 8 and data[8:9] == b"{" and data[:1] != b"{"


def read(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays by name, and the metadata. Raises SafetensorsError."""
    header, body = _parts(data)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str) for value in metadata.values()
    ):
        raise SafetensorsError("its metadata are not texts.")
    arrays = {}
    reached = 0
    for name, about in sorted(header.items(), key=lambda item: _start(*item)):
        array, reached = _array(name, about, body, reached)
        arrays[name] = array
    if reached != len(body):
        raise SafetensorsError(
            f"its header speaks of {reached:,} bytes of numbers; there are "
            f"{len(body):,}."
        )
    return {name: arrays[name] for name in header}, metadata


def _parts(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if len(data) < 8:
        raise SafetensorsError("it is too short.")
    size = int.from_bytes(data[:8], "little")
    if size > min(len(data) - 8, HEADER_LIMIT):
        raise SafetensorsError(
            f"its header should be {size:,} bytes long; the file ends before."
        )
    try:
        header = json.loads(bytes(data[8 : 8 + size]), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise SafetensorsError(f"its header cannot be read: {error}") from None
    if not isinstance(header, dict):
        raise SafetensorsError("its header is not a table of names.")
    return header, memoryview(data)[8 + size :]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise SafetensorsError("a name in its header stands there twice.")
    return found


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _start(name: str, about: Any) -> tuple[int, int]:
    """Where the numbers of an array begin and end, checked."""
    offsets = about.get("data_offsets") if isinstance(about, dict) else None
    if (
        not isinstance(offsets, list)
        or len(offsets) != 2
        or not all(map(_whole, offsets))
    ):
        raise SafetensorsError(f"it does not say where {name!r:.80} lies.")
    return offsets[0], offsets[1]


def _array(
    name: str, about: dict[str, Any], body: memoryview, reached: int
) -> tuple[np.ndarray, int]:
    """One array, which must begin where the one before it ended; and its own end."""
    start, end = _start(name, about)
    kind, shape = about.get("dtype"), about.get("shape")
    if kind not in DTYPES:
        raise SafetensorsError(
            f"{name!r:.80} is of the kind {kind!r:.20}; those that can be read are "
            f"{', '.join(DTYPES)}."
        )
    if not isinstance(shape, list) or not all(map(_whole, shape)):
        raise SafetensorsError(f"the shape of {name!r:.80} is {shape!r:.80}.")
    dtype = np.dtype(DTYPES[kind])
    if start != reached or end - start != math.prod(shape) * dtype.itemsize:
        raise SafetensorsError(f"{name!r:.80} does not lie where its shape needs it.")
    if end > len(body):
        raise SafetensorsError(f"it ends in the middle of {name!r:.80}.")
    array = np.frombuffer(body[start:end], dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("=")), end
