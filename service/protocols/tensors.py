"""From JSON values to tensors: numpy reads what is right, and what is wrong gets a located sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import nan, prod
from types import NoneType
from typing import Any, TypeGuard

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array, is_float, is_integer
from service.bundle.signature import InputSpec
from service.errors import InvalidInputError

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
    nulls = types - allowed == {NoneType} and _is_nullable(spec)
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


def _is_nullable(spec: InputSpec) -> bool:
    """Tell whether null has a form in this input at all: NaN among floats, None among strings."""
    return bool(spec.nullable) and (is_float(spec.datatype) or spec.datatype == "BYTES")


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
        if array.dtype == np.float16:
            array = array.astype(np.float32)
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


def place(spec: InputSpec, index: Sequence[int]) -> str:
    """Name an element of an input for people: the input, the row from 0, the column by its name."""
    words = [f"input '{spec.name}'"]
    if index:
        words.append(f"row {index[0]}")
    if len(index) > 1 and (spec.features or index[1] or len(spec.shape) != 2):  # noqa: PLR2004  # [-1, 1] has one column
        known = spec.features[index[1]] if index[1] < len(spec.features) else None
        words.append(f"column '{known}'" if known is not None else f"column {index[1]}")
    words.extend(f"index {position}" for position in index[2:])
    return ", ".join(words)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether a JSON value is a list."""
    return isinstance(value, list)


def _read_slowly(data: object, spec: InputSpec, shape: Shape, *, flat: bool) -> Array:
    """Read element by element: strings, missing values, and everything that deserves an explanation."""
    sizes = list(shape)
    leaves = _Leaves(spec, sizes)
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


class _Leaves:
    """Collects the elements of nested lists, checking sizes and types on the way."""

    def __init__(self, spec: InputSpec, sizes: list[int]) -> None:
        self.values: list[object] = []
        self._spec = spec
        self._sizes = sizes
        self._check = _checker(spec)

    def walk(self, node: object, index: tuple[int, ...]) -> None:
        """Visit a node at that index."""
        depth = len(index)
        if depth == len(self._sizes):
            self.values.append(self._leaf(node, index))
            return
        if not is_list(node):
            raise self._error(index, f"is {kind_of(node)} where a list belongs")
        if not node:
            raise self._error(index, "is empty")
        if self._sizes[depth] == -1:
            self._sizes[depth] = len(node)
        elif len(node) != self._sizes[depth]:
            raise self._error(index, f"has {len(node)} values where {self._sizes[depth]} belong")
        for position, child in enumerate(node):
            self.walk(child, (*index, position))

    def _leaf(self, value: object, index: tuple[int, ...]) -> object:
        if value is None and self._may_be_missing(index):
            return None if self._spec.datatype == "BYTES" else nan
        problem = self._check(value)
        if problem:
            raise self._error(index, problem)
        return value

    def _may_be_missing(self, index: tuple[int, ...]) -> bool:
        spec = self._spec
        if not _is_nullable(spec):
            return False
        return spec.features[index[1]] in spec.nullable if spec.features else True

    def _error(self, index: tuple[int, ...], problem: str) -> InvalidInputError:
        return InvalidInputError(f"{place(self._spec, index)} {problem}")


def _checker(spec: InputSpec) -> Callable[[object], str]:
    """Choose what finds the problem of an element, or nothing."""
    if spec.datatype == "BYTES":
        return lambda value: "" if isinstance(value, str) else f"is {kind_of(value)} where a string belongs"
    if spec.datatype == "BOOL":
        return lambda value: "" if isinstance(value, bool) else f"is {kind_of(value)} where a boolean belongs"
    return lambda value: "" if type(value) in {int, float} else f"is {kind_of(value)} where a number belongs"


def kind_of(value: object) -> str:
    """Name the kind of a JSON value without telling the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
