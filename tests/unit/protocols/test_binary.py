"""Binary tensors: little-endian, row-major, without padding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from service.bundle.datatypes import NUMPY_TYPES
from service.errors import InvalidInputError
from service.protocols.binary import dump_binary, parse_binary


def arrays(datatype: str, shape: tuple[int, ...]):
    if datatype == "BYTES":
        return hnp.arrays(object, shape, elements=st.text(st.characters(exclude_categories=["Cs"])))
    return hnp.arrays(NUMPY_TYPES[datatype], shape)


@given(st.data(), st.sampled_from(list(NUMPY_TYPES)), hnp.array_shapes(max_dims=3, max_side=3))
def test_what_was_written_is_read_back_bit_by_bit(data, datatype, shape):
    array = data.draw(arrays(datatype, shape))
    content = dump_binary(array, datatype)
    read = parse_binary(memoryview(content), datatype, shape, "x")
    assert (read.dtype, read.shape) == (NUMPY_TYPES[datatype], shape)
    assert dump_binary(read, datatype) == content
    np.testing.assert_array_equal(read, array)


@given(
    st.binary(max_size=40),
    st.sampled_from(list(NUMPY_TYPES)),
    st.lists(st.integers(1, 3) | st.integers(1, 2**63 - 1), min_size=1, max_size=4),
)
def test_any_other_bytes_are_a_tensor_or_an_error_of_the_client(content, datatype, shape):
    try:
        read = parse_binary(memoryview(content), datatype, shape, "x")
    except InvalidInputError as error:
        assert str(error).startswith("input 'x'")  # noqa: PT017  # it may also not be raised
    else:
        assert (read.dtype, read.shape) == (NUMPY_TYPES[datatype], tuple(shape))


@given(st.lists(st.binary(max_size=5), max_size=4), st.binary(max_size=3), st.integers(-2, 2))
def test_strings_whose_lengths_lie_are_an_error_of_the_client(strings, tail, lie):
    content = b"".join(max(0, len(text) + lie).to_bytes(4, "little") + text for text in strings) + tail
    try:
        read = parse_binary(memoryview(content), "BYTES", [len(strings) or 1], "x")
    except InvalidInputError:
        return
    assert sum(len(text.encode()) + 4 for text in read) == len(content)


@pytest.mark.parametrize("datatype", ["FP32", "INT64", "BOOL"])
def test_numbers_are_read_without_being_believed_to_be_writable(datatype):
    content = dump_binary(np.zeros((2, 2), NUMPY_TYPES[datatype]), datatype)
    assert parse_binary(memoryview(content), datatype, (2, 2), "x").tolist() == [[0, 0], [0, 0]]


def test_any_byte_but_zero_is_true():
    assert parse_binary(memoryview(b"\x00\x01\xff"), "BOOL", [3], "x").tolist() == [False, True, True]
