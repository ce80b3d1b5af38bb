"""The engine as a state machine: in whatever order, each request gets exactly one answer, and the right one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import numpy as np
import pytest
from engines import EXAMPLE, QUEUE_TIMEOUT, Watcher, inference, limits
from held import FACTORS, FAILED, NO_MEMORY, REFUSED, Call, HeldRuntime, SetClockLoop
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.engine.engine import Engine
from service.engine.inference import Inference
from service.errors import InvalidInputError, PredictionError, RejectedError, Rejection


@dataclass(eq=False)
class Request:
    """What was asked, and what has to come of it; its rows are numbered, so that they are known again in a call."""

    inference: Inference
    numbers: frozenset[int]
    arrived: float
    patience: float
    future: asyncio.Future
    error: type[Exception] | None
    cancelled: bool = False
    never_to_run: bool = False

    @property
    def deadline(self) -> float:
        return self.arrived + self.patience


class EngineInAnyOrder(RuleBasedStateMachine):
    """Arrivals, cancellations, errors and passing time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = SetClockLoop()
        self.held: list[Call] = []
        self.calls: list[Call] = []
        self.requests: list[Request] = []
        self.number = 0
        self.watcher = Watcher()
        runtime = HeldRuntime()
        self.engine = Engine(runtime, limits(), self.watcher, EXAMPLE)
        self.watcher.batches.clear()
        runtime.on_call = lambda call: self.loop.call_soon_threadsafe(self._note, call)

    def _note(self, call: Call) -> None:
        self.held.append(call)
        self.calls.append(call)
        self.watcher.news.set()

    def _step(self) -> None:
        """Let the loop do all that there is to do now, and the threads reach their gates."""

        async def settle() -> None:
            for _ in range(5):
                await asyncio.sleep(0)
            while len(self.held) < self._running():
                self.watcher.news.clear()
                await self.watcher.news.wait()

        self.loop.run_until_complete(settle())

    def _running(self) -> int:
        return self.engine._batcher.running  # noqa: SLF001  # nobody else needs to know

    @rule(
        rows=st.integers(1, 5),
        bad=st.sampled_from([None, None, None, REFUSED, FAILED, NO_MEMORY]),
        outputs=st.sampled_from([("double",), ("negative",), ("double", "negative")]),
        width=st.sampled_from([1, 1, 2]),
        patience=st.sampled_from([1.0, 3.0, 60.0]),
    )
    def arrive(self, rows, bad, outputs, width, patience):
        numbers = range(self.number, self.number + rows)
        self.number += rows
        values = [float(number) for number in numbers]
        if bad is not None:
            values[-1] = bad
        plain = inference(*values, outputs=outputs, width=width)
        asked = replace(plain, tensors={**plain.tensors, "number": np.array(numbers)})
        waiting = [request for request in self.requests if self._waits(request)]
        full = self._running() == 2 and (
            len(waiting) >= 4 or sum(request.inference.rows for request in waiting) + rows > 9
        )
        error = {None: None, REFUSED: InvalidInputError, FAILED: PredictionError, NO_MEMORY: RejectedError}[bad]

        async def submit() -> asyncio.Future:
            return self.engine.submit(asked, patience)

        if full:
            with pytest.raises(RejectedError) as caught:
                self.loop.run_until_complete(submit())
            assert caught.value.reason is Rejection.QUEUE_FULL
        else:
            future = self.loop.run_until_complete(submit())
            self.requests.append(Request(asked, frozenset(numbers), self.loop.now, patience, future, error))
        self._step()

    def _waits(self, request: Request) -> bool:
        return not request.future.done() and not self._ran(request)

    def _ran(self, request: Request) -> bool:
        return any(request.numbers & call.numbers for call in self.calls)

    @precondition(lambda self: any(not request.future.done() for request in self.requests))
    @rule(data=st.data())
    def client_goes(self, data):
        request = data.draw(st.sampled_from([request for request in self.requests if not request.future.done()]))
        request.never_to_run = self._waits(request)
        request.cancelled = True
        request.future.cancel()
        self._step()

    @rule(seconds=st.sampled_from([0.5, 1.0, 5.0]))
    def time_passes(self, seconds):
        self.loop.now += seconds
        self._step()

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def model_answers(self, data):
        call = data.draw(st.sampled_from(self.held))
        self._let_go(call)

    def _let_go(self, call: Call) -> None:
        self.held.remove(call)
        self.watcher.news.clear()
        call.gate.set()
        # Either the batch is done, or its thread calls again for the next of its requests.
        self.loop.run_until_complete(self.watcher.news.wait())
        self._step()

    @invariant()
    def queue_and_threads_are_bounded(self):
        assert self.engine.waiting <= 4
        assert len(self.held) <= 2
        assert all(len(call.values) <= 5 for call in self.calls)

    @invariant()
    def each_answer_is_the_right_one(self):
        for request in self.requests:
            if request.cancelled:
                assert request.future.cancelled()
            elif request.future.done():
                self._check(request)
            else:
                assert self.loop.now < request.deadline, "a late request is sent away"
                assert self._ran(request) or self.loop.now < request.arrived + QUEUE_TIMEOUT

    def _check(self, request: Request) -> None:
        error = request.future.exception()
        if error is None:
            assert request.error is None
            results = request.future.result()
            assert tuple(results) == request.inference.outputs
            for name, array in results.items():
                np.testing.assert_array_equal(array, request.inference.tensors["x"] * FACTORS[name])
        elif isinstance(error, RejectedError) and error.reason is not Rejection.MEMORY:
            if self._ran(request):
                assert (error.reason, self.loop.now >= request.deadline) == (Rejection.TIMEOUT, True)
            else:
                assert error.reason is Rejection.QUEUE_TIMEOUT
                assert self.loop.now >= min(request.deadline, request.arrived + QUEUE_TIMEOUT)
        else:
            assert type(error) is request.error

    @invariant()
    def what_nobody_waits_for_never_runs(self):
        for request in self.requests:
            assert not (request.never_to_run and self._ran(request))

    @invariant()
    def requests_of_different_shapes_or_outputs_never_mix(self):
        for call in self.calls:
            for request in self.requests:
                if request.numbers & call.numbers:
                    assert call.values.shape[1:] == request.inference.tensors["x"].shape[1:]
                    assert call.outputs == request.inference.outputs

    def teardown(self):
        while self.held:
            self._let_go(self.held[0])
        assert all(request.future.done() for request in self.requests)
        assert self.engine.waiting == 0
        assert not self.engine.is_busy
        self.each_answer_is_the_right_one()
        self.engine.close()
        self.loop.close()


TestEngineInAnyOrder = EngineInAnyOrder.TestCase
TestEngineInAnyOrder.settings = settings(max_examples=150, stateful_step_count=25)
