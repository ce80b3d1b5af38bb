"""One field of the form for each feature, typed and bounded by the signature."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from service.bundle.datatypes import integer_bounds, is_integer
from service.bundle.manifest import Manifest
from service.bundle.signature import InputSpec, Value
from service.protocols.asking import example_inputs

Kind = Literal["number", "integer", "boolean", "text"]

MOST_FIELDS = 200
"""With more features the form is one text area for rows in JSON."""

LONG_TEXT = 40


@dataclass(frozen=True)
class Field:
    """A field.

    Args:
        label: Name of the feature, or its place if the name shows nothing.
        kind: What may be typed.
        value: What it is filled with, the manifest's example.
        nullable: Whether it may be empty.
        minimum: Smallest integer; None where it is none.
        maximum: Largest integer, in the same way.
        is_long: Whether its text needs room.
    """

    label: str
    kind: Kind
    value: str
    nullable: bool
    minimum: int | None = None
    maximum: int | None = None
    is_long: bool = False


def fields_of(manifest: Manifest) -> tuple[Field, ...]:
    """Give the fields in the order of the features; none if they are too many or hold more than one value."""
    signature = manifest.signature
    first = signature.inputs[0]
    if len(signature.features) > MOST_FIELDS:
        return ()
    if len(signature.inputs) == 1 and first.features:
        row: Any = example_inputs(manifest)[first.name]
        cells = enumerate(zip(first.features, row[0], strict=True))
        return tuple(
            _field(first, _label(name, place), value, nullable=name in first.nullable) for place, (name, value) in cells
        )
    if any(spec.shape not in {(-1,), (-1, 1)} for spec in signature.inputs):
        return ()
    is_text = len(signature.inputs) == 1
    given = example_inputs(manifest)
    return tuple(
        _field(
            spec,
            _label(spec.name, place),
            _first_cell(given[spec.name], spec),
            nullable=bool(spec.nullable),
            is_text=is_text,
        )
        for place, spec in enumerate(signature.inputs)
    )


def _label(name: str, place: int) -> str:
    is_seen = any(character.isprintable() and not character.isspace() for character in name)
    return name if is_seen else f"column {place + 1}"


def _first_cell(column: Any, spec: InputSpec) -> Value:  # noqa: ANN401  # nested lists
    value: Value = column[0] if spec.shape == (-1,) else column[0][0]
    return value


def _field(spec: InputSpec, label: str, value: Value, *, nullable: bool, is_text: bool = False) -> Field:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    if spec.datatype == "BYTES":
        is_long = is_text or len(text) > LONG_TEXT or not text.isprintable()
        return Field(label, "text", text, nullable, is_long=is_long)
    if spec.datatype == "BOOL":
        return Field(label, "boolean", text, nullable)
    if is_integer(spec.datatype):
        return Field(label, "integer", text, nullable, *integer_bounds(spec.datatype))
    return Field(label, "number", text, nullable)
