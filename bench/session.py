"""One server with one model: start, check, closed loops, open loops, memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.catalogue import BARE, BATCHING, OURS_SKLEARN, Peer, Workload
from bench.checks import check
from bench.dialects import Question, question
from bench.environments import last_line
from bench.figures import Reference, closed, opened
from bench.load import closed_loop, open_loop
from bench.models import Trained
from bench.server import Running, ServerFailedError, serving

LOADS = (0.5, 0.8, 1.0, 2.0)
CAPACITY_CLIENTS = 32
WARM_UP_SECONDS = 1.0
LEARNING_SECONDS = 5.0
"""Adaptive batching learns from its first requests how long a batch takes."""

UVICORN = ("--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning", "--port", "{port}")
PEERS = Path("bench/peers").resolve()


@dataclass
class Found:
    """What was measured so far."""

    sessions: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """Measures one server with one model.

    Args:
        peer: The server.
        model: Its name.
        trained: The model.
        workloads: Which of them to run.
        programs: Folder of programs of the server's environment.
        folder: Where it may write.
        seconds: Of each cell.
    """

    peer: Peer
    model: str
    trained: Trained
    workloads: Sequence[Workload]
    programs: Path
    folder: Path
    seconds: float

    def run(self, empty: Running, found: Found, tell: Callable[[str], None]) -> None:
        """Measure; a server that fails is noted with its reason, and the others go on."""
        note: dict[str, Any] = {"peer": self.peer.name, "model": self.model}
        found.sessions.append(note)
        try:
            self._prepare()
            reference = self._reference(empty)
            note["reference_cpu_us"] = reference.cpu_us
            with serving(self._command(), self.peer.ready, self.folder) as server:
                note |= {"start_seconds": server.start_seconds, "start_cpu_seconds": server.start_cpu_seconds}
                note |= {f"idle_{name}": value for name, value in vars(server.footprint()).items()}
                for workload in self.workloads:
                    self._measure(server, workload, reference, found, tell)
                note |= vars(server.footprint())
        except (ServerFailedError, subprocess.CalledProcessError, psutil.Error) as error:
            note["failed"] = str(error)
            tell(f"failed: {error}")

    def _measure(
        self, server: Running, workload: Workload, reference: Reference, found: Found, tell: Callable[[str], None]
    ) -> None:
        asked = question(self.peer, workload, self.trained.rows[: workload.rows])
        cell = {"peer": self.peer.name, "workload": workload.name}
        if not self.peer.is_floor:
            check(server.port, asked, self.trained.expected[: workload.rows])
        capacity = 0.0
        warm_up = LEARNING_SECONDS if self.peer.name in BATCHING else WARM_UP_SECONDS
        for clients in workload.clients:
            closed_loop(server.port, asked, clients, warm_up)
            figures = self._closed(server, asked, clients, reference)
            found.closed.append({**cell, "clients": clients, **figures})
            capacity = figures["throughput"] if clients == CAPACITY_CLIENTS else capacity
            tell(
                f"{workload.title}, {clients} clients: {figures['cpu_us'] / 1000:.3g} ms of CPU, "
                f"{figures['throughput']:.4g}/s, {figures['cpu_to_empty']:.3g} times the empty endpoint's CPU"
            )
        # The generator cannot load the bare app beyond its capacity.
        for load in LOADS if workload.is_open and capacity and self.peer.name != BARE else ():
            # Beyond saturation it takes a while until queues have found their length.
            seconds = self.seconds if load <= 1 else 2 * self.seconds
            figures = opened(open_loop(server.port, asked, load * capacity, seconds), load * capacity, seconds)
            found.open.append({**cell, "load": load, **figures})
            tell(f"{workload.title}, {load:g} times capacity: {figures['goodput']:.4g}/s, p99 {figures['p99_ms']} ms")

    def _closed(self, server: Running, asked: Question, clients: int, reference: Reference) -> dict[str, Any]:
        before = server.cpu_seconds()
        hits = closed_loop(server.port, asked, clients, self.seconds)
        return closed(hits, server.cpu_seconds() - before, self.seconds, reference)

    def _reference(self, empty: Running) -> Reference:
        """Measure the empty endpoint at this moment: the machine may be faster or slower than a minute ago."""
        asked = question(self.peer, self.workloads[0], self.trained.rows[:1])
        asked = Question(
            "/predict", {"Content-Type": "application/json"}, b'{"instances":[[5.1,3.5,1.4,0.2]]}', asked.read
        )
        closed_loop(empty.port, asked, CAPACITY_CLIENTS, WARM_UP_SECONDS)
        before = empty.cpu_seconds()
        hits = closed_loop(empty.port, asked, CAPACITY_CLIENTS, self.seconds)
        good = int(hits.good.sum())
        return Reference((empty.cpu_seconds() - before) / good * 1e6, good / max(float(hits.done.max()), self.seconds))

    def _prepare(self) -> None:
        """Bring the model into the server's own format, where it has one."""
        script = PEERS / self.peer.environment / "prepare.py"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not script.exists():
            return
        outcome = subprocess.run(
            [self.programs / "python", script, self.trained.file],
            cwd=self.folder,
            env={**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}", "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode:
            raise ServerFailedError(last_line(outcome.stderr))

    def _command(self) -> list[str]:
        if self.peer.is_floor:
            return floor(self.programs, self.peer.name)
        if self.peer.is_ours:
            bundle = self.trained.bundles["sklearn" if self.peer.name == OURS_SKLEARN else "onnx"]
            return [str(self.programs / "ml-api"), "serve", str(bundle), "--trust", "--port", "{port}"]
        script = str(PEERS / self.peer.environment / "serve.py")
        return [str(self.programs / "python"), script, str(self.trained.file), "{port}", *self.peer.options]


def floor(programs: Path, name: str) -> list[str]:
    """Give the command of an app that answers without a model."""
    project = str(PEERS.parents[1])
    return [str(programs / "python"), "-m", "uvicorn", "--app-dir", project, f"bench.floors:{name}", *UVICORN]
