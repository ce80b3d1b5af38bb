"""A ``.tar.gz`` of a bundle: read file by file, so that no name in it becomes a path on this machine."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from service.bundle.manifest import MANIFEST_NAME
from service.errors import BundleError
from service.sources.access import Access
from service.sources.source import CHUNK_BYTES, Part

MAXIMUM_MEMBERS = 1000
_HEADER_BYTES = 1024 * 1024
"""Largest block that is read at once; names and attributes of a member are far smaller."""


def is_archive(name: str) -> bool:
    """Tell an archive by its name."""
    return name.endswith((".tar.gz", ".tgz"))


class ArchiveSource:
    """Files beside the ``model.json`` in an archive."""

    def __init__(self, files: dict[str, tarfile.TarInfo], archive: tarfile.TarFile, place: str) -> None:
        self._files, self._archive, self._place = files, archive, place

    @contextmanager
    def open(self, name: str, offset: int, version: str) -> Iterator[Part]:
        """Open a file of the archive."""
        del offset, version
        member = self._files.get(name)
        with _readable(self._place):
            file = self._archive.extractfile(member) if member else None
        if member is None or file is None:
            message = f"{self._place} holds no {name}: pack the archive again."
            raise BundleError(message)
        with file:
            yield Part(_chunks(file, self._place), total=member.size)

    def place(self, name: str) -> str:
        """Name the archive and the file."""
        return f"{self._place}/{name}"


@contextmanager
def open_archive(path: Path, place: str, access: Access) -> Iterator[ArchiveSource]:
    """Open an archive and look at all that it says of its members before one is read.

    Raises:
        BundleError: If it is none, or has links, paths that lead out, too many members or too many bytes.
    """
    with path.open("rb") as file, gzip.GzipFile(fileobj=file) as plain:
        bounded = _Bounded(plain, access.maximum_bytes, place)
        with _readable(place):
            # Not a stream ("r|"): that would read a header of any size into memory.
            # It opens nothing itself, so there is nothing to close.
            archive = tarfile.open(fileobj=bounded, mode="r:")  # type: ignore[call-overload]  # noqa: SIM115  # reads, seeks and tells
            members = _members(archive, place)
        root = _root(members, place)
        files = {member.name.removeprefix(root): member for member in members if member.isreg()}
        yield ArchiveSource(files, archive, place)


class _Bounded:
    """What an archive becomes, up to a bound: a few bytes can become very many."""

    def __init__(self, file: gzip.GzipFile, limit: int, place: str) -> None:
        self._file, self._limit, self._place = file, limit, place

    def read(self, size: int) -> bytes:
        if size > _HEADER_BYTES:
            message = f"{self._place} has a header of {size} bytes, as no archive of a bundle has."
            raise BundleError(message)
        self._refuse_beyond(self._file.tell() + size)
        return self._file.read(size)

    def seek(self, position: int) -> int:
        self._refuse_beyond(position)
        return self._file.seek(position)

    def tell(self) -> int:
        return self._file.tell()

    def _refuse_beyond(self, position: int) -> None:
        # The blocks of an archive are padded, and the last read of a file that just fits goes beyond its end.
        if position > self._limit + _HEADER_BYTES:
            message = (
                f"{self._place} unpacks to more than {self._limit} bytes: allow more with --max-bytes if it should."
            )
            raise BundleError(message)


def _members(archive: tarfile.TarFile, place: str) -> list[tarfile.TarInfo]:
    members: list[tarfile.TarInfo] = []
    for member in archive:
        if len(members) == MAXIMUM_MEMBERS:
            message = f"{place} has more than {MAXIMUM_MEMBERS} members, as no archive of a bundle has."
            raise BundleError(message)
        if not (member.isreg() or member.isdir()) or member.issparse():
            message = f"{place} has a link, a device or a hole in it, {member.name!r}: a bundle has files only."
            raise BundleError(message)
        if member.name.startswith("/") or ".." in PurePosixPath(member.name).parts:
            message = f"{place} has a path in it that leads out of the folder, {member.name!r}: it is no bundle."
            raise BundleError(message)
        members.append(member.replace(name=str(PurePosixPath(member.name)), deep=False))
    return members


def _root(members: list[tarfile.TarInfo], place: str) -> str:
    """Find the folder of the manifest: the archive itself, or the one folder in it."""
    paths = [PurePosixPath(member.name) for member in members if member.isreg()]
    roots = {path.parent for path in paths if path.name == MANIFEST_NAME}
    if len(roots) != 1:
        count = "no" if not roots else "more than one"
        message = f"{place} holds {count} {MANIFEST_NAME}: make an archive of one bundle's folder."
        raise BundleError(message)
    root = str(roots.pop())
    return "" if root == "." else f"{root}/"


@contextmanager
def _readable(place: str) -> Iterator[None]:
    try:
        yield
    # The last three come of headers that were made to deceive: numbers that are none, and thousands one upon the other.
    except (
        tarfile.TarError,
        gzip.BadGzipFile,
        EOFError,
        zlib.error,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        message = f"{place} is no whole .tar.gz: {error}; fetch or make it again."
        raise BundleError(message) from None


def _chunks(file: IO[bytes], place: str) -> Iterator[bytes]:
    with _readable(place):
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
