"""Whether two models take the same rows, and the rows of one as the other takes them."""

from __future__ import annotations

from service.bundle.datatypes import NUMPY_TYPES, Array, is_float
from service.bundle.signature import InputSpec, OutputSpec, Signature
from service.comparison.sides import ComparisonError
from service.runtimes.base import Tensors

_MOST_NAMES = 10


def require_same_columns(one: Signature, other: Signature) -> None:
    """Refuse models that take different rows; the name of a single input and the order of the columns do not matter.

    Raises:
        ComparisonError: Naming the difference.
    """
    is_bare = all(len(side.inputs) == 1 and not side.inputs[0].features for side in (one, other))
    told = "" if is_bare else _own_columns(one, other)
    if not told and len(one.inputs) != len(other.inputs):
        told = f"A takes the columns in {len(one.inputs)} inputs and B in {len(other.inputs)}"
    if not told:
        told = next((_told(a, b) for a, b in _pairs(one, other) if not _fits(a, b)), "")
    if told:
        message = f"A and B take different inputs, so no rows fit both: {told}."
        raise ComparisonError(message)


def carry_over(tensors: Tensors, one: Signature, other: Signature) -> dict[str, Array]:
    """Give rows as one model takes them to another one, which takes the same columns: both get the same numbers."""
    return {theirs.name: _carry(tensors[ours.name], ours, theirs) for ours, theirs in _pairs(one, other)}


def are_alike(one: InputSpec | OutputSpec, other: InputSpec | OutputSpec) -> bool:
    """Tell whether two tensors have rows that compare: one datatype, or floats of two widths, and one shape."""
    same = one.datatype == other.datatype or (is_float(one.datatype) and is_float(other.datatype))
    return same and one.shape[1:] == other.shape[1:]


def _carry(array: Array, ours: InputSpec, theirs: InputSpec) -> Array:
    if ours.features != theirs.features:
        array = array[:, [ours.features.index(name) for name in theirs.features]]
    return array.astype(NUMPY_TYPES[theirs.datatype], copy=False)


def _pairs(one: Signature, other: Signature) -> list[tuple[InputSpec, InputSpec]]:
    if len(one.inputs) == 1:
        return [(one.inputs[0], other.inputs[0])]
    theirs = {spec.name: spec for spec in other.inputs}
    return [(spec, theirs[spec.name]) for spec in one.inputs]


def _own_columns(one: Signature, other: Signature) -> str:
    own = [
        [name for name in side.features if name not in another.features]
        for side, another in ((one, other), (other, one))
    ]
    return "; ".join(f"{side} alone takes {_shorten(names)}" for side, names in zip("AB", own, strict=True) if names)


def _shorten(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _fits(one: InputSpec, other: InputSpec) -> bool:
    return are_alike(one, other) and bool(one.features) == bool(other.features)


def _told(one: InputSpec, other: InputSpec) -> str:
    kinds = [f"{spec.datatype} {list(spec.shape)}" for spec in (one, other)]
    return f"A takes {one.name} as {kinds[0]} and B {other.name} as {kinds[1]}"
