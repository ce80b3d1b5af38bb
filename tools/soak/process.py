"""What a running process holds, read from /proc."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KIBIBYTE = 1024


@dataclass(frozen=True)
class Footprint:
    """What a process holds at one moment.

    Args:
        memory: Resident bytes.
        files: Open file descriptors, sockets among them.
        threads: Threads.
    """

    memory: int
    files: int
    threads: int


def footprint(process: int) -> Footprint:
    """Read what a process holds."""
    folder = Path("/proc") / str(process)
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return Footprint(
        memory=int(status["VmRSS"].split()[0]) * KIBIBYTE,
        files=len(list((folder / "fd").iterdir())),
        threads=int(status["Threads"]),
    )
