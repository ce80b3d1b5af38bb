"""From tensors to the rows that a scikit-learn estimator takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from service.bundle.datatypes import Array
from service.bundle.signature import InputSpec
from service.runtimes.base import Tensors

KEEP_NONE = "object"
"""The column type whose missing values stay None."""


@dataclass(frozen=True)
class RowBuilder:
    """Build an estimator's rows: one matrix, one DataFrame, or one sequence of texts.

    Args:
        inputs: The input tensors.
        column_types: See :class:`service.bundle.manifest.Manifest`.
        dataframe: Whether the estimator is given a DataFrame.
    """

    inputs: tuple[InputSpec, ...]
    column_types: dict[str, str]
    dataframe: bool

    def build(self, tensors: Tensors) -> Any:  # noqa: ANN401  # an array or a DataFrame
        """Join the tensors of one request."""
        first = self.inputs[0]
        if len(first.shape) == 1:
            return self._with_missing(first.name, tensors[first.name])
        if first.features:
            matrix = self._with_missing(first.name, tensors[first.name])
            return self._frame(dict(zip(first.features, matrix.T, strict=True))) if self.dataframe else matrix
        columns = {spec.name: self._with_missing(spec.name, tensors[spec.name].reshape(-1)) for spec in self.inputs}
        if self.dataframe:
            return self._frame(columns)
        return np.stack([column.astype(object) for column in columns.values()], axis=1)

    def _with_missing(self, name: str, array: Array) -> Array:
        if array.dtype.kind != "O" or self.column_types.get(name) == KEEP_NONE:
            return array
        missing = np.equal(array, np.full_like(array, None))
        return np.where(missing, np.nan, array) if missing.any() else array

    def _frame(self, columns: dict[str, Array]) -> Any:  # noqa: ANN401  # a DataFrame
        import pandas as pd  # noqa: PLC0415  # half a second that most models do not need

        frame = pd.DataFrame({name: pd.Series(column, dtype=column.dtype) for name, column in columns.items()})
        types = {
            name: self.column_types[name] for name in columns if self.column_types.get(name, KEEP_NONE) != KEEP_NONE
        }
        return frame.astype(types) if types else frame
