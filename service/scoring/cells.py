"""From the text of a cell to the value that a feature takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from service.bundle.datatypes import is_integer
from service.bundle.header_line import MISSING
from service.bundle.manifest import Manifest
from service.bundle.signature import Value
from service.errors import ScoringError

TRUTH: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Feature:
    """A column of a table that the model takes."""

    name: str
    datatype: str
    nullable: bool

    def read(self, text: str) -> Value:
        """Read a cell.

        Raises:
            ValueError: With what is wrong, e.g. "is no number".
        """
        if self.datatype == "BYTES":
            return None if self.nullable and not text else text
        text = text.strip()
        if text.lower() in MISSING:
            if self.nullable:
                return None
            message = "is missing, and the model takes no missing value there"
            raise ValueError(message)
        return _READERS["BOOL" if self.datatype == "BOOL" else "INT" if is_integer(self.datatype) else "FP"](text)


def features_of(manifest: Manifest) -> tuple[Feature, ...]:
    """Give the columns that a model takes.

    Raises:
        ScoringError: If a row of it is no row of a table.
    """
    specs = manifest.inputs
    first = specs[0]
    if len(specs) == 1 and first.features:
        return tuple(Feature(name, first.datatype, name in first.nullable) for name in first.features)
    for spec in specs:
        if spec.shape not in {(-1,), (-1, 1)}:
            message = f"The input {spec.name} of {manifest.name} has more than one value a row: no table can hold it."
            raise ScoringError(message)
    return tuple(Feature(spec.name, spec.datatype, bool(spec.nullable)) for spec in specs)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = None
    if value is None or "_" in text:
        message = "is no number"
        raise ValueError(message)
    if not isfinite(value):
        message = "is not finite"
        raise ValueError(message)
    return value


def _integer(text: str) -> int:
    if text.lstrip("+-").isascii() and text.lstrip("+-").isdigit():
        return int(text)
    value = _number(text)
    if not value.is_integer():
        message = "is no integer"
        raise ValueError(message)
    return int(value)


def _truth(text: str) -> bool:
    if text.lower() not in TRUTH:
        message = "is neither true nor false"
        raise ValueError(message)
    return TRUTH[text.lower()]


_READERS: dict[str, Callable[[str], Value]] = {"FP": _number, "INT": _integer, "BOOL": _truth}
