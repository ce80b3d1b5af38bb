"""The one model of the process: loaded, proven by its example, measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from service.bundle.manifest import Manifest
from service.bundle.signature import Signature, to_array
from service.bundle.verify import Trust, open_bundle
from service.engine.engine import Engine
from service.engine.inference import Inference
from service.engine.limits import Limits
from service.engine.observer import Observer
from service.errors import ModelNotReadyError
from service.runtimes.example import verify_example
from service.runtimes.load import load_runtime


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A model that answers, with what a client may know of it."""

    manifest: Manifest
    signature: Signature
    sha256: str
    engine: Engine


class ModelSlot:
    """Where the model will be once it is ready.

    Attributes:
        model: None until then.
        failure: One sentence if it cannot be loaded; empty otherwise.
    """

    def __init__(self) -> None:
        self.model: ServedModel | None = None
        self.failure = ""

    def require(self) -> ServedModel:
        """Give the model.

        Raises:
            ModelNotReadyError: If there is none.
        """
        if self.model is None:
            message = "the model could not be loaded" if self.failure else "the model is still loading: try again soon"
            raise ModelNotReadyError(message)
        return self.model


def load_model(folder: Path, trust: Trust, limits: Limits, observer: Observer) -> ServedModel:
    """Load a model the way that makes it ready: digest, load, example, measurement.

    Raises:
        BundleError: If any of it fails.
    """
    bundle = open_bundle(folder, trust)
    manifest, signature = bundle.manifest, bundle.manifest.signature
    runtime = load_runtime(bundle, limits.threads)
    verify_example(runtime, manifest)
    tensors = {spec.name: to_array(manifest.example.inputs[spec.name], spec.datatype) for spec in signature.inputs}
    example = Inference(tensors, signature.output_names[:1], len(next(iter(tensors.values()))))
    limits = replace(limits, batchable=signature.is_batchable)
    return ServedModel(manifest, signature, bundle.sha256, Engine(runtime, limits, observer, example))
