"""What bounds the engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The bounds of the queue and of a batch.

    Args:
        threads: How many batches may run at once.
        batchable: Whether requests may be joined at all.
        inline_seconds: A batch predicted to be shorter runs in the event loop.
        queue_requests: Most requests that wait.
        queue_rows: Most rows that wait.
        queue_timeout_seconds: Longest wait.
        max_batch_rows: Most rows that requests are joined to; a larger request runs alone.
        wedged_seconds: A batch that runs for longer is of no use to anybody, as its requests are long late.
    """

    threads: int
    batchable: bool
    inline_seconds: float
    queue_requests: int
    queue_rows: int
    queue_timeout_seconds: float
    max_batch_rows: int
    wedged_seconds: float = 60.0
