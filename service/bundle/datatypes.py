"""The tensor datatypes of the Open Inference Protocol and what numpy calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NUMPY_TYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "UINT16": np.dtype(np.uint16),
    "UINT32": np.dtype(np.uint32),
    "UINT64": np.dtype(np.uint64),
    "INT8": np.dtype(np.int8),
    "INT16": np.dtype(np.int16),
    "INT32": np.dtype(np.int32),
    "INT64": np.dtype(np.int64),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
    # Strings are kept as Python str objects; a missing one is None.
    "BYTES": np.dtype(np.object_),
}

_NAMES = {dtype: name for name, dtype in NUMPY_TYPES.items()}


def datatype_of(dtype: np.dtype[Any]) -> str:
    """Name the datatype of a numpy dtype.

    Raises:
        ValueError: If the protocol has no such datatype, e.g. complex numbers or dates.
    """
    if dtype.kind in "OUST":
        return "BYTES"
    try:
        return _NAMES[dtype.newbyteorder("=")]
    except KeyError:
        message = f"there is no tensor datatype for numpy's {dtype}"
        raise ValueError(message) from None


def is_float(datatype: str) -> bool:
    """Tell whether the datatype can hold NaN."""
    return datatype.startswith("FP")


def is_integer(datatype: str) -> bool:
    """Tell whether the datatype is a signed or unsigned integer."""
    return datatype.startswith(("INT", "UINT"))


def integer_bounds(datatype: str) -> tuple[int, int]:
    """Give the smallest and the largest value of an integer datatype."""
    bounds = np.iinfo(NUMPY_TYPES[datatype])
    return int(bounds.min), int(bounds.max)
