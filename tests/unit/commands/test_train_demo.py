"""The command that trains the demo model."""

from functools import partial

import numpy as np
from click.testing import CliRunner

from service.bundle.manifest import read_manifest
from service.bundle.signature import InputSpec
from service.bundle.verify import Trust, open_bundle
from service.cli import cli
from service.runtimes.load import load_runtime


def train(out):
    result = CliRunner().invoke(cli, ["train-demo", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_is_the_iris_classifier_of_the_readme(tmp_path):
    output = train(tmp_path / "model")
    manifest, digest = read_manifest(tmp_path / "model")
    assert output == f"Trained iris and packed it into {tmp_path / 'model'}: sha256 {digest}\n"
    assert (manifest.name, manifest.version, manifest.format) == ("iris", "1", "onnx")
    assert manifest.inputs == (
        InputSpec(
            "input",
            "FP64",
            (-1, 4),
            ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        ),
    )
    assert manifest.signature.output_names == ("predict", "predict_proba", "decision_function")
    assert manifest.outputs[1].labels == ("setosa", "versicolor", "virginica")


def test_the_demo_needs_no_trust_and_knows_its_irises(tmp_path):
    train(tmp_path / "model")
    runtime = load_runtime(open_bundle(tmp_path / "model", Trust()), threads=1)
    answers = runtime.run({"input": np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])}, ["predict"])
    assert answers["predict"].tolist() == ["setosa", "virginica"]


def test_the_demo_has_the_same_digest_each_time(tmp_path):
    train(tmp_path / "a")
    train(tmp_path / "b")
    assert read_manifest(tmp_path / "a")[1] == read_manifest(tmp_path / "b")[1]


def test_a_bundle_that_is_there_already_is_kept_unless_that_is_said(tmp_path):
    run = partial(CliRunner().invoke, cli)
    assert run(["train-demo", "--out", str(tmp_path)]).exit_code == 0
    refused = run(["train-demo", "--out", str(tmp_path)])
    assert "holds a bundle already" in str(refused.exception)
    assert run(["train-demo", "--out", str(tmp_path), "--overwrite"]).exit_code == 0
