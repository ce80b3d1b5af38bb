"""Small differences: all servers run at once on one core and are loaded in turn, round by round.

A ratio or a difference within a round holds on a machine whose speed drifts.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import Measured, cpu_per_request

CONNECTIONS = 4


@dataclass(frozen=True)
class Case:
    """A server and the request that it is sent."""

    name: str
    server: Measured
    request: bytes


def interleaved(cases: Sequence[Case], rounds: int, requests: int) -> list[list[float]]:
    """Measure the processor time of a request, in seconds: a list for each round with a figure for each case."""
    found = []
    for number in range(rounds):
        found.append([cpu_per_request(case.server, case.request, requests, CONNECTIONS) for case in cases])
        if sys.stderr.isatty():
            end = "\r" if number + 1 < rounds else "\n"
            print(f"round {number + 1} of {rounds}", end=end, file=sys.stderr, flush=True)
    return found


def ratios(rounds: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Give the median cost of each case, and the median of its ratios to the first case of the same round."""
    return [
        (
            statistics.median(figures[column] for figures in rounds),
            statistics.median(figures[column] / figures[0] for figures in rounds),
        )
        for column in range(len(rounds[0]))
    ]
