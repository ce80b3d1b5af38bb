"""scikit-learn: the faithful path."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Sequence
from typing import Any

import joblib
from sklearn.exceptions import InconsistentVersionWarning

from service.bundle.datatypes import NUMPY_TYPES, Array
from service.bundle.manifest import Manifest
from service.bundle.signature import OutputSpec
from service.bundle.verify import Bundle
from service.errors import BundleError
from service.runtimes.answers import answer, method_of
from service.runtimes.base import Tensors
from service.runtimes.estimator import prepare_for_requests
from service.runtimes.frames import RowBuilder
from service.runtimes.refusals import Refusals
from service.runtimes.source_code import load_model
from service.runtimes.versions import check_versions


class SklearnRuntime:
    """An estimator that was loaded from a joblib, pickle or skops file."""

    def __init__(self, bundle: Bundle, refusals: Refusals) -> None:
        self._refusals = refusals
        manifest = bundle.manifest
        content = bundle.read_model()
        check_versions(manifest)
        self._estimator = _load(content, manifest)
        self._rows = RowBuilder(manifest.inputs, manifest.column_types, manifest.dataframe)
        self._outputs = {spec.name: spec for spec in manifest.outputs}
        prepare_for_requests(self._estimator, keep_names=manifest.dataframe)

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Compute the named outputs; see :class:`service.runtimes.base.Runtime`."""
        answers: dict[str, Array] = {}
        try:
            rows = self._rows.build(tensors)
            for method in dict.fromkeys(method_of(name) for name in outputs):
                answers |= answer(self._estimator, method, rows)
        except (ValueError, TypeError) as error:
            raise self._refusals.refusal(error) from None
        return {name: _fit(answers[name], self._outputs[name]) for name in outputs}


def _fit(array: Array, spec: OutputSpec) -> Array:
    return array.astype(NUMPY_TYPES[spec.datatype], copy=False)


def _load(content: bytes, manifest: Manifest) -> Any:  # noqa: ANN401  # any estimator
    try:
        with warnings.catch_warnings():
            # The manifest's versions were compared already, with a better sentence.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            return load_estimator(content, manifest.format, manifest.trusted_types)
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  # unpickling runs whatever the file says, also sys.exit(0)
        message = f"{manifest.file} of the model {manifest.name} cannot be loaded: {type(error).__name__}: {error}."
        raise BundleError(message) from None


def load_estimator(content: bytes, model_format: str, trusted_types: Sequence[str] = ()) -> Any:  # noqa: ANN401  # any estimator
    """Load an estimator from the bytes of its file. This may execute code in it."""
    if model_format == "skops":
        import skops.io  # noqa: PLC0415  # no other format needs it

        return skops.io.loads(content, trusted=list(trusted_types))
    if model_format == "python":
        return load_model(content)
    if model_format == "pickle":
        return pickle.loads(content)  # noqa: S301  # opened only when its digest or its owner vouches for it
    return joblib.load(io.BytesIO(content))
