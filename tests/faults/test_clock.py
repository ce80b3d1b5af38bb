"""A clock that jumps moves no deadline: nothing but a timestamp reads it."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic

import httpx2
import pytest

import service

ROW = {"instances": [[0, 0, 7]]}
FOLDER = Path(service.__file__).parent
JUMPING = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "time.localtime"}
TIMESTAMPS = {"engine/statistics.py", "sources/retry.py"}
"""Where the time of day is told; and where a server that a client waits for tells it, in Retry-After."""


def clocks(tree: ast.AST) -> set[str]:
    """Collect what a module calls or imports of the clocks that jump."""
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return {name for name in names if any(name.endswith(clock) for clock in JUMPING)}


def test_no_deadline_reads_a_clock_that_jumps():
    readers = {
        str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py") if clocks(ast.parse(path.read_text("utf-8")))
    }
    assert readers == TIMESTAMPS


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """What the processes that read this file take for the time of day, such as ``+30d``."""
    file = tmp_path / "moved"
    file.write_text("+0")
    return file


@pytest.fixture
def faked(moved: Path) -> dict[str, str]:
    """The environment of such a process; its monotonic clock stays as it is, as where a clock is set."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed; Debian has it in its package faketime")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(moved),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def test_a_clock_that_jumps_ends_no_request_and_no_connection(serve_controlled, gates, moved, faked):
    server = serve_controlled(environment=faked).ready()
    with httpx2.Client(base_url=server.url, timeout=60) as client, ThreadPoolExecutor() as pool:
        connection = client.get("/livez").extensions["network_stream"]
        for number, jump in enumerate(("+30d", "-30d"), start=1):
            before, gate = told(client.get("/livez")), gates(number)
            held = {"instances": [[number, 0, 7]]}
            at_the_model = pool.submit(httpx2.post, f"{server.url}/predict", json=held, timeout=60)
            gate.wait_until_reached()
            queued = pool.submit(httpx2.post, f"{server.url}/predict", json=ROW, timeout=60)
            while "ml_api_inference_queue_requests 1.0" not in client.get("/metrics").text:
                assert not queued.done(), queued.result().text
            moved.write_text(jump)
            end = monotonic() + 10
            # The server reads the clock for the header once a second.
            while abs(told(client.get("/readyz")) - before) < timedelta(days=29):
                assert monotonic() < end, "the clock of the process did not jump"
            assert client.get("/livez").is_success, "a model that computes was taken for one that hangs"
            gate.open()
            for answer in (at_the_model.result(), queued.result(), client.post("/predict", json=ROW)):
                assert answer.json() == {"predictions": [7.0]}
        assert client.get("/livez").extensions["network_stream"] is connection, "the connection was closed"


def told(answer: httpx2.Response) -> datetime:
    """The time of day as the server sees it."""
    return parsedate_to_datetime(answer.headers["date"])
