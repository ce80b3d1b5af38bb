"""Which library versions a bundle needs."""

from __future__ import annotations

import io
import pickle
from importlib.metadata import packages_distributions
from typing import Any

from service.bundle.manifest import Format
from service.errors import BundleError
from service.runtimes.source_code import imports_of, read_code
from service.runtimes.versions import PYTHON, installed_version

_FORMAT_LIBRARIES: dict[Format, tuple[str, ...]] = {
    "onnx": ("onnx", "onnxruntime"),
    "joblib": ("scikit-learn", "joblib"),
    "pickle": ("scikit-learn",),
    "skops": ("scikit-learn", "skops"),
    "python": (),
}


def converted_versions() -> dict[str, str]:
    """Tell the versions that made a converted model: for the reader, as ONNX needs none of them."""
    return _versions((PYTHON, "numpy", "scikit-learn", "skl2onnx", *_FORMAT_LIBRARIES["onnx"]))


def graph_versions() -> dict[str, str]:
    """Tell the versions that proved somebody else's graph."""
    return _versions((PYTHON, "numpy", *_FORMAT_LIBRARIES["onnx"]))


def original_versions(estimator: Any, model_format: Format, content: bytes) -> dict[str, str]:  # noqa: ANN401  # any estimator
    """Tell the versions that an estimator, or the source of its class, needs where it is loaded.

    Raises:
        BundleError: If it needs something that was defined in a notebook or a script, where no server finds it.
    """
    if model_format == "python":
        imports = [(module, "") for module in imports_of(read_code(content))]
    else:
        imports = sorted(_imports_of(estimator))
    for module, name in imports:
        if module == "__main__":
            raise BundleError(defined_in_script(type(estimator).__name__, name))
    distributions = packages_distributions()
    roots = {module.partition(".")[0] for module, _ in imports}
    used = sorted({library for root in roots for library in distributions.get(root, ())})
    return _versions(tuple(dict.fromkeys((PYTHON, "numpy", *_FORMAT_LIBRARIES[model_format], *used))))


def defined_in_script(user: str, name: str) -> str:
    """Say that a model or its file uses what no other program finds, and the way out."""
    return (
        f"{user} uses {name}, which was defined in a notebook or a script: "
        "move it to a module that is installed where the model is served, and train the model again with that."
    )


class _Recorder(pickle.Unpickler):
    """Notes what a pickle imports while it loads it."""

    def __init__(self, file: io.BytesIO, buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(file, buffers=buffers)
        self.imports: set[tuple[str, str]] = set()

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401  # any class or function
        """Import as pickle does."""
        self.imports.add((module_name, global_name))
        return super().find_class(module_name, global_name)


def _imports_of(estimator: Any) -> set[tuple[str, str]]:  # noqa: ANN401  # any estimator
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(estimator, protocol=5, buffer_callback=buffers.append)
    recorder = _Recorder(io.BytesIO(content), buffers)
    recorder.load()
    return recorder.imports


def _versions(libraries: tuple[str, ...]) -> dict[str, str]:
    return {library: found for library in libraries if (found := installed_version(library))}
