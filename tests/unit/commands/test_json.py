"""``--json``: one document on standard output, whatever else is said on standard error."""

import json

import joblib
import pytest
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

from service.bundle.manifest import read_manifest
from service.cli import cli

ROWS = [[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]]


@pytest.fixture(name="model", scope="module")
def _model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    joblib.dump(LogisticRegression().fit(ROWS, ["no", "no", "yes", "yes"]), folder / "model.joblib")
    (folder / "rows.csv").write_text("0,1\n1,0.5\n2,0\n")
    return folder


@pytest.fixture(name="bundle", scope="module")
def _bundle(model):
    run("pack", model / "model.joblib", "--name", "small", "--data", model / "rows.csv", "--out", model / "bundle")
    return model / "bundle"


def run(*arguments):
    result = CliRunner().invoke(cli, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", ["pack", "check", "fetch"])
def test_a_bundle_is_told_as_its_manifest_and_its_digest(model, bundle, tmp_path, command):
    arguments, folder = {
        "pack": (
            ("pack", model / "model.joblib", "--name", "small", "--data", model / "rows.csv", "--out", tmp_path / "b"),
            tmp_path / "b",
        ),
        "check": (("check", bundle), bundle),
        "fetch": (("fetch", bundle.as_uri(), "--out", tmp_path / "b"), tmp_path / "b"),
    }[command]
    told = run(*arguments)
    manifest, digest = read_manifest(folder)
    assert (told["name"], told["version"], told["format"]) == ("small", "1", "onnx")
    assert (told["folder"], told["sha256"]) == (str(folder), digest)
    assert told["inputs"][0]["shape"] == [-1, 2]
    assert told["outputs"][1]["labels"] == ["no", "yes"]
    assert told["conversion"]["converted"] is True
    if command == "check":
        assert told["libraries"] == manifest.libraries
        assert told["imports"] == {"harmless": [], "unknown": [], "dangerous": []}


def test_a_model_file_is_told_by_what_it_would_import(model):
    told = run("check", model / "model.joblib")
    assert told["format"] == "joblib"
    assert "sklearn.linear_model._logistic.LogisticRegression" in told["imports"]["harmless"]
    assert (told["imports"]["dangerous"], told["problem"]) == ([], "")


def test_a_bundle_that_is_not_good_gets_no_json(bundle):
    result = CliRunner().invoke(cli, ["check", str(bundle), "--json", "--sha256", "0" * 64])
    assert result.exit_code == 1
    assert result.stdout == ""


def test_the_demo_is_told_as_a_bundle_too(tmp_path):
    told = run("train-demo", "--out", tmp_path / "demo")
    assert (told["name"], told["sha256"]) == ("iris", read_manifest(tmp_path / "demo")[1])
