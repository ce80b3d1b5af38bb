"""What a scikit-learn estimator answers, as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array, datatype_of

METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")
"""The methods that become outputs, in the order of the signature."""


def methods_of(estimator: Any) -> tuple[str, ...]:  # noqa: ANN401  # any object with scikit-learn's methods
    """List the methods that an estimator has, in the order of the outputs."""
    return tuple(method for method in METHODS if callable(getattr(estimator, method, None)))


def method_of(output: str) -> str:
    """Name the method that gives an output: ``predict_proba_1`` comes from ``predict_proba``."""
    return output if output in METHODS else output.rpartition("_")[0]


def answer(estimator: Any, method: str, rows: Any) -> dict[str, Array]:  # noqa: ANN401  # as above
    """Call one method.

    Returns:
        One tensor by the method's name; for the list that a multi-output classifier gives, one for each, numbered.
    """
    result = getattr(estimator, method)(rows)
    if isinstance(result, list) and result and all(isinstance(part, np.ndarray) for part in result):
        return {f"{method}_{index}": to_tensor(part) for index, part in enumerate(result)}
    return {method: to_tensor(result)}


def to_tensor(result: Any) -> Array:  # noqa: ANN401  # whatever the estimator returned
    """Turn an answer into a dense array of a datatype that the protocol has.

    Raises:
        ValueError: If it holds objects that are neither numbers nor strings.
    """
    if hasattr(result, "toarray"):
        result = result.toarray()
    array = np.asarray(result)
    if array.dtype.kind == "O":
        array = _unbox(array)
    if array.dtype.kind in "UST":
        return array.astype(object)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array.dtype == np.longdouble:
        return array.astype(np.float64)
    return np.asarray(array, dtype=NUMPY_TYPES[datatype_of(array.dtype)])


def _unbox(array: Array) -> Array:
    kinds = {type(value) for value in array.flat}
    if all(issubclass(kind, str) for kind in kinds):
        return array.astype("U").astype(object) if kinds - {str} else array
    if all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        return array.astype(np.bool_)
    if all(issubclass(kind, (int, np.integer)) for kind in kinds):
        return array.astype(np.int64)
    if all(issubclass(kind, (int, float, np.number)) for kind in kinds):
        return array.astype(np.float64)
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    message = f"its answer mixes objects of the types {names}"
    raise ValueError(message)
