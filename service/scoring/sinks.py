"""Where answers go: into a file that is continued after an interruption, or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from service.errors import ScoringError
from service.scoring.partial import PartialFile, State, unwritable, writing

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

    def _write(self, lines: str) -> None:
        try:
            sys.stdout.write(lines)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read it has enough; click ends the command for that.
            raise
        except OSError as error:
            # Or the interpreter tries once more at its end, and complains.
            with suppress(OSError):
                sys.stdout.close()
            raise unwritable(self.place, error) from None


def refuse_unfit(out: str, *, may_replace: bool) -> None:
    """Refuse a place where no answers can go, before anybody is asked for them.

    Args:
        out: As :func:`open_sink` takes it.
        may_replace: Whether a file that is there may be replaced.

    Raises:
        ScoringError: If it is a folder or a device, or a file that is not to be replaced.
    """
    path = Path(out)
    with writing(path):
        if out == STANDARD or not path.exists():
            return
        if not path.is_file():
            message = f"{out} is no file: name one for the answers, or - for standard output."
            raise ScoringError(message)
    if not may_replace:
        message = f"{out} is there already: choose another name, or --overwrite it."
        raise ScoringError(message)


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
