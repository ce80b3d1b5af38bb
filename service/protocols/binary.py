"""The binary tensor data extension of the Open Inference Protocol: little-endian, row-major, without padding.

Source: Triton's ``docs/protocol/extension_binary_data.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array
from service.errors import InvalidInputError

_LENGTH = Struct("<I")


def parse_binary(content: memoryview, datatype: str, shape: Sequence[int], name: str) -> Array:
    """View raw bytes as a tensor; numbers are not copied, strings become str objects.

    Args:
        content: The bytes of this tensor alone.
        datatype: As named in the request.
        shape: As named in the request.
        name: Of the input, for the message.

    Raises:
        InvalidInputError: If the bytes do not make up the tensor.
    """
    elements = 1
    for size in shape:
        elements *= size
    if datatype == "BYTES":
        return _parse_strings(content, elements, name).reshape(tuple(shape))
    dtype = NUMPY_TYPES[datatype].newbyteorder("<")
    if len(content) != elements * dtype.itemsize:
        message = f"input '{name}': {len(content)} bytes where its shape and datatype need {elements * dtype.itemsize}"
        raise InvalidInputError(message)
    if datatype == "BOOL":
        return np.asarray(np.frombuffer(content, dtype=np.uint8).reshape(tuple(shape)) != 0)
    return np.frombuffer(content, dtype=dtype).reshape(tuple(shape))


def _parse_strings(content: memoryview, elements: int, name: str) -> Array:
    if elements * _LENGTH.size > len(content):
        message = f"input '{name}': too few bytes for the {elements} strings of its shape"
        raise InvalidInputError(message)
    strings = np.empty(elements, dtype=object)
    position = 0
    for index in range(elements):
        start = position + _LENGTH.size
        if start > len(content):
            message = f"input '{name}', string {index}: its length is cut off"
            raise InvalidInputError(message)
        position = start + _LENGTH.unpack_from(content, position)[0]
        if position > len(content):
            message = f"input '{name}', string {index} is longer than the bytes that are left"
            raise InvalidInputError(message)
        try:
            strings[index] = str(content[start:position], "utf-8")
        except UnicodeDecodeError:
            message = f"input '{name}', string {index} is not UTF-8"
            raise InvalidInputError(message) from None
    if position != len(content):
        message = f"input '{name}': {len(content) - position} bytes are left over"
        raise InvalidInputError(message)
    return strings


def dump_binary(array: Array, datatype: str) -> bytes:
    """Write a tensor as raw bytes."""
    if datatype != "BYTES":
        return array.astype(NUMPY_TYPES[datatype].newbyteorder("<"), copy=False).tobytes()
    content = bytearray()
    for element in array.reshape(-1):
        encoded = str(element).encode()
        content += _LENGTH.pack(len(encoded))
        content += encoded
    return bytes(content)
