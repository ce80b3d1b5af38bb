"""Nested lists element by element: slow, and able to say what is wrong with which one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import TypeGuard

from service.bundle.datatypes import is_float
from service.bundle.signature import InputSpec
from service.errors import InvalidInputError

LISTED_NAMES = 10


class Leaves:
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
            way_out = ": put each row into a list of its own" if depth == 1 else ""
            raise self._error(index, f"is {kind_of(node)} where a list belongs{way_out}")
        if not node:
            raise self._error(index, "is empty")
        if self._sizes[depth] == -1:
            self._sizes[depth] = len(node)
        elif len(node) != self._sizes[depth]:
            raise self._error(index, self._wrong_size(len(node), depth))
        for position, child in enumerate(node):
            self.walk(child, (*index, position))

    def _wrong_size(self, given: int, depth: int) -> str:
        spec, wanted = self._spec, self._sizes[depth]
        if depth == 0:
            only = ", and the model takes no other number in a request" if spec.shape[:1] == (wanted,) else ""
            return f"has {given} row{'' if given == 1 else 's'} where {wanted} belong{'s' if wanted == 1 else ''}{only}"
        names = f": {listed(spec.features)}" if depth == 1 and spec.features else ""
        return f"has {given} values where {wanted} belong{names}"

    def _leaf(self, value: object, index: tuple[int, ...]) -> object:
        if value is None and self._may_be_missing(index):
            return None if self._spec.datatype == "BYTES" else nan
        problem = self._check(value)
        if problem:
            raise self._error(index, problem)
        return value

    def _may_be_missing(self, index: tuple[int, ...]) -> bool:
        spec = self._spec
        if not is_nullable(spec):
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


def is_nullable(spec: InputSpec) -> bool:
    """Tell whether null has a form in this input at all: NaN among floats, None among strings."""
    return bool(spec.nullable) and (is_float(spec.datatype) or spec.datatype == "BYTES")


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


def listed(names: Sequence[str]) -> str:
    """List names for a message, shortened where they are many."""
    shown = ", ".join(f"'{name}'" for name in names[:LISTED_NAMES])
    return shown if len(names) <= LISTED_NAMES else f"{shown} and {len(names) - LISTED_NAMES} more"


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether a JSON value is a list."""
    return isinstance(value, list)


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
