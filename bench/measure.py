"""Load a server in a closed loop over plain sockets, and read what processor time a request took."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

SERVER_CORE, CLIENT_CORE = 0, 1
JSON = MappingProxyType({"Content-Type": "application/json"})


class Measured(Protocol):
    """A running server whose processor time can be read."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        ...

    def cpu_seconds(self) -> float:
        """Read the user and system time so far."""
        ...


def cpu_per_request(server: Measured, request: bytes, requests: int, connections: int) -> float:
    """Load a server in a closed loop and measure the seconds of processor time that one request took.

    All connections have one request under way; each answer is followed by the next request.
    """
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(connections)]
    for connection in sockets:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _loop(sockets, request, max(requests // 10, connections))
    before = server.cpu_seconds()
    done = _loop(sockets, request, requests)
    after = server.cpu_seconds()
    for connection in sockets:
        connection.close()
    return (after - before) / done


def _loop(sockets: list[socket.socket], request: bytes, requests: int) -> int:
    rounds = requests // len(sockets)
    for _ in range(rounds):
        for connection in sockets:
            connection.sendall(request)
        for connection in sockets:
            _read_answer(connection)
    return rounds * len(sockets)


def _read_answer(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode() + body.decode())
    lowered = head.lower()
    start = lowered.index(b"content-length:") + len(b"content-length:")
    length = int(lowered[start:].split(b"\r\n", 1)[0])
    size = len(body)
    while size < length:
        size += len(_receive(connection))


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 20)
    if not data:
        message = "the server closed a connection"
        raise SystemExit(message)
    return data


def post(path: str, body: bytes, headers: Mapping[str, str] = JSON) -> bytes:
    """Write a POST request."""
    lines = [f"POST {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
