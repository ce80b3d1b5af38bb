"""Files of joblib: arrays lie between the parts of a pickle, as raw bytes or as pickles of their own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from math import prod
from typing import Any, BinaryIO, ClassVar

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper

from service.inspection.machine import Machine, StandIn, UnreadableError

_CHUNK_BYTES = 1024 * 1024
_WRAPPER = NumpyArrayWrapper.__module__, NumpyArrayWrapper.__qualname__
_STRUCTURE_PARTS = 5
"""From this length on, the state of a dtype has byte order, subarray, names, fields and item size."""


class ArrayMachine(Machine):
    """Skips each array as joblib would read it: the file that it takes for one is the file that joblib loads."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = Machine.dispatch.copy()

    def stand_in(self, module: str, name: str) -> Any:  # noqa: ANN401  # a class
        """Take the one class whose objects tell where an array lies; making one runs no code of the file."""
        return NumpyArrayWrapper if (module, name) == _WRAPPER else super().stand_in(module, name)

    def load_build(self) -> None:
        """Give an object its state; an array follows a wrapper that got its own."""
        Machine.dispatch[pickle.BUILD[0]](self)
        if isinstance(self.stack[-1], NumpyArrayWrapper):
            self._skip(self.stack.pop())
            self.stack.append(StandIn())

    dispatch[pickle.BUILD[0]] = load_build

    def _skip(self, wrapper: NumpyArrayWrapper) -> None:
        dtype = _dtype(wrapper.dtype)
        if dtype.hasobject:
            Machine(self.file, self.imports).follow()
            return
        shape = wrapper.shape
        if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
            message = "the shape of an array is none"
            raise UnreadableError(message)
        if wrapper.safe_get_numpy_array_alignment_bytes() is not None:
            _drop(self.file, _take(self.file, 1)[0])
        _drop(self.file, prod(shape) * dtype.itemsize)


def _take(file: BinaryIO, size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise EOFError
    return content


def _drop(file: BinaryIO, size: int) -> None:
    while size:
        size -= len(_take(file, min(size, _CHUNK_BYTES)))


def _dtype(described: object) -> np.dtype[Any]:
    """Make the dtype that a pickle describes, with numpy's public constructor, which refuses what does not fit.

    A pickle holds the arguments of the constructor, e.g. ``f8`` or ``V64``, and for a structure (the nodes of a tree
    are one) the names and fields in the state.
    """
    if not isinstance(described, StandIn) or (type(described).__module__, type(described).__name__) != (
        "numpy",
        "dtype",
    ):
        message = "the datatype of an array is none"
        raise UnreadableError(message)
    text, state = described.arguments[0], described.state
    if not isinstance(text, str):
        message = "the datatype of an array is none"
        raise UnreadableError(message)
    if not isinstance(state, tuple) or len(state) <= _STRUCTURE_PARTS or not state[3]:
        return np.dtype(text)
    names, fields, size = state[3], state[4], state[5]
    return np.dtype(
        {
            "names": list(names),
            "formats": [_dtype(fields[name][0]) for name in names],
            "offsets": [fields[name][1] for name in names],
            "itemsize": size,
        }
    )
