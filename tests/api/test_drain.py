"""Leaving without losing a request."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import httpx2
import pytest

ROW = [5.1, 3.5, 1.4, 0.2]


class KeepAliveClient(threading.Thread):
    """Asks over one connection as fast as it is answered, and opens a new one only when told to; never asks twice."""

    def __init__(self, url: str, stop: threading.Event, fallback: str) -> None:
        super().__init__()
        self._url, self._enough, self._fallback = url, stop, fallback
        self.answers = 0
        self.closed = 0
        self.error: Exception | None = None
        self.under_way = threading.Event()

    def run(self) -> None:
        url = self._url
        client = httpx2.Client(base_url=url)
        try:
            while not self._enough.is_set():
                response = client.post("/predict", json={"instances": [ROW]})
                assert response.json() == {"predictions": ["setosa"]}
                self.answers += 1
                self.under_way.set()
                if response.headers.get("connection") == "close":
                    self.closed += 1
                    client.close()
                    # As a Service does: new connections go to another pod.
                    client = httpx2.Client(base_url=self._fallback)
        except Exception as error:  # noqa: BLE001  # told by the test
            self.error = error
        finally:
            client.close()


def test_sigterm_loses_no_request_of_clients_that_keep_their_connections(serve, iris, iris_bundle):
    server = serve(iris_bundle, drain_seconds=3).ready()
    stop = threading.Event()
    clients = [KeepAliveClient(server.url, stop, fallback=iris.url) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        assert client.under_way.wait(30)
    server.signal(signal.SIGTERM)
    server.log.wait_for("Draining for 3 seconds")

    with httpx2.Client(base_url=server.url) as newcomer:
        ready = newcomer.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        assert ready.headers["connection"] == "close"
        assert newcomer.get("/v2/health/ready").json() == {"ready": False}
        assert newcomer.get("/livez").status_code == 200
        answer = newcomer.post("/predict", json={"instances": [ROW]})
        assert answer.json() == {"predictions": ["setosa"]}
        assert answer.headers.get_list("connection") == ["close"]
    assert server.process.poll() is None

    assert server.wait() == 0
    stop.set()
    for client in clients:
        client.join()
    assert [client.error for client in clients if client.error] == []
    assert [client.closed for client in clients] == [1] * len(clients)


def test_a_request_that_is_under_way_is_answered_after_the_drain(serve_controlled, gates):
    server, gate = serve_controlled(drain_seconds=0.1).ready(), gates(1)
    answers = ask(server, [[1, 0, 7]])
    gate.wait_until_reached()
    server.signal(signal.SIGTERM)
    server.log.wait_for("Draining")
    with pytest.raises(httpx2.ConnectError):
        ask_again_and_again(server.url)
    gate.open()
    assert answers.wait().json() == {"predictions": [7.0]}
    assert server.wait() == 0


def test_a_request_that_outlasts_its_deadline_does_not_hold_the_process(serve_controlled, gates):
    server, gate = serve_controlled(request_timeout_seconds=1).ready(), gates(1)
    answers = ask(server, [[1, 0, 7]])
    gate.wait_until_reached()
    server.signal(signal.SIGTERM)
    assert answers.wait().status_code == 503
    assert server.wait() == 0
    gate.open()


def test_sigint_skips_the_drain(serve, iris_bundle):
    server = serve(iris_bundle, drain_seconds=3600).ready()
    server.signal(signal.SIGINT)
    assert server.wait() == 0
    assert "Draining" not in str(server.log)


def test_a_second_signal_stops_at_once(serve_controlled, gates):
    server, gate = serve_controlled(drain_seconds=3600, request_timeout_seconds=3600).ready(), gates(1)
    answers = ask(server, [[1, 0, 7]])
    gate.wait_until_reached()
    server.signal(signal.SIGTERM)
    server.log.wait_for("Draining")
    server.signal(signal.SIGINT)
    assert server.wait() == 0
    gate.open()
    answer = answers.wait()
    assert answer.status_code == 503
    assert answer.json()["detail"] == "the server stops: try again"


def ask_again_and_again(url: str) -> None:
    """Come anew until nobody listens; whom the kernel let in while the listener closed is sent away by it."""
    while True:
        with httpx2.Client(base_url=url) as newcomer, suppress(httpx2.ReadError, httpx2.RemoteProtocolError):
            newcomer.get("/livez")


class ask(threading.Thread):  # noqa: N801  # reads as a verb
    """Ask beside the test."""

    def __init__(self, server, rows, **headers) -> None:
        super().__init__(daemon=True)
        self._arguments = server.url, rows, headers
        self.start()

    def run(self) -> None:
        url, rows, headers = self._arguments
        try:
            with httpx2.Client(base_url=url, timeout=60) as client:
                self._outcome = client.post("/predict", json={"instances": rows}, headers=headers)
        except httpx2.HTTPError as error:
            self._outcome = error

    def wait(self):
        self.join(60)
        return self._outcome
