"""Bringing one file: bounded, checked by its digest, and continued where it broke off."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from service.errors import BundleError
from service.sources.access import Access
from service.sources.retry import TransientError, attempts
from service.sources.source import Part, Source


@dataclass(frozen=True)
class Wanted:
    """A file that is wanted.

    Args:
        name: In the source.
        limit: Most bytes that it may have.
        digest: sha256 that it must have; empty when nobody knows it yet.
    """

    name: str
    limit: int
    digest: str = ""


def download(source: Source, wanted: Wanted, path: Path, access: Access) -> str:
    """Bring a file to *path*.

    Returns:
        Its sha256.

    Raises:
        BundleError: If it cannot be had, is too large or is another one.
        OSError: If it cannot be written.
    """
    with path.open("wb") as file:
        arrival = _Arrival(source.place(wanted.name), wanted, file, access)
        for attempt in attempts(access):
            with attempt, source.open(wanted.name, arrival.size, arrival.version) as part:
                arrival.take(part)
    return arrival.check()


class _Arrival:
    """What has come of a file so far, over all tries."""

    def __init__(self, place: str, wanted: Wanted, file: BinaryIO, access: Access) -> None:
        self._place, self._wanted, self._file, self._access = place, wanted, file, access
        self._restart()

    def _restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.size, self.version, self._promised, self._received = 0, "", "", sha256()

    def take(self, part: Part) -> None:
        """Write what comes."""
        if part.offset != self.size:
            self._restart()
        if part.offset != self.size:
            message = f"{self._place} came from byte {part.offset} on, which nobody asked for."
            raise TransientError(message)
        self.version, self._promised = part.version, part.digest
        self._refuse_beyond(part.total or 0)
        for chunk in part.chunks:
            self._refuse_beyond(self.size + len(chunk))
            self._file.write(chunk)
            self._received.update(chunk)
            self.size += len(chunk)
            self._access.listener.received(self._wanted.name, self.size, part.total)
        if part.offset and self.size < (part.total or 0):
            message = f"{self._place} ended after {self.size} of {part.total} bytes."
            raise TransientError(message)

    def _refuse_beyond(self, size: int) -> None:
        if size > self._wanted.limit:
            message = f"{self._place} is larger than {self._wanted.limit} bytes."
            raise BundleError(message)

    def check(self) -> str:
        actual = self._received.hexdigest()
        for digest in (self._wanted.digest, self._promised):
            if digest and actual != digest:
                message = f"{self._place} has the digest {actual}, but {digest} is wanted: nothing of it was kept."
                raise BundleError(message)
        return actual
