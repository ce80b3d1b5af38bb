"""The proof: a model as it will be served is compared with the estimator as it was given."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.errors import InvalidInputError, ServiceError
from service.packing.answers import Answers, first_line
from service.packing.layouts import Layout
from service.packing.variations import variations
from service.runtimes.agreement import Agreement, compare
from service.runtimes.answers import answer, method_of
from service.runtimes.base import Runtime
from service.runtimes.frames import RowBuilder

_SINGLE_ROWS = 8


@dataclass(frozen=True)
class Proof:
    """What a proof found.

    Args:
        answers: What the runtime answered to the rows that were given; empty when it could not.
        agreements: How it compares with the estimator, set of rows by set of rows.
    """

    answers: Answers
    agreements: tuple[Agreement, ...]

    @property
    def rows(self) -> int:
        """On how many rows both were compared."""
        return sum(agreement.rows for agreement in self.agreements)

    @property
    def problem(self) -> str:
        """What differs; empty when nothing does."""
        return next((agreement.problem for agreement in self.agreements if agreement.problem), "")

    @property
    def largest_difference(self) -> float | None:
        """Largest absolute difference of a number."""
        found = [agreement.largest_difference for agreement in self.agreements]
        return max((difference for difference in found if difference is not None), default=None)


@dataclass(frozen=True)
class _Comparison:
    """Both sides, and the way from tensors to each."""

    runtime: Runtime
    estimator: Any
    builder: RowBuilder
    outputs: tuple[str, ...]

    def of(self, tensors: Answers, where: str) -> Agreement:
        """Ask both; where the estimator refuses rows, the runtime must refuse them too."""
        try:
            expected = self.expect(tensors)
        except (ValueError, TypeError):
            problem = "" if self.is_refused(tensors) else f"{where}, it answers what the estimator refuses"
            return Agreement(0, None, problem)
        except Exception:  # noqa: BLE001  # rows of our own that break an estimator prove nothing
            return Agreement(0)
        agreement = compare(expected, self.runtime.run(tensors, self.outputs))
        problem = f"{where}, {agreement.problem}" if agreement.problem else ""
        return Agreement(agreement.rows, agreement.largest_difference, problem)

    def expect(self, tensors: Answers) -> Answers:
        """Ask the estimator."""
        rows = self.builder.build(tensors)
        answers: Answers = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for method in dict.fromkeys(method_of(name) for name in self.outputs):
                answers |= answer(self.estimator, method, rows)
        return {name: answers[name] for name in self.outputs}

    def is_refused(self, tensors: Answers) -> bool:
        """Tell whether the runtime refuses the rows."""
        try:
            self.runtime.run(tensors, self.outputs)
        except InvalidInputError:
            return True
        return False

    def of_single_rows(self, tensors: Answers) -> Agreement:
        """Ask both for one row at a time, as a service often is."""
        expected, actual = [], []
        for index in range(min(_SINGLE_ROWS, len(next(iter(tensors.values()))))):
            row = {name: array[index : index + 1] for name, array in tensors.items()}
            try:
                expected.append(self.expect(row))
            except Exception as error:  # noqa: BLE001  # an estimator may raise anything
                return Agreement(0, None, f"it cannot answer one row alone: {first_line(error)}")
            actual.append(self.runtime.run(row, self.outputs))
        problem = compare(_join(expected), _join(actual)).problem
        return Agreement(0, None, f"one row at a time, {problem}" if problem else "")


def prove(runtime: Runtime, estimator: Any, layout: Layout, expected: Answers) -> Proof:  # noqa: ANN401  # any estimator
    """Compare a runtime with an estimator.

    On all the given rows; on the first of them one by one; and on rows near the given ones.
    """
    outputs = tuple(expected)
    builder = RowBuilder(layout.inputs, layout.column_types, layout.dataframe)
    comparison = _Comparison(runtime, estimator, builder, outputs)
    try:
        answers = runtime.run(layout.tensors, outputs)
        agreements = [compare(expected, answers), comparison.of_single_rows(layout.tensors)]
        agreements += [comparison.of(tensors, where) for where, tensors in variations(layout.tensors)]
    except ServiceError as error:
        return Proof({}, (Agreement(0, None, str(error)),))
    return Proof(answers, tuple(agreements))


def _join(parts: list[Answers]) -> Answers:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
