"""Whether two models agree, output by output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.bundle.datatypes import Array
from service.bundle.manifest import Manifest
from service.comparison.inputs import are_alike, carry_over, require_same_columns
from service.comparison.measure import Answers, Progress, Speed, ask
from service.comparison.sides import ComparisonError, Side
from service.runtimes.agreement import differing, gaps
from service.runtimes.base import Tensors

ROWS_NAMED = 10


@dataclass(frozen=True)
class Wanted:
    """What is compared, and what counts as agreement.

    Args:
        tolerance: How far numbers may be apart; see :data:`service.runtimes.agreement.TOLERANCE`.
        agreement: The part of the rows that must agree.
        outputs: Names of the outputs to compare; empty for all.
    """

    tolerance: float
    agreement: float = 1.0
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutputComparison:
    """One output.

    Args:
        name: Of the output.
        equal: The part of the rows that agree, of those that both took.
        differing_rows: How many do not.
        first_rows: The first of them, counted from 0.
        largest_absolute: Largest difference of a number; None for labels.
        largest_relative: Largest difference of a number as a part of A's, where that is not 0; None for labels.
    """

    name: str
    equal: float
    differing_rows: int
    first_rows: tuple[int, ...]
    largest_absolute: float | None
    largest_relative: float | None


@dataclass(frozen=True)
class Comparison:
    """All of it.

    Args:
        rows: How many rows both were asked.
        answered: How many of them both answered; these were compared.
        tolerance: How far numbers may be apart; see :data:`service.runtimes.agreement.TOLERANCE`.
        agreement: The part of the rows that must agree.
        outputs: Output by output.
        refused: How many rows A alone and B alone refused.
        only: Outputs that only A and only B have.
        speed: Of A and of B.
    """

    rows: int
    answered: int
    tolerance: float
    agreement: float
    outputs: tuple[OutputComparison, ...]
    refused: tuple[int, int]
    only: tuple[tuple[str, ...], tuple[str, ...]]
    speed: tuple[Speed, Speed]

    @property
    def both_refused(self) -> int:
        """How many rows both refused."""
        return self.rows - self.answered - sum(self.refused)

    @property
    def problem(self) -> str:
        """What differs, as the end of a sentence; empty when they agree."""
        problems = [
            f"{output.name} differs on {output.differing_rows} of {self.answered} rows"
            for output in self.outputs
            if output.equal < self.agreement
        ]
        for name, refused, only in zip("AB", self.refused, self.only, strict=True):
            if refused:
                problems.append(f"{name} alone refuses {refused} rows")
            if only:
                problems.append(f"only {name} has {', '.join(only)}")
        return "; ".join(problems)


def compare_sides(sides: tuple[Side, Side], tensors: Tensors, wanted: Wanted, progress: Progress) -> Comparison:
    """Ask both sides for all rows, and compare their answers.

    Args:
        sides: A and B.
        tensors: The rows, as the first of them takes them.
        wanted: What is compared, and what counts as agreement.
        progress: Is told about each batch.

    Raises:
        ComparisonError: If they take or give different things, or take none of the rows.
    """
    names, only = _shared(sides[0].manifest, sides[1].manifest, wanted.outputs)
    theirs = carry_over(tensors, sides[0].manifest.signature, sides[1].manifest.signature)
    first, second = (ask(side, rows, names, progress) for side, rows in zip(sides, (tensors, theirs), strict=True))
    both = first.taken & second.taken
    if not (first.taken | second.taken).any():
        message = f"A and B refuse all {len(both)} rows, so nothing was compared: look at the values in the table."
        raise ComparisonError(message)
    rows = np.flatnonzero(both)
    compared = tuple(_compare(name, first, second, rows, wanted.tolerance) for name in names)
    refused = int((~first.taken & second.taken).sum()), int((first.taken & ~second.taken).sum())
    speed = first.speed, second.speed
    return Comparison(len(both), len(rows), wanted.tolerance, wanted.agreement, compared, refused, only, speed)


def _shared(
    left: Manifest, right: Manifest, wanted: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]]:
    require_same_columns(left.signature, right.signature)
    specs = [{spec.name: spec for spec in side.outputs if not wanted or spec.name in wanted} for side in (left, right)]
    missing = [name for name in wanted if not any(name in side for side in specs)]
    names = tuple(name for name in specs[0] if name in specs[1])
    if missing or not names:
        what = f"Neither A nor B has the output {missing[0]}" if missing else "A and B have no output in common"
        has = [", ".join(side.signature.output_names) for side in (left, right)]
        message = f"{what}: A has {has[0]}, B has {has[1]}."
        raise ComparisonError(message)
    for name in names:
        one, other = specs[0][name], specs[1][name]
        if not are_alike(one, other) or one.labels != other.labels:
            told = f"{_tell(one)} and {_tell(other)}"
            message = f"A and B give different things as {name} ({told}): compare another output with --output."
            raise ComparisonError(message)
    only = tuple(tuple(name for name in specs[side] if name not in specs[1 - side]) for side in (0, 1))
    return names, (only[0], only[1])


def _tell(spec: object) -> str:
    datatype, shape, labels = (getattr(spec, field) for field in ("datatype", "shape", "labels"))
    return f"{datatype} {list(shape)}{' of ' + ', '.join(map(str, labels)) if labels else ''}"


def _compare(name: str, first: Answers, second: Answers, rows: Array, tolerance: float) -> OutputComparison:
    if not rows.size:
        return OutputComparison(name, 1.0, 0, (), None, None)
    left, right = (_of_rows(side, name, rows) for side in (first, second))
    if left.shape != right.shape:
        message = f"A and B answer {name} in different shapes, {list(left.shape)} and {list(right.shape)}."
        raise ComparisonError(message)
    wrong = differing(left, right, tolerance).reshape(len(left), -1).any(axis=1)
    absolute = relative = None
    if left.dtype.kind == "f":
        apart = gaps(left, right)
        absolute = float(np.nanmax(apart, initial=0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(left == 0, np.nan, apart / np.abs(left))
        relative = float(np.nanmax(np.where(apart == 0, 0.0, parts), initial=0.0))
    found = rows[wrong]
    return OutputComparison(
        name, (len(rows) - len(found)) / len(rows), len(found), tuple(found[:ROWS_NAMED].tolist()), absolute, relative
    )


def _of_rows(answers: Answers, name: str, rows: Array) -> Array:
    """Give the answers to some rows; those that were refused have none."""
    positions = np.cumsum(answers.taken) - 1
    found: Array = answers.outputs[name][positions[rows]]
    return found
