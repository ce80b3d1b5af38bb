"""Metrics of the engine and the process.

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
)

from service.engine.model import ServedModel
from service.errors import Rejection
from service.operations.http_metrics import DURATION_BUCKETS

INFERENCE_BUCKETS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, *DURATION_BUCKETS)
ROW_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536)


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
