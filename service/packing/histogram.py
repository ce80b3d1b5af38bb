"""The converters of scikit-learn's histogram gradient boosting, whose attributes protobuf 7 no longer takes.

skl2onnx 1.20 writes booleans among integers (``nodes_missing_value_tracks_true``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from skl2onnx.operator_converters.random_forest import (
    convert_sklearn_random_forest_classifier,
    convert_sklearn_random_forest_regressor_converter,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

_SWITCH = [True, False]

Converter = Callable[[Any, Any, Any], None]


def register_histograms() -> None:
    """Tell skl2onnx to write integers where it would write booleans; again does no harm."""
    classifier_options = {
        "zipmap": [*_SWITCH, "columns"],
        "raw_scores": _SWITCH,
        "output_class_labels": _SWITCH,
        "nocl": _SWITCH,
    }
    for kind, shapes, converter, options in (
        (
            HistGradientBoostingClassifier,
            calculate_linear_classifier_output_shapes,
            convert_sklearn_random_forest_classifier,
            classifier_options,
        ),
        (
            HistGradientBoostingRegressor,
            calculate_linear_regressor_output_shapes,
            convert_sklearn_random_forest_regressor_converter,
            {"raw_scores": _SWITCH},
        ),
    ):
        update_registered_converter(
            kind, f"Sklearn{kind.__name__}", shapes, _with_integers(converter), options=options, overwrite=True
        )


def _with_integers(converter: Converter) -> Converter:
    def convert(scope: Any, operator: Any, container: Any) -> None:  # noqa: ANN401  # skl2onnx ships no types
        converter(scope, operator, _Integers(container))

    return convert


class _Integers:
    """A container of skl2onnx that takes booleans for integers."""

    def __init__(self, container: Any) -> None:  # noqa: ANN401  # skl2onnx ships no types
        self._container = container

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the container has
        return getattr(self._container, name)

    def add_node(self, *arguments: Any, **attributes: Any) -> None:  # noqa: ANN401  # as the container's
        self._container.add_node(*arguments, **{name: _integers(value) for name, value in attributes.items()})


def _integers(value: object) -> object:
    if isinstance(value, list):
        return [int(item) if isinstance(item, (bool, np.bool_)) else item for item in value]
    return value
