"""What the system may do to the process: no disk, no memory, no processor, another time."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from wire import Connection, request

MEBIBYTE = 1024 * 1024
ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@contextmanager
def soft_limit(process: int, kind: int, value: int):
    """Set a limit of a process, 0 for this one and its children, and lift it again."""
    before = resource.prlimit(process, kind)
    resource.prlimit(process, kind, (value, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, kind, before)


def test_a_server_needs_no_disk(serve, iris_bundle):
    nowhere = dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME"), "/nonexistent")
    with soft_limit(0, resource.RLIMIT_FSIZE, 0):  # each byte written to a file fails
        server = serve(iris_bundle, environment=nowhere)
    assert server.ready().client.post("/predict", json=ROW).json() == {"predictions": ["setosa"]}
    assert server.client.get("/metrics").status_code == 200
    assert server.client.get("/docs").status_code == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE))


def test_a_server_needs_no_directory_that_it_may_write_to(serve, iris_bundle, monkeypatch):
    """As root, too, nobody makes a file in ``/proc``, so it stands for a container with a read-only root."""
    nowhere = Path("/proc")
    with pytest.raises(OSError, match="No such file or directory"):
        (nowhere / "file").touch()
    monkeypatch.chdir(nowhere)
    server = serve(iris_bundle, environment=dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME"), str(nowhere))).ready()
    assert Path(f"/proc/{server.process.pid}/cwd").readlink() == nowhere
    for _ in range(3):
        assert server.client.post("/predict", json=ROW).json() == {"predictions": ["setosa"]}
    assert server.client.get("/docs").status_code == 200
    assert server.client.get("/metrics").status_code == 200


def test_a_request_that_memory_is_too_short_for_is_refused_and_the_next_is_answered(serve, iris_bundle):
    server = serve(iris_bundle).ready()
    server.expects_errors = True  # a lack of memory is worth a warning
    process = server.process.pid
    rows = 90_000
    tensor = {"name": "input", "datatype": "FP64", "shape": [rows, 4], "parameters": {"binary_data_size": rows * 32}}
    text = json.dumps({"inputs": [tensor]}).encode()
    # Where memory suffices this is a bad request: most of the bytes belong to no input.
    large = request(
        "/v2/models/iris/infer",
        text + bytes(40 * MEBIBYTE),
        ("Inference-Header-Content-Length", str(len(text))),
    )
    good = server.client.get("/v2/models/iris").json()
    used = int(Path(f"/proc/{process}/statm").read_text().split()[0]) * resource.getpagesize()
    statuses = []

    async def ask() -> None:
        connection = Connection(server)
        for room in (8, 24, 40, 72):
            with soft_limit(process, resource.RLIMIT_AS, used + room * MEBIBYTE):
                answer = await connection.ask(large)
                statuses.append(answer.status)
                assert answer.status == 400 or b"retry-after" in answer.headers
        connection.close()

    asyncio.run(ask())
    assert statuses[0] == 503
    assert set(statuses) <= {400, 503}
    assert 'rejected_total{reason="memory"} 0' not in server.client.get("/metrics").text
    assert server.client.get("/v2/models/iris").json() == good
    assert server.process.poll() is None
    assert server.client.get("/livez").status_code == 200
    assert server.client.get("/readyz").status_code == 200


def test_a_server_that_was_stopped_goes_on_where_it_was(serve_controlled, gates):
    server, gate = serve_controlled().ready(), gates(1)
    answers = []

    def ask(value: int, door: int) -> threading.Thread:
        async def question() -> None:
            connection = Connection(server)
            answers.append(
                (await connection.ask(request("/predict", b'{"instances": [[%d, 0, %d]]}' % (door, value)))).body
            )
            connection.close()

        thread = threading.Thread(target=lambda: asyncio.run(question()))
        thread.start()
        return thread

    under_way = ask(1, door=1)
    gate.wait_until_reached()
    server.signal(signal.SIGSTOP)
    sent_meanwhile = ask(2, door=0)
    gate.open()
    server.signal(signal.SIGCONT)
    under_way.join()
    sent_meanwhile.join()
    assert sorted(answers) == [b'{"predictions":[1.0]}', b'{"predictions":[2.0]}']
    assert server.client.get("/readyz").status_code == 200


class Throttle(threading.Thread):
    """Let a process run for a tenth of the time, as the kernel does with a CPU limit of 100m."""

    def __init__(self, server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            self._server.signal(signal.SIGSTOP)
            self.over.wait(0.09)
            self._server.signal(signal.SIGCONT)
            self.over.wait(0.01)


def test_a_tenth_of_a_processor_is_slow_and_right(serve, iris_bundle):
    server = serve(iris_bundle).ready()
    throttle = Throttle(server)
    throttle.start()
    try:
        for _ in range(10):
            began = monotonic()
            assert server.client.get("/livez").status_code == 200
            assert monotonic() - began < 5, "slower than the kubelet waits"
            assert server.client.post("/predict", json=ROW).json() == {"predictions": ["setosa"]}
    finally:
        throttle.over.set()
        throttle.join()
