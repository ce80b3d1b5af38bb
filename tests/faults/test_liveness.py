"""A model that hangs is told to the kubelet; a slow one is not."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import closing
from http import HTTPStatus
from time import monotonic, perf_counter

import httpx2
from wire import Connection, request

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


def test_a_body_that_takes_long_to_read_lets_the_probes_through(serve, iris_bundle):
    """Where a number is missing, the rows are read one number after the other, to say which one it is."""
    server = serve(iris_bundle).ready()
    rows = [[5.1, 3.5, 1.4, 0.2]] * 90_000 + [[5.1, 3.5, 1.4, None]]
    question = request("/v1/models/iris:predict", json.dumps({"instances": rows}).encode())
    alone, _ = asyncio.run(ask_beside_probes(server, question, 1))
    _, slowest = asyncio.run(ask_beside_probes(server, question, 3))
    assert slowest < alone / 2


async def ask_beside_probes(server, question: bytes, times: int) -> tuple[float, float]:
    """Ask at once over so many connections, and give how long that took and how long the slowest probe took."""

    async def refused() -> None:
        with closing(Connection(server)) as own:
            answer = await own.ask(question)
        assert b"row 90000, column 'petal width (cm)' is null" in answer.body

    began = perf_counter()
    asked = asyncio.gather(*[refused() for _ in range(times)])
    probes = []
    with closing(Connection(server)) as connection:
        while not asked.done():
            start = perf_counter()
            assert (await connection.ask(request("/livez", method="GET"))).status == HTTPStatus.OK
            probes.append(perf_counter() - start)
    await asked
    return perf_counter() - began, max(probes)
