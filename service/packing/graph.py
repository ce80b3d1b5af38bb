"""Edits of an ONNX graph: its outputs get the signature's names, datatypes and shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, compose, helper

from service.bundle.datatypes import Array
from service.bundle.signature import InputSpec
from service.packing.answers import Answers
from service.runtimes.agreement import compare
from service.runtimes.onnx import GRAPH_TYPES

GraphAnswers = list[Array | list[Array]]
"""What a graph answered, output by output; a list where it gave a sequence of tensors."""

_ONNX_TYPES = {"b": TensorProto.BOOL, "i": TensorProto.INT64, "f": TensorProto.DOUBLE}
_SCORES = "scores_"


@dataclass(frozen=True)
class Part:
    """A tensor that a graph can give: one of its outputs, or a slice of one.

    Args:
        source: Name of the graph's output.
        array: Its values on the rows that were given.
        index: Which slice; None for the output as it is.
        axis: Along which axis it is cut; None when the output is a sequence of tensors.
    """

    source: str
    array: Array
    index: int | None = None
    axis: int | None = None


def run_graph(content: bytes, tensors: dict[str, Array]) -> GraphAnswers:
    """Compute all outputs of a graph.

    Raises:
        Exception: Whatever ONNX Runtime raises for a graph that it cannot load or run.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    feeds = {
        node.name: tensors[node.name].astype(GRAPH_TYPES[node.type]).reshape(len(tensors[node.name]), *node.shape[1:])
        for node in session.get_inputs()
    }
    results: GraphAnswers = session.run(None, feeds)
    return results


def name_inputs(model: ModelProto, inputs: tuple[InputSpec, ...]) -> None:
    """Give the inputs of a graph the signature's names, which skl2onnx changes when they are no identifiers.

    A graph with an input for each column takes the matrix of the signature, if that is what the signature has.
    """
    graph = model.graph
    names = [node.name for node in graph.input]
    element = [node.type.tensor_type.elem_type for node in graph.input]
    del graph.input[:]
    if len(names) == len(inputs):
        for spec, name, kind in zip(inputs, names, element, strict=True):
            if name != spec.name:
                graph.node.insert(0, helper.make_node("Identity", [spec.name], [name], name=f"{name}_column"))
            graph.input.append(helper.make_tensor_value_info(spec.name, kind, [None, *(spec.shape[1:] or (1,))]))
        return
    sizes = helper.make_tensor("column_sizes", TensorProto.INT64, [len(names)], [1] * len(names))
    graph.initializer.append(sizes)
    graph.node.insert(0, helper.make_node("Split", [inputs[0].name, sizes.name], names, name="columns", axis=1))
    graph.input.append(helper.make_tensor_value_info(inputs[0].name, element[0], [None, len(names)]))


def make_faithful(model: ModelProto) -> None:
    """Mend what converters leave different from scikit-learn, or dependent on the machine.

    Trees get float32 numbers, as scikit-learn rounds them before it compares them with a threshold. Texts are put in
    lower case by the locale that every system has, not by one that a slim image lacks.
    """
    nodes = list(model.graph.node)
    del model.graph.node[:]
    for node in nodes:
        if node.op_type == "StringNormalizer":
            kept = [attribute for attribute in node.attribute if attribute.name != "locale"]
            del node.attribute[:]
            node.attribute.extend([*kept, helper.make_attribute("locale", "C")])
        if node.op_type.startswith("TreeEnsemble"):
            rounded = f"{node.output[0]}_float32"
            model.graph.node.append(
                helper.make_node("Cast", [node.input[0]], [rounded], name=rounded, to=TensorProto.FLOAT)
            )
            node.input[0] = rounded
        model.graph.node.append(node)
    for output in model.graph.output:
        # The declared type is often wrong, and ONNX Runtime finds it out by itself.
        output.ClearField("type")


def name_outputs(model: ModelProto, results: GraphAnswers, expected: Answers) -> None:
    """Find out which output of the graph is which of the estimator's, by their values, and name it so; drop the others.

    The first output is the estimator's first by convention. Of the others, the one with the closest values wins, so
    that no table of estimators and of what their converters give is needed.
    """
    parts = [
        part for node, result in zip(model.graph.output, results, strict=True) for part in _parts(node.name, result)
    ]
    first = next(iter(expected))
    chosen = {first: parts.pop(0)}
    for agreeing in (True, False):
        for name, array in expected.items():
            part = next((part for part in parts if name not in chosen and _fits(part, array, agreeing=agreeing)), None)
            if part is not None:
                chosen[name] = part
                parts.remove(part)
    del model.graph.output[:]
    for name in expected:
        if name in chosen:
            _add_output(model, name, chosen[name], expected[name])


def add_scores(model: ModelProto, scores: ModelProto, results: GraphAnswers, expected: Array) -> None:
    """Join the graph of the raw scores to *model*, as its output ``decision_function``.

    ONNX Runtime computes what both have in common twice. That costs a microsecond or three a row.
    """
    part = Part(_SCORES + scores.graph.output[-1].name, np.asarray(results[-1]))
    if expected.ndim == 1 and part.array.ndim > 1 and part.array.shape[1] > 1:
        # Of two classes, the score of the second one.
        part = replace(part, array=part.array[:, -1], index=part.array.shape[1] - 1, axis=1)
    prefixed = compose.add_prefix(scores, _SCORES, rename_inputs=False)
    model.graph.node.extend(prefixed.graph.node)
    model.graph.initializer.extend(prefixed.graph.initializer)
    versions = {opset.domain: opset.version for opset in prefixed.opset_import}
    for opset in model.opset_import:
        opset.version = max(opset.version, versions.pop(opset.domain, 0))
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in versions.items())
    _add_output(model, "decision_function", part, expected)


def _parts(source: str, result: Array | list[Array]) -> list[Part]:
    if isinstance(result, list):
        return [Part(source, array, index) for index, array in enumerate(result)]
    if result.ndim == 3:  # noqa: PLR2004  # [outputs, rows, classes]
        return [Part(source, array, index, axis=0) for index, array in enumerate(result)]
    return [Part(source, result)]


def _fits(part: Part, expected: Array, *, agreeing: bool) -> bool:
    if part.array.size != expected.size or (expected.ndim > 1 and part.array.shape != expected.shape):
        return False
    return not agreeing or not compare({"": expected}, {"": part.array.reshape(expected.shape)}).problem


def _add_output(model: ModelProto, name: str, part: Part, expected: Array) -> None:
    nodes = model.graph.node
    tensor = part.source
    if part.index is not None:
        index = f"{name}_index"
        model.graph.initializer.append(helper.make_tensor(index, TensorProto.INT64, [], [part.index]))
        piece = f"{name}_part"
        if part.axis is None:
            nodes.append(helper.make_node("SequenceAt", [tensor, index], [piece], name=piece))
        else:
            nodes.append(helper.make_node("Gather", [tensor, index], [piece], name=piece, axis=part.axis))
        tensor = piece
    kind, wanted = part.array.dtype.kind, expected.dtype.kind
    if kind != wanted and wanted in _ONNX_TYPES and kind in _ONNX_TYPES:
        nodes.append(helper.make_node("Cast", [tensor], [name], name=name, to=_ONNX_TYPES[wanted]))
        element = _ONNX_TYPES[wanted]
    else:
        nodes.append(helper.make_node("Identity", [tensor], [name], name=name))
        element = TensorProto.STRING if kind in "OUS" else helper.np_dtype_to_tensor_dtype(part.array.dtype)
    model.graph.output.append(helper.make_tensor_value_info(name, element, [None, *part.array.shape[1:]]))
