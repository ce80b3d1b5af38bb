"""The engine: runs an inference at once when that is cheap, else in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import perf_counter

import numpy as np

from service.bundle.datatypes import Array
from service.engine.batching import Batcher
from service.engine.cost import measure
from service.engine.inference import Inference, Results, execute
from service.engine.limits import Limits
from service.engine.observer import Observer
from service.engine.statistics import Statistics
from service.errors import Rejection
from service.runtimes.base import Runtime


class Engine:
    """Executes inferences over one runtime.

    Args:
        runtime: The loaded model.
        limits: The bounds of queue and batches.
        observer: Who is told what ran and what was rejected.
        example: Tensors that the model can answer, to measure it with.
    """

    def __init__(self, runtime: Runtime, limits: Limits, observer: Observer, example: Inference) -> None:
        self._runtime = runtime
        self._limits = limits
        self._observer = observer
        self.statistics = Statistics()
        self._cost = measure(
            lambda rows: execute(runtime, _repeat(example, rows) if limits.batchable else example),
            batchable=limits.batchable,
        )
        self._batcher = Batcher(runtime, limits, self, self._cost.predict)

    @property
    def waiting(self) -> int:
        """How many requests wait for a turn."""
        return self._batcher.waiting

    @property
    def is_busy(self) -> bool:
        """Whether a batch is being computed."""
        return self._batcher.running > 0

    @property
    def is_wedged(self) -> bool:
        """Whether the model holds every thread for ever; see :attr:`service.engine.batching.Batcher.is_wedged`."""
        return self._batcher.is_wedged

    def run_inline(self, inference: Inference) -> Results | None:
        """Run an inference in the event loop if it is predicted to be short.

        Returns:
            The results, or None if the inference has to take its turn with :meth:`submit`.

        Raises:
            ServiceError: As :func:`service.engine.inference.execute` does.
        """
        if self._cost.predict(inference.rows) > self._limits.inline_seconds:
            return None
        start = perf_counter()
        total = self.statistics.fail
        try:
            results = execute(self._runtime, inference)
            total = self.statistics.success
        finally:
            seconds = perf_counter() - start
            total.add(seconds)
            self.ran(inference.rows, seconds)
        return results

    def submit(self, inference: Inference, timeout_seconds: float) -> asyncio.Future[Results]:
        """Queue an inference; see :meth:`service.engine.batching.Batcher.submit`."""
        return self._batcher.submit(inference, asyncio.get_running_loop().time() + timeout_seconds)

    def ran(self, rows: int, seconds: float) -> None:
        """Learn from a batch that ran, and pass it on."""
        self._cost.observe(rows, seconds)
        self.statistics.ran(rows, seconds)
        self._observer.ran(rows, seconds)

    def finished(self, *, succeeded: bool, queued_seconds: float, seconds: float) -> None:
        """Count a request that took its turn."""
        self.statistics.queue.add(queued_seconds)
        (self.statistics.success if succeeded else self.statistics.fail).add(seconds)

    def rejected(self, reason: Rejection) -> None:
        """Pass a rejection on."""
        self._observer.rejected(reason)

    def close(self) -> None:
        """Let the threads end."""
        self._batcher.close()


def _repeat(example: Inference, rows: int) -> Inference:
    tensors: Mapping[str, Array] = {
        name: np.resize(array, (rows, *array.shape[1:])) for name, array in example.tensors.items()
    }
    return Inference(tensors, example.outputs, rows)
