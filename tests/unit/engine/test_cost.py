"""What a batch will cost."""

from __future__ import annotations

import time

import pytest

from service.engine.cost import CostModel, measure


def test_the_prediction_is_a_fixed_part_and_one_for_each_row():
    assert CostModel(0.001, 0.0001).predict(20) == pytest.approx(0.003)


def test_the_prediction_follows_a_model_that_grows_slower_and_comes_back():
    cost = CostModel(0.001, 0.0)
    for _ in range(100):
        cost.observe(1, 0.1)
    assert cost.predict(1) == pytest.approx(0.1, rel=0.05)
    for _ in range(300):
        cost.observe(1, 0.001)
    assert cost.predict(1) == pytest.approx(0.001, rel=0.05)


def test_one_batch_that_stood_still_does_not_change_the_prediction_for_ever():
    cost = CostModel(0.001, 0.0)
    cost.observe(1, 3600)
    assert cost.predict(1) <= 1.0


def test_a_model_that_takes_one_size_only_is_measured_with_that():
    sizes = []
    cost = measure(sizes.append, batchable=False)
    assert set(sizes) == {1}
    assert cost.predict(1) > 0


def test_a_model_is_measured_with_growing_batches():
    sizes = []
    cost = measure(sizes.append, batchable=True)
    assert sorted(set(sizes)) == [1, 8, 64]
    assert cost.predict(64) >= cost.predict(1) > 0


def test_a_slow_model_is_measured_with_a_second_row_so_that_joining_can_be_judged():
    sizes = []

    def run(rows: int) -> None:
        sizes.append(rows)
        time.sleep(0.15 + 0.15 * rows)

    cost = measure(run, batchable=True)
    assert set(sizes) == {1, 2}
    assert cost.predict(10) == pytest.approx(1.65, rel=0.3)
