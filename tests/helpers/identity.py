"""A bundle whose outputs are its inputs: one column of each datatype."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from service.bundle.datatypes import NUMPY_TYPES
from service.bundle.manifest import MANIFEST_NAME, Example, Manifest
from service.bundle.signature import InputSpec, OutputSpec
from service.bundle.verify import Bundle, Trust, open_bundle

ELEMENTS = {
    "BOOL": TensorProto.BOOL,
    "UINT8": TensorProto.UINT8,
    "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64,
    "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16,
    "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BYTES": TensorProto.STRING,
}

VALUES = {
    "BOOL": np.array([[True], [False]]),
    "FP16": np.array([[0.5], [-65504.0]], np.float16),
    "FP32": np.array([[0.1], [3.4028234663852886e38]], np.float32),
    "FP64": np.array([[0.1], [-1.7976931348623157e308]]),
    "BYTES": np.array([["plain"], ["Zürich \N{SNOWMAN}\0"]], dtype=object),
} | {
    name: np.array([[np.iinfo(dtype).min], [np.iinfo(dtype).max]], dtype)
    for name, dtype in NUMPY_TYPES.items()
    if dtype.kind in "iu"
}
"""Two rows of each datatype, at the ends of its range."""


def write_identity(folder: Path) -> Bundle:
    """Write the bundle; its tensors are called ``in_fp32``, ``out_fp32`` and so on."""
    names = [name.lower() for name in ELEMENTS]
    graph = helper.make_graph(
        [helper.make_node("Identity", [f"in_{name}"], [f"out_{name}"]) for name in names],
        "identity",
        [helper.make_tensor_value_info(f"in_{name.lower()}", ELEMENTS[name], ["rows", 1]) for name in ELEMENTS],
        [helper.make_tensor_value_info(f"out_{name.lower()}", ELEMENTS[name], ["rows", 1]) for name in ELEMENTS],
    )
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()
    manifest = Manifest(
        manifest_version=1,
        name="identity",
        version="1",
        format="onnx",
        file="model.onnx",
        sha256=sha256(content).hexdigest(),
        inputs=tuple(InputSpec(f"in_{name.lower()}", name, (-1, 1)) for name in ELEMENTS),
        outputs=tuple(OutputSpec(f"out_{name.lower()}", name, (-1, 1)) for name in ELEMENTS),
        example=Example(
            {f"in_{name.lower()}": VALUES[name].tolist() for name in ELEMENTS},
            {f"out_{name.lower()}": VALUES[name].tolist() for name in ELEMENTS},
        ),
    )
    folder.mkdir()
    (folder / manifest.file).write_bytes(content)
    (folder / MANIFEST_NAME).write_bytes(manifest.to_json())
    return open_bundle(folder, Trust())
