"""Which tensors stand for the user's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from service.bundle.datatypes import Array, datatype_of, is_float
from service.bundle.signature import InputSpec
from service.errors import BundleError
from service.packing.columns import Column, is_plain_number, read_column

MATRIX = "input"
TEXT = "text"


@dataclass(frozen=True)
class Layout:
    """One way to write the rows as tensors, and the way back.

    Args:
        inputs: The input tensors.
        tensors: The rows that were given, by tensor name.
        column_types: See :class:`service.bundle.manifest.Manifest`.
        dataframe: Whether the estimator is given a DataFrame.
    """

    inputs: tuple[InputSpec, ...]
    tensors: dict[str, Array]
    column_types: dict[str, str]
    dataframe: bool = False

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.tensors.values())))


def possible_layouts(rows: Any, feature_names: tuple[str, ...]) -> Iterator[Layout]:  # noqa: ANN401  # whatever a user fits on
    """Offer the layouts that could carry these rows, the simplest and fastest first.

    Args:
        rows: An array, a sparse matrix, a DataFrame, or a sequence of texts.
        feature_names: Names that the estimator was fitted with; empty when it knows none.

    Raises:
        BundleError: If no tensor can carry them.
    """
    if hasattr(rows, "toarray"):
        rows = rows.toarray()
    if isinstance(rows, pd.DataFrame):
        yield from _frame_layouts(rows)
        return
    array = _to_array(rows)
    if not array.size:
        message = "There are no rows to derive a signature from: give at least one."
        raise BundleError(message)
    if array.ndim == 1:
        yield _text_layout(array)
    elif array.dtype.kind in "OUST":
        yield from _object_layouts(array, feature_names)
    else:
        is_named = len(feature_names) == array.shape[1]
        layout = _matrix_layout(array, feature_names if is_named else default_names(array))
        yield layout
        if is_named:
            yield replace(layout, dataframe=True)


def _to_array(rows: Any) -> Array:  # noqa: ANN401  # as above
    array = np.asarray(rows, dtype=object if isinstance(rows, pd.Series) else None)
    if array.ndim not in {1, 2}:
        message = f"The rows have {array.ndim} dimensions: give a table, or a sequence of texts."
        raise BundleError(message)
    return array


def default_names(array: Array) -> tuple[str, ...]:
    """Name the columns of a matrix that brings no names."""
    return tuple(f"x{index}" for index in range(array.shape[1]))


def _matrix_layout(array: Array, names: tuple[str, ...]) -> Layout:
    try:
        datatype = datatype_of(array.dtype)
    except ValueError as error:
        message = f"The rows cannot become a tensor: {error}."
        raise BundleError(message) from None
    missing = np.flatnonzero(np.isnan(array).any(axis=0)) if is_float(datatype) else ()
    nullable = tuple(names[index] for index in missing)
    spec = InputSpec(MATRIX, datatype, (-1, array.shape[1]), names, nullable)
    return Layout((spec,), {MATRIX: np.ascontiguousarray(array)}, {})


def _text_layout(array: Array) -> Layout:
    if not all(isinstance(text, str) for text in array):
        message = "A sequence of rows must hold texts: give a table with two dimensions for anything else."
        raise BundleError(message)
    return Layout((InputSpec(TEXT, "BYTES", (-1,)),), {TEXT: array.astype(object)}, {})


def _object_layouts(array: Array, feature_names: tuple[str, ...]) -> Iterator[Layout]:
    names = feature_names if len(feature_names) == array.shape[1] else default_names(array)
    columns = {name: read_column(pd.Series(array[:, index], name=name)) for index, name in enumerate(names)}
    yield _column_layout(columns, dataframe=False)


def _frame_layouts(frame: pd.DataFrame) -> Iterator[Layout]:
    if frame.empty:
        message = "There are no rows to derive a signature from: give at least one."
        raise BundleError(message)
    names = tuple(str(name) for name in frame.columns)
    if len(set(names)) != len(names):
        message = "Two columns of the rows have the same name: give each its own."
        raise BundleError(message)
    if all(is_plain_number(frame[name]) for name in frame.columns):
        layout = _matrix_layout(frame.to_numpy(), names)
        yield layout
        yield replace(layout, dataframe=True)
    yield _column_layout(
        {name: read_column(frame[column]) for name, column in zip(names, frame.columns, strict=True)}, dataframe=True
    )


def _column_layout(columns: dict[str, Column], *, dataframe: bool) -> Layout:
    return Layout(
        tuple(
            InputSpec(name, column.datatype, (-1, 1), nullable=(name,) if column.nullable else ())
            for name, column in columns.items()
        ),
        {name: column.array.reshape(-1, 1) for name, column in columns.items()},
        {name: column.pandas_type for name, column in columns.items() if column.pandas_type},
        dataframe,
    )
