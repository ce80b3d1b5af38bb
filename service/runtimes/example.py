"""The manifest's example: a loaded model must answer it as it did when it was packed."""

from __future__ import annotations

from service.bundle.manifest import Manifest
from service.bundle.signature import to_array, to_nested
from service.errors import BundleError, ServiceError
from service.runtimes.agreement import compare
from service.runtimes.base import Runtime


def verify_example(runtime: Runtime, manifest: Manifest) -> None:
    """Run the example of a bundle and compare the answer with the one in its manifest.

    Raises:
        BundleError: If the model fails or answers otherwise: another library, another processor or another model.
    """
    try:
        tensors = {spec.name: to_array(manifest.example.inputs[spec.name], spec.datatype) for spec in manifest.inputs}
        expected = {
            spec.name: to_array(manifest.example.outputs[spec.name], spec.datatype) for spec in manifest.outputs
        }
    except (KeyError, ValueError, TypeError, OverflowError):
        message = f"The example in the manifest of {manifest.name} does not fit its signature: pack the model again."
        raise BundleError(message) from None
    try:
        answers = runtime.run(tensors, list(expected))
    except ServiceError as error:
        message = f"The model {manifest.name} cannot answer the example of its manifest: {error}."
        raise BundleError(message) from None
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  # such as SystemExit, which would end the program as if all was well
        message = (
            f"The model {manifest.name} cannot answer the example of its manifest: {type(error).__name__}: {error}."
        )
        raise BundleError(message) from None
    actual = {
        # JSON has no infinity: an infinite number was written as null.
        spec.name: to_array(to_nested(answers[spec.name]), spec.datatype)
        for spec in manifest.outputs
    }
    problem = compare(expected, actual).problem
    if problem:
        message = (
            f"The model {manifest.name} answers the example of its manifest differently here than where it was packed: "
            f"{problem}; install the library versions of the manifest, or pack the model again."
        )
        raise BundleError(message)
