"""What every place offers: the rest of a file, by the file's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from service.errors import BundleError

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """A file from an offset on.

    Args:
        chunks: Its bytes; raises TransientError when they break off.
        offset: Where they begin. A place that cannot begin elsewhere begins at 0.
        total: Size of the whole file, if the place tells.
        version: What tells this state of the file from another; empty when the place cannot.
        digest: sha256 that the place gives for the file; empty when it gives none.
    """

    chunks: Iterator[bytes]
    offset: int = 0
    total: int | None = None
    version: str = ""
    digest: str = ""


class Source(Protocol):
    """A folder somewhere."""

    def open(self, name: str, offset: int, version: str) -> AbstractContextManager[Part]:
        """Open a file.

        Args:
            name: Of the file in the folder.
            offset: Where to begin, if the file still has that *version*.
            version: As :class:`Part` told it when the file was opened before; empty the first time.

        Raises:
            TransientError: If it cannot be had now.
            BundleError: If it cannot be had at all.
        """

    def place(self, name: str) -> str:
        """Name the file for people, without anything secret."""


def split_uri(uri: str) -> SplitResult:
    """Take a URI apart.

    Raises:
        BundleError: If it is none; the text does not repeat what may be a password.
    """
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        message = f"This is no URI of a bundle: {error}."
        raise BundleError(message) from None
    return parts


def shown(parts: SplitResult) -> str:
    """Write a URI for people: without user, password and query, which may be secret."""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
