"""Two models side by side: bundles, and a running service."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fileserver import FileServer, status
from onnx import helper
from serving import running
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from terminals import on_a_terminal

from service import pack
from service.cli import cli
from service.commands.comparison_report import _microseconds
from service.comparison.sides import ComparisonError
from service.errors import UntrustedBundleError

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(RANDOM.normal(size=(300, 2)), columns=["height", "width"])
LABELS = np.where(ROWS["height"] > 0.1, "high", "low")


@pytest.fixture(name="models", scope="module")
def _models(tmp_path_factory):
    """The same classifier in two formats, another one, and a regressor; with a table of rows and an answer beside."""
    folder = tmp_path_factory.mktemp("models")
    classifier = LogisticRegression().fit(ROWS, LABELS)
    pack(classifier, ROWS, folder / "onnx", name="size")
    pack(classifier, ROWS, folder / "joblib", name="size", format="sklearn")
    other = LogisticRegression(C=0.001).fit(ROWS, np.where(ROWS["height"] > 0.5, "high", "low"))
    pack(other, ROWS, folder / "other", name="size", version="2")
    pack(LinearRegression().fit(ROWS, ROWS["height"]), ROWS, folder / "regressor", name="size")
    pack(LogisticRegression().fit(ROWS[["width"]], LABELS), ROWS[["width"]], folder / "narrow", name="size")
    ROWS.assign(answer=LABELS).to_csv(folder / "rows.csv", index=False)
    return folder


def compare(models, a, b, *arguments):
    data = () if "--data" in arguments else ("--data", str(models / "rows.csv"))
    return CliRunner().invoke(cli, ["compare", str(models / a), str(models / b), *data, *arguments])


def test_two_formats_of_one_model_agree(models):
    result = compare(models, "joblib", "onnx", "--trust")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == f"A {models / 'joblib'}: size 1 (joblib)"
    assert lines[1] == f"B {models / 'onnx'}: size 1 (onnx)"
    assert lines[2] == "predict: 100 % of 300 rows agree"
    assert lines[3].startswith("predict_proba: 100 % of 300 rows agree, largest difference ")
    assert lines[5].startswith("A: one row ")
    assert lines[-1] == "A and B agree on 300 rows within 0.0001"


def test_another_model_differs_and_its_rows_are_named(models):
    result = compare(models, "onnx", "other", "--json")
    assert isinstance(result.exception, ComparisonError)
    answer = json.loads(result.stdout)
    predict, proba, _ = answer["comparison"]["outputs"]
    labels = [LogisticRegression().fit(ROWS, LABELS), LogisticRegression(C=0.001)]
    labels[1].fit(ROWS, np.where(ROWS["height"] > 0.5, "high", "low"))
    differing = np.flatnonzero(labels[0].predict(ROWS) != labels[1].predict(ROWS))
    assert predict["differing_rows"] == len(differing) > 0
    assert predict["first_rows"] == differing[:10].tolist()
    assert predict["equal"] == pytest.approx(1 - len(differing) / 300)
    gaps = np.abs(labels[0].predict_proba(ROWS) - labels[1].predict_proba(ROWS))
    assert proba["largest_absolute"] == pytest.approx(gaps.max(), rel=1e-3)
    assert proba["largest_relative"] == pytest.approx((gaps / labels[0].predict_proba(ROWS)).max(), rel=1e-3)
    assert answer["agree"] is False
    assert f"predict differs on {len(differing)} of 300 rows; predict_proba" in str(result.exception)


def test_a_wider_tolerance_lets_numbers_pass_and_labels_not(models):
    assert compare(models, "onnx", "other", "--output", "predict_proba", "--tolerance", "1000").exit_code == 0
    assert compare(models, "onnx", "other", "--output", "predict", "--tolerance", "1000").exit_code == 1


@pytest.mark.parametrize(("percent", "code"), [("50", 0), ("99.9", 1)])
def test_a_model_that_learned_may_differ_on_some_rows(models, percent, code):
    result = compare(models, "onnx", "other", "--output", "predict", "--agreement", percent)
    assert result.exit_code == code
    assert ("A and B agree on at least 50 % of 300 rows" in result.output) == (code == 0)


@pytest.mark.parametrize(
    ("b", "arguments", "sentence"),
    [
        ("narrow", (), "A and B take different inputs, so no rows fit both: A alone takes height."),
        ("regressor", (), "A and B give different things as predict (BYTES [-1] and FP64 [-1])"),
        ("other", ("--output", "price"), "Neither A nor B has the output price: A has predict, "),
    ],
)
def test_models_that_cannot_be_compared_are_one_sentence(models, b, arguments, sentence):
    error = compare(models, "onnx", b, *arguments).exception
    assert isinstance(error, ComparisonError)
    assert sentence in str(error)
    assert str(error).count("\n") == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("height\n1.0\n", "lacks the columns width, but the models take height, width."),
        (
            "height,width,height\n1,2,3\n",
            "has more than one column called height, which the model takes: leave the right",
        ),
        ("1,2,3\n", "has 3 columns, but the models take height, width."),
        ("height;width\n1;2\n", "height, width; its columns seem to be separated by semicolons: save it with commas."),
        ("height,width\n1,tall\n", "does not fit the models: input 'input', row 0, column 'width' is a string"),
    ],
    ids=["missing", "twice", "no names", "semicolons", "a string"],
)
def test_rows_that_do_not_fit_are_told(models, tmp_path, content, sentence):
    (tmp_path / "wrong.csv").write_text(content)
    assert sentence in str(compare(models, "onnx", "other", "--data", str(tmp_path / "wrong.csv")).exception)


def test_rows_without_names_are_taken_in_order(models, tmp_path):
    ROWS.to_csv(tmp_path / "plain.csv", index=False, header=False)
    assert compare(models, "onnx", "onnx", "--data", str(tmp_path / "plain.csv")).exit_code == 0


@pytest.mark.parametrize(("option", "rows"), [("--header", 299), ("--no-header", 300)])
def test_whether_there_is_a_header_line_can_be_said(models, tmp_path, option, rows):
    ROWS[["width"]].to_csv(tmp_path / "one.csv", index=False, header=False)
    result = compare(models, "narrow", "narrow", "--data", str(tmp_path / "one.csv"), option, "--json")
    assert json.loads(result.stdout)["comparison"]["rows"] == rows


def test_a_graph_by_another_hand_is_matched_by_its_columns(models, tmp_path):
    """Its input has another name, other floats, another order of the columns and room for one row at a time."""
    turned = ROWS[["width", "height"]]
    model = LogisticRegression().fit(turned, LABELS)
    graph = to_onnx(
        model,
        initial_types=[("float_input", FloatTensorType([1, 2]))],
        options={"zipmap": False, "output_class_labels": False},
    )
    pack(_with_outputs(graph, "predict", "predict_proba"), turned, tmp_path / "graph", name="size")
    outputs = "--output", "predict"
    for a, b in ((models / "onnx", tmp_path / "graph"), (tmp_path / "graph", models / "onnx")):
        result = compare(models, a, b, *outputs)
        assert result.exit_code == 0, result.exception
        assert "predict: 100 % of 300 rows agree" in result.output


def _with_outputs(graph, *names):
    """Call the outputs of a graph as `pack` does."""
    for output, name in zip(graph.graph.output, names, strict=True):
        graph.graph.node.append(helper.make_node("Identity", [output.name], [name]))
        output.name = name
    return graph


def test_inputs_that_differ_in_more_than_a_name_are_told(models, tmp_path):
    whole = pd.DataFrame({"height": [1, 2, 3], "width": [3, 1, 2]})
    mixed = pd.DataFrame({"height": [1.0, 2.5, 3.5], "width": ["a", "b", "c"]})
    for name, rows in (("whole", whole), ("mixed", mixed)):
        estimator = LinearRegression() if name == "whole" else make_pipeline(OrdinalEncoder(), LinearRegression())
        pack(estimator.fit(rows, [1.0, 2.0, 3.0]), rows, tmp_path / name, name="size", format="sklearn")
    told = [str(compare(models, "onnx", tmp_path / name, "--trust").exception) for name in ("whole", "mixed")]
    assert told[0].endswith("so no rows fit both: A takes input as FP64 [-1, 2] and B input as INT64 [-1, 2].")
    assert told[1].endswith("so no rows fit both: A takes the columns in 1 inputs and B in 2.")


def test_code_needs_trust(models):
    error = compare(models, "onnx", "joblib").exception
    assert isinstance(error, UntrustedBundleError)
    assert str(error).startswith(f"The bundle in {models / 'joblib'} executes code when it is loaded: say --trust")
    assert "sha256" not in str(error)


def test_a_difference_from_zero_is_no_part_of_anything(tmp_path):
    rows = pd.DataFrame({"size": [0.0, 1.0, 2.0]})
    for name, target in (("old", [0.0, 2.0, 4.0]), ("new", [1.0, 3.0, 5.0])):
        pack(DecisionTreeRegressor().fit(rows, target), rows, tmp_path / name, name="sizes")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    told = compare(tmp_path, "old", "new").output
    assert "largest difference 1, relative 0.5, rows 0, 1, 2" in told


def test_rows_that_one_of_them_refuses_are_counted(tmp_path):
    cities = pd.DataFrame({"city": ["Bern", "Oslo"] * 20})
    for name, options in (("strict", {}), ("mild", {"handle_unknown": "use_encoded_value", "unknown_value": -1})):
        model = make_pipeline(OrdinalEncoder(**options), LinearRegression()).fit(cities, range(40))
        pack(model, cities, tmp_path / name, name="cities", format="sklearn")
    pd.DataFrame({"city": ["Bern"] * 300 + ["Rome", "Oslo"]}).to_csv(tmp_path / "rows.csv", index=False)
    result = compare(tmp_path, "strict", "mild", "--trust")
    assert "A alone refuses 1 rows" in str(result.exception)
    lines = result.output.splitlines()
    assert lines[2] == "301 of 302 rows are answered by both: A alone refuses 1"
    assert lines[3].startswith("predict: 100 % of 301 rows agree, ")
    assert result.stderr == ""
    both = compare(tmp_path, "strict", "strict", "--trust")
    assert both.exit_code == 0
    assert "301 of 302 rows are answered by both: both refuse 1" in both.output
    assert both.output.splitlines()[-1] == "A and B agree on 301 rows within 0.0001"
    told = json.loads(compare(tmp_path, "strict", "strict", "--trust", "--json").stdout)
    assert (told["comparison"]["rows"], told["comparison"]["answered"], told["both_refused"]) == (302, 301, 1)


def test_a_model_that_differs_is_told_by_the_rows_that_both_answered(tmp_path):
    cities = pd.DataFrame({"city": ["Bern", "Oslo"] * 20})
    for name, targets in (("old", range(40)), ("new", range(40, 0, -1))):
        model = make_pipeline(OrdinalEncoder(), LinearRegression()).fit(cities, targets)
        pack(model, cities, tmp_path / name, name="cities", format="sklearn")
    pd.DataFrame({"city": ["Bern", "Rome", "Oslo"]}).to_csv(tmp_path / "rows.csv", index=False)
    result = compare(tmp_path, "old", "new", "--trust", "--tolerance", "0")
    assert "predict differs on 1 of 2 rows." in str(result.exception)


def test_models_that_refuse_every_row_do_not_agree(tmp_path):
    cities = pd.DataFrame({"city": ["Bern", "Oslo"]})
    model = make_pipeline(OrdinalEncoder(), LinearRegression()).fit(cities, range(2))
    pack(model, cities, tmp_path / "strict", name="cities", format="sklearn")
    pd.DataFrame({"city": ["Rome"] * 3}).to_csv(tmp_path / "rows.csv", index=False)
    result = compare(tmp_path, "strict", "strict", "--trust")
    assert "A and B refuse all 3 rows" in str(result.exception)


def test_the_part_that_must_agree_is_counted_exactly(tmp_path):
    rows = pd.DataFrame({"size": np.arange(100.0)})
    for name, first in (("old", 50), ("new", 57)):
        model = DecisionTreeClassifier().fit(rows, rows["size"] >= first)
        pack(model, rows, tmp_path / name, name="sizes")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    assert compare(tmp_path, "old", "new", "--output", "predict", "--agreement", "93").exit_code == 0
    assert compare(tmp_path, "old", "new", "--output", "predict", "--agreement", "93.1").exit_code == 1


def test_a_running_service_is_compared_with_a_bundle(iris, iris_bundle, tmp_path):
    load_iris(as_frame=True).data.to_csv(tmp_path / "rows.csv", index=False)
    arguments = ["compare", str(iris_bundle), iris.url, "--data", str(tmp_path / "rows.csv"), "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [output["equal"] for output in answer["comparison"]["outputs"]] == [1, 1, 1]
    local, remote = answer["comparison"]["speed"]
    assert local["row_cpu_seconds"] > 0
    assert remote["row_cpu_seconds"] is None
    assert remote["row_seconds"] > local["row_seconds"] > 0


@pytest.mark.parametrize(
    ("path", "sentence"), [("", "cannot be asked: "), ("/elsewhere", "/model answered 404")], ids=["nobody", "no model"]
)
def test_a_place_without_a_service_is_one_sentence(iris, models, path, sentence):
    url = iris.url + path if path else "http://127.0.0.1:1"
    result = CliRunner().invoke(cli, ["compare", str(models / "onnx"), url, "--data", str(models / "rows.csv")])
    assert isinstance(result.exception, ComparisonError)
    assert sentence in str(result.exception)


def test_a_page_that_is_no_service_is_one_sentence(models, tmp_path):
    with running(FileServer(tmp_path)) as web:
        web.plans["/model"] = [status(200, b"<h1>Welcome</h1>")]
        result = CliRunner().invoke(cli, ["compare", str(models / "onnx"), web.url, "--data", str(models / "rows.csv")])
    assert isinstance(result.exception, ComparisonError)
    assert "/model answered with no JSON" in str(result.exception)


@pytest.mark.parametrize("code", [401, 403])
def test_a_service_that_wants_a_key_is_told_to_want_one(models, tmp_path, code):
    with running(FileServer(tmp_path)) as web:
        web.plans["/model"] = [status(code, b'{"type": "about:blank"}')]
        result = CliRunner().invoke(cli, ["compare", str(models / "onnx"), web.url, "--data", str(models / "rows.csv")])
    assert isinstance(result.exception, ComparisonError)
    assert str(result.exception) == f"{web.url} wants an API key that it knows: give its file with --api-key-file."


def test_a_terminal_shows_a_table_in_colours(models):
    code, shown = on_a_terminal("compare", models / "onnx", models / "other", "--data", models / "rows.csv")
    assert code == 1
    assert "\x1b[31mpredict" in shown
    assert "┃" in shown


def test_times_have_the_digits_that_matter():
    assert [_microseconds(seconds) for seconds in (0.0000123456, 0.0023456)] == ["12.3 µs", "2,346 µs"]
