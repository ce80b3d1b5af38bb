"""Counts of what the engine did, as Triton's statistics extension reports them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

NANOSECONDS = 1_000_000_000


@dataclass(slots=True)
class Total:
    """How often something happened and how long it took altogether."""

    count: int = 0
    ns: int = 0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.count += 1
        self.ns += int(seconds * NANOSECONDS)


@dataclass(slots=True)
class Statistics:
    """Since the model was loaded.

    Attributes:
        rows: Rows that were computed.
        batches: Calls of the model.
        last_inference: When the last one ended, in milliseconds since 1970.
        success: Requests answered, from the engine's door to the result.
        fail: Requests that failed in the engine.
        queue: Waits for a turn.
        compute: Calls of the model.
    """

    rows: int = 0
    batches: int = 0
    last_inference: int = 0
    success: Total = field(default_factory=Total)
    fail: Total = field(default_factory=Total)
    queue: Total = field(default_factory=Total)
    compute: Total = field(default_factory=Total)

    def ran(self, rows: int, seconds: float) -> None:
        """Count a call of the model."""
        self.rows += rows
        self.batches += 1
        self.last_inference = int(time.time() * 1000)
        self.compute.add(seconds)
