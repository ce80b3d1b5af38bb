"""Where the processor time of one-row requests goes, by py-spy."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench.dialects import Question
from bench.load import closed_loop
from bench.server import ServerFailedError, serving

SECONDS = 6
CLIENTS = 32
SAMPLES_A_SECOND = 200
FEWEST_SHARE = 0.01
ROW = Question("/predict", {"Content-Type": "application/json"}, b'{"instances":[[5.1,3.5,1.4,0.2]]}', lambda *_: [])


def profile(programs: Path, bundle: Path, folder: Path) -> list[dict[str, Any]]:
    """Sample a server under load; the shares of processor time by package, our own by module.

    Raises:
        ServerFailedError: If the system does not let py-spy look at the server.
    """
    command = [str(programs / "ml-api"), "serve", str(bundle), "--port", "{port}"]
    stacks = folder / "stacks.txt"
    with serving(command, "/readyz", folder) as server:
        sampler = subprocess.Popen(
            [
                *(str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(server.session), "--nonblocking"),
                *("--format", "raw", "--full-filenames", "--rate", str(SAMPLES_A_SECOND)),
                *("--duration", str(SECONDS), "--output", str(stacks)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        closed_loop(server.port, ROW, CLIENTS, SECONDS + 1)
        _, said = sampler.communicate()
    if sampler.returncode or not stacks.exists():
        message = f"py-spy could not look at the server: {said.strip().splitlines()[-1] if said.strip() else ''}"
        raise ServerFailedError(message)
    return shares(stacks.read_text())


def shares(stacks: str) -> list[dict[str, Any]]:
    """Count samples by where the innermost frame is.

    Args:
        stacks: Lines of frames, outermost first and separated by semicolons, and a count.
    """
    counts: Counter[str] = Counter()
    for line in stacks.splitlines():
        frames, _, count = line.rpartition(" ")
        counts[_where(frames.rpartition(";")[2])] += int(count)
    total = sum(counts.values())
    return [
        {"where": where, "share": round(count / total, 3)}
        for where, count in counts.most_common()
        if count / total >= FEWEST_SHARE
    ]


def _where(frame: str) -> str:
    function, _, place = frame.partition(" (")
    module = re.search(r"site-packages/([^/.]+)", place) or re.search(r"/(service/[^:]+?)\.py", place)
    return f"{module[1]}: {function}" if module else f"Python: {function}"
