"""From a bundle to the runtime of its format; imports no library that the format does not need."""

from __future__ import annotations

from service.bundle.manifest import ONNX
from service.bundle.verify import Bundle
from service.errors import BundleError
from service.runtimes.base import Runtime
from service.runtimes.refusals import Refusals


def load_runtime(bundle: Bundle, threads: int, *, refusals_are_told: bool = True) -> Runtime:
    """Load the model of a bundle.

    Args:
        bundle: What :func:`service.bundle.verify.open_bundle` let through.
        threads: How many threads the library may use for one call.
        refusals_are_told: Whether the log is told what makes the model refuse values.

    Raises:
        BundleError: If the model file is damaged, cannot be parsed, or needs a library that is not installed.
    """
    refusals = Refusals(are_told=refusals_are_told)
    if bundle.manifest.format == ONNX:
        from service.runtimes.onnx import OnnxRuntime  # noqa: PLC0415  # an ONNX pod imports no other library

        return OnnxRuntime(bundle, threads, refusals)
    try:
        from service.runtimes.sklearn import SklearnRuntime  # noqa: PLC0415  # needs the extra "sklearn"
    except ModuleNotFoundError as error:
        message = (
            f"The bundle in {bundle.folder} is of the format {bundle.manifest.format}, which needs {error.name}: "
            "install 'ml-api[sklearn]' or use the full image."
        )
        raise BundleError(message) from None
    return SklearnRuntime(bundle, refusals)
