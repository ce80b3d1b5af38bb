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

_SAME_AS = {"xgboost": "xgboost-cpu", "xgboost-cpu": "xgboost"}
"""One library under two names: with and without NVIDIA's part."""

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
        BundleError: If libraries are missing or too different, with the one command that would fit.
    """
    wrong: dict[str, str | None] = {}
    for library, packed in manifest.libraries.items():
        installed = installed_version(library) or installed_version(_SAME_AS.get(library, library))
        if library in _IGNORED or installed == packed:
            continue
        parts = _SAME_PARTS.get(library, 1)
        if installed is None or packed.split(".")[:parts] != installed.split(".")[:parts]:
            wrong[library] = installed
            continue
        logger.warning(
            "The model %s was packed with %s %s, and %s is installed: its example decides.",
            manifest.name,
            library,
            packed,
            installed,
        )
    if wrong:
        raise BundleError(_refusal(manifest, wrong))


def _refusal(manifest: Manifest, wrong: dict[str, str | None]) -> str:
    packed = manifest.libraries
    others = {library: installed for library, installed in wrong.items() if installed is not None}
    missing = [library for library in wrong if library not in others]
    reasons = [f"needs {', '.join(missing)}, which is not installed"] if missing else []
    if others:
        was = ", ".join(f"{library} {packed[library]}" for library in others)
        reasons.append(f"was packed with {was}, and {', '.join(filter(None, others.values()))} is installed")
    remedies = [f"use Python {packed[PYTHON]}"] if PYTHON in wrong else []
    if libraries := [f"{library}=={packed[library]}" for library in wrong if library != PYTHON]:
        remedies.append(f"pip install {' '.join(libraries)}")
    again = ", or pack it again" if others else ""
    return f"The model {manifest.name} {' and '.join(reasons)}: {' and '.join(remedies)}{again}."
