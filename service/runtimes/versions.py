"""Whether a bundle of code fits the libraries that are installed: asked before anything is unpickled."""

from __future__ import annotations

import logging
import platform
from importlib.metadata import PackageNotFoundError, version

from service.bundle.manifest import Manifest
from service.errors import BundleError

PYTHON = "python"

_SAME_PARTS = {"scikit-learn": 2, "numpy": 1, PYTHON: 1}
"""How many leading parts of a version must be equal.

scikit-learn changes its fitted attributes in any minor release; numpy 2 writes pickles that numpy 1 cannot read.
Of another library only a different major version is refused.
"""

_IGNORED = {"onnxruntime", "onnx", "skl2onnx", "ml-api"}
"""Recorded for the reader: they take no part in loading."""

logger = logging.getLogger(__name__)


def installed_version(library: str) -> str | None:
    """Tell the version of a library, or of ``python`` itself; None when it is not installed."""
    if library == PYTHON:
        return platform.python_version()
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def check_versions(manifest: Manifest) -> None:
    """Compare the versions at packing with the installed ones; warn about a small difference.

    Raises:
        BundleError: If a library is missing or too different, with the command that would fit.
    """
    for library, packed in manifest.libraries.items():
        installed = installed_version(library)
        if library in _IGNORED or installed == packed:
            continue
        if installed is None:
            message = (
                f"The model {manifest.name} needs {library}, which is not installed: pip install {library}=={packed}."
            )
            raise BundleError(message)
        parts = _SAME_PARTS.get(library, 1)
        if packed.split(".")[:parts] != installed.split(".")[:parts]:
            raise BundleError(_refusal(manifest.name, library, packed, installed))
        logger.warning(
            "The model %s was packed with %s %s, and %s is installed: its example decides.",
            manifest.name,
            library,
            packed,
            installed,
        )


def _refusal(name: str, library: str, packed: str, installed: str) -> str:
    remedy = f"use Python {packed}" if library == PYTHON else f"pip install {library}=={packed}"
    difference = f"was packed with {library} {packed}, and {installed} is installed"
    return f"The model {name} {difference}: {remedy}, or pack it again."
