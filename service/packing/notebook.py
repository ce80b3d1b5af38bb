"""Packing what somebody holds in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onnx import ModelProto

from service.bundle.verify import Bundle
from service.errors import BundleError
from service.packing.candidate import Choice, Identity
from service.packing.fitted import refuse_unfitted
from service.packing.graph_file import pack_graph
from service.packing.pack import pack_source
from service.packing.source import Source, format_of, read_file, read_source


def pack_object(model: Any, rows: Any, path: Path, identity: Identity, choice: Choice) -> Bundle:  # noqa: ANN401  # any model, any rows
    """Make a bundle of an estimator, an ONNX model, or the file of one.

    Raises:
        BundleError: If it cannot be packed; *path* is then as it was.
    """
    if choice not in {"auto", "onnx", "sklearn"}:
        message = f"There is no format {choice!r}: choose auto, onnx or sklearn."
        raise BundleError(message)
    file = Path(model) if isinstance(model, (str, Path)) else None
    if isinstance(model, ModelProto) or (file and format_of(file) == "onnx"):
        content = read_file(file) if file else model.SerializeToString()
        return pack_graph(content, rows, path, identity, str(file or "the model"), choice)
    if not file:
        refuse_unfitted(model)
    return pack_source(read_source(file) if file else Source(model), rows, path, identity, choice)
