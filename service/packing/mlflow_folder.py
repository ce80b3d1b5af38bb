"""A model folder that MLflow wrote: its file, and the rows of its input example as its signature types them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from service.errors import BundleError
from service.packing.source import read_file

_DESCRIPTION = "MLmodel"
_FILES = {"sklearn": "pickled_model", "onnx": "data"}
"""The flavours that can be packed, and where each one names its file."""

_TYPES = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "object",
}
"""MLflow's column types as numpy calls them."""


@dataclass(frozen=True)
class MlflowModel:
    """What is in the folder.

    Args:
        file: The model file.
        rows: The input example, a table or an array; None when MLflow was given none.
    """

    file: Path
    rows: Any


def is_mlflow(folder: Path) -> bool:
    """Tell an MLflow folder from a model file."""
    return (folder / _DESCRIPTION).is_file()


def read_mlflow(folder: Path) -> MlflowModel:
    """Read what MLflow says of a model; nothing of the model is loaded.

    Raises:
        BundleError: If the folder holds no flavour that can be packed, or does not fit together.
    """
    path = folder / _DESCRIPTION
    try:
        description = yaml.safe_load(read_file(path))
        flavors = description["flavors"]
        flavor = next((name for name in _FILES if name in flavors), "")
        if not flavor:
            message = f"{path} has the flavours {', '.join(flavors)}; only {' and '.join(_FILES)} can be packed."
            raise BundleError(message)
        file = _inside(folder, flavors[flavor][_FILES[flavor]])
        return MlflowModel(file, _example(folder, description))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{path} is not as MLflow writes it ({type(error).__name__}: {error}): log the model again."
        raise BundleError(message) from None


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        message = f"{folder / _DESCRIPTION} names {name}, which lies outside the folder: log the model again."
        raise BundleError(message)
    return path


def _example(folder: Path, description: dict[str, Any]) -> Any:  # noqa: ANN401  # a table, an array or None
    info = description.get("saved_input_example_info")
    if not info:
        return None
    content = json.loads(read_file(_inside(folder, info["artifact_path"])))
    if info["type"] == "ndarray":
        values = content["inputs"] if isinstance(content, dict) else content
        return np.asarray(values, dtype=_tensor_type(_inputs(description)))
    if info["type"] != "dataframe" or info.get("pandas_orient") != "split":
        return None
    table = pd.DataFrame(content["data"], columns=content.get("columns"))
    return _typed(table, _inputs(description))


def _inputs(description: dict[str, Any]) -> list[dict[str, Any]]:
    signature = description.get("signature") or {}
    inputs: list[dict[str, Any]] = json.loads(signature.get("inputs") or "[]")
    return inputs


def _tensor_type(inputs: list[dict[str, Any]]) -> str | None:
    return inputs[0]["tensor-spec"]["dtype"] if inputs and inputs[0]["type"] == "tensor" else None


def _typed(table: pd.DataFrame, inputs: list[dict[str, Any]]) -> pd.DataFrame:
    """Give the columns the signature's order and types; JSON tells a float from an integer by its digits only."""
    columns = {spec["name"]: _TYPES.get(spec["type"]) for spec in inputs if "name" in spec}
    if not columns:
        return table
    missing = [name for name in columns if name not in table.columns]
    if missing:
        message = f"its input example lacks {', '.join(missing)}, which its signature names"
        raise ValueError(message)
    # A column of integers with a gap stays as it came: there is no NaN among integers.
    types = {name: kind for name, kind in columns.items() if kind and not table[name].isna().any()}
    return table[list(columns)].astype(types)
