"""A runtime that misbehaves in ways that no runtime should: its requests are answered, and so are the next."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from held import HeldRuntime

from service.engine.cost import measure
from service.engine.engine import Engine
from service.engine.inference import Inference
from service.engine.limits import Limits
from service.errors import PredictionError

EXAMPLE = Inference({"x": np.array([[1.0]])}, ("double",), 1)
BAD = 13.0


class Watcher:
    """Takes note of nothing."""

    def ran(self, rows: int, seconds: float) -> None:
        """See :class:`service.engine.observer.Observer`."""

    def rejected(self, reason) -> None:
        """See :class:`service.engine.observer.Observer`."""


class Misbehaving(HeldRuntime):
    """Raises, or answers nonsense, when it sees the bad value."""

    def __init__(self, outcome) -> None:
        super().__init__()
        self._outcome = outcome

    def run(self, tensors, outputs):
        if (tensors["x"] == BAD).any():
            if isinstance(self._outcome, BaseException):
                raise self._outcome
            return self._outcome
        return super().run(tensors, outputs)


@pytest.mark.parametrize("outcome", [asyncio.CancelledError(), KeyboardInterrupt(), GeneratorExit(), {"double": [1.0]}])
def test_whatever_a_batch_ends_with_its_requests_are_answered_and_the_next_ones_run(outcome):
    limits = Limits(
        threads=1,
        batchable=True,
        inline_seconds=0,
        queue_requests=9,
        queue_rows=99,
        queue_timeout_seconds=60,
        max_batch_rows=9,
    )
    engine = Engine(Misbehaving(outcome), limits, Watcher(), EXAMPLE)

    async def ask_all() -> list[object]:
        values = [1.0, BAD, 2.0, 3.0]
        asked = [Inference({"x": np.array([[value]])}, ("double",), 1) for value in values]
        futures = [engine.submit(inference, 60) for inference in asked]
        return await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 30)

    results = asyncio.run(ask_all())
    engine.close()
    assert results[0]["double"].tolist() == [[2.0]]
    assert isinstance(results[1], PredictionError) or results[1] == outcome
    # The last ones share a batch with the bad one, so they may fail with it, but never wait.
    assert all(isinstance(result, PredictionError | dict) for result in results)
    assert engine.waiting == 0
    assert not engine.is_busy


def test_a_slow_model_is_measured_with_a_second_row_and_no_more():
    sizes = []
    moments = iter(float(moment) for moment in range(100))

    def run(rows: int) -> None:
        sizes.append(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.engine.cost.perf_counter", lambda: next(moments))
        cost = measure(run, batchable=True)
    assert sizes == [1, 1, 2]
    assert cost.predict(2) >= cost.predict(1)
