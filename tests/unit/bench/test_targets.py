from copy import deepcopy

import pytest

from bench.page import page
from bench.summary import Summary
from bench.targets import targets

ABOUT = {
    "date": "2026-01-01",
    "commit": "c0ffee",
    "minutes": 1.0,
    "seconds_a_cell": 1.0,
    "cores": 2,
    "cpu": "a processor",
    "memory_gib": 1,
    "kernel": "6",
    "load_average": 0.0,
    "empty_lowest_us": 70.0,
    "empty_highest_us": 80.0,
}


def closed(peer, workload, cpu, rate):
    """Make a cell in which a request takes so many times the empty endpoint's processor time."""
    latencies = {"p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": 3.0}
    ratios = {"cpu_to_empty": cpu, "throughput_to_empty": rate}
    return {"peer": peer, "workload": workload, "clients": 32, "cpu_us": 75 * cpu, "throughput": 9000 * rate} | (
        ratios | latencies
    )


RESULTS = {
    "about": ABOUT,
    "peers": {name: {"title": f"the {name}"} for name in ("bare", "empty", "ml-api", "mlserver", "bentoml-batching")},
    "sessions": [{"peer": "mlserver", "model": "iris", "failed": "no | luck"}],
    "closed": [
        closed("bare", "one-row", 0.4, 2.5),
        closed("ml-api", "one-row", 0.9, 1.1),
        closed("mlserver", "one-row", 9.0, 0.1),
        closed("ml-api", "forest", 1.0, 1.0),
        closed("mlserver", "forest", 50.0, 0.02),
        closed("bentoml-batching", "forest", 5.0, 0.2),
    ],
    "open": [],
}


def verdicts(results):
    return {target.text: (target.measured, target.is_reached) for target in targets(Summary(results))}


def test_a_target_that_was_reached_says_so_with_its_figure():
    found = verdicts(RESULTS)
    assert found["1 row, ONNX, JSON: CPU at most 1.0 times an empty FastAPI endpoint"] == ("0.90×", True)
    assert found["random forest, 1 row, ONNX: at least 40 times the best peer that does not batch"] == (
        "50.0× the mlserver",
        True,
    )


def test_a_target_that_was_missed_says_so():
    found = verdicts(RESULTS)
    assert found["the same: at least 12 times less than the mlserver"] == ("10.0× less", False)
    assert found["the same: at least 10 times BentoML with adaptive batching"] == ("5.0× the bentoml-batching", False)


def test_a_target_without_figures_is_neither():
    assert verdicts(RESULTS)["the same: at least 12 times less than kserve"] == ("", None)


def test_a_bare_app_counts_with_what_it_could_do_if_the_load_were_faster():
    text = "the same: throughput at least 30 % of a bare ASGI app that answers a constant"
    loaded = deepcopy(RESULTS)
    loaded["closed"][0]["throughput"] = 10.0
    assert verdicts(loaded)[text] == ("30 %", False)


@pytest.mark.parametrize(("load", "goodput", "p99", "expected"), [(2.0, 8000.0, 900.0, True), (2.0, 300.0, 9e3, False)])
def test_overload_is_judged_by_goodput_and_by_the_latency_of_the_accepted(load, goodput, p99, expected):
    cell = {"peer": "ml-api", "workload": "one-row", "load": load, "goodput": goodput, "p50_ms": 1.0, "p999_ms": 1.0}
    found = targets(Summary(RESULTS | {"open": [cell | {"p99_ms": p99}]}))
    position = next(number for number, target in enumerate(found) if "the fastest" in target.text)
    assert [target.is_reached for target in found[position : position + 2]] == [expected, expected]


def test_a_server_that_failed_is_on_the_page_with_its_reason():
    text = page(RESULTS)
    assert "| the mlserver | iris | `no   luck` |" in text
