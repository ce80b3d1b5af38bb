"""Metrics: the instrumentator's series, fed on the tensor paths by children bound in advance, and the engine's own.

Metric names are an API, and every label has a small, fixed set of values.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    Summary,
)
from prometheus_fastapi_instrumentator.metrics import Info

from service.engine.model import ServedModel
from service.errors import Rejection

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FINE_BUCKETS = (
    *(0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.075),
    *(0.1, 0.15, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 7.5, 10, 30, 60),
)
INFERENCE_BUCKETS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, *DURATION_BUCKETS)
ROW_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536)


class HttpMetrics:
    """The series that prometheus-fastapi-instrumentator exposes by default, under its names and labels."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "http_requests_total",
            "Requests by method, status and handler.",
            ("method", "status", "handler"),
            registry=registry,
        )
        self.request_size = Summary(
            "http_request_size_bytes", "Size of request bodies by handler.", ("handler",), registry=registry
        )
        self.response_size = Summary(
            "http_response_size_bytes", "Size of response bodies by handler.", ("handler",), registry=registry
        )
        self.fine_duration = Histogram(
            "http_request_duration_highr_seconds",
            "Duration of requests in many buckets.",
            buckets=FINE_BUCKETS,
            registry=registry,
        )
        self.duration = Histogram(
            "http_request_duration_seconds",
            "Duration of requests by method and handler.",
            ("method", "handler"),
            buckets=DURATION_BUCKETS,
            registry=registry,
        )
        self.paths: list[PathMetrics] = []
        in_progress = Gauge(
            "ml_api_requests_in_progress", "Prediction requests that are being answered.", registry=registry
        )
        in_progress.set_function(lambda: sum(path.in_progress for path in self.paths))

    def observe(self, info: Info) -> None:
        """Feed the series from the instrumentator's middleware."""
        sizes = (
            [int(headers.get("content-length", 0)) for headers in (info.request.headers, info.response.headers)]
            if info.response
            else [0, 0]
        )
        handler = info.modified_handler
        method = info.method if info.method in METHODS else "other"
        self.requests.labels(method, info.modified_status, handler).inc()
        self.request_size.labels(handler).observe(sizes[0])
        self.response_size.labels(handler).observe(sizes[1])
        self.fine_duration.observe(info.modified_duration)
        self.duration.labels(method, handler).observe(info.modified_duration)

    def turned_away(self, method: str) -> None:
        """Count a request that came without a key; no handler saw it."""
        self.requests.labels(method if method in METHODS else "other", "4xx", "none").inc()


class PathMetrics:
    """The children of one tensor path.

    Attributes:
        in_progress: How many of its requests are being answered.
    """

    def __init__(self, metrics: HttpMetrics, handler: str) -> None:
        self.in_progress = 0
        metrics.paths.append(self)
        self._by_status = {
            hundreds: metrics.requests.labels("POST", f"{hundreds}xx", handler) for hundreds in (2, 4, 5)
        }
        self._request_size = metrics.request_size.labels(handler)
        self._response_size = metrics.response_size.labels(handler)
        self._fine_duration = metrics.fine_duration
        self._duration = metrics.duration.labels("POST", handler)

    def began(self) -> None:
        """Note that a request arrived."""
        self.in_progress += 1

    def answered(self, status: int, seconds: float, received: int, sent: int) -> None:
        """Note an answer."""
        self.in_progress -= 1
        self._by_status[status // 100].inc()
        self._request_size.observe(received)
        self._response_size.observe(sent)
        self._fine_duration.observe(seconds)
        self._duration.observe(seconds)


class EngineMetrics:
    """What the engine does."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._duration = Histogram(
            "ml_api_inference_duration_seconds",
            "Duration of a call of the model.",
            buckets=INFERENCE_BUCKETS,
            registry=registry,
        )
        self._rows = Histogram(
            "ml_api_inference_batch_rows", "Rows in a call of the model.", buckets=ROW_BUCKETS, registry=registry
        )
        rejected = Counter(
            "ml_api_requests_rejected_total", "Requests that admission turned away.", ("reason",), registry=registry
        )
        self._rejected = {reason: rejected.labels(reason.value) for reason in Rejection}
        self._waiting = Gauge("ml_api_inference_queue_requests", "Requests that wait for the model.", registry=registry)
        self._info = Gauge(
            "ml_api_model_info",
            "The model that is served; always 1.",
            ("name", "version", "format", "sha256"),
            registry=registry,
        )

    def ran(self, rows: int, seconds: float) -> None:
        """Note a call of the model."""
        self._duration.observe(seconds)
        self._rows.observe(rows)

    def rejected(self, reason: Rejection) -> None:
        """Note a request that was turned away."""
        self._rejected[reason].inc()

    def serve(self, model: ServedModel) -> None:
        """Tell which model is served, and follow its queue."""
        manifest = model.manifest
        self._info.labels(manifest.name, manifest.version, manifest.format, model.sha256).set(1)
        waiting: Callable[[], float] = lambda: model.engine.waiting  # noqa: E731  # the type of the attribute
        self._waiting.set_function(waiting)


def make_registry() -> CollectorRegistry:
    """Make a registry of its own for one application, with what the process and Python tell."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
