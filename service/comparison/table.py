"""From a table to the tensors of a signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.bundle.datatypes import Array
from service.bundle.header_line import separator_hint
from service.bundle.signature import Signature
from service.comparison.sides import ComparisonError
from service.errors import InvalidInputError
from service.protocols.rows import read_rows

if TYPE_CHECKING:
    import pandas as pd


def read_tensors(table: pd.DataFrame, signature: Signature, place: str) -> dict[str, Array]:
    """Take the columns that a model takes, by name, or all of them by position where the table has no names.

    Raises:
        ComparisonError: If columns are missing, or a value is none that the model takes.
    """
    features = list(signature.features)
    if len(features) <= 1 or all(isinstance(name, int) for name in table.columns):
        features = features if set(features) <= set(table.columns) else list(table.columns)
    missing = [name for name in features if name not in table.columns]
    count = sum(abs(spec.shape[1]) if len(spec.shape) > 1 else 1 for spec in signature.inputs)
    if missing or len(features) != count:
        what = f"lacks the columns {', '.join(missing)}" if missing else f"has {len(features)} columns"
        hint = separator_hint(list(table.columns))
        message = f"{place} {what}, but the models take {', '.join(signature.features) or count}{hint}."
        raise ComparisonError(message)
    chosen = table[features].astype(object)
    # A model that takes one row at a time is given them one by one later.
    inputs = tuple(replace(spec, shape=(-1, *spec.shape[1:])) for spec in signature.inputs)
    lists = chosen.where(chosen.notna(), None).to_numpy().tolist()
    try:
        return read_rows(lists, replace(signature, inputs=inputs))
    except InvalidInputError as error:
        message = f"{place} does not fit the models: {error}."
        raise ComparisonError(message) from None
