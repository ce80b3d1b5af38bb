"""The proof: a model as it will be served is compared with the estimator as it was given."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.bundle.datatypes import Array
from service.errors import ServiceError
from service.packing.answers import Answers
from service.packing.layouts import Layout
from service.runtimes.agreement import Agreement, compare
from service.runtimes.answers import answer, method_of
from service.runtimes.base import Runtime
from service.runtimes.frames import RowBuilder

_SINGLE_ROWS = 8
_MOST_ROWS_BETWEEN = 1000


@dataclass(frozen=True)
class Proof:
    """What a proof found.

    Args:
        answers: What the runtime answered to the rows that were given.
        given: How these compare with the estimator's own answers.
        between: The same for rows that lie between the given ones.
    """

    answers: Answers
    given: Agreement
    between: Agreement

    @property
    def problem(self) -> str:
        """What differs; empty when nothing does."""
        if self.given.problem:
            return self.given.problem
        return f"between the given rows, {self.between.problem}" if self.between.problem else ""

    @property
    def largest_difference(self) -> float | None:
        """Largest absolute difference of a number."""
        found = [part.largest_difference for part in (self.given, self.between) if part.largest_difference is not None]
        return max(found, default=None)


def prove(runtime: Runtime, estimator: Any, layout: Layout, expected: Answers) -> Proof:  # noqa: ANN401  # any estimator
    """Compare a runtime with an estimator.

    On all the given rows; on the first of them one by one, as a service gets them; and on rows between the given ones,
    where rounding to float32 would send a row to the other side of a tree's threshold.
    """
    try:
        answers = runtime.run(layout.tensors, list(expected))
        given = compare(expected, answers)
        if not given.problem:
            given = _worse(given, _compare_single_rows(runtime, layout, expected))
        between = Agreement(0) if given.problem else _compare_between(runtime, estimator, layout, list(expected))
    except ServiceError as error:
        return Proof({}, Agreement(0, None, str(error)), Agreement(0))
    return Proof(answers, given, between)


def _worse(batch: Agreement, single: Agreement) -> Agreement:
    return Agreement(batch.rows, batch.largest_difference, single.problem and f"one row at a time, {single.problem}")


def _compare_single_rows(runtime: Runtime, layout: Layout, expected: Answers) -> Agreement:
    count = min(_SINGLE_ROWS, layout.rows)
    singles = [
        runtime.run({name: array[index : index + 1] for name, array in layout.tensors.items()}, list(expected))
        for index in range(count)
    ]
    joined = {name: np.concatenate([single[name] for single in singles]) for name in expected}
    return compare({name: array[:count] for name, array in expected.items()}, joined)


def _compare_between(runtime: Runtime, estimator: Any, layout: Layout, outputs: list[str]) -> Agreement:  # noqa: ANN401  # any estimator
    tensors = {name: rows_between(array[:_MOST_ROWS_BETWEEN]) for name, array in layout.tensors.items()}
    if all(tensors[name] is array for name, array in layout.tensors.items()):
        return Agreement(0)
    rows = RowBuilder(layout.inputs, layout.column_types, layout.dataframe).build(tensors)
    expected: Answers = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for method in dict.fromkeys(method_of(name) for name in outputs):
                expected |= answer(estimator, method, rows)
    except (ValueError, TypeError):
        # These rows are our own idea: the estimator need not take them, e.g. when numbers stand for categories.
        return Agreement(0)
    return compare({name: expected[name] for name in outputs}, runtime.run(tensors, outputs))


def rows_between(array: Array) -> Array:
    """Move each number half the way to the next larger one of its column: where the thresholds of fitted trees lie.

    Integers and strings stay as they are.
    """
    if array.dtype.kind != "f" or array.ndim != 2:  # noqa: PLR2004  # a matrix, or a column of its own
        return array[:]
    moved = array.copy()
    for column in moved.T:
        values = np.unique(column[np.isfinite(column)])
        following = np.append(values, values[-1:])
        positions = np.searchsorted(values, column)
        finite = np.isfinite(column)
        column[finite] = (column[finite] + following[1:][positions[finite]]) / 2
    return moved
