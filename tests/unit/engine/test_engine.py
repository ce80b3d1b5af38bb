"""The engine: at once or in turn."""

from __future__ import annotations

import asyncio

import pytest
from engines import engine, inference
from held import FAILED, NO_MEMORY, REFUSED, TOO_FEW_ROWS, Call, HeldRuntime, SetClockLoop

from service.engine.inference import execute_each
from service.errors import InvalidInputError, PredictionError, RejectedError


def test_a_cheap_inference_runs_at_once():
    cheap, watcher = engine(inline_seconds=10.0)
    results = cheap.run_inline(inference(1.0, 2.0))
    assert results["double"].tolist() == [[2.0], [4.0]]
    assert watcher.batches == [2]
    assert (cheap.statistics.success.count, cheap.statistics.rows, cheap.statistics.batches) == (1, 2, 1)


def test_a_dear_inference_has_to_take_its_turn():
    dear, watcher = engine(inline_seconds=0.0)
    assert dear.run_inline(inference(1.0)) is None
    assert watcher.batches == []


@pytest.mark.parametrize(("value", "error"), [(REFUSED, InvalidInputError), (FAILED, PredictionError)])
def test_an_inference_that_fails_at_once_is_counted_as_failed(value, error):
    cheap, _ = engine(inline_seconds=10.0)
    with pytest.raises(error):
        cheap.run_inline(inference(value))
    assert (cheap.statistics.success.count, cheap.statistics.fail.count) == (0, 1)


def test_a_model_that_grows_slower_is_moved_out_of_the_event_loop():
    cheap, _ = engine(inline_seconds=0.01)
    assert cheap.run_inline(inference(1.0)) is not None
    for _ in range(40):
        cheap.ran(1, 1.0)
    assert cheap.run_inline(inference(1.0)) is None


def test_a_model_that_cannot_be_joined_answers_one_request_at_a_time():
    calls: list[Call] = []

    async def ask() -> list:
        runtime = HeldRuntime()
        single, watcher = engine(runtime, batchable=False, threads=1)
        runtime.on_call = lambda call: (calls.append(call), call.gate.set())
        futures = [single.submit(inference(float(number)), 60) for number in range(3)]
        results = await asyncio.gather(*futures)
        single.close()
        assert watcher.batches == [1, 1, 1]
        return [result["double"].tolist() for result in results]

    assert asyncio.run(ask()) == [[[0.0]], [[2.0]], [[4.0]]]


@pytest.mark.parametrize(
    ("value", "error"), [(REFUSED, InvalidInputError), (FAILED, PredictionError), (NO_MEMORY, RejectedError)]
)
def test_a_batch_that_fails_is_run_one_by_one(value, error):
    first, second, third = execute_each(HeldRuntime(), [inference(1.0), inference(value), inference(3.0, 4.0)])
    assert first["double"].tolist() == [[2.0]]
    assert isinstance(second, error)
    assert third["double"].tolist() == [[6.0], [8.0]]


def test_a_model_that_loses_rows_never_gives_one_request_the_rows_of_another(caplog):
    first, second = execute_each(HeldRuntime(), [inference(1.0), inference(5.0, TOO_FEW_ROWS)])
    assert first["double"].tolist() == [[2.0]]
    assert second["double"].tolist() == [[10.0]]
    assert "another number of rows" in caplog.text


def test_threads_that_never_come_back_are_told_from_slow_ones():
    loop = SetClockLoop()
    held: list[Call] = []
    runtime = HeldRuntime()
    hanging, _ = engine(runtime, threads=1, wedged_seconds=60.0)
    runtime.on_call = held.append

    async def ask() -> asyncio.Future:
        return hanging.submit(inference(1.0), 3600)

    async def is_wedged() -> bool:
        return hanging.is_wedged

    answer = loop.run_until_complete(ask())
    assert not loop.run_until_complete(is_wedged())
    loop.now += 59
    assert not loop.run_until_complete(is_wedged())
    loop.now += 2
    assert loop.run_until_complete(is_wedged())
    while not held:
        pass
    held[0].gate.set()
    assert loop.run_until_complete(answer)["double"].tolist() == [[2.0]]
    assert not loop.run_until_complete(is_wedged())
    hanging.close()
    loop.close()
