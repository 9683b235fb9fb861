"""Safetensors: ours and those of their own library."""

import contextlib
import re

import numpy as np
import pytest
import safetensors.numpy as reference
from carried import (
    ONE,
    header,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from fishformer.exporting import safetensors

floats = st.sampled_from([np.float16, np.float32, np.float64]).flatmap(
    lambda dtype: arrays_of.arrays(
        dtype, arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    )
)


tensors = st.dictionaries(
    st.text(min_size=1, max_size=9).filter(lambda name: name != "__metadata__"), floats
)


printable = st.text(st.characters(codec="utf-8"))


@settings(deadline=None)
@given(tensors, st.dictionaries(printable, printable, max_size=3))
def test_safetensors_come_back_and_their_own_library_reads_them(given, metadata):
    given = {name: array for name, array in given.items() if name.isprintable()}
    data = safetensors.write(given, metadata)
    read, said = safetensors.read(data)
    theirs = reference.load(data)
    assert said == metadata and list(read) == list(given)
    assert set(theirs) == set(given)
    for name, array in given.items():
        for other in (read[name], theirs[name]):
            assert (other.shape, other.dtype) == (array.shape, array.dtype)
            assert other.tobytes() == array.tobytes()


@settings(deadline=None)
@given(tensors)
def test_what_their_library_writes_is_read(given):
    given = {name: array for name, array in given.items() if name.isprintable()}
    read, _ = safetensors.read(reference.save(given))
    assert {name: array.tobytes() for name, array in read.items()} == {
        name: array.tobytes() for name, array in given.items()
    }


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "too short"),
        (header(9**9, a=ONE), "the file ends before"),
        (header(3, a=ONE), "header cannot be read"),
        (b"\x02" + bytes(7) + b"[]", "not a table"),
        (header(a=ONE), "ends in the middle of 'a'"),
        (header(a=ONE) + bytes(5), "speaks of 4 bytes"),
        (header(a={**ONE, "dtype": "I64"}) + bytes(4), "'I64'"),
        (header(a={**ONE, "shape": [2]}) + bytes(4), "does not lie"),
        (header(a={**ONE, "shape": [-1]}) + bytes(4), "shape of 'a'"),
        (header(a={**ONE, "data_offsets": [4, 8]}) + bytes(8), "does not lie"),
        (header(a={**ONE, "data_offsets": "?"}), "where 'a' lies"),
        (header(a=7), "where 'a' lies"),
        (header(a=ONE, b=ONE) + bytes(4), "'b' does not lie"),
        (header(__metadata__={"a": 1}), "not texts"),
        (b'\x0d' + bytes(7) + b'{"a":1,"a":2}', "twice"),
    ],
)  # fmt: skip
def test_what_is_no_safetensors_is_refused(data, says):
    with pytest.raises(safetensors.SafetensorsError, match=re.escape(says)):
        safetensors.read(data)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40), st.integers(0, 400))
def test_damaged_safetensors_never_do_worse_than_be_refused(junk, place):
    whole = safetensors.write({"a": np.ones(3, np.float32)}, {"b": "c"})
    with contextlib.suppress(safetensors.SafetensorsError):
        safetensors.read(whole[:place] + junk + whole[place + len(junk) :])
