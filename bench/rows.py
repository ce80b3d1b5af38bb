"""One row to 100,000 in one request, binary: what a row costs, beside the call of the model itself, and its memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bench.dialects import binary
from bench.measure import CLIENT_CORE, SERVER_CORE, cpu_per_request, post
from bench.server import Running, serving
from service.bundle.datatypes import Array
from service.bundle.verify import Trust, open_bundle
from service.runtimes.load import load_runtime

SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
REQUESTS_OF_ONE_ROW = 4000
FEWEST_REQUESTS = 30
ROWS_A_MEASUREMENT = 1_000_000
OUTPUT = "predict"
KIBIBYTE = 1024
RESET_PEAK = "5"


def measure_rows(
    programs: Path, bundle: Path, rows: Array, folder: Path, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Measure each size: processor time of a request and of the call of the model, memory at the peak of a request.

    Args:
        programs: Of our environment.
        bundle: In ONNX.
        rows: Some rows; they are repeated.
        folder: Where the server may write.
        tell: Takes a line for each size.
    """
    found = []
    command = [str(programs / "ml-api"), "serve", str(bundle), "--port", "{port}"]
    with serving(command, "/readyz", folder) as server:
        for size in SIZES:
            many = np.resize(rows, (size, rows.shape[1]))
            asked = binary("/v2/models/iris/infer", many, OUTPUT)
            request = post(asked.path, asked.body, asked.headers)
            # The first request of this size: nothing of its memory is there yet.
            memory = _peak_of_one(server, request)
            requests = max(min(REQUESTS_OF_ONE_ROW, ROWS_A_MEASUREMENT // size), FEWEST_REQUESTS)
            cost = min(cpu_per_request(server, request, requests, connections=1) for _ in range(3))
            call, held = _cost_of_model(bundle, many, requests), _in_fresh_process(bundle, many)
            found.append(
                {
                    "rows": size,
                    "cpu_us": round(cost * 1e6, 1),
                    "model_cpu_us": round(call * 1e6, 1),
                    "tensor_bytes": many.nbytes,
                    "memory_bytes": memory,
                    "model_memory_bytes": held,
                }
            )
            tell(f"{size:,} rows: {cost * 1e3:.3g} ms of CPU, the model's call {call * 1e3:.3g} ms")
    return found


def _peak_of_one(server: Running, request: bytes) -> int:
    """Send one request and give by how much the resident memory rose at its highest."""
    return _rise(server.session, lambda: cpu_per_request(server, request, 1, 1))


def _rise(pid: int, action: Callable[[], object]) -> int:
    """Give by how many bytes the resident memory of a process rises at its highest during an action."""
    process = Path("/proc") / str(pid)
    (process / "clear_refs").write_text(RESET_PEAK)
    before = _status(process, "VmRSS")
    action()
    return max(_status(process, "VmHWM") - before, 0)


def _status(process: Path, name: str) -> int:
    lines = (process / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * KIBIBYTE


def _cost_of_model(bundle: Path, rows: Array, calls: int) -> float:
    """Call the model without a server, on the server's core, and give the seconds of processor time of a call."""
    runtime = load_runtime(open_bundle(bundle, Trust()), threads=1)
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        return min(_time(lambda: runtime.run({"input": rows}, (OUTPUT,)), calls) for _ in range(3))
    finally:
        os.sched_setaffinity(0, {CLIENT_CORE})


def _in_fresh_process(bundle: Path, rows: Array) -> int:
    """Give the bytes that a call of the model takes at its peak, where no earlier one has left memory behind."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(_memory_of_model, bundle, rows).result()


def _memory_of_model(bundle: Path, rows: Array) -> int:
    runtime = load_runtime(open_bundle(bundle, Trust()), threads=1)
    runtime.run({"input": rows[:1]}, (OUTPUT,))
    return _rise(os.getpid(), lambda: runtime.run({"input": rows}, (OUTPUT,)))


def _time(call: Callable[[], object], calls: int) -> float:
    call()
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls
