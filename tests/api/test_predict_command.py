"""The command that scores a CSV file with a running service."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from flaky import broken_off, busy, busy_for_long, failed, flaky, held, led_to
from running import PATIENCE, PROGRAM, Log
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from service import pack
from service.cli import cli
from service.errors import ServiceError

NO_HEADER = "say --no-header if its first line is a row"
SEMICOLONS = "its columns seem to be separated by semicolons: save it with commas"
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


@pytest.fixture(scope="module")
def irises(tmp_path_factory) -> Path:
    """All 150 rows, with an index and in another order of columns than the model's."""
    path = tmp_path_factory.mktemp("rows") / "irises.csv"
    frame = load_iris(as_frame=True).data
    frame[NAMES[::-1]].to_csv(path, index_label="row")
    return path


@pytest.fixture
def proxy(iris):
    with flaky(iris.url) as proxy:
        yield proxy


def predict(url, data, *arguments, stdin=None):
    return CliRunner().invoke(cli, ["predict", url, "--data", str(data), *map(str, arguments)], input=stdin)


def refused(*arguments, stdin=None) -> str:
    result = predict(*arguments, stdin=stdin)
    assert isinstance(result.exception, ServiceError), (result.output, result.exception)
    return str(result.exception)


def expected(server) -> list[str]:
    rows = load_iris().data.tolist()
    return server.client.post("/predict", json={"instances": rows}).json()["predictions"]


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


def test_several_predictions_of_a_row_are_columns(diabetes):
    rows = [row[:10] for row in [[0.01] * 10, [0.02] * 10]]
    table = "\n".join(",".join(map(str, row)) for row in rows)
    lines = predict(diabetes.url, "-", stdin=table).stdout.splitlines()
    assert lines[0] == "predict.0,predict.1"
    answer = diabetes.client.post("/predict", json={"instances": rows}).json()["predictions"]
    assert [[json.loads(cell) for cell in line.split(",")] for line in lines[1:]] == answer


@pytest.mark.parametrize("trouble", [busy, broken_off], ids=["busy", "broken off"])
def test_a_service_that_is_busy_or_away_for_a_moment_is_asked_again(iris, irises, proxy, trouble):
    proxy.troubles = [None, trouble, trouble]
    result = predict(proxy.url, irises, "--batch-rows", "50")
    assert result.stdout.splitlines() == ["predict", *expected(iris)]
    assert len(proxy.asked) == 5
    assert result.stderr.count(" Trying again in ") == 2


def test_a_service_that_stays_busy_is_given_up(irises, proxy):
    proxy.troubles = [busy] * 3
    message = refused(proxy.url, irises, "--attempts", "3", "--concurrency", "1")
    assert message == f"{proxy.url} is busy: too many requests wait."


def test_an_interrupted_run_is_continued_where_it_stopped(iris, irises, proxy, tmp_path):
    out, part = tmp_path / "answers.csv", tmp_path / "answers.csv.part"
    arguments = (proxy.url, irises, "--out", out, "--batch-rows", "20", "--concurrency", "1")
    proxy.troubles = [None, None, failed]
    assert refused(*arguments) == "Rows 41 to 60 were not answered: the model failed."
    assert not out.exists()
    assert len(part.read_text().splitlines()) == 41
    with part.open("a") as torn:
        torn.write("virgi")
    answered = proxy.asked[:2]
    proxy.asked.clear()
    result = predict(*arguments[:-1], "4")
    assert result.exit_code == 0, result.output
    assert f"Continuing after the 40 rows that are answered in {part}." in result.stderr
    # The first run may have asked for the batch after the failed one before it ended.
    assert all(rows not in proxy.asked for rows in answered)
    assert sum(len(rows) for number, rows in enumerate(proxy.asked) if rows not in proxy.asked[:number]) == 110
    assert out.read_text().splitlines() == ["predict", *expected(iris)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]


def test_the_answers_of_two_models_are_not_mixed(serve, irises, proxy, tmp_path):
    data = load_iris(as_frame=True)
    model = LogisticRegression(C=0.001).fit(data.data, data.target_names[data.target])
    other = serve(pack(model, data.data, tmp_path / "other", name="iris", version="4").folder).ready()
    out = tmp_path / "answers.csv"
    # One request of many, and then the first model again, as beside a canary.
    proxy.troubles = [None, None, led_to(other.url)]
    message = refused(proxy.url, irises, "--out", out, "--batch-rows", "20", "--concurrency", "1")
    assert message.startswith(
        "Rows 41 to 60 were answered by another model than the one at the beginning: is a rollout"
    )
    assert len((tmp_path / "answers.csv.part").read_text().splitlines()) == 41


@pytest.mark.parametrize("waits_for", ["the next try", "an answer"])
def test_ctrl_c_ends_it_at_once_and_the_rows_that_are_answered_are_kept(iris, irises, proxy, tmp_path, waits_for):
    out, part, release = tmp_path / "answers.csv", tmp_path / "answers.csv.part", threading.Event()
    command = (proxy.url, irises, "--out", out, "--batch-rows", "20", "--concurrency", "2")
    # Nothing is written before four batches are on their way, two of which are answered.
    trouble = busy_for_long if waits_for == "the next try" else held(release)
    proxy.troubles = [None, None, trouble, trouble]
    arguments = ["predict", *map(str, command[:1]), "--data", *map(str, command[1:])]
    process = subprocess.Popen([PROGRAM, *arguments], stderr=subprocess.PIPE, text=True)
    log = Log(process.stderr)
    if waits_for == "the next try":
        log.wait_for("Trying again in 15.0 s")
    else:
        assert proxy.is_held.wait(PATIENCE)
    note = part.with_name(f"{part.name}.json")
    while not note.exists() or json.loads(note.read_text())["rows"] < 40:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    try:
        # Two seconds for a busy machine; the next try is fifteen away, and an answer might take a minute.
        assert process.wait(2) == 130
    finally:
        process.kill()
        process.wait()
        log.wait_for_end()
        release.set()
    # It may have been stopped between the note of the last rows and its own knowledge of them.
    told = rf"Error: Stopped: (20|40) rows are answered in {part}, and the same command goes on after them\."
    assert re.fullmatch(told, log.lines[-1]), log
    proxy.troubles = []
    result = predict(*command)
    assert f"Continuing after the 40 rows that are answered in {part}." in result.stderr
    assert out.read_text().splitlines() == ["predict", *expected(iris)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("rows", "irises.csv is not what it was when "),
        ("fewer rows", "irises.csv has 10 rows, but more than that are answered already."),
        ("outputs", "answers.csv.part was begun with another model or other outputs: remove it to begin anew."),
        ("shortened", "do not belong together: remove both to begin anew."),
    ],
)
def test_what_is_not_the_same_run_is_not_continued(irises, proxy, tmp_path, change, message):
    data, out = tmp_path / "irises.csv", tmp_path / "answers.csv"
    data.write_text(irises.read_text())
    arguments = [proxy.url, data, "--out", out, "--batch-rows", "20", "--concurrency", "1"]
    proxy.troubles = [None, failed]
    refused(*arguments)
    lines = irises.read_text().splitlines(keepends=True)
    if change == "rows":
        data.write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    elif change == "fewer rows":
        data.write_text("".join(lines[:11]))
    elif change == "outputs":
        arguments += ["--outputs", "predict_proba"]
    else:
        (tmp_path / "answers.csv.part").write_text("predict\n")
    assert message in refused(*arguments)


def test_rows_before_a_wrong_one_are_kept_and_it_can_be_mended(irises, proxy, tmp_path):
    data, out = tmp_path / "rows.csv", tmp_path / "answers.csv"
    good = irises.read_text()
    lines = good.splitlines(keepends=True)
    data.write_text("".join([*lines[:101], "100,wide,1,2,3\n", *lines[102:]]))
    arguments = (proxy.url, data, "--out", out, "--batch-rows", "20")
    assert refused(*arguments) == f"{data}, line 102, column petal width (cm): 'wide' is no number."
    proxy.asked.clear()
    data.write_text(good)
    assert predict(*arguments).exit_code == 0
    assert sum(map(len, proxy.asked)) == 50


def test_json_tells_what_was_done_and_how_far_it_got(iris, irises, proxy, tmp_path):
    out, part = tmp_path / "answers.csv", tmp_path / "answers.csv.part"
    arguments = (proxy.url, irises, "--out", out, "--batch-rows", "20", "--concurrency", "1", "--json")
    proxy.troubles = [None, None, failed]
    told = json.loads(predict(*arguments).stdout)
    assert told.pop("seconds") >= 0
    model = {"name": "iris", "version": "3", "format": "onnx", "sha256": iris.client.get("/model").json()["sha256"]}
    always = {"url": proxy.url, "model": model, "left_out": ["row"]}
    error = "Rows 41 to 60 were not answered: the model failed."
    assert told == {**always, "part": str(part), "rows": 40, "rows_before": 0, "error": error}
    told = json.loads(predict(*arguments).stdout)
    assert told.pop("seconds") > 0
    assert told == {**always, "out": str(out), "rows": 150, "rows_before": 40}


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
        ("1,2,3\n", " has 3 columns and no header line, but the model takes 4 values."),
        ("1,2,3,4\n1,2,3\n", ", line 2: 3 cells where 4 belong."),
        (
            "1,2,3,4\n1,2,3,\n",
            ", line 2, column 3: '' is missing, and the model takes no missing value there.",
        ),
        ("1,2,3,4\n1,2,3,inf\n", ", line 2, column 3: 'inf' is not finite."),
        (
            '1,2,3,4\n1,2,3,"4\n',
            " is no table of comma-separated values in line 2: unexpected end of data.",
        ),
        (b"1,2,3,4\n1,2,3,\xff\n", " is not UTF-8 in line 2."),
    ],
    ids=[
        "nothing",
        "header only",
        "other names",
        "semicolons",
        "semicolons and no names",
        "a row",
        "columns",
        "cells",
        "missing",
        "infinite",
        "quote",
        "encoding",
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
