"""Micro-batching: what queued while the model was busy runs as one batch; nothing waits for more."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Barrier
from time import perf_counter

from service.engine.inference import MODEL_FAILED, Inference, Results, execute_each
from service.engine.limits import Limits
from service.engine.observer import QueueObserver
from service.errors import PredictionError, RejectedError, Rejection, ServiceError
from service.runtimes.base import Runtime

logger = logging.getLogger(__name__)

JOINED_DURATION = 2.0
JOINED_SECONDS = 0.05
"""Joining requests may make a batch so many times as long as its first one alone, or so many seconds; where rows are
dear a longer batch gains nothing, and all of it would be late."""

WEDGED_PREDICTIONS = 10.0
"""A batch that takes so many times what was predicted is not a slow one any more."""


@dataclass(eq=False, slots=True)
class _Job:
    inference: Inference
    deadline: float
    future: asyncio.Future[Results]
    arrived: float
    started: float = 0.0
    timer: asyncio.TimerHandle | None = field(default=None)

    @property
    def key(self) -> tuple[object, ...]:
        """What must be equal for two jobs to share a batch."""
        inference = self.inference
        return inference.outputs, *(array.shape[1:] for array in inference.tensors.values())


_Run = asyncio.Future[tuple[list[Results | ServiceError], float]]


class Batcher:
    """A bounded queue in front of a pool of threads.

    Args:
        runtime: The loaded model.
        limits: The bounds of queue and batches.
        observer: Who is told what ran and what was rejected.
        predict: Predicts how many seconds a batch of so many rows takes.
    """

    def __init__(
        self, runtime: Runtime, limits: Limits, observer: QueueObserver, predict: Callable[[int], float]
    ) -> None:
        self._runtime = runtime
        self._limits = limits
        self._observer = observer
        self._predict = predict
        self._waiting: OrderedDict[_Job, None] = OrderedDict()
        self._waiting_rows = 0
        self._running: dict[_Run, float] = {}
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="model")
        _start_threads(self._pool, limits.threads)

    @property
    def waiting(self) -> int:
        """How many requests wait for a turn."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many batches are being computed."""
        return len(self._running)

    @property
    def is_wedged(self) -> bool:
        """Whether no thread can be hoped for: each has been at its batch for far longer than anybody waits.

        A slow model is not wedged: a batch may also take much longer than was predicted of it.
        """
        if len(self._running) < self._limits.threads:
            return False
        now = asyncio.get_running_loop().time()
        return all(now > hopeless for hopeless in self._running.values())

    def submit(self, inference: Inference, deadline: float) -> asyncio.Future[Results]:
        """Queue an inference.

        Args:
            inference: What to compute.
            deadline: When the answer is of no more use, on the clock of the event loop.

        Returns:
            A future of the results; cancelling it takes the inference out of the queue.

        Raises:
            RejectedError: If the queue is full.
        """
        if len(self._running) >= self._limits.threads and (
            len(self._waiting) >= self._limits.queue_requests
            or self._waiting_rows + inference.rows > self._limits.queue_rows
        ):
            self._observer.rejected(Rejection.QUEUE_FULL)
            message = "the queue is full: try again later"
            raise RejectedError(Rejection.QUEUE_FULL, message)
        loop = asyncio.get_running_loop()
        job = _Job(inference, deadline, loop.create_future(), loop.time())
        job.future.add_done_callback(lambda _: self._forget(job))
        job.timer = loop.call_at(min(deadline, loop.time() + self._limits.queue_timeout_seconds), self._expire, job)
        self._waiting[job] = None
        self._waiting_rows += inference.rows
        self._dispatch()
        return job.future

    def close(self) -> None:
        """Let the threads end; what still runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _dispatch(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and len(self._running) < self._limits.threads:
            batch = list(self._take())
            predicted = self._predict(sum(job.inference.rows for job in batch))
            running = loop.run_in_executor(self._pool, self._run, [job.inference for job in batch])
            patience = max(self._limits.wedged_seconds, WEDGED_PREDICTIONS * predicted)
            self._running[running] = loop.time() + patience
            running.add_done_callback(partial(self._finish, batch))

    def _take(self) -> Iterator[_Job]:
        """Take the oldest job and those behind it that can share its batch."""
        first = next(iter(self._waiting))
        self._start(first)
        yield first
        if not self._limits.batchable:
            return
        rows, key = first.inference.rows, first.key
        longest = max(JOINED_DURATION * self._predict(rows), JOINED_SECONDS)
        for job in list(self._waiting):
            if rows >= self._limits.max_batch_rows:
                return
            joined = rows + job.inference.rows
            if joined <= self._limits.max_batch_rows and job.key == key and self._predict(joined) <= longest:
                rows = joined
                self._start(job)
                yield job

    def _start(self, job: _Job) -> None:
        self._remove(job)
        if job.timer is not None:
            job.timer.cancel()
        loop = job.future.get_loop()
        job.started = loop.time()
        job.timer = loop.call_at(job.deadline, self._expire, job)

    def _run(self, inferences: list[Inference]) -> tuple[list[Results | ServiceError], float]:
        start = perf_counter()
        outcomes = execute_each(self._runtime, inferences)
        return outcomes, perf_counter() - start

    def _finish(self, batch: list[_Job], done: _Run) -> None:
        del self._running[done]
        failure = done.exception()
        if failure is None:
            outcomes, seconds = done.result()
        else:
            logger.error("A batch of %d requests failed.", len(batch), exc_info=failure)
            outcomes, seconds = [PredictionError(MODEL_FAILED)] * len(batch), 0.0
        now = done.get_loop().time()
        if failure is None:
            self._observer.ran(sum(job.inference.rows for job in batch), seconds)
        for job, outcome in zip(batch, outcomes, strict=True):
            if job.future.done():
                continue
            succeeded = not isinstance(outcome, ServiceError)
            self._observer.finished(
                succeeded=succeeded, queued_seconds=job.started - job.arrived, seconds=now - job.arrived
            )
            if isinstance(outcome, ServiceError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
        self._dispatch()

    def _expire(self, job: _Job) -> None:
        if not job.future.done():
            late = Rejection.QUEUE_TIMEOUT if job in self._waiting else Rejection.TIMEOUT
            self._observer.rejected(late)
            message = "the request waited too long for the model: try again later"
            job.future.set_exception(RejectedError(late, message))

    def _forget(self, job: _Job) -> None:
        if job.timer is not None:
            job.timer.cancel()
        self._remove(job)

    def _remove(self, job: _Job) -> None:
        if job in self._waiting:
            del self._waiting[job]
            self._waiting_rows -= job.inference.rows


def _start_threads(pool: ThreadPoolExecutor, count: int) -> None:
    """Start all threads of a pool now; later there may be no memory for one, and its requests would be lost."""
    all_started = Barrier(count + 1)
    try:
        for _ in range(count):
            pool.submit(all_started.wait)
    except RuntimeError:
        all_started.abort()
        raise
    all_started.wait()
