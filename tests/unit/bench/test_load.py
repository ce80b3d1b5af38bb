"""The load generator says what it does: real requests to a real server."""

import http.server
import threading
import time

import numpy as np
import pytest
import serving

from bench.dialects import Question
from bench.load import closed_loop, open_loop, schedule

DELAY = 0.02
STALL = 0.5
ASKED = Question("/", {"Content-Type": "application/json"}, b"{}", lambda *_: [])


class Slow(serving.Answering, http.server.BaseHTTPRequestHandler):
    """Answers after a while; one request at a time, and one of them takes long."""

    turn = threading.Lock()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.turn:
            self.server.answered += 1
            time.sleep(STALL if self.server.answered == self.server.stalls_at else DELAY)
        self.answer(200)


@pytest.fixture
def slow():
    with serving.running(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)) as server:
        server.answered, server.stalls_at = 0, 0
        yield server


def test_a_closed_loop_waits_for_each_answer(slow):
    hits = closed_loop(slow.server_port, ASKED, clients=1, seconds=1.0)
    assert len(hits.good) == slow.answered
    assert 10 <= slow.answered <= 1 / DELAY + 1
    assert (hits.sent[1:] >= hits.done[:-1]).all()
    assert (hits.done - hits.sent).min() >= DELAY


def test_an_open_loop_does_not_wait_and_counts_a_stall_for_all_who_came_meanwhile(slow):
    """Twenty a second: during a stall of half a second ten requests come."""
    slow.stalls_at = 5
    hits = open_loop(slow.server_port, ASKED, rate=20.0, seconds=1.0)
    assert len(hits.good) == 20
    assert hits.good.all()
    late = hits.done - schedule(hits, 20.0)
    assert late.min() >= DELAY
    assert (late > 0.15).sum() >= 7
    assert np.abs(hits.sent - schedule(hits, 20.0)).max() < STALL
