"""The input tensors of a V2 infer call: as sent, checked, and as the model wants them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TypeGuard

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array
from service.bundle.signature import InputSpec, Signature
from service.errors import InvalidInputError
from service.protocols.binary import parse_binary
from service.protocols.leaves import kind_of
from service.protocols.rows import known
from service.protocols.tensors import Shape, cast, check_finite, fits, read_tensor

MAXIMUM_RANK = 32


@dataclass(frozen=True, slots=True)
class SentTensor:
    """One input as the client describes it."""

    name: str
    datatype: str
    shape: Shape
    data: object
    binary_size: int | None

    @classmethod
    def parse(cls, item: object, position: int) -> SentTensor:
        """Check the description of a tensor.

        Raises:
            InvalidInputError: If a member is missing or of the wrong type.
        """
        where = f"inputs[{position}]"
        if not isinstance(item, dict):
            message = f"{where} is {kind_of(item)} where an object belongs"
            raise InvalidInputError(message)
        name, datatype, shape = item.get("name"), item.get("datatype"), item.get("shape")
        if not isinstance(name, str) or not name:
            raise _wrong_member(item, "name", "a non-empty string", where)
        if not isinstance(datatype, str) or datatype not in NUMPY_TYPES:
            raise _wrong_member(item, "datatype", f"one of {', '.join(NUMPY_TYPES)}", where)
        if not _is_shape(shape):
            raise _wrong_member(item, "shape", "a list of sizes of at least 1", where)
        return cls(name, datatype, tuple(shape), item.get("data"), _binary_size(item, where))


@dataclass(slots=True)
class Body:
    """The raw bytes behind the JSON, taken from the front, one tensor after the other."""

    rest: memoryview

    def take(self, size: int, position: int) -> memoryview:
        """Take the bytes of the next tensor.

        Raises:
            InvalidInputError: If there are too few.
        """
        if size > len(self.rest):
            message = f"inputs[{position}]: 'binary_data_size' is larger than the {len(self.rest)} bytes that are left"
            raise InvalidInputError(message)
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken


def assemble(sent: list[SentTensor], signature: Signature, body: Body) -> dict[str, Array]:
    """Make the tensors that the model takes from those that were sent.

    A model of one matrix takes it under any name, since KServe's and MLServer's clients choose one freely, or as one
    tensor for each feature. A model of several columns takes one tensor for each, or one matrix when all are of a kind.

    Raises:
        InvalidInputError: If something does not fit.
    """
    names = [tensor.name for tensor in sent]
    if len(set(names)) < len(names):
        message = "two inputs have the same name"
        raise InvalidInputError(message)
    if len(sent) == 1 and (len(signature.features) == 1 or names[0] not in signature.features):
        tensors = _from_one(sent[0], signature, body)
    else:
        tensors = _from_many(sent, _columns(signature), body)
        if len(signature.inputs) == 1:
            spec = signature.inputs[0]
            tensors = {spec.name: np.concatenate(list(tensors.values()), axis=1)}
    if len(body.rest):
        message = f"{len(body.rest)} bytes behind the JSON belong to no input: check 'binary_data_size'"
        raise InvalidInputError(message)
    for spec in signature.inputs:
        check_finite(tensors[spec.name], spec)
    return tensors


def raw_tensor(content: memoryview, signature: Signature) -> Array:
    """Read the body of a raw binary request: one tensor and nothing else.

    Raises:
        InvalidInputError: If the model has several inputs or the bytes do not make up whole rows.
    """
    spec = signature.inputs[0]
    row = prod(spec.shape[1:])
    if len(signature.inputs) > 1 or -1 in spec.shape[1:] or (spec.datatype == "BYTES" and row != 1):
        message = "a raw binary request needs a model with one input: one string, or numbers in one variable dimension"
        raise InvalidInputError(message)
    if spec.datatype == "BYTES":
        tensor = parse_binary(content, spec.datatype, [1] * len(spec.shape), spec.name)
    else:
        row_bytes = row * NUMPY_TYPES[spec.datatype].itemsize
        if not len(content) or len(content) % row_bytes:
            message = f"input '{spec.name}': {len(content)} bytes are no whole number of rows of {row_bytes} bytes"
            raise InvalidInputError(message)
        tensor = parse_binary(content, spec.datatype, [len(content) // row_bytes, *spec.shape[1:]], spec.name)
    check_finite(tensor, spec)
    return tensor


def _columns(signature: Signature) -> tuple[InputSpec, ...]:
    """Describe the tensors that make up a row when there is one for each feature."""
    first = signature.inputs[0]
    if len(signature.inputs) > 1 or not first.features:
        return signature.inputs
    return tuple(
        InputSpec(name, first.datatype, (-1, 1), nullable=(name,) if name in first.nullable else ())
        for name in first.features
    )


def _from_one(tensor: SentTensor, signature: Signature, body: Body) -> dict[str, Array]:
    if len(signature.inputs) == 1:
        return {signature.inputs[0].name: _read(tensor, signature.inputs[0], body, 0)}
    columns = signature.inputs
    kinds = {spec.datatype == "BYTES" for spec in columns} | {spec.datatype == "BOOL" for spec in columns}
    if len(kinds) > 1 and not all(spec.datatype == columns[0].datatype for spec in columns):
        message = f"the model takes columns of several kinds, so one tensor for each: {known(columns)}"
        raise InvalidInputError(message)
    names = tuple(spec.name for spec in columns)
    nullable = tuple(name for spec in columns for name in spec.nullable)
    datatype = columns[0].datatype
    if any(spec.datatype != datatype for spec in columns):
        # Numbers of several types stay what was sent until each column is cast: none of the types holds all the others.
        datatype = tensor.datatype if _family(tensor.datatype) == "number" else "FP64"
    matrix = _read(tensor, InputSpec(tensor.name, datatype, (-1, len(columns)), names, nullable), body, 0)
    return {spec.name: cast(matrix[:, [index]], spec) for index, spec in enumerate(columns)}


def _from_many(sent: list[SentTensor], columns: tuple[InputSpec, ...], body: Body) -> dict[str, Array]:
    specs = {spec.name: spec for spec in columns}
    for position, tensor in enumerate(sent):
        if tensor.name not in specs:
            message = f"inputs[{position}] has a name that the model does not know; it knows {known(columns)}"
            raise InvalidInputError(message)
    tensors = {tensor.name: _read(tensor, specs[tensor.name], body, position) for position, tensor in enumerate(sent)}
    for spec in columns:
        if spec.name not in tensors:
            message = f"the input '{spec.name}' is missing"
            raise InvalidInputError(message)
    if len({len(array) for array in tensors.values()}) > 1:
        message = "the inputs have different numbers of rows"
        raise InvalidInputError(message)
    return {spec.name: tensors[spec.name] for spec in columns}


def _read(tensor: SentTensor, spec: InputSpec, body: Body, position: int) -> Array:
    if _family(tensor.datatype) != _family(spec.datatype):
        message = f"input '{spec.name}': the datatype {tensor.datatype} was sent where {spec.datatype} belongs"
        raise InvalidInputError(message)
    if not _shapes_agree(tensor.shape, spec.shape):
        expected = list(spec.shape)
        message = f"input '{spec.name}': its shape does not fit {expected}, where -1 stands for any size"
        raise InvalidInputError(message)
    if tensor.binary_size is not None:
        array = parse_binary(body.take(tensor.binary_size, position), tensor.datatype, tensor.shape, spec.name)
    else:
        as_sent = spec if tensor.datatype == spec.datatype else replace(spec, datatype=tensor.datatype)
        array = read_tensor(tensor.data, as_sent, tensor.shape)
    if len(tensor.shape) != len(spec.shape):
        array = array.reshape(-1, *[1] * (len(spec.shape) - 1))
    return array if _family(spec.datatype) != "number" else cast(array, spec)


def _family(datatype: str) -> str:
    return datatype if datatype in {"BYTES", "BOOL"} else "number"


def _shapes_agree(sent: Shape, expected: Shape) -> bool:
    """Compare shapes; a column may come as [n] or as [n, 1]."""
    column = {(-1,), (-1, 1)}
    return fits(sent, expected) or (expected in column and any(fits(sent, shape) for shape in column))


def _is_shape(value: object) -> TypeGuard[list[int]]:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MAXIMUM_RANK
        and all(isinstance(size, int) and not isinstance(size, bool) and 0 < size < 2**63 for size in value)
    )


def _wrong_member(item: dict[str, object], name: str, wanted: str, where: str) -> InvalidInputError:
    if name in item:
        return InvalidInputError(f"{where}: the member '{name}' is not {wanted}")
    return InvalidInputError(f"{where} lacks the member '{name}', {wanted}")


def _binary_size(item: dict[str, object], where: str) -> int | None:
    parameters = item.get("parameters", {})
    if not isinstance(parameters, dict):
        message = f"{where}: 'parameters' is {kind_of(parameters)} where an object belongs"
        raise InvalidInputError(message)
    size = parameters.get("binary_data_size")
    if size is None:
        if "data" not in item:
            message = f"{where} has neither 'data' nor the parameter 'binary_data_size'"
            raise InvalidInputError(message)
        return None
    if isinstance(size, bool) or not isinstance(size, int) or size < 0 or "data" in item:
        message = f"{where}: 'binary_data_size' is no number of bytes, or there is 'data' besides"
        raise InvalidInputError(message)
    return size
