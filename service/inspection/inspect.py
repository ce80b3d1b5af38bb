"""From the bytes of a model file to what loading it would import."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from service.bundle.manifest import Format
from service.errors import BundleError
from service.inspection.kinds import Kind, kind_of
from service.inspection.machine import Import, Machine, UnreadableError
from service.runtimes.source_code import SourceCodeError, imports_of, read_code


@dataclass(frozen=True)
class Inspection:
    """What a file would import.

    Args:
        imports: Module and name; for skops the types that it does not trust by itself.
        problem: Why the file could not be followed to its end, so that more may be in it; empty otherwise.
        modules: What source code imports; as it may do anything, no import of it is known to be harmless.
    """

    imports: tuple[Import, ...]
    problem: str = ""
    modules: tuple[str, ...] = ()

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """List the imports of a kind, by their whole name."""
        return tuple(f"{module}.{name}" for module, name in self.imports if kind_of((module, name)) is kind)

    @property
    def is_dangerous(self) -> bool:
        """Whether it would import something dangerous, or might, since it cannot be followed."""
        return bool(self.problem or self.of_kind(Kind.DANGEROUS))


def inspect(content: bytes, model_format: Format) -> Inspection:
    """Tell what loading a file would import, and execute nothing of it.

    Raises:
        BundleError: If the library that reads this format is not installed.
    """
    if model_format == "onnx":
        return Inspection(())
    if model_format == "python":
        return _of_source(content)
    imports: set[Import] = set()
    problem = ""
    try:
        if model_format == "pickle":
            Machine(io.BytesIO(content), imports).follow()
        elif model_format == "joblib":
            _follow_joblib(content, imports)
        else:
            imports |= _types_of_skops(content)
    except UnreadableError as error:
        problem = str(error)
    except ModuleNotFoundError as error:
        message = f"The format {model_format} needs {error.name} to be looked into: install 'ml-api[sklearn]'."
        raise BundleError(message) from None
    return Inspection(tuple(sorted(imports)), problem)


def inspect_file(content: bytes, model_format: Format) -> Inspection:
    """As :func:`inspect`, for a file whose name alone tells the format: joblib.dump writes files called .pkl, too."""
    inspection = inspect(content, model_format)
    if model_format != "pickle" or not inspection.problem:
        return inspection
    other = inspect(content, "joblib")
    return Inspection(tuple(sorted({*inspection.imports, *other.imports})), other.problem and inspection.problem)


def _of_source(content: bytes) -> Inspection:
    try:
        return Inspection((), modules=imports_of(read_code(content)))
    except SourceCodeError as error:
        return Inspection((), str(error))


def _follow_joblib(content: bytes, imports: set[Import]) -> None:
    # Private, but what joblib.load uses: whoever finds the compression in another way can be shown another stream.
    from joblib.numpy_pickle_utils import _validate_fileobject_and_memmap  # noqa: PLC0415  # an ONNX pod has no joblib

    from service.inspection.arrays import ArrayMachine  # noqa: PLC0415  # as above

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _validate_fileobject_and_memmap(io.BytesIO(content), "") as (file, _):
                if isinstance(file, str):
                    message = "it is of joblib before 0.10: load it where it was made, and save it again"
                    raise UnreadableError(message)
                ArrayMachine(file, imports).follow()
        except (OSError, ValueError) as error:
            # E.g. lz4, where that library is not installed.
            message = f"it cannot be decompressed: {str(error).rstrip('.')}"
            raise UnreadableError(message) from None


def _types_of_skops(content: bytes) -> set[Import]:
    import skops.io  # noqa: PLC0415  # no other format needs it

    try:
        types = skops.io.get_untrusted_types(data=content)
    except Exception as error:  # noqa: BLE001  # a damaged file can raise anything
        message = f"it is no skops file that can be read ({type(error).__name__})"
        raise UnreadableError(message) from None
    return {(module, name) for module, _, name in (found.rpartition(".") for found in types)}
