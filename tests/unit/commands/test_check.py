"""The command that checks a bundle, run as users run it."""

import json

import pytest
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

from service import pack
from service.cli import cli
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
    else:
        assert "trust: not needed, onnx executes no code" in result.output


def test_another_digest_than_the_pinned_one_is_refused(bundle):
    assert isinstance(check(bundle, "--sha256", "0" * 64).exception, BundleError)


def test_a_damaged_model_file_is_refused(bundle):
    path = bundle.folder / bundle.manifest.file
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged or was replaced" in str(check(bundle, "--trust").exception)


def test_an_example_that_is_answered_otherwise_is_refused(bundle):
    path = bundle.folder / "model.json"
    manifest = json.loads(path.read_text())
    manifest["example"]["outputs"]["predict"] = [1, 1]
    path.write_text(json.dumps(manifest))
    assert "predict differs on 2 of 2 rows" in str(check(bundle, "--trust").exception)
