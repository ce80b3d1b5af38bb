"""The series that prometheus-fastapi-instrumentator exposes by default, under its names and labels.

They are counted in plain numbers and written when somebody asks: prometheus_client's own children take a lock for each
number, and a prediction feeds nine of them. The event loop's thread alone counts, so nothing is lost without locks; an
answer to a scrape may miss what is counted meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from prometheus_fastapi_instrumentator.metrics import Info

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FINE_BUCKETS = (
    *(0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.075),
    *(0.1, 0.15, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 7.5, 10, 30, 60),
)


class Durations:
    """A histogram of seconds."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.sum += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Give the upper bound of each bucket and how many are not above it."""
        bounds = map(floatToGoString, (*self._bounds, float("inf")))
        return list(zip(bounds, accumulate(self._counts), strict=True))


class PathMetrics:
    """What is counted of one path and method.

    Attributes:
        in_progress: How many of its requests are being answered.
    """

    def __init__(self, fine: Durations) -> None:
        self.in_progress = 0
        # From the start, since a rate misses the step from nothing to one.
        self.by_status = Counter({"2xx": 0, "4xx": 0, "5xx": 0})
        self.received = 0
        self.sent = 0
        self.duration = Durations(DURATION_BUCKETS)
        self._fine = fine

    def began(self) -> None:
        """Note that a request arrived."""
        self.in_progress += 1

    def answered(self, status: int, seconds: float, received: int, sent: int) -> None:
        """Note an answer to a request that began."""
        self.in_progress -= 1
        self.add(_CLASSES[status // 100], seconds, received, sent)

    def add(self, status: str, seconds: float, received: int, sent: int) -> None:
        """Count a request: the class of its status, its duration and the bytes of both bodies."""
        self.by_status[status] += 1
        self.received += received
        self.sent += sent
        self._fine.observe(seconds)
        self.duration.observe(seconds)


_CLASSES = ("", "1xx", "2xx", "3xx", "4xx", "5xx")


class HttpMetrics(Collector):
    """All paths."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._fine = Durations(FINE_BUCKETS)
        self._paths: dict[tuple[str, str], PathMetrics] = {}
        registry.register(self)

    def path(self, method: str, handler: str) -> PathMetrics:
        """Give what counts the requests of a path, by its template, and method."""
        key = (method if method in METHODS else "other", handler)
        if key not in self._paths:
            self._paths[key] = PathMetrics(self._fine)
        return self._paths[key]

    def observe(self, info: Info) -> None:
        """Count a request that the instrumentator's middleware saw."""
        sizes = (
            [int(headers.get("content-length", 0)) for headers in (info.request.headers, info.response.headers)]
            if info.response
            else [0, 0]
        )
        self.path(info.method, info.modified_handler).add(info.modified_status, info.modified_duration, *sizes)

    def turned_away(self, method: str) -> None:
        """Count a request that came without a key; no handler saw it."""
        self.path(method, "none").by_status["4xx"] += 1

    def collect(self) -> Iterator[Metric]:
        """Write the series."""
        paths = list(self._paths.items())
        requests = CounterMetricFamily(
            "http_requests", "Requests by method, status and handler.", labels=("method", "status", "handler")
        )
        duration = HistogramMetricFamily(
            "http_request_duration_seconds",
            "Duration of requests by method and handler.",
            labels=("method", "handler"),
        )
        for (method, handler), path in paths:
            for status, count in list(path.by_status.items()):
                requests.add_metric((method, status, handler), count)
            duration.add_metric((method, handler), path.duration.buckets(), path.duration.sum)
        fine = HistogramMetricFamily("http_request_duration_highr_seconds", "Duration of requests in many buckets.")
        fine.add_metric((), self._fine.buckets(), self._fine.sum)
        in_progress = GaugeMetricFamily(
            "ml_api_requests_in_progress",
            "Prediction requests that are being answered.",
            value=sum(path.in_progress for _, path in paths),
        )
        return iter((requests, *_sizes(paths), fine, duration, in_progress))


def _sizes(paths: list[tuple[tuple[str, str], PathMetrics]]) -> Iterator[Metric]:
    counts, received, sent = Counter[str](), Counter[str](), Counter[str]()
    for (_, handler), path in paths:
        counts[handler] += path.by_status.total()
        received[handler] += path.received
        sent[handler] += path.sent
    for kind, sums in (("request", received), ("response", sent)):
        family = SummaryMetricFamily(
            f"http_{kind}_size_bytes", f"Size of {kind} bodies by handler.", labels=("handler",)
        )
        for handler, count in counts.items():
            family.add_metric((handler,), count, sums[handler])
        yield family
