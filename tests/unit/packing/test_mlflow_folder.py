"""Folders that MLflow itself wrote."""

import json
import warnings
from pathlib import Path

import mlflow.onnx
import mlflow.sklearn
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from service.bundle.manifest import read_manifest
from service.cli import cli
from service.errors import BundleError
from service.packing.mlflow_folder import read_mlflow

FRAME = pd.DataFrame({"rooms": [1, 2, 3, 4], "size": [10.5, 20.0, 30.5, 41.0]})
LABELS = ["small", "small", "large", "large"]


@pytest.fixture(scope="module")
def estimator() -> LogisticRegression:
    return LogisticRegression().fit(FRAME, LABELS)


@pytest.fixture(scope="module")
def written(tmp_path_factory, estimator) -> dict[str, Path]:
    """A folder of each kind, as MLflow writes it."""
    root = tmp_path_factory.mktemp("mlflow")
    common = {"signature": infer_signature(FRAME, estimator.predict(FRAME)), "pip_requirements": ["scikit-learn"]}
    values = FRAME.to_numpy("float32")
    graph = to_onnx(estimator, values, options={"zipmap": False})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own, about pandas and pickles
        for kind in ("skops", "cloudpickle"):
            mlflow.sklearn.save_model(estimator, root / kind, serialization_format=kind, input_example=FRAME, **common)
        mlflow.onnx.save_model(graph, root / "onnx", input_example=values, pip_requirements=["onnx"])
    return {path.name: path for path in root.iterdir()}


def pack(folder: Path, out: Path, *more: object):
    return CliRunner().invoke(cli, ["pack", str(folder), "--name", "flat", "--out", str(out), *map(str, more)])


@pytest.mark.parametrize("kind", ["skops", "cloudpickle"])
def test_signature_and_example_of_an_estimator_are_taken_over(written, tmp_path, kind):
    result = pack(written[kind], tmp_path / "bundle")
    assert result.exit_code == 0, result.output
    assert "loading it executes the code in it" in result.output
    manifest, _ = read_manifest(tmp_path / "bundle")
    assert manifest.signature.features == ("rooms", "size")
    assert manifest.example.outputs[manifest.outputs[0].name][:2] == ["small", "small"]


def test_an_onnx_flavour_is_packed_without_trust(written, tmp_path):
    result = pack(written["onnx"], tmp_path / "bundle")
    assert result.exit_code == 0, result.output
    assert "executes" not in result.output
    manifest, _ = read_manifest(tmp_path / "bundle")
    assert (manifest.format, manifest.inputs[0].datatype) == ("onnx", "FP32")


def test_rows_of_one_s_own_are_taken_instead_of_the_example(written, tmp_path):
    FRAME.assign(size=FRAME["size"] + 1).to_csv(tmp_path / "rows.csv", index=False)
    assert pack(written["skops"], tmp_path / "bundle", "--data", tmp_path / "rows.csv").exit_code == 0
    manifest, _ = read_manifest(tmp_path / "bundle")
    assert "11.5" in json.dumps(manifest.example.inputs)


def change(folder: Path, target: Path, **changes: object) -> Path:
    """Copy what describes the model, with other contents."""
    description = yaml.safe_load((folder / "MLmodel").read_text()) | changes
    target.mkdir()
    (target / "MLmodel").write_text(yaml.safe_dump(description))
    (target / "input_example.json").write_bytes((folder / "input_example.json").read_bytes())
    return target


def test_without_an_example_rows_are_asked_for(written, tmp_path):
    result = pack(change(written["skops"], tmp_path / "bare", saved_input_example_info=None), tmp_path / "bundle")
    assert result.exit_code == 2
    assert "Missing option '--data': name a CSV file" in result.output


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"flavors": {"xgboost": {}, "python_function": {}}},
            "has the flavours python_function, xgboost; only sklearn",
        ),
        ({"flavors": {"sklearn": {"pickled_model": "../../model.pkl"}}}, "model.pkl, which lies outside the folder"),
        ({"flavors": {"sklearn": {}}}, r"is not as MLflow writes it \(KeyError"),
        ({"flavors": None}, "is not as MLflow writes it"),
        ({"signature": {"inputs": '[{"type": "double", "name": "age"}]'}}, "its input example lacks age"),
    ],
    ids=["flavour", "outside", "no file", "none", "signature"],
)
def test_a_folder_that_cannot_be_packed_is_told(written, tmp_path, changes, sentence):
    with pytest.raises(BundleError, match=sentence):
        read_mlflow(change(written["skops"], tmp_path / "changed", **changes))


def test_nothing_of_a_model_is_loaded_to_read_its_folder(written, tmp_path):
    folder = change(written["cloudpickle"], tmp_path / "changed")
    assert not (folder / "model.pkl").exists()
    model = read_mlflow(folder)
    assert model.file == folder / "model.pkl"
    pd.testing.assert_frame_equal(model.rows, FRAME)
