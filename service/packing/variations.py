"""Rows near the given ones, on which a conversion must agree too: nobody has every row when a model is packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from service.bundle.datatypes import Array

_MOST_ROWS = 1000


def variations(tensors: Mapping[str, Array]) -> Iterator[tuple[str, dict[str, Array]]]:
    """Change the rows in each way that is known to part a converted model from its original.

    Yields:
        What was done, as a part of a sentence, and the changed tensors. A change that changes nothing is left out.
    """
    changes: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("between the given rows", _between),
        ("with texts in capital letters", _in_capitals),
        ("with words joined by a letter beyond ASCII", _joined),
    )
    given = {name: array[:_MOST_ROWS] for name, array in tensors.items()}
    for description, change in changes:
        changed = {name: change(array) for name, array in given.items()}
        if any(changed[name] is not array for name, array in given.items()):
            yield description, changed


def _between(array: Array) -> Array:
    """Move each number half the way to the next larger one of its column: where the thresholds of fitted trees lie.

    A column of whole numbers stays as it is: it counts, or stands for categories.
    """
    if array.dtype.kind != "f" or array.ndim != 2:  # noqa: PLR2004  # a matrix, or a column of its own
        return array
    moved = array.copy()
    for column in moved.T:
        finite = np.isfinite(column)
        values = np.unique(column[finite])
        if (values == np.rint(values)).all():
            continue
        following = np.append(values[1:], values[-1:])
        column[finite] = (column[finite] + following[np.searchsorted(values, column[finite])]) / 2
    return array if np.array_equal(moved, array, equal_nan=True) else moved


def _in_capitals(array: Array) -> Array:
    """Test how case is folded, and what becomes of a category that was never seen."""
    return _changed(array, str.upper)


def _joined(array: Array) -> Array:
    """Test which letters make a word: a tokenizer that knows ASCII only cuts these."""
    return _changed(array, lambda text: "é".join(text.split()))


def _changed(array: Array, change: Callable[[str], str]) -> Array:
    if array.dtype.kind != "O":
        return array
    changed = np.array([change(value) if isinstance(value, str) else value for value in array.flat], dtype=object)
    changed = changed.reshape(array.shape)
    return array if (changed == array).all() else changed
