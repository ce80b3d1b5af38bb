"""Serve a scikit-learn or ONNX model over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from service.bundle.verify import Bundle

__all__ = ["pack"]


def pack(
    estimator: Any,  # noqa: ANN401  # any fitted estimator
    X: Any,  # noqa: ANN401, N803  # what scikit-learn calls the rows
    path: str | Path,
    *,
    name: str,
    version: str = "1",
    format: Literal["auto", "onnx", "sklearn"] = "auto",  # noqa: A002  # the word of the command line and the manifest
) -> Bundle:
    """Make a bundle of a fitted estimator.

    Args:
        estimator: A fitted estimator or pipeline; also an ONNX model, or the path of a model file.
        X: Rows as the estimator takes them, e.g. the test set: they give the signature and the example, and prove the
            conversion.
        path: Folder of the bundle; another bundle in it is replaced, as a cell of a notebook is run again and again.
        name: What clients call the model.
        version: What clients call this state of it.
        format: ``auto`` converts to ONNX when that gives the same answers, ``onnx`` insists on it, ``sklearn`` does not
            try.

    Returns:
        The bundle; its ``sha256`` is the digest to pin.

    Raises:
        service.errors.BundleError: If it cannot be packed; *path* is then as it was.
        service.extras.MissingLibraryError: If the extra ``pack`` is not installed.
    """
    from service.extras import naming_extras  # noqa: PLC0415  # to serve a model takes none of these

    with naming_extras():
        from service.packing.candidate import Identity  # noqa: PLC0415
        from service.packing.notebook import pack_object  # noqa: PLC0415

        return pack_object(estimator, X, Path(path), Identity(name, version), format)
