"""Whether two answers of a model are the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.bundle.datatypes import Array

TOLERANCE = 1e-4
"""How far numbers may be apart: this part of the number itself plus this part of the output's mean size.

float32 keeps seven digits and a long sum loses two or three of them. A tolerance relative to the output's own size
means the same for probabilities and for house prices, and does not let a model of tiny numbers pass with any answer.
"""

_ROWS_NAMED = 3


@dataclass(frozen=True)
class Agreement:
    """How well two answers agree.

    Args:
        rows: How many rows were compared.
        largest_difference: Largest absolute difference of a number; None when there was no number to compare.
        problem: What differs, as the end of a sentence; empty when nothing does.
    """

    rows: int
    largest_difference: float | None = None
    problem: str = ""


def compare(expected: dict[str, Array], actual: dict[str, Array]) -> Agreement:
    """Compare outputs by name: labels must be equal and numbers close; see :data:`TOLERANCE`."""
    rows = max((len(array) for array in expected.values() if array.ndim), default=0)
    largest: float | None = None
    problems = []
    for name, array in expected.items():
        difference, problem = _compare_output(array, actual[name])
        if problem:
            problems.append(f"{name} {problem}")
        if difference is not None:
            largest = difference if largest is None else max(largest, difference)
    return Agreement(rows, largest, "; ".join(problems))


def _compare_output(expected: Array, actual: Array) -> tuple[float | None, str]:
    if expected.shape != actual.shape:
        return None, f"has the shape {list(actual.shape)} instead of {list(expected.shape)}"
    if expected.dtype.kind != "f":
        return None, _describe(differing(expected, actual))
    if actual.dtype.kind not in "fiu":
        return None, "is not numeric"
    largest = float(np.nanmax(gaps(expected, actual), initial=0.0))
    problem = _describe(differing(expected, actual))
    return largest, f"{problem} by up to {largest:.3g}" if problem else ""


def differing(expected: Array, actual: Array, tolerance: float = TOLERANCE) -> Array:
    """Tell which elements of two arrays of one shape differ: labels at all, numbers beyond a tolerance."""
    if expected.dtype.kind != "f":
        return np.asarray(expected != actual, dtype=bool)
    right, left = expected.astype(np.float64), actual.astype(np.float64)
    finite = np.isfinite(right)
    size = float(np.abs(right[finite]).mean()) if finite.any() else 0.0
    return ~np.isclose(left, right, rtol=tolerance, atol=tolerance * size, equal_nan=True)


def gaps(expected: Array, actual: Array) -> Array:
    """Tell how far apart numbers are; NaN where one of them is none."""
    right, left = expected.astype(np.float64), actual.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(left == right, 0.0, np.abs(left - right))


def _describe(different: Array) -> str:
    if not different.ndim:
        return "differs" if different else ""
    rows = np.flatnonzero(different.reshape(len(different), -1).any(axis=1)) if different.size else different
    if not rows.size:
        return ""
    named = ", ".join(str(row) for row in rows[:_ROWS_NAMED])
    more = ", …" if len(rows) > _ROWS_NAMED else ""
    return f"differs on {len(rows)} of {len(different)} rows (rows {named}{more}, counted from 0)"
