"""The manifest ``model.json``: what is in a bundle, as a frozen value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from service.bundle.reading import reading
from service.bundle.signature import InputSpec, Nested, OutputSpec, Signature
from service.errors import BundleError

MANIFEST_NAME = "model.json"
MANIFEST_BYTES = 4 * 1024 * 1024

Format = Literal["onnx", "joblib", "pickle", "skops", "python"]
ONNX: Format = "onnx"

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which UTF-8 cannot carry."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]


@dataclass(frozen=True)
class Example:
    """A request that the model answered when it was packed, by tensor name, and its answer."""

    inputs: dict[str, Nested]
    outputs: dict[str, Nested]


@dataclass(frozen=True)
class Conversion:
    """How a conversion to ONNX was proven, or why the original format was kept.

    Args:
        converted: Whether the bundle holds the converted model.
        rows: Number of rows on which both were compared.
        largest_difference: Largest absolute difference of a number on these rows.
        tolerance: What was allowed, absolute and relative.
        reason: Why the original format was kept; empty when converted.
        left_out: Outputs of the estimator that the converted model does not have.
    """

    converted: bool
    rows: int
    largest_difference: float | None
    tolerance: float
    reason: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The contents of ``model.json``.

    Args:
        manifest_version: Version of this form.
        name: What clients call the model.
        version: What clients call this state of it.
        format: What loads the model file.
        file: Name of the model file, beside the manifest.
        sha256: Digest of the model file.
        inputs: The input tensors.
        outputs: The output tensors.
        example: Rows that the model answered when it was packed, and its answer.
        libraries: Versions at packing, by distribution name; ``python`` is the interpreter's.
        column_types: The pandas dtype that a column gets back, by feature; ``object`` keeps None for a missing value
            where a tensor's column would get NaN.
        conversion: How the conversion to ONNX went; None when there was none to make.
        dataframe: Whether the estimator is given a pandas DataFrame, not a numpy array.
        trusted_types: The types beyond its own that skops may load, as they were found in the file when it was packed.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    manifest_version: Literal[1]
    name: Name
    version: Version
    format: Format
    file: FileName
    sha256: Digest
    inputs: Annotated[tuple[InputSpec, ...], Field(min_length=1)]
    outputs: Annotated[tuple[OutputSpec, ...], Field(min_length=1)]
    example: Example
    libraries: dict[str, str] = field(default_factory=dict)
    column_types: dict[str, str] = field(default_factory=dict)
    conversion: Conversion | None = None
    dataframe: bool = False
    trusted_types: tuple[str, ...] = ()

    @property
    def signature(self) -> Signature:
        """The inputs and outputs as one value."""
        return Signature(self.inputs, self.outputs)

    @property
    def executes_code(self) -> bool:
        """Whether loading the model file can run code that came with it."""
        return self.format != ONNX

    def to_json(self) -> bytes:
        """Write the manifest as indented JSON.

        Raises:
            BundleError: If it holds a text with half of a surrogate pair, as comes of bytes that were decoded wrongly.
        """
        try:
            return TypeAdapter(Manifest).dump_json(self, indent=2) + b"\n"
        except PydanticSerializationError:
            message = (
                f"{self._place_of_half()} holds half of a surrogate pair, which is no character: correct the text."
            )
            raise BundleError(message) from None

    def _place_of_half(self) -> str:
        names = {"column": [name for spec in self.inputs for name in (spec.name, *spec.features)]}
        names["label"] = [str(label) for spec in self.outputs for label in spec.labels]
        for kind, texts in names.items():
            for text in texts:
                if _HALF.search(text):
                    # With the half escaped, so that a terminal takes it.
                    return f"The {kind} {text!r}"
        for name, rows in self.example.inputs.items():
            if any(_HALF.search(str(value)) for value in np.asarray(rows, dtype=object).flat):
                return f"A value of the column {name!r}"
        return "A value of the example"


def _refuse_file(folder: Path) -> None:
    """Tell who names a file where a bundle is wanted what to do.

    Raises:
        BundleError: If it is a file.
    """
    if not folder.is_file():
        return
    remedy = (
        f"name the folder that holds it, {folder.parent}"
        if folder.name == MANIFEST_NAME
        else f"if it is a model, pack it first with 'ml-api pack {folder} --name NAME --data ROWS.csv --out FOLDER'"
    )
    message = f"{folder} is a file, and a bundle is a folder: {remedy}."
    raise BundleError(message)


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """Read the manifest of a bundle.

    Returns:
        The manifest and the digest of the bundle: the sha256 of ``model.json``, in hexadecimal.

    Raises:
        BundleError: If there is none, or it is not one.
    """
    _refuse_file(folder)
    path = folder / MANIFEST_NAME
    missing = f"There is no bundle in {folder}: {MANIFEST_NAME} is missing; make one with 'ml-api pack'."
    with reading(path, missing), path.open("rb") as file:
        content = file.read(MANIFEST_BYTES + 1)
    if len(content) > MANIFEST_BYTES:
        message = f"{path} is larger than {MANIFEST_BYTES} bytes, so it is no manifest."
        raise BundleError(message)
    return parse_manifest(content, path), sha256(content).hexdigest()


def parse_manifest(content: bytes, path: Path | str) -> Manifest:
    """Check and parse the bytes of a manifest that came from *path*."""
    try:
        return TypeAdapter(Manifest).validate_json(content)
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in detail["loc"]) or "the whole file"
        message = f"{path} is not a manifest that this version of ml-api knows: {place}: {detail['msg']}."
        raise BundleError(message) from None
