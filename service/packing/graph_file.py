"""An ONNX file that somebody else made: its signature is what its graph says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import ModelProto, ValueInfoProto, helper
from onnx.external_data_helper import uses_external_data

from service.bundle.datatypes import NUMPY_TYPES, Array, datatype_of, is_float
from service.bundle.manifest import ONNX
from service.bundle.signature import InputSpec, OutputSpec, Signature
from service.bundle.verify import Bundle, Trust, open_bundle
from service.bundle.write import staged_folder
from service.errors import BundleError, ServiceError
from service.packing.candidate import Choice, Identity, Model, write_candidate
from service.packing.layouts import default_names
from service.packing.versions import graph_versions
from service.runtimes.agreement import compare
from service.runtimes.base import Runtime

Tensors = dict[str, Array]


def read_graph(content: bytes, name: str) -> ModelProto:
    """Parse an ONNX file.

    Raises:
        BundleError: If it is none, or not the whole of one.
    """
    try:
        model: ModelProto = onnx.load_model_from_string(content)
        elsewhere = _other_files(model)
        if not elsewhere:
            onnx.checker.check_model(model)
    except Exception as error:  # noqa: BLE001  # protobuf and the checker have classes of their own
        lines = str(error).strip().splitlines() or ["it is empty"]
        message = f"{name} is no ONNX model: {lines[0]}."
        raise BundleError(message) from None
    if elsewhere:
        message = (
            f"{name} keeps its numbers in other files ({', '.join(elsewhere)}), and a bundle has one: write it whole, "
            "with onnx.save(onnx.load(FILE), 'whole.onnx')."
        )
        raise BundleError(message)
    return model


def _other_files(model: ModelProto) -> list[str]:
    """Name the files beside a graph that hold its numbers, as torch writes them: no digest would cover those."""
    outside = [tensor for tensor in model.graph.initializer if uses_external_data(tensor)]
    return sorted({entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"})


def graph_signature(model: ModelProto, name: str) -> tuple[tuple[InputSpec, ...], tuple[OutputSpec, ...]]:
    """Read the inputs and outputs of a graph.

    Raises:
        BundleError: If one of them is no tensor that the protocol knows.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [node for node in model.graph.input if node.name not in constants]
    return (
        tuple(InputSpec(node.name, *_tensor_type(node, name)) for node in inputs),
        tuple(OutputSpec(node.name, *_tensor_type(node, name)) for node in model.graph.output),
    )


def _tensor_type(node: ValueInfoProto, name: str) -> tuple[str, tuple[int, ...]]:
    kind = node.type.WhichOneof("value")
    if kind != "tensor_type":
        message = (
            f"{node.name} of {name} is no tensor but a {str(kind).removesuffix('_type')}: "
            "convert a classifier with the option zipmap=False."
        )
        raise BundleError(message)
    try:
        dtype = helper.tensor_dtype_to_np_dtype(node.type.tensor_type.elem_type)
        datatype = datatype_of(np.dtype(dtype))
    except (KeyError, ValueError):
        message = f"{node.name} of {name} has a type of numbers that no client can send."
        raise BundleError(message) from None
    return datatype, tuple(dim.dim_value or -1 for dim in node.type.tensor_type.shape.dim)


def pack_graph(content: bytes, rows: Any, path: Path, identity: Identity, name: str, choice: Choice) -> Bundle:  # noqa: ANN401  # any rows
    """Make a bundle of an ONNX file.

    Args:
        content: The bytes of the file.
        rows: A table, an array, or arrays by the names of the inputs.
        path: Folder of the bundle; another bundle in it is replaced.
        identity: Name and version of the model.
        name: What to call the file in a message.
        choice: Which format to pack to.

    Raises:
        BundleError: If it cannot be packed; *path* is then as it was.
    """
    identity.check()
    if choice == "sklearn":
        message = f"{name} is an ONNX model: it cannot be packed as scikit-learn."
        raise BundleError(message)
    inputs, outputs = graph_signature(read_graph(content, name), name)
    with staged_folder(path) as folder:
        specs, tensors = _feed(inputs, rows, name)
        model = Model(ONNX, content, specs, outputs, graph_versions(), {})
        candidate = write_candidate(folder, identity, model)
        try:
            answers = candidate.runtime.run(tensors, [spec.name for spec in outputs])
            if Signature(specs, outputs).is_batchable:
                _check_rows_alone(candidate.runtime, tensors, answers)
        except ServiceError as error:
            message = f"{name} cannot answer the rows that were given: {error}."
            raise BundleError(message) from None
        candidate.finish(tensors, outputs, None)
    return open_bundle(path, Trust(owner=True))


def _check_rows_alone(runtime: Runtime, tensors: Tensors, answers: Tensors) -> None:
    """Refuse a graph whose rows know of each other: a service joins the rows of several requests."""
    alone = runtime.run({name: array[:1] for name, array in tensors.items()}, list(answers))
    problem = compare({name: array[:1] for name, array in answers.items()}, alone).problem
    if problem:
        message = f"a row is answered differently alone than among others: {problem}"
        raise BundleError(message)


def _feed(inputs: tuple[InputSpec, ...], rows: Any, name: str) -> tuple[tuple[InputSpec, ...], Tensors]:  # noqa: ANN401  # any rows
    if isinstance(rows, Mapping):
        missing = [spec.name for spec in inputs if spec.name not in rows]
        given = dict(rows)
    elif isinstance(rows, pd.DataFrame) and len(inputs) > 1:
        missing = [spec.name for spec in inputs if spec.name not in rows.columns]
        given = {} if missing else {spec.name: rows[[spec.name]] for spec in inputs}
    else:
        missing = [spec.name for spec in inputs[1:]]
        given = {inputs[0].name: rows}
    if missing:
        message = (
            f"There are no rows for {', '.join(missing)}: {name} takes {', '.join(spec.name for spec in inputs)}; "
            "name the columns of the file so, or give service.pack the arrays by these names."
        )
        raise BundleError(message)
    fed = [_feed_input(spec, given[spec.name], name) for spec in inputs]
    return tuple(spec for spec, _ in fed), {spec.name: tensor for spec, tensor in fed}


def _feed_input(spec: InputSpec, rows: Any, name: str) -> tuple[InputSpec, Array]:  # noqa: ANN401  # any rows
    columns = tuple(str(column) for column in rows.columns) if isinstance(rows, pd.DataFrame) else ()
    try:
        array = np.asarray(rows, dtype=NUMPY_TYPES[spec.datatype])
        array = array.reshape(len(array), *spec.shape[1:])[: spec.shape[0] if spec.shape[0] > 0 else None]
    except (ValueError, TypeError, OverflowError):
        wanted = f"{spec.datatype} of the shape {list(spec.shape)}"
        message = f"The rows do not fit the input {spec.name} of {name}: it takes {wanted}."
        raise BundleError(message) from None
    features = _features(spec, array, columns)
    nullable: tuple[str, ...] = ()
    if is_float(spec.datatype) and np.isnan(array).any():
        gaps = np.flatnonzero(np.isnan(array.reshape(-1, len(features))).any(axis=0)) if features else ()
        nullable = tuple(features[index] for index in gaps) or (spec.name,)
    return replace(spec, features=features, nullable=nullable), array


def _features(spec: InputSpec, array: Array, columns: tuple[str, ...]) -> tuple[str, ...]:
    if array.ndim != 2 or (array.shape[1] == 1 and columns == (spec.name,)):  # noqa: PLR2004  # a matrix has columns
        return ()
    return columns if len(columns) == array.shape[1] else default_names(array)
