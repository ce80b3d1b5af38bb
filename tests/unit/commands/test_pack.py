"""The command that packs, run as users run it."""

import sys

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from click.testing import CliRunner
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from terminals import on_a_terminal

from service.bundle.manifest import read_manifest
from service.cli import cli, main
from service.commands import report
from service.errors import BundleError

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame({"height": RANDOM.normal(size=20), "width": RANDOM.normal(size=20)})
TARGET = np.where(TABLE["height"] > 0, "tall", "small")


@pytest.fixture(name="files")
def _files(tmp_path):
    TABLE.assign(target=TARGET).to_csv(tmp_path / "rows.csv", index=False)
    TABLE.to_csv(tmp_path / "features.csv", index=False)
    model = LogisticRegression().fit(TABLE, TARGET)
    joblib.dump(model, tmp_path / "model.joblib")
    skops.io.dump(HistGradientBoostingClassifier(max_iter=1).fit(TABLE, TARGET), tmp_path / "boosted.skops")
    skops.io.dump(DummyClassifier().fit(TABLE, TARGET), tmp_path / "dummy.skops")
    joblib.dump(IsolationForest(n_estimators=3).fit(TABLE), tmp_path / "outliers.joblib")
    graph = to_onnx(model, TABLE.to_numpy(dtype=np.float32)[:1], options={"zipmap": False})
    (tmp_path / "model.onnx").write_bytes(graph.SerializeToString())
    return tmp_path


def pack(files, *arguments, model="model.joblib", data="rows.csv"):
    command = ["pack", files / model, "--name", "model", "--data", files / data, "--out", files / "out", *arguments]
    return CliRunner().invoke(cli, [str(part) for part in command])


def test_all_that_matters_is_told(files):
    result = pack(files)
    _, digest = read_manifest(files / "out")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[:2] == [
        f"Trusting {files / 'model.joblib'}: loading it executes the code in it.",
        f"Leaving out the columns target of {files / 'rows.csv'}, which the model does not take.",
    ]
    assert lines[2:6] == [
        "input input FP64 [-1, 2] height, width",
        "output predict BYTES [-1]",
        "output predict_proba FP64 [-1, 2] small, tall",
        "output decision_function FP64 [-1]",
    ]
    assert lines[6] == "Missing values: refused, as no row had one"
    assert lines[7].startswith("Converted to ONNX: the answers agree on 40 rows (the given ones and rows near them)")
    assert lines[8:] == [f"Packed model 1 as onnx into {files / 'out'}", f"sha256 {digest}"]


@pytest.mark.parametrize(
    ("gaps", "told"), [(["width"], "taken in width; refused elsewhere"), (["height", "width"], "taken in every column")]
)
def test_the_columns_that_take_null_are_told_for_the_rows_decide_it(files, gaps, told):
    rows = TABLE.copy()
    rows.loc[3, gaps] = np.nan
    rows.to_csv(files / "gaps.csv", index=False)
    joblib.dump(make_pipeline(SimpleImputer(), LogisticRegression()).fit(rows, TARGET), files / "imputed.joblib")
    assert f"Missing values: {told}" in pack(files, model="imputed.joblib", data="gaps.csv").output


def test_the_reason_for_keeping_the_original_is_told(files):
    result = pack(files, model="dummy.skops")
    assert "Not converted to ONNX: skl2onnx has no converter for it" in result.output
    assert "Packed model 1 as skops" in result.output


def test_types_that_skops_does_not_know_are_listed(files):
    types = skops.io.get_untrusted_types(file=files / "boosted.skops")
    assert types
    assert f"Trusting the types {', '.join(sorted(types))} in it" in pack(files, model="boosted.skops").output


def test_outputs_that_a_graph_lacks_are_told(files):
    assert (
        "The converted model has no score_samples; --format sklearn keeps it."
        in pack(files, model="outliers.joblib").output
    )


def test_the_original_is_kept_byte_for_byte_when_that_is_asked_for(files):
    result = pack(files, "--format", "sklearn", "--version", "7")
    assert "Packed model 7 as joblib" in result.output
    assert (files / "out" / "model.joblib").read_bytes() == (files / "model.joblib").read_bytes()


def test_an_onnx_file_needs_no_trust(files):
    result = pack(files, model="model.onnx", data="features.csv")
    assert "Trusting" not in result.output
    assert "input X FP32 [-1, 2] height, width" in result.output


def test_many_names_are_shortened(files):
    wide = pd.DataFrame(RANDOM.normal(size=(3, 9)))
    wide.to_csv(files / "features.csv", index=False, header=False)
    joblib.dump(LogisticRegression().fit(wide.to_numpy(), [0, 1, 0]), files / "model.joblib")
    assert "input input FP64 [-1, 9] x0, x1, x2, x3, x4, x5, …" in pack(files, data="features.csv").output


def test_what_was_assumed_of_the_first_line_is_told_and_can_be_said(files):
    (files / "texts.csv").write_text("one day\nanother\n")
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["one day", "another"], [0, 1])
    joblib.dump(model, files / "texts.joblib")
    guessed = pack(files, model="texts.joblib", data="texts.csv")
    assert f"Taking the first line of {files / 'texts.csv'} for its header (one day): say --no-header" in guessed.stderr
    assert len(read_manifest(files / "out")[0].example.inputs["text"]) == 1
    said = pack(files, "--no-header", "--overwrite", model="texts.joblib", data="texts.csv")
    assert said.exit_code == 0, said.output
    assert "header" not in said.stderr
    assert len(read_manifest(files / "out")[0].example.inputs["text"]) == 2


def test_nothing_was_assumed_where_the_header_line_names_the_columns(files):
    cities = pd.DataFrame({"city": ["Bern", "Oslo"]})
    cities.to_csv(files / "cities.csv", index=False)
    joblib.dump(make_pipeline(OneHotEncoder(), LogisticRegression()).fit(cities, [0, 1]), files / "cities.joblib")
    result = pack(files, model="cities.joblib", data="cities.csv")
    assert result.exit_code == 0, result.output
    assert "first line" not in result.stderr


@pytest.mark.parametrize("kind", ["estimator", "graph"])
def test_names_that_come_from_the_file_are_told(files, kind):
    joblib.dump(LogisticRegression().fit(TABLE.to_numpy(), TARGET), files / "nameless.joblib")
    model, name = {"estimator": ("nameless.joblib", "LogisticRegression"), "graph": ("model.onnx", None)}[kind]
    result = pack(files, model=model, data="features.csv")
    told = f"{name or files / model} does not know the names of its columns: they are taken from "
    assert told in result.stderr
    assert result.exit_code == 0, result.output


def test_nothing_is_told_of_names_that_the_model_knows(files):
    assert "does not know the names" not in pack(files).stderr


def test_a_bundle_is_replaced_only_when_that_is_said(files):
    assert pack(files, "--version", "1").exit_code == 0
    again = pack(files, "--version", "2")
    assert isinstance(again.exception, BundleError)
    assert str(again.exception) == f"{files / 'out'} holds a bundle already: choose another folder, or --overwrite it."
    assert "Trusting" not in again.output
    assert read_manifest(files / "out")[0].version == "1"
    assert pack(files, "--version", "2", "--overwrite").exit_code == 0
    assert read_manifest(files / "out")[0].version == "2"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("absent.joblib", "--data", "rows.csv"), "Cannot read absent.joblib: No such file or directory."),
        (("mlruns",), "Cannot read mlruns: No such file or directory."),
        (("model.joblib", "--data", "absent.csv"), "Cannot read absent.csv: No such file or directory."),
        (("empty",), "empty is a folder with neither MLmodel nor model.py in it: name the model file."),
    ],
    ids=["model", "folder", "data", "empty folder"],
)
def test_what_is_not_there_is_told_before_anything_is_trusted(files, monkeypatch, arguments, sentence):
    monkeypatch.chdir(files)
    (files / "empty").mkdir()
    result = CliRunner().invoke(cli, ["pack", *arguments, "--name", "m", "--out", "out"])
    assert str(result.exception) == sentence
    assert "Trusting" not in result.output


def test_a_terminal_shows_a_table(files):
    code, shown = on_a_terminal(*_arguments(files))
    assert code == 0
    assert "┃" in shown
    assert "│ input" in shown


def test_wrong_use_is_one_sentence_and_exit_code_1(files, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ml-api", *_arguments(files, model="rows.csv")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: The name of ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [("--name", "a b"), ("--format", "onnx", "--out", "rows.csv")])
def test_a_failure_leaves_nothing_behind(files, arguments, monkeypatch):
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    assert isinstance(pack(files, *arguments).exception, BundleError)
    assert sorted(files.iterdir()) == before


def test_nothing_is_told_about_a_conversion_that_there_was_none_of():
    assert list(report.describe_conversion(None)) == []


def _arguments(files, model="model.joblib"):
    return ["pack", str(files / model), "--name", "m", "--data", str(files / "rows.csv"), "--out", str(files / "out")]


def test_a_graph_for_one_row_at_a_time_is_told_to_be_one(files):
    model = joblib.load(files / "model.joblib")
    kinds = [("X", FloatTensorType([1, 2]))]
    graph = to_onnx(model, initial_types=kinds, options={"zipmap": False})
    (files / "one.onnx").write_bytes(graph.SerializeToString())
    told = [pack(files, "--overwrite", model=f"{name}.onnx", data="features.csv").output for name in ("model", "one")]
    assert [sentence.count("Rows in a request: 1 and no other number") for sentence in told] == [0, 1]
