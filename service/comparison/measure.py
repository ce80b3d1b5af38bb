"""Ask one side for all rows, and take the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import numpy as np

from service.bundle.datatypes import Array
from service.comparison.sides import Side
from service.errors import InvalidInputError
from service.runtimes.base import Tensors
from service.scoring.bodies import ask_in_parts

BATCH_ROWS = 256
SINGLE_ROWS = 50

Progress = Callable[[int], None]
"""Is told how many more rows were answered."""


@dataclass(frozen=True)
class Speed:
    """How long a side takes; processor time is None for a service, whose process is elsewhere.

    Args:
        row_seconds: Wall time of a request of one row, the median of several.
        batch_seconds: Wall time for each row of large requests.
        row_cpu_seconds: Processor time of a request of one row.
        batch_cpu_seconds: Processor time for each row of large requests.
    """

    row_seconds: float
    batch_seconds: float
    row_cpu_seconds: float | None
    batch_cpu_seconds: float | None


@dataclass(frozen=True, eq=False)
class Answers:
    """What a side answered.

    Args:
        outputs: By name, for the rows that it took.
        taken: Whether it took each row, or refused it.
        speed: How long it took.
    """

    outputs: dict[str, Array]
    taken: Array
    speed: Speed


def ask(side: Side, tensors: Tensors, outputs: Sequence[str], progress: Progress) -> Answers:
    """Ask for all rows in large requests, where one is refused row by row, and for some rows one by one.

    Raises:
        ComparisonError: If the side cannot answer.
        BodyTooLargeError: If a row alone is too large for it, or all are that cannot be asked for apart.
    """
    rows = len(next(iter(tensors.values())))
    signature = side.manifest.signature
    size = min(signature.fixed_rows or rows, rows)
    if signature.is_batchable:
        size = min(BATCH_ROWS, side.rows_together(_cut(tensors, 0, BATCH_ROWS)))
    taken = np.zeros(rows, dtype=bool)
    parts: list[dict[str, Array]] = []
    # The first call of a library costs more than those that follow.
    _pieces(side, tensors, (0, 1 if signature.is_batchable else size), outputs, [])
    wall, cpu = perf_counter(), process_time()
    for start in range(0, rows, size):
        stop = min(start + size, rows)
        for first, last in _pieces(side, tensors, (start, stop), outputs, parts):
            taken[first:last] = True
        progress(stop - start)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    row_wall, row_cpu = _single_rows(side, tensors, outputs)
    speed = Speed(row_wall, wall / rows, row_cpu if side.is_local else None, cpu / rows if side.is_local else None)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in outputs} if parts else {}
    return Answers(joined, taken, speed)


def _pieces(
    side: Side, tensors: Tensors, span: tuple[int, int], outputs: Sequence[str], parts: list[dict[str, Array]]
) -> list[tuple[int, int]]:
    first, last = span

    def run(start: int, stop: int) -> dict[str, Array]:
        return side.run(_cut(tensors, start, stop), outputs)

    is_batchable = side.manifest.signature.is_batchable
    try:
        parts.extend(ask_in_parts(run, first, last) if is_batchable else [run(first, last)])
    except InvalidInputError:
        if last - first == 1 or not is_batchable:
            return []
        rows = ((row, row + 1) for row in range(first, last))
        return [piece for row in rows for piece in _pieces(side, tensors, row, outputs, parts)]
    return [span]


def _single_rows(side: Side, tensors: Tensors, outputs: Sequence[str]) -> tuple[float, float]:
    rows = len(next(iter(tensors.values())))
    signature = side.manifest.signature
    if not signature.is_batchable and signature.fixed_rows != 1:
        rows = 0
    walls, cpus = [], []
    for row in range(min(rows, SINGLE_ROWS)):
        wall, cpu = perf_counter(), process_time()
        try:
            side.run(_cut(tensors, row, row + 1), outputs)
        except InvalidInputError:
            continue
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return (median(walls), median(cpus)) if walls else (float("nan"), float("nan"))


def _cut(tensors: Tensors, start: int, stop: int) -> dict[str, Array]:
    return {name: array[start:stop] for name, array in tensors.items()}
