"""From the text of a cell to the value that a feature takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from service.bundle.datatypes import integer_bounds, is_integer
from service.bundle.header_line import MISSING
from service.bundle.manifest import Manifest
from service.bundle.signature import Value
from service.errors import ScoringError

TRUTH: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}

_INTEGER = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
_MOST_DIGITS = 20
"""Of the largest integer of 64 bits; an integer of very many digits is not even read."""


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
        if is_integer(self.datatype):
            return self._integer(text)
        return _truth(text) if self.datatype == "BOOL" else _number(text)

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        return integer_bounds(self.datatype)

    def _integer(self, text: str) -> int:
        if written := _INTEGER.fullmatch(text):
            sign, digits = written.groups()
            value = int(sign + digits) if len(digits) <= _MOST_DIGITS else None
        else:
            number = _number(text)
            if not number.is_integer():
                message = "is no integer"
                raise ValueError(message)
            value = int(number)
        low, high = self._bounds
        if value is None or not low <= value <= high:
            message = f"is not between {low} and {high}, as {self.datatype} is"
            raise ValueError(message)
        return value


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
        if spec.shape[1:] not in {(), (1,)}:
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


def _truth(text: str) -> bool:
    if text.lower() not in TRUTH:
        message = "is neither true nor false"
        raise ValueError(message)
    return TRUTH[text.lower()]
