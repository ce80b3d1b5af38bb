"""A bundle in the making: a model file that is loaded as the server will load it, and its manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from service.bundle.datatypes import Array
from service.bundle.manifest import MANIFEST_NAME, Conversion, Example, Format, Manifest, Name, Version, read_manifest
from service.bundle.signature import InputSpec, OutputSpec, Signature, to_nested
from service.bundle.verify import Bundle
from service.errors import BundleError, ServiceError
from service.runtimes.base import Runtime
from service.runtimes.example import verify_example
from service.runtimes.load import load_runtime

FILES: dict[Format, str] = {
    "onnx": "model.onnx",
    "joblib": "model.joblib",
    "pickle": "model.pkl",
    "skops": "model.skops",
    "python": "model.zip",
}
"""What the model file of each format is called in a bundle."""

Choice = Literal["auto", "onnx", "sklearn"]
"""Which format to pack to: the fastest that is proven, ONNX or nothing, or the estimator's own."""

_EXAMPLE_ROWS = 2


@dataclass(frozen=True)
class Identity:
    """What clients call a model, and this state of it."""

    name: str
    version: str

    def check(self) -> None:
        """Refuse what cannot stand in a URL or a metric.

        Raises:
            BundleError: If the name or the version is of no use.
        """
        for field, kind, value in (("name", Name, self.name), ("version", Version, self.version)):
            try:
                TypeAdapter(kind).validate_python(value)
            except ValidationError:
                message = (
                    f"The {field} {value!r} of the model must be up to 63 letters, digits, '.', '_' or '-', "
                    "and begin and end with a letter or a digit."
                )
                raise BundleError(message) from None


@dataclass(frozen=True)
class Model:
    """One way to serve what is packed.

    Args:
        format: What loads the file.
        content: The bytes of the file.
        inputs: The input tensors.
        outputs: Output tensors as they are expected; the answers decide about datatypes.
        libraries: Versions that made the file, or that it needs.
        column_types: See :class:`service.bundle.manifest.Manifest`.
        dataframe: As above.
        trusted_types: As above.
    """

    format: Format
    content: bytes
    inputs: tuple[InputSpec, ...]
    outputs: tuple[OutputSpec, ...]
    libraries: dict[str, str]
    column_types: dict[str, str]
    dataframe: bool = False
    trusted_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A model that lies in the folder of the bundle in the making."""

    folder: Path
    manifest: Manifest

    @cached_property
    def runtime(self) -> Runtime:
        """What the server will have: loaded from the bytes on the disk.

        Raises:
            BundleError: If it cannot be loaded.
        """
        # A proof asks what is refused as well, which is nobody's trouble.
        return load_runtime(Bundle(self.folder, self.manifest, ""), threads=1, refusals_are_told=False)

    def remove(self) -> None:
        """Make room for the next candidate."""
        (self.folder / self.manifest.file).unlink()

    def finish(self, tensors: dict[str, Array], outputs: tuple[OutputSpec, ...], conversion: Conversion | None) -> None:
        """Write the manifest with an example, and verify that as the server will.

        Args:
            tensors: The rows that were given.
            outputs: The output tensors.
            conversion: How the conversion went.

        Raises:
            BundleError: If no row can be the example, or the model does not answer it twice alike.
        """
        rows = _example_rows(tensors, is_batchable=Signature(self.manifest.inputs, outputs).is_batchable)
        try:
            answers = self.runtime.run(rows, [spec.name for spec in outputs])
        except ServiceError as error:
            message = f"The model {self.manifest.name} cannot answer the first rows alone: {error}."
            raise BundleError(message) from None
        example = Example(
            {name: to_nested(array) for name, array in rows.items()},
            {name: to_nested(array) for name, array in answers.items()},
        )
        manifest = replace(self.manifest, outputs=outputs, example=example, conversion=conversion)
        (self.folder / MANIFEST_NAME).write_bytes(manifest.to_json())
        verify_example(self.runtime, read_manifest(self.folder)[0])


def _example_rows(tensors: dict[str, Array], *, is_batchable: bool) -> dict[str, Array]:
    """Take the first rows that JSON can carry; a missing number is null there, and infinity is nothing.

    Raises:
        BundleError: If there is none.
    """
    rows = slice(_EXAMPLE_ROWS) if is_batchable else slice(None)
    infinite = [np.isinf(array) for array in tensors.values() if array.dtype.kind == "f"]
    if not any(found.any() for found in infinite):
        return {name: array[rows] for name, array in tensors.items()}
    finite = np.array([], dtype=np.int64)
    if is_batchable:
        has_infinity = np.logical_or.reduce([found.reshape(len(found), -1).any(axis=1) for found in infinite])
        finite = np.flatnonzero(~has_infinity)[rows]
    if not finite.size:
        message = (
            "None of the rows that were given can be the bundle's example, which is JSON and has no infinity: "
            "give at least one row of finite numbers."
        )
        raise BundleError(message)
    return {name: array[finite] for name, array in tensors.items()}


def write_candidate(folder: Path, identity: Identity, model: Model) -> Candidate:
    """Write a model file into the folder of a bundle in the making."""
    file = FILES[model.format]
    (folder / file).write_bytes(model.content)
    manifest = Manifest(
        manifest_version=1,
        name=identity.name,
        version=identity.version,
        format=model.format,
        file=file,
        sha256=sha256(model.content).hexdigest(),
        inputs=model.inputs,
        outputs=model.outputs,
        example=Example({}, {}),
        libraries=model.libraries,
        column_types=model.column_types,
        dataframe=model.dataframe,
        trusted_types=model.trusted_types,
    )
    return Candidate(folder, manifest)
