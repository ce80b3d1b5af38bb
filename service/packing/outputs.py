"""The output side of a signature, derived from what a model really answered."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.bundle.datatypes import datatype_of
from service.bundle.signature import Label, OutputSpec
from service.packing.answers import Answers
from service.runtimes.answers import method_of

_MOST_LABELS = 1024
"""Names of more columns than this would make the manifest larger than the model."""


def output_specs(answers: Answers, labels: dict[str, tuple[Label, ...]]) -> tuple[OutputSpec, ...]:
    """Describe the outputs, in the order of the answers."""
    return tuple(
        OutputSpec(name, datatype_of(array.dtype), (-1, *array.shape[1:]), labels.get(name, ()))
        for name, array in answers.items()
    )


def labels_of(estimator: Any, answers: Answers) -> dict[str, tuple[Label, ...]]:  # noqa: ANN401  # any estimator
    """Name the columns of the outputs where they mean something: classes, or the features that a transformer makes."""
    labels = {}
    for name, array in answers.items():
        columns = array.shape[1] if array.ndim == 2 else 0  # noqa: PLR2004  # a matrix
        found = _labels(estimator, name)
        if columns == len(found) and 0 < columns <= _MOST_LABELS:
            labels[name] = found
    return labels


def _labels(estimator: Any, output: str) -> tuple[Label, ...]:  # noqa: ANN401  # any estimator
    method = method_of(output)
    if method == "transform":
        return _feature_names_out(estimator)
    if method not in {"predict_proba", "decision_function"}:
        return ()
    classes = getattr(estimator, "classes_", ())
    if output != method:
        classes = classes[int(output.rpartition("_")[2])]
    return tuple(np.asarray(classes).tolist()) if np.ndim(classes) == 1 else ()


def _feature_names_out(estimator: Any) -> tuple[Label, ...]:  # noqa: ANN401  # any estimator
    try:
        return tuple(str(name) for name in estimator.get_feature_names_out())
    except Exception:  # noqa: BLE001  # not every transformer can tell, and each has its own way to say so
        return ()
