"""Serve a bundle under load for minutes; exit with 1 if memory, files or threads grow after the warm-up."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from service.bundle.manifest import Manifest, read_manifest
from service.bundle.signature import to_array
from tools.soak.load import CLIENTS, Question, Tally, ask_until, questions
from tools.soak.process import Footprint, footprint

PROGRAM = Path(sys.executable).parent / "ml-api"
SAMPLES = 40
WARM_UP = 10
"""The first quarter of the samples: allocator, caches and pools find their size."""

GROWTH = 0.02
MORE_FILES = 4
SLOWER = 2.0
"""Latency is at the mercy of what else the machine does; growth of the service itself would be far more."""

MEBIBYTE = 1024 * 1024
PATIENCE = 120.0


@dataclass(frozen=True)
class Sample:
    """What was seen at the end of one interval."""

    held: Footprint
    requests: int
    median: float
    slowest: float


@dataclass(frozen=True)
class _Change:
    name: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        return self.after / self.before


async def soak(bundle: Path, seconds: float) -> tuple[list[Sample], list[str]]:
    """Put a server of its own under load and take samples of it.

    Returns:
        The samples, and what was answered wrongly.
    """
    environment = {**os.environ, "ML_API_DRAIN_SECONDS": "0"}
    server = await asyncio.create_subprocess_exec(
        *(PROGRAM, "serve", bundle, "--trust", "--port", "0"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        url = await asyncio.wait_for(_ready(server), PATIENCE)
        tally, over = Tally(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(ask_until(url, _questions(read_manifest(bundle)[0]), tally, over))
            samples = await _watch(server.pid, tally, seconds)
            over.set()
    finally:
        if server.returncode is None:
            server.send_signal(signal.SIGTERM)
        await server.communicate()
    if server.returncode:
        tally.wrong.append(f"the server ended with exit code {server.returncode}")
    return samples, tally.wrong


async def _ready(server: asyncio.subprocess.Process) -> str:
    """Wait until the model is ready, and give the address."""
    url = ""
    if server.stderr is not None:
        async for line in server.stderr:
            text = line.decode()
            listening = re.search(r"Listening on (http://\S+)\.", text)
            url = listening[1] if listening else url
            if "Ready: " in text:
                return url
    message = "the server ended before it was ready; serve the bundle to see why"
    raise SystemExit(message)


def _questions(manifest: Manifest) -> list[Question]:
    spec = manifest.inputs[0]
    if len(manifest.inputs) > 1:
        message = f"{manifest.name} has {len(manifest.inputs)} inputs; soak a model that has one"
        raise SystemExit(message)
    rows = manifest.example.inputs[spec.name]
    array = to_array(rows, spec.datatype)
    tensor = {"name": spec.name, "datatype": spec.datatype, "shape": array.shape, "data": array.ravel().tolist()}
    return questions(manifest.name, {"inputs": [tensor]}, rows)


async def _watch(process: int, tally: Tally, seconds: float) -> list[Sample]:
    await asyncio.wait_for(tally.has_begun.wait(), PATIENCE)
    samples: list[Sample] = []
    for number in range(SAMPLES):
        await asyncio.sleep(seconds / SAMPLES)
        durations, tally.durations = tally.durations, []
        if len(durations) < 2:  # noqa: PLR2004  # a quantile needs two
            message = "the server answered nothing for a whole interval"
            raise SystemExit(message)
        slowest = quantiles(durations, n=100)[98]
        samples.append(Sample(footprint(process), len(durations), median(durations), slowest))
        _tell(f"{number + 1} of {SAMPLES}: {samples[-1].held.memory / MEBIBYTE:.1f} MiB", end=number + 1 == SAMPLES)
    return samples


def _tell(text: str, *, end: bool) -> None:
    """Keep one line up to date in a terminal; write plain lines elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{text}", end="\n" if end else "", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def report(samples: Sequence[Sample]) -> list[str]:
    """Print a table of the samples after the warm-up and name what grew."""
    warm = samples[WARM_UP:]
    third = len(warm) // 3
    parts = warm[:third], warm[-third:]
    memory = _Change("memory, MiB", *(median(sample.held.memory for sample in part) / MEBIBYTE for part in parts))
    files = _Change("open files", *(max(sample.held.files for sample in part) for part in parts))
    threads = _Change("threads", *(max(sample.held.threads for sample in part) for part in parts))
    half = _Change("median, ms", *(median(sample.median for sample in part) * 1000 for part in parts))
    slow = _Change("p99, ms", *(median(sample.slowest for sample in part) * 1000 for part in parts))
    answered = _Change("predictions", *(sum(sample.requests for sample in part) for part in parts))
    print(f"{'':14}{'first third':>14}{'last third':>14}{'change':>10}")
    for change in (memory, files, threads, half, slow, answered):
        print(f"{change.name:14}{change.before:14,.1f}{change.after:14,.1f}{change.ratio - 1:+10.1%}")
    # Pools start a thread when they need one, and need no more than there are clients.
    wrong = {
        memory: memory.ratio >= 1 + GROWTH,
        files: files.after > files.before + MORE_FILES,
        threads: threads.after > threads.before + CLIENTS,
        slow: slow.ratio > SLOWER,
    }
    return [f"{change.name} grew from {change.before:.1f} to {change.after:.1f}" for change in wrong if wrong[change]]


def main() -> int:
    """Soak; the exit code tells whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("bundle", type=Path, help="folder of a bundle with one input")
    parser.add_argument("--minutes", type=float, default=30.0)
    arguments = parser.parse_args()
    if arguments.minutes <= 0:
        parser.error("--minutes: must be more than 0")
    samples, wrong = asyncio.run(soak(arguments.bundle, arguments.minutes * 60))
    problems = report(samples)
    if wrong:
        problems.append(f"{len(wrong)} answers were wrong, the first: {wrong[0]}")
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    if not problems:
        print("soak: nothing grew")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
