"""From JSON values to tensors: numpy reads what is right, and what is wrong gets a located sentence."""

from __future__ import annotations

from itertools import chain
from math import prod
from types import NoneType
from typing import Any

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array, is_float, is_integer
from service.bundle.signature import InputSpec
from service.errors import InvalidInputError
from service.protocols.leaves import Leaves, is_list, is_nullable, place

Shape = tuple[int, ...]

_NUMBERS: frozenset[type] = frozenset({int, float})
_LEAVES: dict[str, frozenset[type]] = {"b": frozenset({bool}), "O": frozenset({str})}
"""What the elements of a datatype of a kind are in JSON; the others are numbers."""


def read_tensor(data: object, spec: InputSpec, shape: Shape) -> Array:
    """Read a tensor out of nested lists.

    Args:
        data: What the JSON library made of the request.
        spec: The input that it is for.
        shape: With -1 where any size will do; the rank is fixed.

    Raises:
        InvalidInputError: If a value or the shape is wrong; names row and column.
    """
    dtype = NUMPY_TYPES[spec.datatype]
    flat = len(shape) > 1 and -1 not in shape and isinstance(data, list) and not any(map(is_list, data[:1]))
    size = len(data) if isinstance(data, list) else 0
    if flat and size != prod(shape):
        message = f"input '{spec.name}' has {size} values where its shape needs {prod(shape)}"
        raise InvalidInputError(message)
    unnested = (data, shape) if flat and is_list(data) else _unnest(data, len(shape))
    if unnested is None or not fits(unnested[1], shape):
        return _read_slowly(data, spec, shape, flat=flat)
    leaves, sizes = unnested
    allowed = _LEAVES.get(dtype.kind, _NUMBERS)
    # Before numpy sees them: it would take a boolean for a number, and make room for the longest string in each place.
    types = set(map(type, leaves))
    nulls = types - allowed == {NoneType} and is_nullable(spec)
    array = _as_array(leaves, spec, types) if types <= allowed or nulls else None
    if array is None or (nulls and _lacks_required(array.reshape(sizes), spec)):
        return _read_slowly(data, spec, shape, flat=flat)
    array = array.reshape(sizes)
    return array if dtype.kind in "Ob" else cast(array, spec)


def _unnest(data: object, depth: int) -> tuple[list[object], Shape] | None:
    """Give the elements of nested lists and the shape; None if the lists are not all of one length and depth.

    At the speed of C, since it sees each element.
    """
    if not is_list(data):
        return None
    sizes = [len(data)]
    for _ in range(depth - 1):
        lengths = set(map(len, data)) if set(map(type, data)) == {list} else set()  # type: ignore[arg-type]  # lists
        if len(lengths) != 1:
            return None
        sizes += lengths
        data = list(chain.from_iterable(data))  # type: ignore[arg-type]  # lists
    return data, tuple(sizes)


def _as_array(leaves: list[object], spec: InputSpec, types: set[type]) -> Array | None:
    """Let numpy read elements of the right types; None if it cannot, e.g. because of a number beyond float64."""
    dtype: np.dtype[Any] | None = None
    if NUMPY_TYPES[spec.datatype].kind == "O" or (spec.datatype == "UINT64" and types == {int}):
        # Left to itself, numpy would make float64 of large and small unsigned integers together.
        dtype = NUMPY_TYPES[spec.datatype]
    elif NoneType in types:
        dtype = np.dtype(np.float64)
    elif types == {int, float} and is_integer(spec.datatype):
        # numpy would make float64 of both, which has no room for the digits of a large integer.
        whole = [int(leaf) for leaf in leaves]  # type: ignore[call-overload]  # numbers
        if whole == leaves:
            leaves, dtype = whole, NUMPY_TYPES[spec.datatype]
    try:
        if dtype is None and is_float(spec.datatype):
            return np.fromiter(leaves, np.float64, len(leaves))
        return np.asarray(leaves, dtype=dtype)
    except (ValueError, OverflowError):
        return None


def _lacks_required(array: Array, spec: InputSpec) -> bool:
    if not spec.features:
        return False
    required = array[:, [name not in spec.nullable for name in spec.features]]
    if required.dtype.kind == "f":
        return bool(np.isnan(required).any())
    return None in required.reshape(-1).tolist()


def fits(actual: Shape, expected: Shape) -> bool:
    """Tell whether a shape is as expected, where -1 stands for any size but zero."""
    return len(actual) == len(expected) and all(
        a == e or (e == -1 and a > 0) for a, e in zip(actual, expected, strict=True)
    )


def cast(array: Array, spec: InputSpec) -> Array:
    """Give a numeric tensor the datatype of its input, without a copy where it has it.

    Raises:
        InvalidInputError: If a number is not integral or out of range.
    """
    dtype = NUMPY_TYPES[spec.datatype]
    if array.dtype == dtype:
        return array
    if is_integer(spec.datatype):
        bounds = np.iinfo(dtype)
        if array.dtype.kind == "f":
            # Narrow floats have no room for the ends of most ranges.
            array = array.astype(np.float64, copy=False)
        outside = (array < bounds.min) | (array > bounds.max)
        if array.dtype.kind == "f":
            # As floats the ends of a wide range and their neighbours outside are the same.
            for end, neighbour in ((bounds.min, bounds.min - 1), (bounds.max, bounds.max + 1)):
                if float(end) == float(neighbour):
                    outside |= array == float(end)
        refuse(array, outside, spec, f"is out of the range of {spec.datatype}")
        if array.dtype.kind == "f":
            refuse(array, array != np.floor(array), spec, "is not an integer")
        return array.astype(dtype)
    with np.errstate(over="ignore"):
        result = array.astype(dtype)
    if spec.datatype != "FP64":
        refuse(array, np.isinf(result), spec, f"is out of the range of {spec.datatype}")
    return result


def check_finite(array: Array, spec: InputSpec) -> None:
    """Refuse infinity, and NaN where nothing may be missing.

    Raises:
        InvalidInputError: Naming row and column.
    """
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    refuse(array, np.isinf(array), spec, "is infinite")
    missing = np.isnan(array)
    if spec.features:
        missing &= np.array([name not in spec.nullable for name in spec.features])
    elif spec.nullable:
        return
    refuse(array, missing, spec, "is missing, and the model knows no missing value here")


def refuse(array: Array, wrong: Array, spec: InputSpec, problem: str) -> None:
    """Raise for the first element that is wrong.

    Raises:
        InvalidInputError: If any is.
    """
    if wrong.any():
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), array.shape))
        message = f"{place(spec, index)} {problem}"
        raise InvalidInputError(message)


def _read_slowly(data: object, spec: InputSpec, shape: Shape, *, flat: bool) -> Array:
    """Read element by element: strings, missing values, and everything that deserves an explanation."""
    sizes = list(shape)
    leaves = Leaves(spec, sizes)
    leaves.walk(_nest(data, shape) if flat and is_list(data) else data, ())
    dtype = NUMPY_TYPES[spec.datatype]
    if dtype.kind == "O":
        array = np.empty(len(leaves.values), dtype=object)
        array[:] = leaves.values
    else:
        array = np.asarray(leaves.values)
    array = array.reshape(sizes)
    return array if dtype.kind in "Ob" else cast(array, spec)


def _nest(data: list[object], shape: Shape) -> list[object]:
    for size in reversed(shape[1:]):
        data = [data[start : start + size] for start in range(0, len(data), size)]
    return data
