"""What the fuzzing found, each as the one request that shows it."""

from __future__ import annotations

import asyncio

from refusals import MARKER
from wire import Connection, request


def ask(server, content: bytes):
    """Send one request over a connection of its own."""

    async def answer():
        connection = Connection(server)
        try:
            return await connection.ask(content)
        finally:
            connection.close()

    return asyncio.run(answer())


def test_a_slash_too_many_never_redirects_to_the_host_that_the_client_named(iris):
    answer = ask(iris, request("/livez/", method="GET").replace(b"Host: x", b"Host: " + MARKER.encode()))
    assert answer.status == 404
    assert b"location" not in answer.headers
    assert MARKER.encode() not in answer.raw
