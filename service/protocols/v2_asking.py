"""The Open Inference Protocol from the side that asks, in JSON: what `smoke` and `compare` send and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.bundle.datatypes import Array
from service.bundle.manifest import Manifest
from service.bundle.signature import to_array, to_nested


def infer_request(manifest: Manifest, tensors: Mapping[str, Array], outputs: Sequence[str]) -> dict[str, Any]:
    """Write an inference request for tensors by input name, which asks for the named outputs."""
    inputs = [
        {
            "name": spec.name,
            "datatype": spec.datatype,
            "shape": list(tensors[spec.name].shape),
            "data": to_nested(tensors[spec.name]),
        }
        for spec in manifest.inputs
    ]
    return {"inputs": inputs, "outputs": [{"name": name} for name in outputs]}


def read_outputs(answer: Mapping[str, Any]) -> dict[str, Array]:
    """Read the tensors of an inference response, by name."""
    return {item["name"]: to_array(item["data"], item["datatype"]).reshape(item["shape"]) for item in answer["outputs"]}
