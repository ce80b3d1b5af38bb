"""The command that checks a bundle, run as users run it."""

import os
import sys
from hashlib import sha256

import joblib
import pandas as pd
import pytest
import skops.io
from click.testing import CliRunner
from manifests import change_manifest, manifest_in
from sklearn.linear_model import LogisticRegression

from service import pack
from service.bundle.verify import Trust
from service.cli import cli, main
from service.errors import BundleError, UntrustedBundleError

ROWS = [[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]]


@pytest.fixture(name="bundle", params=["onnx", "sklearn"])
def _bundle(request, tmp_path):
    model = LogisticRegression().fit(ROWS, [0, 0, 1, 1])
    return pack(model, ROWS, tmp_path / "bundle", name="model", format=request.param)


def check(bundle, *arguments):
    return CliRunner().invoke(cli, ["check", str(bundle.folder), *arguments])


@pytest.mark.parametrize("trust", ["--sha256", "--trust"])
def test_a_good_bundle_passes_every_check(bundle, trust):
    result = check(bundle, trust, *([bundle.sha256] if trust == "--sha256" else []))
    assert result.exit_code == 0, result.output
    lines = [line.partition(":")[0] for line in result.output.splitlines()]
    conversion = ["conversion"] if bundle.manifest.conversion else []
    assert lines[1:] == [
        "imports, known harmless" if bundle.manifest.executes_code else "imports",
        "trust",
        "model file",
        "libraries at packing",
        *conversion,
        "example",
        f"model 1 in {bundle.folder} is good",
    ]
    assert lines[0] == f"sha256 {bundle.sha256}{' as pinned' if trust == '--sha256' else ''}"


def test_code_needs_somebody_who_vouches(bundle):
    result = check(bundle)
    if bundle.manifest.executes_code:
        assert isinstance(result.exception, UntrustedBundleError)
        assert "imports, known harmless: 4 of joblib, numpy, sklearn" in result.output
    else:
        assert "trust: not needed, onnx executes no code" in result.output


def test_another_digest_than_the_pinned_one_is_refused(bundle):
    assert isinstance(check(bundle, "--sha256", "0" * 64).exception, BundleError)


def test_a_damaged_model_file_is_refused(bundle):
    path = bundle.folder / bundle.manifest.file
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged or was replaced" in str(check(bundle, "--trust").exception)


def test_an_example_that_is_answered_otherwise_is_refused(bundle):
    example = manifest_in(bundle.folder)["example"]
    example["outputs"]["predict"] = [1, 1]
    change_manifest(bundle.folder, example=example)
    assert "predict differs on 2 of 2 rows" in str(check(bundle, "--trust").exception)


class Runs:
    """Leaves a file behind when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.fixture(name="runs")
def _runs(tmp_path):
    yield Runs(tmp_path / "ran")
    assert not (tmp_path / "ran").exists(), "a line of the file was executed"


def run(monkeypatch, capsys, *arguments):
    """Run the command as a process would."""
    monkeypatch.setattr(sys, "argv", ["ml-api", "check", *map(str, arguments)])
    try:
        main()
    except SystemExit as stopped:
        return stopped.code or 0, *capsys.readouterr()
    raise AssertionError


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("model.joblib", LogisticRegression().fit(ROWS, [0, 0, 1, 1]), (0, "imports, known harmless: 4 of joblib")),
        ("model.joblib", [os.getcwd], (3, f"imports, dangerous: {os.getcwd.__module__}.getcwd")),
        ("model.joblib", [Trust()], (1, "imports, unknown: service.bundle.verify.Trust")),
        ("model.pkl", LogisticRegression().fit(ROWS, [0, 0, 1, 1]), (0, "imports, known harmless: 4 of joblib")),
        ("model.skops", LogisticRegression().fit(ROWS, [0, 0, 1, 1]), (0, "types that skops does not trust: none")),
        ("model.onnx", None, (0, "imports: none, onnx executes no code")),
    ],
    ids=["harmless", "dangerous", "unknown", "joblib called pickle", "skops", "onnx"],
)
def test_a_model_file_is_looked_into_before_anybody_trusts_it(tmp_path, monkeypatch, capsys, name, value, expected):
    path = tmp_path / name
    if name == "model.skops":
        skops.io.dump(value, path)
    elif value is None:
        path.touch()
    else:
        joblib.dump(value, path)
    code, out, err = run(monkeypatch, capsys, path)
    assert code == expected[0]
    assert expected[1] in out
    assert err.count("\n") == (1 if code else 0)


def test_dangerous_code_in_a_bundle_is_told_before_trust_and_not_executed(tmp_path, runs, monkeypatch, capsys):
    bundle = pack(LogisticRegression().fit(ROWS, [0, 0, 1, 1]), ROWS, tmp_path / "b", name="model", format="sklearn")
    path = bundle.folder / bundle.manifest.file
    joblib.dump([joblib.load(path), runs], path, compress=3)
    change_manifest(bundle.folder, sha256=sha256(path.read_bytes()).hexdigest())
    code, out, err = run(monkeypatch, capsys, bundle.folder)
    assert code == 3
    assert f"imports, dangerous: {os.system.__module__}.system" in out
    assert err == (
        f"Error: The bundle in {bundle.folder} would import {os.system.__module__}.system, which no model needs: "
        "do not load it.\n"
    )


def test_a_folder_that_mlflow_wrote_is_looked_into(tmp_path, monkeypatch, capsys):
    joblib.dump([os.getcwd], tmp_path / "model.pkl")
    (tmp_path / "MLmodel").write_text("flavors: {sklearn: {pickled_model: model.pkl}}")
    code, out, err = run(monkeypatch, capsys, tmp_path)
    assert code == 3
    assert f"imports, dangerous: {os.getcwd.__module__}.getcwd" in out
    assert f"{tmp_path / 'model.pkl'} would import" in err


def test_a_path_where_nothing_is_gets_no_advice_to_pack(tmp_path, monkeypatch, capsys):
    code, _, err = run(monkeypatch, capsys, tmp_path / "nothing.joblib")
    assert (code, err) == (
        1,
        f"Error: There is nothing at {tmp_path / 'nothing.joblib'}: name a model file, or the folder of a bundle.\n",
    )


def test_a_model_that_breaks_over_its_example_is_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "model.py").write_text(
        "import os\nclass Model:\n    def predict(self, rows): return rows[os.environ['FEATURE']].to_numpy()\n"
    )
    monkeypatch.setenv("FEATURE", "size")
    bundle = pack(tmp_path / "model.py", pd.DataFrame({"size": [1.0, 2.0]}), tmp_path / "bundle", name="model")
    monkeypatch.delenv("FEATURE")
    code, _, err = run(monkeypatch, capsys, bundle.folder, "--trust")
    assert code == 1
    assert err == "Error: The model model cannot answer the example of its manifest: KeyError: 'FEATURE'.\n"
