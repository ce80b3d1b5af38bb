"""Connections: too many, silent ones, heads that are too large or never end."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack, closing

import pytest
from wire import request

GET = b"GET /livez HTTP/1.1\r\nhost: x\r\n"


@pytest.fixture(scope="module")
def narrow(serve_for_all, iris_bundle):
    """A server with small limits."""
    limits = {"max_connections": 4, "max_header_bytes": 2048, "header_timeout_seconds": 0.3, "root_path": "/shop"}
    server = serve_for_all(iris_bundle, **limits).ready()
    server.expects_errors = True  # a malformed request is worth a warning
    server.client.close()
    return server


def connect(server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=30)


def answer(connection: socket.socket, request: bytes) -> bytes:
    """Send a request and read until the body of its answer is complete."""
    connection.sendall(request)
    received = b""
    while not received.endswith(b"}"):
        received += connection.recv(65536)
    return received


def everything(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"", b"", id="nothing at all"),
        pytest.param(b"GET /li", b"408 Request Timeout", id="half a request line"),
        pytest.param(GET, b"408 Request Timeout", id="headers without an end"),
        pytest.param(GET + b"\r\n" + GET, b"408 Request Timeout", id="headers without an end, on a used connection"),
    ],
)
def test_a_head_that_does_not_arrive_in_time_is_answered_408(narrow, sent, expected):
    with closing(connect(narrow)) as connection:
        connection.sendall(sent)
        assert expected in everything(connection)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /" + b"a" * 4096 + b" HTTP/1.1\r\n\r\n", id="long request line"),
        pytest.param(GET + b"x: " + b"a" * 4096 + b"\r\n\r\n", id="long header"),
        pytest.param(GET + b"x: y\r\n" * 1000 + b"\r\n", id="many headers"),
        pytest.param(GET + b"x: " + b"a" * 4096, id="long header without an end"),
    ],
)
def test_a_head_that_is_too_large_is_answered_431(narrow, sent):
    with closing(connect(narrow)) as connection:
        connection.sendall(sent)
        refusal = everything(connection)
    assert refusal.startswith(b"HTTP/1.1 431 ")
    assert b'{"error":"the head of the request is too large"}' in refusal
    assert b"aaaa" not in refusal


def test_a_head_in_many_pieces_counts_as_a_whole(narrow):
    with closing(connect(narrow)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        for _ in range(2):
            connection.sendall(b"a" * 1100)
        assert everything(connection).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02", b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_is_answered_400(narrow, sent):
    with closing(connect(narrow)) as connection:
        connection.sendall(sent)
        refusal = everything(connection)
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert b'{"error":"the request is not HTTP/1.1"}' in refusal


REFUSED = {
    "too late": GET,
    "too large": GET + b"x: " + b"a" * 4096,
    "malformed": b"HELLO\r\n\r\n",
}


def test_a_request_that_is_refused_leaves_the_answer_before_it_whole(serve_controlled, gates):
    server, gate = serve_controlled(max_header_bytes=2048, header_timeout_seconds=0.3).ready(), gates(1)
    server.expects_errors = True
    with ExitStack() as stack:
        first = stack.enter_context(closing(connect(server)))
        first.sendall(request("/predict", b'{"instances": [[1, 0, 7]]}'))
        gate.wait_until_reached()
        # The others wait for the first one's turn to end.
        waiting = {why: stack.enter_context(closing(connect(server))) for why in REFUSED}
        for why, connection in waiting.items():
            connection.sendall(request("/predict", b'{"instances": [[0, 0, 7]]}') + REFUSED[why])
        # By the time that a silent connection is closed, each half of a head was there for just as long.
        assert everything(stack.enter_context(closing(connect(server)))) == b""
        gate.open()
        for why, connection in waiting.items():
            answers = everything(connection)
            assert answers.startswith(b"HTTP/1.1 200 OK\r\n"), why
            assert answers.endswith(b'{"predictions":[7.0]}'), why
            assert b"connection: close" in answers, why


def test_a_body_that_is_malformed_is_answered_400_unless_an_answer_would_come_before(narrow):
    broken = b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n"
    with closing(connect(narrow)) as connection:
        connection.sendall(broken)
        assert everything(connection).startswith(b"HTTP/1.1 400 ")
    with closing(connect(narrow)) as connection:
        connection.sendall(GET + b"\r\n" + broken)
        assert everything(connection) == b""


def test_a_used_connection_may_be_idle_for_longer_than_a_head_may_take(narrow):
    with closing(connect(narrow)) as connection, closing(connect(narrow)) as silent:
        assert b"200 OK" in answer(connection, GET + b"\r\n")
        # By the time that the silent connection is closed, the used one was idle for just as long.
        assert everything(silent) == b""
        assert b"200 OK" in answer(connection, GET + b"\r\n")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (b"/v2", b'{"error":"there are too many connections: try again later"}'),
        (b"/shop/v2", b'{"error":"there are too many connections: try again later"}'),
        (b"/model", b'"detail":"there are too many connections: try again later"}'),
    ],
)
def test_beyond_the_most_connections_there_are_only_probes(narrow, path, form):
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(connect(narrow))) for _ in range(4)]
        for connection in crowd:
            assert b"200 OK" in answer(connection, GET + b"\r\n")
        late = stack.enter_context(closing(connect(narrow)))
        for probe in (b"/readyz", b"/shop/readyz"):
            assert b"200 OK" in answer(late, b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % probe)
        late.sendall(b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % path)
        refusal = everything(late)
        assert b"503 Service Unavailable" in refusal
        assert b"retry-after: 1" in refusal
        assert b"connection: close" in refusal
        assert refusal.endswith(form)
    with closing(connect(narrow)) as connection:
        connection.sendall(b"GET /v2 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert b"200 OK" in everything(connection)


def test_the_customary_limit_of_open_files_does_not_bound_the_connections(serve, iris_bundle):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        server = serve(iris_bundle).ready()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(connect(server))) for _ in range(200)]
        assert b"200 OK" in answer(crowd[-1], GET + b"\r\n")


def test_bytes_that_begin_no_request_do_not_keep_a_connection_open(serve, iris_bundle):
    server = serve(iris_bundle, keep_alive_seconds=1).ready()
    unread = b"POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"
    with closing(connect(server)) as empty_line, closing(connect(server)) as late_body:
        answer(empty_line, GET + b"\r\n")
        answer(late_body, unread)
        empty_line.sendall(b"\r\n")
        late_body.sendall(b"x")
        assert everything(empty_line) == everything(late_body) == b""


OFFERS = {
    "Java's client": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAM\r\n",
    "a browser's socket": b"Connection: keep-alive, Upgrade\r\nUPGRADE: websocket\r\nSec-WebSocket-Version: 13\r\n",
    "something else": b"connection: upgrade\r\nupgrade: something/else\r\n",
}
BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
SMUGGLED = b"GET /v2 HTTP/1.1\r\nHost: smuggled\r\n\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_of_another_protocol_is_ignored_and_the_body_is_the_body(narrow, offer, pieces):
    sent = request("/predict", BODY).replace(b"Host: x\r\n", b"Host: x\r\n" + OFFERS[offer])
    size = -(-len(sent) // pieces)
    with closing(connect(narrow)) as connection:
        for _ in range(2):
            for start in range(0, len(sent), size):
                connection.sendall(sent[start : start + size])
            assert answer(connection, b"").endswith(b'{"predictions":["setosa"]}')
    with closing(connect(narrow)) as connection:
        connection.sendall(sent + GET + OFFERS[offer] + b"connection: close\r\n\r\n")
        assert everything(connection).count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("offer", OFFERS)
def test_a_body_behind_an_offer_of_another_protocol_is_never_a_request(narrow, offer):
    head = request("/predict", SMUGGLED, ("Connection", "close")).removesuffix(SMUGGLED)
    with closing(connect(narrow)) as connection:
        connection.sendall(head.replace(b"Connection: close", OFFERS[offer].strip() + b"\r\nConnection: close"))
        connection.sendall(SMUGGLED)
        refusal = everything(connection)
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert refusal.count(b"HTTP/1.1 ") == 1
    assert b"the body is not JSON" in refusal


def test_a_tunnel_is_refused(narrow):
    with closing(connect(narrow)) as connection:
        connection.sendall(b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n" + SMUGGLED)
        refusal = everything(connection)
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert refusal.count(b"HTTP/1.1 ") == 1
