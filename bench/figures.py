"""What one cell of the benchmark yields, as it is written to the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.load import Hits, schedule

MILLISECOND = 1e-3
QUANTILES = {"p50_ms": 50, "p99_ms": 99, "p999_ms": 99.9}


@dataclass(frozen=True)
class Reference:
    """What the empty endpoint did moments before.

    Args:
        cpu_us: Processor time of a request.
        throughput: Requests in a second.
    """

    cpu_us: float
    throughput: float


def closed(hits: Hits, cpu_seconds: float, seconds: float, reference: Reference) -> dict[str, Any]:
    """Sum a closed loop up.

    Args:
        hits: All requests.
        cpu_seconds: What the server took for them.
        seconds: How long it was meant to last.
        reference: What ratios are made with.
    """
    good = int(hits.good.sum())
    lasted = max(float(hits.done.max(initial=0)), seconds)
    cpu = cpu_seconds / max(good, 1)
    return {
        "good": good,
        "failed": len(hits.codes) - good,
        "cpu_us": _round(cpu * 1e6),
        "throughput": _round(good / lasted),
        "cpu_to_empty": _round(cpu * 1e6 / reference.cpu_us),
        "throughput_to_empty": _round(good / lasted / reference.throughput),
        "server_busy": _round(cpu_seconds / lasted),
        "generator_busy": _round(hits.generator_cpu_seconds / lasted),
        **_quantiles((hits.done - hits.sent)[hits.good]),
    }


def opened(hits: Hits, rate: float, seconds: float) -> dict[str, Any]:
    """Sum an open loop up: what was answered in time, and how late the accepted ones were.

    Args:
        hits: All requests.
        rate: At which they were meant to start.
        seconds: How long that lasted; what is answered later does not count as goodput.
    """
    intended = schedule(hits, rate)
    in_time = int((hits.good & (hits.done <= intended.min(initial=0.0) + seconds)).sum())
    statuses, counts = np.unique(hits.codes, return_counts=True)
    return {
        "rate": _round(rate),
        "offered": round(rate * seconds),
        "sent": len(hits.codes),
        "goodput": _round(in_time / seconds),
        "statuses": {str(status): int(count) for status, count in zip(statuses, counts, strict=True)},
        "generator_busy": _round(hits.generator_cpu_seconds / max(float(hits.done.max(initial=0)), seconds)),
        **_quantiles((hits.done - intended)[hits.good]),
    }


def _quantiles(seconds: Any) -> dict[str, float | None]:  # noqa: ANN401  # an array
    if not len(seconds):
        return dict.fromkeys(QUANTILES)
    return {name: _round(float(np.percentile(seconds, q)) / MILLISECOND) for name, q in QUANTILES.items()}


def _round(value: float) -> float:
    """Keep four digits: the rest is noise."""
    return float(f"{value:.4g}")
