"""The command that scores a CSV file with a running service."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess

import pandas as pd
import pytest
from onnx import TensorProto, helper
from running import PROGRAM
from scoring import NAMES, expected, predict, refused

from service import pack

NO_HEADER = "say --no-header if its first line is a row"
JSON = "it seems to be JSON, which is no CSV: save it with a line of names and a line for each row"
SEMICOLONS = "its columns seem to be separated by semicolons: save it with commas"


@pytest.fixture(name="one_at_a_time", scope="module")
def _one_at_a_time(serve_for_all, tmp_path_factory):
    """Serve a graph whose first dimension is 1."""
    kinds = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 2)) for name in "XY"]
    nodes = [helper.make_node("Neg", ["X"], ["Y"])]
    graph = helper.make_graph(nodes, "graph", kinds[:1], kinds[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=10)
    rows = pd.DataFrame({"height": [1.0], "width": [2.0]})
    return serve_for_all(pack(model, rows, tmp_path_factory.mktemp("one") / "bundle", name="one").folder).ready()


def test_each_row_gets_a_line_in_its_order_whatever_the_order_of_the_columns(iris, irises, tmp_path):
    out = tmp_path / "answers.csv"
    result = predict(iris.url, irises, "--out", out, "--outputs", "predict_proba", "--batch-rows", "7")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Leaving out the columns row, which the model does not take.",
        f"150 rows are answered in {out}.",
    ]
    lines = list(csv.DictReader(out.read_text().splitlines()))
    assert list(lines[0]) == ["predict", *(f"predict_proba.{name}" for name in ("setosa", "versicolor", "virginica"))]
    assert [line["predict"] for line in lines] == expected(iris)
    assert all(abs(sum(float(cell) for cell in list(line.values())[1:]) - 1) < 1e-6 for line in lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]


def test_a_column_without_a_name_is_told_to_have_none(iris):
    """As pandas writes its index."""
    result = predict(iris.url, "-", stdin=f",{','.join(NAMES)}\n0,5.1,3.5,1.4,0.2\n")
    assert result.stderr.startswith("Leaving out the columns (unnamed), which the model does not take.")


def test_rows_come_from_standard_input_and_answers_go_to_standard_output(iris, irises):
    command = [PROGRAM, "predict", iris.url, "--data", "-"]
    done = subprocess.run(command, input=irises.read_bytes(), capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == ["predict", *expected(iris)]


def test_a_table_without_a_header_line_is_taken_in_the_order_of_the_features(iris):
    assert (
        predict(iris.url, "-", stdin="5.1,3.5,1.4,0.2\r\n6.7,3.0,5.2,2.3\r\n").stdout == "predict\nsetosa\nvirginica\n"
    )


def test_missing_values_and_kinds_are_read_as_the_signature_says(passengers):
    rows = '\N{ZERO WIDTH NO-BREAK SPACE}cabin,age,port,class,fare\n,,S,3.0,7.25\nE,NaN,"Q\nquoted",1,1e2\n'
    records = [
        {"age": None, "fare": 7.25, "class": 3, "port": "S", "cabin": None},
        {"age": None, "fare": 100.0, "class": 1, "port": "Q\nquoted", "cabin": "E"},
    ]
    answer = passengers.client.post("/predict", json={"instances": records}).json()["predictions"]
    assert predict(passengers.url, "-", stdin=rows).stdout.split() == ["predict", *map(str, answer)]


@pytest.mark.parametrize("header", ["text", "message", "id,text"])
def test_texts_are_one_column_or_the_one_called_text(texts, header):
    prefix = "1," if "," in header else ""
    rows = f'{header}\n{prefix}"good, fine"\n{prefix}bad\n'
    assert predict(texts.url, "-", stdin=rows).stdout.split() == ["predict", "1", "0"]


@pytest.mark.parametrize(
    ("option", "predictions", "told"),
    [
        (None, ["0"], "Taking the first line of standard input for its header (good): say --no-header if it is a row."),
        ("--header", ["0"], ""),
        ("--no-header", ["1", "0"], ""),
    ],
    ids=["guess", "header", "no header"],
)
def test_texts_without_a_header_line_lose_no_row_when_that_is_said(texts, option, predictions, told):
    result = predict(texts.url, "-", *([option] if option else []), stdin="good\nbad\n")
    assert result.stdout.split() == ["predict", *predictions]
    assert result.stderr.splitlines() == [*([told] if told else []), f"{len(predictions)} rows are answered."]


def test_a_table_that_begins_with_numbers_is_told_to_have_no_header_line(iris):
    result = predict(iris.url, "-", stdin="5.1,3.5,1.4,0.2\n")
    assert result.stderr.startswith("standard input begins with numbers, so it has no header line: say --header if ")


@pytest.mark.parametrize("header", ["", "height,width\n"])
def test_a_graph_for_one_row_at_a_time_is_sent_one_at_a_time(one_at_a_time, header):
    result = predict(one_at_a_time.url, "-", stdin=f"{header}1,2\n3,4\n5,6\n")
    assert result.stdout.splitlines() == ["Y.0,Y.1", "-1.0,-2.0", "-3.0,-4.0", "-5.0,-6.0"], result.exception


def test_several_predictions_of_a_row_are_columns(diabetes):
    rows = [row[:10] for row in [[0.01] * 10, [0.02] * 10]]
    table = "\n".join(",".join(map(str, row)) for row in rows)
    lines = predict(diabetes.url, "-", stdin=table).stdout.splitlines()
    assert lines[0] == "predict.0,predict.1"
    answer = diabetes.client.post("/predict", json={"instances": rows}).json()["predictions"]
    assert [[json.loads(cell) for cell in line.split(",")] for line in lines[1:]] == answer


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(iris, irises, tmp_path):
    out = tmp_path / "answers.csv"
    out.write_text("precious")
    assert refused(iris.url, irises, "--out", out) == (
        f"{out} is there already: choose another name, or --overwrite it."
    )
    assert out.read_text() == "precious"
    assert predict(iris.url, irises, "--out", out, "--overwrite").exit_code == 0
    assert out.read_text().startswith("predict\n")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", " has no rows: give at least one."),
        (",".join(NAMES), " has no rows: give at least one."),
        ("a,b\n1,2\n", f" lacks the columns {', '.join(NAMES)}, which the model takes."),
        (
            f"{';'.join(NAMES)}\n1;2;3;4\n",
            f" lacks the columns {', '.join(NAMES)}, which the model takes; {SEMICOLONS}.",
        ),
        ("1;2;3;4\n", f" lacks the columns {', '.join(NAMES)}, which the model takes; {SEMICOLONS}."),
        (
            "1,b\n1,2\n",
            f" lacks the columns {', '.join(NAMES)}, which the model takes; {NO_HEADER}.",
        ),
        (
            json.dumps([dict.fromkeys(NAMES, 1)]),
            f" lacks the columns {', '.join(NAMES)}, which the model takes; {JSON}.",
        ),
        ("1,2,3\n", " has 3 columns and no header line, but the model takes 4 values."),
        ("1,2,3,4\n1,2,3\n", ", line 2: 3 cells where 4 belong."),
        (
            "1,2,3,4\n1,2,3,\n",
            f", line 2, column {NAMES[3]}: '' is missing, and the model takes no missing value there.",
        ),
        ("1,2,3,4\n1,2,3,inf\n", f", line 2, column {NAMES[3]}: 'inf' is not finite."),
        (
            '1,2,3,4\n1,2,3,"4\n',
            " is no table of comma-separated values in line 2: unexpected end of data.",
        ),
        (b"1,2,3,4\n1,2,3,\xff\n", " is not UTF-8 in line 2."),
        (gzip.compress(b"1,2,3,4\n"), " is not UTF-8 in line 1, as it is compressed: decompress it first."),
    ],
    ids=[
        "nothing",
        "header only",
        "other names",
        "semicolons",
        "semicolons and no names",
        "a row",
        "json",
        "columns",
        "cells",
        "missing",
        "infinite",
        "quote",
        "encoding",
        "compressed",
    ],
)
def test_a_wrong_table_is_one_sentence_that_names_the_place(iris, rows, message):
    assert refused(iris.url, "-", stdin=rows) == f"standard input{message}"


def test_wrong_use_is_one_sentence(iris, irises, tmp_path):
    assert refused(iris.url, tmp_path / "none.csv").startswith(f"Cannot read {tmp_path / 'none.csv'}: No such file")
    assert refused(iris.url, irises, "--out", tmp_path / "no" / "a.csv").startswith("Cannot write ")
    assert refused(iris.url, irises, "--outputs", "predict_proba,probability").startswith(
        "iris has no output probability"
    )
    assert refused(f"{iris.url}/v2", irises).endswith(
        "is no service of this kind: /model answered 404 without a manifest."
    )
    assert refused("iris", irises).startswith("iris is no address of a service")
    assert "cannot be reached" in refused("http://127.0.0.1:1", irises, "--attempts", "1")


def test_a_key_is_sent_where_one_is_wanted(serve, iris_bundle, irises, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("a-key-of-the-service\n")
    server = serve(iris_bundle, api_key_file=keys).ready()
    assert refused(server.url, irises).endswith("give its file with --api-key-file.")
    assert predict(server.url, irises, "--api-key-file", keys).exit_code == 0
