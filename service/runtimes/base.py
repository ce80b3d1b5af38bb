"""What every runtime can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from service.bundle.datatypes import Array

Tensors = Mapping[str, Array]
"""Tensors by name. The first dimension counts the rows; BYTES tensors hold str objects."""


class Runtime(Protocol):
    """A loaded model."""

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Compute the named outputs for all rows.

        Args:
            tensors: One array for each input of the signature, of its datatype and shape.
            outputs: Names out of the signature.

        Raises:
            InvalidInputError: If the model refuses these values, e.g. a category that it does not know.
            Exception: Whatever the library raises otherwise.
        """
        ...
