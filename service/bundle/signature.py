"""What a model takes and gives, in the terms of the Open Inference Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from typing_extensions import TypeAliasType

from service.bundle.datatypes import NUMPY_TYPES, Array, is_float

Value = str | int | float | bool | None
Nested = TypeAliasType("Nested", "Value | list[Nested]")
"""A tensor written as JSON: nested lists, row-major."""

Label = str | int | float | bool
"""A class label as the estimator knows it."""


@dataclass(frozen=True)
class InputSpec:
    """One input tensor.

    Args:
        name: Tensor name; for a column on its own, the name of the feature.
        datatype: Protocol datatype, e.g. ``FP64``.
        shape: With -1 for a variable dimension; the first one counts the rows.
        features: Names of the columns of a ``[-1, n]`` matrix; empty otherwise.
        nullable: The features (or this input's own name) that may be missing: null in JSON, NaN in a float tensor.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    features: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutputSpec:
    """One output tensor; ``labels`` name its columns where they mean something, e.g. the classes of predict_proba."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Signature:
    """All inputs and outputs; the first output answers when a protocol has room for one only."""

    inputs: tuple[InputSpec, ...]
    outputs: tuple[OutputSpec, ...]

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The keys of a record: the columns of the matrix, or the names of the inputs."""
        if len(self.inputs) == 1 and self.inputs[0].features:
            return self.inputs[0].features
        return tuple(spec.name for spec in self.inputs)

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs, in order."""
        return tuple(spec.name for spec in self.outputs)

    @cached_property
    def is_batchable(self) -> bool:
        """Whether rows of several requests can be joined and split again."""
        shapes = [*(spec.shape for spec in self.inputs), *(spec.shape for spec in self.outputs)]
        return all(shape[:1] == (-1,) for shape in shapes)

    @cached_property
    def fixed_rows(self) -> int:
        """How many rows a request must have, where a graph was written for that many; 0 where any number will do."""
        return max((0, *(size for spec in self.inputs for size in spec.shape[:1])))


def to_array(values: Nested, datatype: str) -> Array:
    """Turn nested lists of the manifest into a tensor; null becomes NaN in a float tensor and None in BYTES."""
    if is_float(datatype):
        return np.asarray(values, dtype=np.float64).astype(NUMPY_TYPES[datatype])
    return np.asarray(values, dtype=NUMPY_TYPES[datatype])


def to_nested(array: Array) -> Nested:
    """Turn a tensor into nested lists that JSON can hold; NaN becomes null."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        values = array.astype(object)
        values[~np.isfinite(array)] = None
        array = values
    nested: Nested = array.tolist()
    return nested
