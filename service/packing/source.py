"""Where an estimator comes from: a notebook or a file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import joblib

from service.bundle.manifest import Format
from service.errors import BundleError


@dataclass(frozen=True)
class Source:
    """An estimator, and the file that it came in.

    Args:
        estimator: A fitted estimator.
        format: What its file is, or what will be made of it.
        file: The bytes of its file; empty when it came without one.
        trusted_types: The types beyond its own that skops found in the file.
    """

    estimator: Any
    format: Format = "joblib"
    file: bytes = b""
    trusted_types: tuple[str, ...] = ()

    def content(self) -> bytes:
        """Give the bytes of the original file, or make one.

        Raises:
            BundleError: If the estimator cannot be written to a file.
        """
        if self.file:
            return self.file
        buffer = io.BytesIO()
        try:
            joblib.dump(self.estimator, buffer)
        except Exception as error:  # noqa: BLE001  # each object has its own reason not to be pickled
            message = (
                f"{type(self.estimator).__name__} cannot be written to a file: {error}; "
                "define functions and classes in a module, not in the notebook or as a lambda."
            )
            raise BundleError(message) from None
        return buffer.getvalue()
