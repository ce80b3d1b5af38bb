"""Where answers go: into a file that is continued after an interruption, or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from service.scoring.partial import PartialFile, State

STANDARD = "-"


class Sink(Protocol):
    """Takes answers in their order."""

    @property
    def state(self) -> State:
        """What it has."""
        ...

    @property
    def place(self) -> str:
        """Where it keeps answers until all are there, for people."""
        ...

    def append(self, lines: str, rows: int, digest: str) -> None:
        """Take the answers to some more rows; *digest* is that of the table up to them."""
        ...

    def finish(self) -> None:
        """Take the news that these were all."""
        ...


class StandardOutput:
    """Standard output, which cannot be continued."""

    place = "standard output"

    def __init__(self, header: str) -> None:
        self.state = State()
        self._write(header)

    def append(self, lines: str, rows: int, digest: str) -> None:
        """Write lines."""
        self._write(lines)
        self.state = State(rows=self.state.rows + rows, digest=digest)

    def finish(self) -> None:
        """Leave it."""

    @staticmethod
    def _write(lines: str) -> None:
        sys.stdout.write(lines)
        sys.stdout.flush()


@contextmanager
def open_sink(out: str, header: str, identity: dict[str, str]) -> Iterator[Sink]:
    """Open standard output for ``-``, and the file of that name otherwise.

    Raises:
        ScoringError: If it cannot be written, or was begun with something else than *identity*.
    """
    if out == STANDARD:
        yield StandardOutput(header)
        return
    part = PartialFile(Path(out), header, identity)
    try:
        yield part
    finally:
        part.close()
