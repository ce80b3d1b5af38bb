"""Answers on their way into a file: what is there after a crash is known to the byte, and continued."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.errors import ScoringError


@dataclass(frozen=True)
class State:
    """What is sure.

    Args:
        identity: Model and outputs that the answers belong to.
        rows: How many are answered.
        size: Bytes of their answers, the header included; whatever follows them is torn.
        digest: sha256 of the table up to the last of these rows.
    """

    identity: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    size: int = 0
    digest: str = ""


class PartialFile:
    """``answers.csv.part`` with its state beside it; it becomes ``answers.csv`` when all rows are answered.

    Args:
        target: The file that is wanted.
        header: Its first line.
        identity: What a file that is continued must have been begun with.

    Raises:
        ScoringError: If another process writes it, or it was begun with something else.
    """

    def __init__(self, target: Path, header: str, identity: dict[str, str]) -> None:
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        try:
            self._file: BinaryIO = self._part.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{self._part} is being written by another 'ml-api predict'."
            raise ScoringError(message) from None
        except OSError as error:
            message = f"Cannot write {self._part}: {error.strerror}."
            raise ScoringError(message) from None
        self.state = self._read_state()
        if self.state.size == 0:
            self.state = State(identity)
        elif self.state.identity != identity:
            self.close()
            message = f"{self._part} was begun with another model or other outputs: remove it to begin anew."
            raise ScoringError(message)
        self._file.truncate(self.state.size)
        if not self.state.size:
            self.append(header, 0, "")

    @property
    def place(self) -> str:
        """The file that has the answers until all are there."""
        return str(self._part)

    def append(self, lines: str, rows: int, digest: str) -> None:
        """Add the answers to some more rows; they are sure when this returns."""
        self._file.write(lines.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self.state.size + len(lines.encode())
        state = State(self.state.identity, self.state.rows + rows, size, digest)
        new = self._note.with_name(f"{self._note.name}.new")
        with new.open("w") as file:
            json.dump(asdict(state), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._note)
        self.state = state

    def finish(self) -> None:
        """Give the file its name."""
        self._part.replace(self._target)
        self._note.unlink()

    def close(self) -> None:
        """Let it be, as it is."""
        self._file.close()

    def _read_state(self) -> State:
        try:
            state = State(**json.loads(self._note.read_text()))
        except FileNotFoundError:
            return State()
        except (ValueError, TypeError):
            state = None
        if state is None or self._part.stat().st_size < state.size:
            self.close()
            message = f"{self._part} and {self._note} do not belong together: remove both to begin anew."
            raise ScoringError(message)
        return state
