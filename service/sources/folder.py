"""``file://``: a folder on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, quote, unquote

from service.bundle.reading import reading
from service.errors import BundleError
from service.sources.access import Access
from service.sources.source import CHUNK_BYTES, Part


class FolderSource:
    """Files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def open(self, name: str, offset: int, version: str) -> Iterator[Part]:
        """Open a file; it never breaks off, so it is read from its beginning."""
        del offset, version
        path = self._folder / unquote(name)
        if "\0" in str(path):
            message = f"file://{quote(str(path))} names no file: no path has a NUL character in it."
            raise BundleError(message)
        with reading(path):
            file = path.open("rb")
        with file:
            yield Part(_chunks(file, path), total=os.fstat(file.fileno()).st_size)

    def place(self, name: str) -> str:
        """Give its path."""
        return str(self._folder / unquote(name))


@contextmanager
def open_folder(parts: SplitResult, access: Access) -> Iterator[FolderSource]:
    """Give the folder that a URI names."""
    del access
    if parts.netloc not in {"", "localhost"}:
        message = f"file://{parts.netloc}{parts.path} names a machine: write file:///PATH for a path on this one."
        raise BundleError(message)
    # The folder of what lies in the root has no name.
    yield FolderSource(Path("/", unquote(parts.path)))


def _chunks(file: BinaryIO, path: Path) -> Iterator[bytes]:
    with reading(path):
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
