"""The manifest of a bundle."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from service.bundle.manifest import MANIFEST_BYTES, Conversion, Example, Manifest, parse_manifest, read_manifest
from service.bundle.signature import InputSpec, OutputSpec
from service.errors import BundleError

MANIFEST = Manifest(
    manifest_version=1,
    name="iris",
    version="1",
    format="onnx",
    file="model.onnx",
    sha256="0" * 64,
    inputs=(InputSpec("input", "FP64", (-1, 2), ("a", "b"), ("b",)),),
    outputs=(OutputSpec("predict", "BYTES", (-1,)), OutputSpec("predict_proba", "FP64", (-1, 2), ("no", "yes"))),
    example=Example({"input": [[1.0, None]]}, {"predict": ["no"], "predict_proba": [[0.75, 0.25]]}),
    libraries={"python": "3.11.7"},
    conversion=Conversion(converted=True, rows=10, largest_difference=0.0, tolerance=1e-4),
)


def test_a_manifest_survives_the_way_to_its_file_and_back(tmp_path):
    content = MANIFEST.to_json()
    (tmp_path / "model.json").write_bytes(content)

    manifest, digest = read_manifest(tmp_path)

    assert manifest == MANIFEST
    assert digest == sha256(content).hexdigest()


@pytest.mark.parametrize("labels", [(0, 1), (True, False), ("a", "b"), (0.5, 1.5)])
def test_labels_keep_their_type(tmp_path, labels):
    outputs = (OutputSpec("predict_proba", "FP64", (-1, 2), labels),)
    parsed = parse_manifest(replace(MANIFEST, outputs=outputs).to_json(), tmp_path)

    assert [type(label) for label in parsed.outputs[0].labels] == [type(label) for label in labels]
    assert parsed.outputs[0].labels == labels


@pytest.mark.parametrize(
    ("model_format", "executes"), [("onnx", False), ("joblib", True), ("pickle", True), ("skops", True)]
)
def test_only_onnx_executes_no_code(model_format, executes):
    assert replace(MANIFEST, format=model_format).executes_code is executes


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"There is no bundle in .*: model\.json is missing"):
        read_manifest(tmp_path)


def test_a_model_file_is_no_bundle_and_its_owner_is_told_to_pack_it(tmp_path):
    (tmp_path / "wine.joblib").touch()
    with pytest.raises(BundleError, match=r"wine\.joblib is a file, .* 'ml-api pack .*wine\.joblib --name"):
        read_manifest(tmp_path / "wine.joblib")


def test_a_manifest_is_no_bundle_but_the_folder_that_holds_it(tmp_path):
    (tmp_path / "model.json").write_bytes(MANIFEST.to_json())
    with pytest.raises(BundleError, match=rf"name the folder that holds it, {tmp_path}\.$"):
        read_manifest(tmp_path / "model.json")


def test_a_manifest_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "model.json").mkdir()
    with pytest.raises(BundleError, match=r"Cannot read .*model\.json: Is a directory"):
        read_manifest(tmp_path)


def test_a_huge_manifest_is_refused_before_it_is_parsed(tmp_path):
    (tmp_path / "model.json").write_bytes(b" " * (MANIFEST_BYTES + 1))
    with pytest.raises(BundleError, match="is larger than"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("manifest_version", 2, "manifest_version"),
        ("format", "keras", "format"),
        ("name", "../iris", "name"),
        ("version", "", "version"),
        ("file", "../../etc/passwd", "file"),
        ("sha256", "abc", "sha256"),
        ("inputs", [{"name": "a"}], "inputs.0"),
        ("inputs", [], "inputs"),
        ("outputs", [], "outputs"),
        ("colour", "red", "colour"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not_shown(tmp_path, field, value, place):
    content = json.loads(MANIFEST.to_json()) | {field: value}
    with pytest.raises(BundleError, match="is not a manifest that this version of ml-api knows") as raised:
        parse_manifest(json.dumps(content).encode(), tmp_path)
    assert f": {place}" in str(raised.value)
    assert "passwd" not in str(raised.value)


def test_broken_json_is_refused(tmp_path):
    with pytest.raises(BundleError, match="the whole file"):
        parse_manifest(b"{", tmp_path)
