import numpy as np
import pytest

from bench.figures import Reference, closed, opened
from bench.load import Hits


def hits(sent, done, codes=None):
    return Hits(np.array(sent), np.array(done), np.array(codes or [200] * len(sent)), generator_cpu_seconds=0.1)


def test_a_closed_loop_is_told_as_ratios_to_the_empty_endpoint():
    told = closed(hits([0.0, 0.5], [0.5, 1.0]), 0.004, 1.0, Reference(cpu_us=500.0, throughput=8.0))
    assert (told["cpu_us"], told["cpu_to_empty"]) == (2000.0, 4.0)
    assert (told["throughput"], told["throughput_to_empty"]) == (2.0, 0.25)


def test_only_good_answers_count():
    told = closed(hits([0.0, 0.0], [1.0, 1.0], [200, 500]), 0.001, 1.0, Reference(1000.0, 1.0))
    assert (told["good"], told["failed"], told["throughput"]) == (1, 1, 1.0)


def test_a_stall_is_counted_for_every_request_that_should_have_started_meanwhile():
    """At ten requests a second, a server that stalls for a second makes the load send nine of them late."""
    sent = [0.0, *[1.0] * 9]
    told = opened(hits(sent, [time + 0.001 for time in sent]), rate=10.0, seconds=1.0)
    assert told["p50_ms"] == pytest.approx(451)
    assert told["p99_ms"] > 890


def test_what_is_answered_after_the_end_is_no_goodput():
    told = opened(hits([0.0, 0.1, 0.2, 0.3], [0.1, 0.2, 0.5, 0.9]), rate=10.0, seconds=0.4)
    assert told["goodput"] == 2 / 0.4


def test_a_late_first_request_makes_no_other_one_early():
    """The first was half a second late, so the schedule began half a second before it."""
    told = opened(hits([0.0, 0.0, 0.0], [0.01] * 3), rate=4.0, seconds=1.0)
    assert told["p50_ms"] == pytest.approx(260)
    assert told["goodput"] == 3.0


def test_statuses_are_told():
    told = opened(hits([0.0, 0.1], [0.1, 0.2], [200, 503]), rate=10.0, seconds=1.0)
    assert told["statuses"] == {"200": 1, "503": 1}
    assert told["sent"] == 2
