"""The converters of LightGBM and XGBoost, which skl2onnx learns from onnxmltools."""

from __future__ import annotations

import copy
import sys
from typing import Any

from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)

_CLASSIFIER_OPTIONS = {"nocl": [True, False], "zipmap": [True, False, "columns"]}


def register_boosting() -> None:
    """Tell skl2onnx how to convert the estimators of the libraries that are in use; again does no harm.

    A library that nobody imported made no estimator, and none is imported for this.
    """
    if "lightgbm" in sys.modules:
        from lightgbm import LGBMClassifier, LGBMRegressor  # noqa: PLC0415  # only where it is in use
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm  # noqa: PLC0415

        _register(LGBMClassifier, LGBMRegressor, convert_lightgbm, {"split": None})
    if "xgboost" in sys.modules:
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost  # noqa: PLC0415
        from xgboost import XGBClassifier, XGBRegressor  # noqa: PLC0415

        _register(XGBClassifier, XGBRegressor, convert_xgboost, None)


def _register(classifier: type, regressor: type, converter: Any, options: dict[str, Any] | None) -> None:  # noqa: ANN401  # skl2onnx ships no types
    for kind, shapes, known in (
        (classifier, calculate_linear_classifier_output_shapes, _CLASSIFIER_OPTIONS),
        (regressor, calculate_linear_regressor_output_shapes, options),
    ):
        update_registered_converter(kind, f"Boosted{kind.__name__}", shapes, converter, options=known, overwrite=True)


def without_names(estimator: Any) -> Any:  # noqa: ANN401  # any estimator
    """Give XGBoost's estimator without the names of its features, which its converter does not take."""
    if _library(estimator) != "xgboost":
        return estimator
    estimator = copy.deepcopy(estimator)
    estimator.get_booster().feature_names = None
    return estimator


def lacks_scores(estimator: Any) -> bool:  # noqa: ANN401  # any estimator
    """Tell whether the converter of an estimator knows no raw scores at all, so that its graph must go without."""
    return _library(estimator) == "lightgbm"


def _library(estimator: Any) -> str:  # noqa: ANN401  # any estimator
    return type(estimator).__module__.partition(".")[0]
