"""What a batch will cost, from what earlier ones did."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

WARM_UP_ROWS = (1, 8, 64)
WARM_UP_RUNS = 5
WARM_UP_SECONDS = 0.5
SLOW_SECONDS = 2.0
DRIFT_WEIGHT = 0.05
DRIFT_BOUNDS = (0.1, 100_000.0)
LARGEST_STEP = 10.0


class CostModel:
    """Predicts the duration of a batch: a fixed part and a part for each row, both measured.

    Afterwards the drift follows the ratio of real to predicted durations, because rows may grow dearer than those of
    the example (longer texts) and a pod may be throttled.
    """

    def __init__(self, fixed: float, per_row: float) -> None:
        self._fixed = fixed
        self._per_row = per_row
        self._drift = 1.0

    def predict(self, rows: int) -> float:
        """Predict the duration of a batch in seconds."""
        return (self._fixed + self._per_row * rows) * self._drift

    def observe(self, rows: int, seconds: float) -> None:
        """Learn from a batch that ran.

        One batch counts for no more than ten times what was expected: a thread that another process preempts for a
        moment says nothing about the model.
        """
        ratio = min(seconds / (self._fixed + self._per_row * rows), self._drift * LARGEST_STEP)
        low, high = DRIFT_BOUNDS
        self._drift = min(max(self._drift + (ratio - self._drift) * DRIFT_WEIGHT, low), high)


def measure(run: Callable[[int], object], *, batchable: bool) -> CostModel:
    """Measure a model by running it.

    Args:
        run: Runs a batch of that many rows.
        batchable: Whether more than the example's own rows can be asked for.
    """
    started = perf_counter()
    durations: dict[int, float] = {}
    for rows in WARM_UP_ROWS if batchable else WARM_UP_ROWS[:1]:
        durations[rows] = _fastest(run, rows)
        if perf_counter() - started > WARM_UP_SECONDS:
            break
    if batchable and len(durations) == 1 and durations[1] < SLOW_SECONDS:
        # Whether the second row of a slow model is dear as well decides how many requests may be joined.
        durations[2] = _duration(run, 2)
    small, large = min(durations), max(durations)
    per_row = max(durations[large] - durations[small], 0.0) / (large - small) if large > small else durations[small]
    fixed = max(durations[small] - per_row * small, durations[small] / 10)
    return CostModel(fixed, per_row)


def _fastest(run: Callable[[int], object], rows: int) -> float:
    run(rows)
    best = float("inf")
    stop = perf_counter() + WARM_UP_SECONDS / len(WARM_UP_ROWS)
    for _ in range(WARM_UP_RUNS):
        best = min(best, _duration(run, rows))
        if perf_counter() > stop:
            break
    return max(best, 1e-9)


def _duration(run: Callable[[int], object], rows: int) -> float:
    start = perf_counter()
    run(rows)
    return perf_counter() - start
