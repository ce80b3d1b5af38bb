"""Two minutes: the cost of a one-row request beside an empty FastAPI endpoint and a bare ASGI app, start and memory.

Run it with ``make bench-quick``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.measure import CLIENT_CORE, post
from bench.rounds import Case, interleaved, ratios
from bench.server import serving
from bench.session import floor

ROUNDS, REQUESTS = 7, 4000
ROW = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
TENSOR = b'{"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [5.1, 3.5, 1.4, 0.2]}]}'
MEBIBYTE = 2**20


def main(bundle: Path) -> None:
    """Measure and print a table."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    programs = Path(sys.executable).parent
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        empty = stack.enter_context(serving(floor(programs, "empty"), "/docs", folder / "empty"))
        bare = stack.enter_context(serving(floor(programs, "bare"), "/", folder / "bare"))
        command = [str(programs / "ml-api"), "serve", str(bundle.resolve()), "--port", "{port}"]
        ours = stack.enter_context(serving(command, "/readyz", folder / "ml-api"))
        memory = ours.footprint().rss / MEBIBYTE
        print(f"ml-api: ready after {ours.start_cpu_seconds:.2f} s of CPU, {memory:.0f} MiB resident")
        cases = [
            Case("empty FastAPI endpoint", empty, post("/predict", ROW)),
            Case("bare ASGI app", bare, post("/predict", ROW)),
            Case("ml-api /predict", ours, post("/predict", ROW)),
            Case("ml-api V2 infer", ours, post("/v2/models/iris/infer", TENSOR)),
        ]
        found = ratios(interleaved(cases, ROUNDS, REQUESTS))
    print(f"{'one row, JSON':<26}{'CPU per request':>18}{'to the empty endpoint':>24}")
    for case, (cost, ratio) in zip(cases, found, strict=True):
        print(f"{case.name:<26}{cost * 1e6:>15.0f} µs{ratio:>22.2f} x")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
