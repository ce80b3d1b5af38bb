"""Files that cannot be read, told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import BundleError


@contextmanager
def reading(path: Path, missing: str = "") -> Iterator[None]:
    """Tell what the system says when a file cannot be read in the block.

    Args:
        path: Of the file.
        missing: What to say instead when there is no such file.

    Raises:
        BundleError: If it cannot be read.
    """
    try:
        yield
    except OSError as error:
        is_missing = bool(missing) and isinstance(error, FileNotFoundError)
        message = missing if is_missing else f"Cannot read {path}: {error.strerror}."
        raise BundleError(message) from None
