"""Two minutes: the cost of a one-row request beside an empty FastAPI endpoint and a bare ASGI app, start and memory.

All servers run at once on one core and are loaded in turn, round by round, so that a ratio within a round holds on a
machine whose speed drifts. Run it with ``make bench-quick``.
"""

from __future__ import annotations

import os
import statistics
import sys
from contextlib import ExitStack

from bench.measure import CLIENT_CORE, Server, answers, cpu_per_request, post, started

ROUNDS, REQUESTS, CONNECTIONS = 7, 4000, 4
UVICORN = ["--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning", "--port", "{port}"]
ROW = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
TENSOR = b'{"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [5.1, 3.5, 1.4, 0.2]}]}'


def main(bundle: str) -> None:
    """Measure and print a table."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    python = sys.executable
    with ExitStack() as stack:
        empty = stack.enter_context(
            started(
                "empty FastAPI endpoint", [python, "-m", "uvicorn", "bench.floors:empty", *UVICORN], answers("/docs")
            )
        )
        bare = stack.enter_context(
            started("bare ASGI app", [python, "-m", "uvicorn", "bench.floors:bare", *UVICORN], answers("/"))
        )
        ours = stack.enter_context(
            started("ml-api", [python, "-m", "service", "serve", bundle, "--port", "{port}"], answers("/readyz"))
        )
        print(
            f"ml-api: ready after {ours.cpu_seconds():.2f} s of CPU, {ours.resident_bytes() / 2**20:.0f} MiB resident"
        )
        cases: list[tuple[str, Server, bytes]] = [
            ("empty FastAPI endpoint", empty, post("/predict", ROW)),
            ("bare ASGI app", bare, post("/predict", ROW)),
            ("ml-api /predict", ours, post("/predict", ROW)),
            ("ml-api V2 infer", ours, post("/v2/models/iris/infer", TENSOR)),
        ]
        rounds: list[list[float]] = []
        for number in range(ROUNDS):
            rounds.append([cpu_per_request(server, request, REQUESTS, CONNECTIONS) for _, server, request in cases])
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr)
    print(f"\n{'one row, JSON':<26}{'CPU per request':>18}{'to the empty endpoint':>24}")
    for column, (name, _, _) in enumerate(cases):
        cost = statistics.median(row[column] for row in rounds)
        ratio = statistics.median(row[column] / row[0] for row in rounds)
        print(f"{name:<26}{cost * 1e6:>15.0f} µs{ratio:>22.2f} x")


if __name__ == "__main__":
    main(sys.argv[1])
