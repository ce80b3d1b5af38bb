"""A thousand idle connections and a thousand slow ones: the others do not notice."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack, closing
from time import perf_counter

import pytest

IDLE = 1000
SLOW = 1000
ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n"


@pytest.fixture
def many_files():
    """Let this process, and the server, hold enough files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + SLOW + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_probes_and_predictions_go_on_beside_two_thousand_connections(many_files, serve, iris_bundle):
    del many_files
    server = serve(iris_bundle, header_timeout_seconds=120, body_timeout_seconds=120).ready()
    server.expects_errors = True
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(closing(socket.create_connection((server.host, server.port))))
            for _ in range(IDLE + SLOW)
        ]
        slow = crowd[IDLE:]
        for number, connection in enumerate(slow):
            connection.sendall(HEAD if number % 2 else HEAD + b"\r\n{")
        probes = []
        for number in range(50):
            for connection in slow[number::50]:
                connection.sendall(b"x" if number % 2 else b" ")
            began = perf_counter()
            assert server.client.get("/livez").status_code == 200
            probes.append(perf_counter() - began)
            assert server.client.post("/predict", json=ROW).json() == {"predictions": ["setosa"]}
    print(f"probes: median {sorted(probes)[25] * 1000:.1f} ms, slowest {max(probes) * 1000:.1f} ms")  # noqa: T201
    assert sorted(probes)[25] < 0.05
    assert server.client.get("/readyz").status_code == 200
