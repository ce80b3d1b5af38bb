"""From a scikit-learn estimator to an ONNX graph that speaks the signature's names."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto
from skl2onnx import to_onnx
from skl2onnx.common import data_types
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from sklearn.base import is_classifier
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline

from service.bundle.datatypes import Array, is_float, is_integer
from service.bundle.signature import InputSpec
from service.packing.answers import Answers, first_line
from service.packing.boosting import lacks_scores, register_boosting, without_names
from service.packing.graph import GraphAnswers, add_scores, make_faithful, name_inputs, name_outputs, run_graph
from service.packing.histogram import register_histograms
from service.packing.layouts import Layout

_SIDE_OUTPUTS = {"transform", "score_samples"}
"""What a graph may leave out when it predicts."""

_LONGEST_REASON = 200

Types = list[tuple[str, Any]]
Options = dict[str, bool]

_OPSETS = {"": 21, "ai.onnx.ml": 3}
"""Not the newest: the converter of isolation forests knows no newer one, and older runtimes can read it too."""

_PLAIN: tuple[Options, ...] = ({"zipmap": False}, {})
_SCORES: tuple[Options, ...] = ({"zipmap": False, "raw_scores": True}, {"raw_scores": True})
"""Options of a classifier's converter, the wanted ones first: not every converter knows each."""


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
    register_boosting()
    register_histograms()
    estimator = _convertible(estimator)
    tried = []
    for precision in _PRECISIONS:
        types = [(spec.name, _graph_type(spec, precision)) for spec in _graph_inputs(layout)]
        kinds = [type(kind) for _, kind in types]
        if kinds in tried:
            continue
        tried.append(kinds)
        try:
            yield _convert(estimator, types, layout, expected)
        except ConversionError as error:
            yield error


def _convertible(estimator: Any) -> Any:  # noqa: ANN401  # any estimator
    """Take off what only matters before or beside a prediction, and what the converters stumble over."""
    # A search over parameters only delegates to what it found.
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        *first_steps, (name, last) = estimator.steps
        estimator = copy.copy(estimator)
        estimator.steps = [*first_steps, (name, _convertible(last))]
    if isinstance(estimator, VotingClassifier):
        estimator = copy.copy(estimator)
        # It shapes the answer of transform, which a graph that predicts leaves out.
        estimator.flatten_transform = False
    return without_names(estimator)


def _graph_inputs(layout: Layout) -> tuple[InputSpec, ...]:
    """Give an input for each column to an estimator that picks them by name; the graph takes a matrix all the same."""
    first = layout.inputs[0]
    if not layout.dataframe or not first.features:
        return layout.inputs
    return tuple(InputSpec(name, first.datatype, (-1, 1)) for name in first.features)


def _graph_type(spec: InputSpec, precision: Precision) -> Any:  # noqa: ANN401  # skl2onnx ships no types
    shape = [None, *spec.shape[1:]] if len(spec.shape) > 1 else [None, 1]
    if is_float(spec.datatype):
        return precision.floats(shape)
    if is_integer(spec.datatype):
        return precision.integers(shape)
    if spec.datatype == "BOOL":
        return data_types.BooleanTensorType(shape)
    return data_types.StringTensorType(shape)


def _convert(estimator: Any, types: Types, layout: Layout, expected: Answers) -> ModelProto:  # noqa: ANN401  # any estimator
    plain, scores = (_PLAIN, _SCORES) if is_classifier(estimator) else (({},), ())
    if "decision_function" in expected and "predict_proba" not in expected:
        plain = (*scores, *plain)
    model = _to_onnx(estimator, types, layout, plain)
    name_outputs(model, _run(model, layout.tensors), expected)
    left_out = _SIDE_OUTPUTS | ({"decision_function"} if lacks_scores(_last_step(estimator)) else set())
    if scores and "decision_function" in expected and "decision_function" not in {*_names(model), *left_out}:
        raw = _to_onnx(estimator, types, layout, scores)
        add_scores(model, raw, _run(raw, layout.tensors), expected["decision_function"])
    first = next(iter(expected))
    missing = [name for name in expected if name not in _names(model) and (name == first or name not in left_out)]
    if missing:
        message = f"the converted model has no {' and no '.join(missing)}"
        raise ConversionError(message)
    # Whether ONNX Runtime takes the graph with its new names, e.g. not when a column is called like an output.
    _run(model, layout.tensors)
    return model


def _to_onnx(estimator: Any, types: Types, layout: Layout, choices: Sequence[Options]) -> ModelProto:  # noqa: ANN401  # any estimator
    """Convert with the first options that this converter knows."""
    last_step = _last_step(estimator)
    for options in choices:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model: ModelProto = to_onnx(
                    estimator,
                    initial_types=types,
                    options={id(last_step): options},
                    target_opset=_OPSETS,
                )
            make_faithful(model)
            name_inputs(model, layout.inputs)
        except NameError:
            # This converter does not know these options.
            continue
        except (MissingConverter, MissingShapeCalculator):
            message = f"skl2onnx has no converter for it, or for one of its steps: {type(last_step).__name__}"
            raise ConversionError(message) from None
        except Exception as error:  # noqa: BLE001  # each converter fails in its own way
            raise ConversionError(first_line(error.__cause__ or error)[:_LONGEST_REASON]) from None
        return model
    message = f"the converter of {type(last_step).__name__} gives no raw scores, which decision_function is made of"
    raise ConversionError(message)


def _last_step(estimator: Any) -> Any:  # noqa: ANN401  # any estimator
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def _run(model: ModelProto, tensors: dict[str, Array]) -> GraphAnswers:
    try:
        return run_graph(model.SerializeToString(), tensors)
    except Exception as error:  # noqa: BLE001  # ONNX Runtime has a private class for each problem
        raise ConversionError(first_line(error)[:_LONGEST_REASON]) from None


def _names(model: ModelProto) -> list[str]:
    return [node.name for node in model.graph.output]
