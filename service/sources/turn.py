"""One fetch at a time into a folder."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

logger = logging.getLogger(__name__)

_NO_LOCKS = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What file systems answer that cannot lock a folder; NFS, for one, locks only what is open for writing."""


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Make a folder if there is none, and wait until nobody else is in this block with it.

    The lock is the kernel's: it leaves no file behind, and ends with the process that holds it, however that ends. If
    the block fails, folders that were made for it and are empty are removed.

    Raises:
        OSError: If the folder cannot be made or opened.
    """
    made: list[Path] = []
    with ExitStack() as stack:
        try:
            stack.callback(os.close, _enter(folder.absolute(), made))
            yield
        except BaseException:
            # Before the lock is released: whoever waits for it finds out that the folder is gone, and makes it again.
            for path in reversed(made):
                with suppress(OSError):
                    path.rmdir()
            raise


def _enter(folder: Path, made: list[Path]) -> int:
    while True:
        _make(folder, made)
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            if os.path.lexists(folder):
                raise
            continue
        try:
            _lock(descriptor, folder)
            if _is_still(folder, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _make(folder: Path, made: list[Path]) -> None:
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    for path in reversed(missing):
        with suppress(FileExistsError):
            path.mkdir()
            made.append(path)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        logger.warning("Another fetch writes to %s: waiting for its end.", folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _is_still(folder: Path, descriptor: int) -> bool:
    """Tell whether a folder is the one that was opened: whoever held the lock may have removed or replaced it."""
    try:
        return os.path.samestat(folder.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
