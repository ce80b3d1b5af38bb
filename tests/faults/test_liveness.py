"""A model that hangs is told to the kubelet; a slow one is not."""

from __future__ import annotations

import threading
from time import monotonic

import httpx2

ROW = {"instances": [[0, 0, 7]]}


def ask(server, rows) -> threading.Thread:
    """Ask beside the test, whatever the answer."""

    def question() -> None:
        with httpx2.Client(base_url=server.url, timeout=60) as client:
            client.post("/predict", json={"instances": rows})

    thread = threading.Thread(target=question, daemon=True)
    thread.start()
    return thread


def livez(server) -> int:
    return server.client.get("/livez").status_code


def test_a_model_that_hangs_in_every_thread_fails_liveness_until_it_comes_back(serve_controlled, gates):
    server, gate = serve_controlled(request_timeout_seconds=0.1).ready(), gates(1)
    asked = ask(server, [[1, 0, 0]])
    gate.wait_until_reached()
    end = monotonic() + 30
    while livez(server) == 200:
        assert monotonic() < end, "liveness never noticed"
    assert server.client.get("/livez").json() == {"status": "wedged"}
    gate.open()
    asked.join()
    # The answer was given long ago; the thread is free as soon as another request is answered.
    while server.client.post("/predict", json=ROW).status_code != 200:
        assert monotonic() < end, "the thread never came back"
    assert livez(server) == 200


def test_one_thread_that_hangs_leaves_the_others_to_answer_and_liveness_alone(serve_controlled, gates):
    server, gate = serve_controlled(request_timeout_seconds=0.1, threads=2).ready(), gates(1)
    ask(server, [[1, 0, 0]])
    gate.wait_until_reached()
    end = monotonic() + 1.0
    while monotonic() < end:
        assert livez(server) == 200
    server.client.post("/predict", json=ROW).raise_for_status()
    gate.open()


def test_a_slow_model_never_fails_liveness_though_every_request_is_late(serve_controlled):
    server = serve_controlled(request_timeout_seconds=0.1).ready()
    asked = [ask(server, [[0, 0.4, 0]]) for _ in range(4)]
    while any(thread.is_alive() for thread in asked):
        assert livez(server) == 200
