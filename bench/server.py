"""A server of the benchmark with all its processes, on a core of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from bench.environments import last_line
from bench.measure import SERVER_CORE

START_SECONDS = 90.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
PROCESS_CLOCK = 2
FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below those that Linux gives to outgoing connections."""

VARIABLES = MappingProxyType({"OMP_NUM_THREADS": "1", "DO_NOT_TRACK": "1", "ML_API_DRAIN_SECONDS": "0"})
"""One thread on one core, no telemetry, and no wait at the end for clients that there are none of."""


class ServerFailedError(Exception):
    """A server did not start, or did not answer as it should."""


@dataclass(frozen=True)
class Footprint:
    """What the processes of a server hold.

    Args:
        rss: Resident bytes, pages that processes share counted for each.
        pss: Resident bytes, shared pages divided among those who share them.
        processes: How many there are.
    """

    rss: int
    pss: int
    processes: int


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Args:
        port: On 127.0.0.1.
        session: Process id of the first process; all others are in its session.
        start_seconds: From the start to the first answer of the readiness path.
        start_cpu_seconds: Processor time until then.
    """

    port: int
    session: int
    start_seconds: float
    start_cpu_seconds: float

    def cpu_seconds(self) -> float:
        """Read the user and system time of all processes so far."""
        return _cpu_seconds(self.session)

    def footprint(self) -> Footprint:
        """Read the memory of all processes."""
        infos = [process.memory_full_info() for process in _processes(self.session)]
        return Footprint(sum(info.rss for info in infos), sum(info.pss for info in infos), len(infos))


@contextmanager
def serving(
    command: Sequence[str], ready: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run a server until the block ends.

    Args:
        command: With ``{port}`` where the port goes.
        ready: Path that answers 200 once the server is ready.
        folder: Its working directory; its log goes there, too.
        environment: More variables.

    Raises:
        ServerFailedError: With the last line of its log.
    """
    port = _free_port()
    filled = [word.format(port=port) for word in command]
    folder.mkdir(parents=True, exist_ok=True)
    path = f"{Path(filled[0]).parent}:{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, **VARIABLES, **(environment or {})}
    log = folder / "server.log"
    with log.open("wb") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), *filled],
            cwd=folder,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        asks = _answers(ready)
        while not asks(port):
            if process.poll() is not None or time.monotonic() - start > START_SECONDS:
                raise ServerFailedError(last_line(log.read_text(errors="replace")))
            time.sleep(POLL_SECONDS)
        yield Running(port, process.pid, time.monotonic() - start, _cpu_seconds(process.pid))
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End all processes of a server, the stubborn ones by force."""
    members = _processes(process.pid)
    for member in members:
        _send(member, signal.SIGTERM)
    _, left = psutil.wait_procs(members, timeout=STOP_SECONDS)
    for member in [*left, *_processes(process.pid)]:
        _send(member, signal.SIGKILL)
    process.wait()


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _processes(session: int) -> list[psutil.Process]:
    """Find the processes of a session, and their descendants: a supervisor may give its workers other sessions."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session:
                found[process.pid] = process
                found |= {child.pid: child for child in process.children(recursive=True)}
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return list(found.values())


def _cpu_seconds(session: int) -> float:
    """Add up the processor time of all processes, from the clock that Linux keeps of each, in nanoseconds."""
    total = 0.0
    for process in _processes(session):
        try:
            # What clock_getcpuclockid(3) gives for a process.
            total += time.clock_gettime(~process.pid << 3 | PROCESS_CLOCK)
        except OSError:
            continue
    return total


def _answers(path: str) -> Callable[[int], bool]:
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


def _free_port() -> int:
    """Find a port that nobody listens on, and that the system gives to no outgoing connection meanwhile."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
