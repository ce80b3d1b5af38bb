"""One column of the user's rows as a tensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from service.bundle.datatypes import NUMPY_TYPES, Array, integer_bounds
from service.errors import BundleError
from service.runtimes.frames import KEEP_NONE


@dataclass(frozen=True)
class Column:
    """The values of one feature.

    Args:
        datatype: Protocol datatype.
        array: One value a row.
        pandas_type: The dtype to restore before the estimator sees it; empty for the tensor's own.
        nullable: Whether a value is missing.
    """

    datatype: str
    array: Array
    pandas_type: str
    nullable: bool


def read_column(series: pd.Series) -> Column:
    """Choose the tensor datatype of a column.

    Raises:
        BundleError: If no tensor can hold its values.
    """
    missing = series.isna().to_numpy()
    kind = pd.api.types.infer_dtype(series.astype(object), skipna=True)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return Column(
            *_plain(series.astype(object), kind, missing), pandas_type="category", nullable=bool(missing.any())
        )
    pandas_type = str(series.dtype) if _is_masked(series) else ""
    if series.dtype == object and any(value is None for value in series):
        pandas_type = KEEP_NONE
    return Column(*_plain(series, kind, missing), pandas_type=pandas_type, nullable=bool(missing.any()))


def is_plain_number(series: pd.Series) -> bool:
    """Tell whether a column can be a part of a numeric matrix as it is."""
    return isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf"


def _is_masked(series: pd.Series) -> bool:
    return pd.api.types.is_extension_array_dtype(series.dtype) and pd.api.types.is_any_real_numeric_dtype(series.dtype)


def _plain(series: pd.Series, kind: str, missing: Array) -> tuple[str, Array]:
    if kind == "string" or (kind == "empty" and series.dtype == object):
        values = series.astype(object).to_numpy(dtype=object, copy=True)
        values[missing] = None
        return "BYTES", values
    if kind == "boolean" and not missing.any():
        return "BOOL", series.to_numpy(dtype=NUMPY_TYPES["BOOL"])
    what = "missing booleans" if kind == "boolean" else f"values of the kind {kind}"
    try:
        if kind == "integer" and not missing.any():
            return "INT64", _integers(series)
        if kind in {"integer", "integer-na", "floating", "mixed-integer-float", "empty"}:
            return "FP64", series.to_numpy(dtype=NUMPY_TYPES["FP64"], na_value=np.nan)
    except OverflowError:
        what = "integers beyond those of INT64"
    message = (
        f"The column {series.name!r} holds {what}, which no tensor can carry: turn them into numbers or strings first."
    )
    raise BundleError(message)


def _integers(series: pd.Series) -> Array:
    if int(series.max()) > integer_bounds("INT64")[1]:
        # numpy would take UINT64 for INT64, and make negative numbers of these.
        raise OverflowError
    return series.to_numpy(dtype=NUMPY_TYPES["INT64"])
