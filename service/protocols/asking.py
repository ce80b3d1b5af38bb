"""The protocols from the side that asks, in JSON: what `smoke`, `compare` and the page send and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from service.bundle.datatypes import NUMPY_TYPES, Array, is_float
from service.bundle.manifest import Manifest
from service.bundle.signature import InputSpec, OutputSpec, to_array, to_nested

LOCKED = frozenset({401, 403})
"""With these a service, or what is in front of it, wants a key."""


def key_wanted(url: str) -> str:
    """Tell that the service at an address answered with one of ``LOCKED``, and the way in."""
    return f"{url} wants an API key that it knows: give its file with --api-key-file."


def example_inputs(manifest: Manifest) -> dict[str, Any]:
    """Give the manifest's example by input name as people would write it: 14.23 for a FP32 of 14.229999542236328."""
    inputs = manifest.example.inputs
    return {
        spec.name: _written_short(inputs[spec.name], NUMPY_TYPES[spec.datatype])
        if is_float(spec.datatype)
        else inputs[spec.name]
        for spec in manifest.inputs
    }


def _written_short(value: object, dtype: np.dtype[Any]) -> object:
    """Write the fractions in nested lists with as few digits as lead back to the same number of their type."""
    if isinstance(value, list):
        return [_written_short(item, dtype) for item in value]
    if isinstance(value, float) and not value.is_integer():
        return float(str(dtype.type(value)))
    return value


def example_rows(manifest: Manifest) -> list[Any]:
    """Write the manifest's example as rows: records by feature name for columns, lists for one tensor."""
    inputs = example_inputs(manifest)
    specs = manifest.inputs
    columns = [
        [cell[0] if spec.shape == (-1, 1) else cell for cell in inputs[spec.name]]
        if not spec.features
        else inputs[spec.name]
        for spec in specs
    ]
    if len(specs) == 1:
        return list(columns[0])
    return [dict(zip(manifest.signature.features, row, strict=True)) for row in zip(*columns, strict=True)]


def describe(spec: InputSpec | OutputSpec) -> dict[str, Any]:
    """Describe a tensor as V2 does."""
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


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
