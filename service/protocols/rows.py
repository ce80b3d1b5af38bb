"""Rows as people write them, lists or records keyed by feature name, and the tensors that they become."""

from __future__ import annotations

from collections.abc import Sequence

from service.bundle.datatypes import Array
from service.bundle.signature import InputSpec, Signature
from service.errors import InvalidInputError
from service.protocols.leaves import is_list, kind_of, listed
from service.protocols.tensors import read_tensor


def read_rows(instances: object, signature: Signature) -> dict[str, Array]:
    """Read the rows of a request.

    Args:
        instances: A list with an element for each row: a list in the order of the features, or a record by feature
            name; the bare value where the model takes one thing only, e.g. a text.
        signature: What the model takes.

    Raises:
        InvalidInputError: If they are not that; names row and column.
    """
    if not is_list(instances):
        message = f"'instances' is {kind_of(instances)} where a list of rows belongs"
        raise InvalidInputError(message)
    if not instances:
        message = "'instances' is empty: send at least one row"
        raise InvalidInputError(message)
    if isinstance(instances[0], dict):
        rows = _records_to_lists(instances, signature.features)
        one = len(signature.features) == 1 and not signature.inputs[0].features
        instances = [row[0] if one else row for row in rows]
    if len(signature.inputs) == 1:
        return {signature.inputs[0].name: _read_single(instances, signature.inputs[0])}
    return _read_columns(instances, signature.inputs)


def _read_single(rows: list[object], spec: InputSpec) -> Array:
    if spec.shape == (-1,) and isinstance(rows[0], list):
        return read_tensor(rows, spec, (-1, 1)).reshape(-1)
    if spec.shape == (-1, 1) and not isinstance(rows[0], list):
        return read_tensor(rows, spec, (-1,)).reshape(-1, 1)
    return read_tensor(rows, spec, spec.shape)


def _read_columns(rows: list[object], specs: Sequence[InputSpec]) -> dict[str, Array]:
    lists: list[list[object]] = []
    for position, row in enumerate(rows):
        if not is_list(row):
            message = f"row {position} is {kind_of(row)} where a list of {len(specs)} values or a record belongs"
            raise InvalidInputError(message)
        if len(row) != len(specs):
            message = f"row {position} has {len(row)} values where {len(specs)} belong: {known(specs)}"
            raise InvalidInputError(message)
        lists.append(row)
    return {
        spec.name: _read_single(list(column), spec)
        for spec, column in zip(specs, zip(*lists, strict=True), strict=True)
    }


def _records_to_lists(records: list[object], features: tuple[str, ...]) -> list[list[object]]:
    rows = []
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            message = f"row {position} is {kind_of(record)} where a record belongs, as in row 0"
            raise InvalidInputError(message)
        try:
            rows.append([record[name] for name in features])
        except KeyError as error:
            message = f"row {position} lacks the feature '{error.args[0]}'"
            raise InvalidInputError(message) from None
        if len(record) != len(features):
            message = f"row {position} has features that the model does not know; it knows {listed(features)}"
            raise InvalidInputError(message)
    return rows


def known(specs: Sequence[InputSpec]) -> str:
    """List the names of inputs for a message, shortened where they are many."""
    return listed([spec.name for spec in specs])


def form_of(signature: Signature) -> str:
    """Tell the form of a body that the model takes, for a message."""
    is_bare = len(signature.inputs) == 1 and not signature.inputs[0].features
    count = len(signature.features)
    row = (
        "one value" if is_bare else f"a list of {count} value{'' if count == 1 else 's'}: {listed(signature.features)}"
    )
    return f'send {{"instances": [ROW, ...]}}, each ROW {row}'
