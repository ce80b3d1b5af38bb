"""Tells one state of a file from another without reading it."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[int, ...]
"""Device, inode, size and time of a file, or the number of the error where it cannot be looked at."""


def stamp_of(path: Path) -> Stamp:
    """Look at a file; a mounted Secret or ConfigMap changes by a link to another one."""
    try:
        found = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
