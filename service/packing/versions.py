"""Which library versions a bundle needs."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from typing import Any

from service.bundle.manifest import Format
from service.runtimes.estimator import nested_estimators
from service.runtimes.versions import PYTHON, installed_version

_FORMAT_LIBRARIES: dict[Format, tuple[str, ...]] = {
    "onnx": ("scikit-learn", "skl2onnx", "onnx", "onnxruntime"),
    "joblib": ("scikit-learn", "joblib"),
    "pickle": ("scikit-learn",),
    "skops": ("scikit-learn", "skops"),
}


def converted_versions() -> dict[str, str]:
    """Tell the versions that made a converted model: for the reader, as ONNX needs none of them."""
    return _versions((PYTHON, "numpy", *_FORMAT_LIBRARIES["onnx"]))


def original_versions(estimator: Any, model_format: Format) -> dict[str, str]:  # noqa: ANN401  # any estimator
    """Tell the versions that an estimator needs where it is loaded."""
    modules = {type(part).__module__.partition(".")[0] for part in nested_estimators(estimator)}
    distributions = packages_distributions()
    used = sorted({name for module in modules for name in distributions.get(module, ())})
    return _versions(tuple(dict.fromkeys((PYTHON, "numpy", *_FORMAT_LIBRARIES[model_format], *used))))


def _versions(libraries: tuple[str, ...]) -> dict[str, str]:
    return {library: found for library in libraries if (found := installed_version(library))}
