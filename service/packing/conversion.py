"""From a scikit-learn estimator to an ONNX graph that speaks the signature's names."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto
from skl2onnx import to_onnx
from skl2onnx.common import data_types
from sklearn.base import is_classifier

from service.bundle.datatypes import Array, is_float, is_integer
from service.bundle.signature import InputSpec
from service.packing.answers import Answers
from service.packing.graph import GraphAnswers, add_scores, name_outputs, run_graph
from service.packing.layouts import Layout

_SIDE_OUTPUTS = {"transform", "score_samples"}
"""What a graph may leave out when it predicts."""

_LONGEST_REASON = 200


@dataclass(frozen=True)
class Precision:
    """What the numbers of a graph are.

    Args:
        floats: Type of the inputs that are floats.
        integers: Type of the inputs that are integers.
    """

    floats: type
    integers: type


_PRECISIONS = (
    Precision(data_types.DoubleTensorType, data_types.DoubleTensorType),
    Precision(data_types.DoubleTensorType, data_types.Int64TensorType),
    Precision(data_types.FloatTensorType, data_types.FloatTensorType),
    Precision(data_types.FloatTensorType, data_types.Int64TensorType),
)
"""The faithful ones first: scikit-learn computes in float64."""


class ConversionError(Exception):
    """The estimator cannot be converted; the text says why."""


def conversions(estimator: Any, layout: Layout, expected: Answers) -> Iterator[ModelProto | ConversionError]:  # noqa: ANN401  # any estimator
    """Convert in each precision that makes a difference.

    Args:
        estimator: A fitted estimator.
        layout: The tensors that the graph takes.
        expected: What the estimator answers to them.

    Yields:
        A graph whose inputs and outputs carry the signature's names, or why there is none.
    """
    estimator = _without_search(estimator)
    tried = []
    for precision in _PRECISIONS:
        types = [(spec.name, _graph_type(spec, precision)) for spec in layout.inputs]
        signature = [(name, type(kind)) for name, kind in types]
        if signature in tried:
            continue
        tried.append(signature)
        try:
            yield _convert(estimator, types, layout, expected)
        except ConversionError as error:
            yield error


def _without_search(estimator: Any) -> Any:  # noqa: ANN401  # any estimator
    """A search over parameters only delegates to what it found."""
    return getattr(estimator, "best_estimator_", estimator)


def _last_step(estimator: Any) -> Any:  # noqa: ANN401  # any estimator
    """The converter's options count for the estimator that answers, not for the pipeline around it."""
    while hasattr(estimator, "steps"):
        estimator = _without_search(estimator.steps[-1][1])
    return estimator


def _graph_type(spec: InputSpec, precision: Precision) -> Any:  # noqa: ANN401  # skl2onnx ships no types
    shape = [None, *spec.shape[1:]] if len(spec.shape) > 1 else [None, 1]
    if is_float(spec.datatype):
        return precision.floats(shape)
    if is_integer(spec.datatype):
        return precision.integers(shape)
    if spec.datatype == "BOOL":
        return data_types.BooleanTensorType(shape)
    return data_types.StringTensorType(shape)


def _convert(estimator: Any, types: list[tuple[str, Any]], layout: Layout, expected: Answers) -> ModelProto:  # noqa: ANN401  # any estimator
    classifier = is_classifier(estimator)
    model = _to_onnx(estimator, types, {"zipmap": False} if classifier else {})
    name_outputs(model, _run(model, layout.tensors), expected)
    if "decision_function" in expected and "decision_function" not in _names(model):
        scores = _to_onnx(estimator, types, {"zipmap": False, "raw_scores": True} if classifier else {})
        add_scores(model, scores, _run(scores, layout.tensors), expected["decision_function"])
    needed = [name for name in expected if name not in _SIDE_OUTPUTS or name == next(iter(expected))]
    missing = [name for name in needed if name not in _names(model)]
    if missing:
        message = f"the graph gives no {' and no '.join(missing)} that agrees"
        raise ConversionError(message)
    return model


def _to_onnx(estimator: Any, types: list[tuple[str, Any]], options: dict[str, bool]) -> ModelProto:  # noqa: ANN401  # any estimator
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Without a name it would get a random one, and the bundle another digest each time.
            model: ModelProto = to_onnx(
                estimator, initial_types=types, options={id(_last_step(estimator)): options}, name="model"
            )
    except NameError as error:
        if options:
            # This converter has no such option: then its graph has neither maps nor scores of another kind.
            return _to_onnx(estimator, types, {})
        raise ConversionError(_reason(error)) from None
    except Exception as error:  # noqa: BLE001  # each converter fails in its own way
        raise ConversionError(_reason(error)) from None
    return model


def _run(model: ModelProto, tensors: dict[str, Array]) -> GraphAnswers:
    try:
        return run_graph(model.SerializeToString(), tensors)
    except Exception as error:  # noqa: BLE001  # ONNX Runtime has a private class for each problem
        raise ConversionError(_reason(error)) from None


def _names(model: ModelProto) -> list[str]:
    return [node.name for node in model.graph.output]


def _reason(error: Exception) -> str:
    first_line = (str(error).strip().splitlines() or ["no message"])[0]
    return f"{type(error).__name__}: {first_line[:_LONGEST_REASON]}"
