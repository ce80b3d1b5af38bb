"""Load by vegeta on the other core: closed loops, and open loops whose latencies count from the intended start."""

from __future__ import annotations

import csv
import os
import subprocess
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from bench.dialects import Question
from bench.measure import CLIENT_CORE
from service.bundle.datatypes import Array

VEGETA = Path("bin/vegeta")
MOST_CLIENTS = 1000
"""Connections of an open loop; a request that finds none free starts late, which counts as latency."""

TIMEOUT_SECONDS = 15
NANOSECONDS = 1e9
GOOD = 200


@dataclass(frozen=True)
class Hits:
    """What became of the requests, in the order in which they were meant to start.

    Args:
        sent: When each was sent, in seconds after the first.
        done: When each was answered or given up.
        codes: Status of HTTP; 0 where there was no answer.
        generator_cpu_seconds: What the load itself took.
    """

    sent: Array
    done: Array
    codes: Array
    generator_cpu_seconds: float

    @property
    def good(self) -> Array:
        """Which of them were answered 200."""
        return np.asarray(self.codes == GOOD)


def closed_loop(port: int, question: Question, clients: int, seconds: float) -> Hits:
    """Let each client send its next request once the last one is answered."""
    workers = str(clients)
    return _attack(port, question, ["-rate", "0", "-workers", workers, "-max-workers", workers], seconds)


def open_loop(port: int, question: Question, rate: float, seconds: float) -> Hits:
    """Send requests at a constant rate, whatever becomes of the earlier ones."""
    return _attack(port, question, ["-rate", f"{_per_minute(rate)}/1m", "-max-workers", str(MOST_CLIENTS)], seconds)


def schedule(hits: Hits, rate: float) -> Array:
    """Give when each request should have started, in seconds after the first was sent.

    The first may be late itself; none is ever early, so the schedule began when that holds for all.
    """
    steps = np.arange(len(hits.sent)) / (_per_minute(rate) / 60)
    return np.asarray(steps + min((hits.sent - steps).min(initial=0.0), 0.0))


def _per_minute(rate: float) -> int:
    """Round a rate: vegeta takes whole numbers, and those of a minute keep three digits of slow servers' rates."""
    return max(round(rate * 60), 1)


def _attack(port: int, question: Question, options: list[str], seconds: float) -> Hits:
    target = {
        "method": "POST",
        "url": f"http://127.0.0.1:{port}{question.path}",
        # Go's client would ask for compressed answers, and only some of the servers compress.
        "header": {name: [value] for name, value in {**question.headers, "Accept-Encoding": "identity"}.items()},
        "body": b64encode(question.body).decode(),
    }
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.bin"
        command = [
            *("taskset", "-c", str(CLIENT_CORE), str(VEGETA), "attack", "-format", "json", "-max-body", "0"),
            *("-timeout", f"{TIMEOUT_SECONDS}s", "-duration", f"{seconds}s", "-output", str(results), *options),
        ]
        before = os.times()
        subprocess.run(command, input=orjson.dumps(target) + b"\n", env={**os.environ, "GOMAXPROCS": "1"}, check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return _read(results, cpu)


def _read(results: Path, cpu: float) -> Hits:
    outcome = subprocess.run([VEGETA, "encode", "-to", "csv", results], capture_output=True, text=True, check=True)
    # The columns: time of sending, status, latency, bytes out and in, error, body, attack's name, sequence number, ...
    rows = sorted(
        (int(row[8]), int(row[0]), int(row[1]), int(row[2])) for row in csv.reader(outcome.stdout.splitlines())
    )
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    sent = (table[:, 1] - table[:1, 1]) / NANOSECONDS
    return Hits(sent, sent + table[:, 3] / NANOSECONDS, table[:, 2], cpu)
