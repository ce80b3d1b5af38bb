"""Start servers on one core, load them from another, and read what processor time a request took."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1
START_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server.

    Args:
        name: For the table.
        port: On 127.0.0.1.
        pid: Of the process; all of them have one.
    """

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Read the user and system time of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self) -> int:
        """Read the resident memory of the process."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def started(name: str, command: list[str], is_ready: Callable[[int], bool]) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        name: For the table.
        command: With ``{port}`` where the port goes.
        is_ready: Asks the server at a port.
    """
    port = free_port()
    filled = [word.format(port=port) for word in command]
    process = subprocess.Popen(["taskset", "-c", str(SERVER_CORE), *filled], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(port):
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"{name} did not start: {' '.join(filled)}"
                raise SystemExit(message)
            time.sleep(0.02)
        yield Server(name, port, process.pid)
    finally:
        process.kill()
        process.wait()


def answers(path: str) -> Callable[[int], bool]:
    """Make a function that tells whether a GET of the path is answered 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()

    def ask(port: int) -> bool:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as connection:
                connection.sendall(request)
                return connection.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    return ask


def cpu_per_request(server: Server, request: bytes, requests: int, connections: int) -> float:
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


def free_port() -> int:
    """Find a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def post(path: str, body: bytes) -> bytes:
    """Write a POST request of JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
