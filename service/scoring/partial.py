"""Answers on their way into a file: what is there after a crash is known to the byte, and continued."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import NonNegativeInt, TypeAdapter, ValidationError

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
    rows: NonNegativeInt = 0
    size: NonNegativeInt = 0
    digest: str = ""


@contextmanager
def writing(place: object) -> Iterator[None]:
    """Say in one sentence why a place cannot be written.

    Raises:
        ScoringError: If it cannot.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(place, error) from None


def unwritable(place: object, error: OSError) -> ScoringError:
    """Make the error of a place that cannot be written."""
    return ScoringError(f"Cannot write {place}: {error.strerror or error}.")


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
        self.state = State(identity)
        with writing(self._part):
            self._file: BinaryIO = self._part.open("ab")
        try:
            self._begin(header, identity)
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        """The file that has the answers until all are there."""
        return str(self._part)

    def append(self, lines: str, rows: int, digest: str) -> None:
        """Add the answers to some more rows; they are sure when this returns.

        Raises:
            ScoringError: If they cannot be written; what is sure stays so.
        """
        content = lines.encode()
        with writing(self._part):
            self._file.write(content)
            self._file.flush()
            os.fsync(self._file.fileno())
        state = State(self.state.identity, self.state.rows + rows, self.state.size + len(content), digest)
        with writing(self._note):
            new = self._note.with_name(f"{self._note.name}.new")
            with new.open("w") as file:
                json.dump(asdict(state), file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._note)
        self.state = state

    def finish(self) -> None:
        """Give the file its name.

        Raises:
            ScoringError: If that cannot be; the answers are kept, and are all there.
        """
        with writing(self._target):
            self._part.replace(self._target)
            self._note.unlink()

    def close(self) -> None:
        """Let it be, as it is."""
        # Closing tries once more what could not be written, which is not sure in any case.
        with suppress(OSError):
            self._file.close()

    def _begin(self, header: str, identity: dict[str, str]) -> None:
        with writing(self._part):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"{self._part} is being written by another 'ml-api predict'."
                raise ScoringError(message) from None
            self.state = self._read_state(header.encode()) or self.state
            if self.state.identity != identity:
                message = f"{self._part} was begun with another model or other outputs: remove it to begin anew."
                raise ScoringError(message)
            self._file.truncate(self.state.size)
        if not self.state.size:
            self.append(header, 0, "")

    def _read_state(self, header: bytes) -> State | None:
        try:
            state = TypeAdapter(State).validate_json(self._note.read_bytes(), strict=True)
        except FileNotFoundError:
            with self._part.open("rb") as file:
                # A run that ended before its first note left a piece of the header.
                is_ours = header.startswith(file.read(len(header) + 1))
            if is_ours:
                return None
            message = (
                f"{self._part} is there without {self._note.name}, which says what is in it: "
                "remove it, or choose another name."
            )
            raise ScoringError(message) from None
        except ValidationError:
            state = State()
        if not 0 < state.size <= self._part.stat().st_size:
            message = f"{self._part} and {self._note} do not belong together: remove both to begin anew."
            raise ScoringError(message)
        return state
