"""Tens of thousands of bad inputs: each is refused in the right way, and the server is as well as before."""

from __future__ import annotations

import asyncio
import json

import pytest
from bodies import ROWS, binary_request, good_binary_request, json_request, raw_request
from bombard import Bombardment
from heads import head_request
from refusals import MARKER
from wire import Connection
from wire import request as write

from tools.soak.process import footprint

MEBIBYTE = 1024 * 1024
GROWTH = 12 * MEBIBYTE
"""Room for the allocator; a leak of 2 KiB for each input is more."""

THREADS = 8
"""Pools start their threads when they need them, and end at a few."""

ROW = [5.1, 3.5, 1.4, 0.2]


@pytest.fixture(scope="module")
def hurried(serve_for_all, iris_bundle):
    """A server that waits for nobody for long, so that what never ends ends soon."""
    server = serve_for_all(iris_bundle, header_timeout_seconds=0.3, body_timeout_seconds=0.3).ready()
    server.expects_errors = True  # what is not HTTP is worth a warning
    return server


def files_settle(server, expected: int) -> bool:
    """Ask until the server has noticed that its clients are gone: the request itself is the pause."""
    for _ in range(2000):
        if footprint(server.process.pid).files <= expected:
            return True
        assert server.client.get("/livez").status_code == 200
    return False


@pytest.mark.parametrize(
    ("name", "make", "on", "count", "refused"),
    [
        pytest.param("json", json_request, "iris", 12_000, 11_000, id="JSON of three protocols"),
        pytest.param("binary", binary_request, "identity", 5_000, 4_500, id="binary tensors"),
        pytest.param("raw", raw_request, "iris", 1_500, 1_000, id="raw bytes alone"),
        pytest.param("head", head_request, "hurried", 4_500, 3_700, id="heads"),
    ],
)
def test_a_bad_input_is_refused_and_leaves_nothing_behind(request, name, make, on, count, refused):
    server = request.getfixturevalue(on)
    bombardment = Bombardment(name, make, framed=name != "head")
    assert server.client.get("/livez").status_code == 200
    files = footprint(server.process.pid).files
    bombardment.send(server, range(count // 5))
    assert files_settle(server, files)
    before = footprint(server.process.pid)
    bombardment.send(server, range(count // 5, count))
    assert files_settle(server, files)
    after = footprint(server.process.pid)

    print(name, dict(sorted(bombardment.statuses.items())), f"memory {after.memory - before.memory:+,} bytes")  # noqa: T201
    assert bombardment.statuses.total() == count
    assert bombardment.refused >= refused
    assert after.memory - before.memory < GROWTH
    assert after.threads <= before.threads + THREADS
    assert MARKER not in server.client.get("/metrics").text
    assert MARKER not in str(server.log)
    assert server.client.get("/readyz").status_code == 200
    if on != "identity":
        assert server.client.post("/predict", json={"instances": [ROW]}).json() == {"predictions": ["setosa"]}


def test_the_requests_that_are_spoilt_were_good(iris, identity):
    async def ask(server, content: bytes) -> int:
        connection = Connection(server)
        try:
            return (await connection.ask(content)).status
        finally:
            connection.close()

    assert {asyncio.run(ask(iris, write(path, json.dumps(rows).encode()))) for path, rows in ROWS.items()} == {200}
    assert asyncio.run(ask(identity, good_binary_request())) == 200


def test_an_input_can_be_brought_back_by_its_index():
    again = Bombardment("json", json_request)
    assert Bombardment("json", json_request).content(7) == again.content(7) != again.content(8)
