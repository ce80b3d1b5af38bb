"""Scoring a file on a bad day: a busy service, a broken run, Ctrl+C, another model, and how it goes on."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import threading

import pytest
from flaky import broken_off, busy, busy_for_long, failed, held, led_to
from running import PATIENCE, PROGRAM, Log
from scoring import expected, predict, refused
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from service import pack


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
    assert len(proxy.asked) <= 7
    assert sum(len(rows) for number, rows in enumerate(proxy.asked) if rows not in proxy.asked[:number]) == 110
    assert out.read_text().splitlines() == ["predict", *expected(iris)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]


def test_a_compressed_file_is_read_and_continued_as_what_is_in_it(iris, irises, proxy, tmp_path):
    data, out = tmp_path / "rows.csv.gz", tmp_path / "answers.csv"
    data.write_bytes(gzip.compress(irises.read_bytes()))
    proxy.troubles = [None, None, failed]
    arguments = (proxy.url, data, "--out", out, "--batch-rows", "50", "--concurrency", "1")
    assert refused(*arguments) == "Rows 101 to 150 were not answered: the model failed."
    assert "Continuing after the 100 rows" in predict(*arguments).stderr
    assert out.read_text().splitlines() == ["predict", *expected(iris)]


@pytest.mark.parametrize("damage", [lambda whole: whole[:-9], lambda whole: whole[:200] + b"x" * 50 + whole[250:]])
def test_a_compressed_file_that_is_damaged_is_one_sentence(iris, irises, tmp_path, damage):
    data = tmp_path / "rows.csv.gz"
    data.write_bytes(damage(gzip.compress(irises.read_bytes())))
    assert refused(iris.url, data).startswith(f"{data} cannot be decompressed after line ")


def test_a_proxy_that_takes_less_is_sent_less_and_a_run_behind_it_is_continued(iris, irises, proxy, tmp_path):
    out, part = tmp_path / "answers.csv", tmp_path / "answers.csv.part"
    arguments = (proxy.url, irises, "--out", out, "--batch-rows", "50", "--concurrency", "1")
    proxy.most_bytes = 300
    # Each batch is refused whole and in halves, and answered in quarters: all of the first one, two of the second one.
    proxy.troubles = [None] * 12 + [failed]
    assert refused(*arguments) == "Rows 76 to 87 were not answered: the model failed."
    assert len(part.read_text().splitlines()) == 51
    result = predict(*arguments[:-1], "4")
    assert f"Continuing after the 50 rows that are answered in {part}." in result.stderr
    assert out.read_text().splitlines() == ["predict", *expected(iris)]


def test_a_row_that_is_too_large_alone_is_told_with_the_limit_to_raise(irises, proxy):
    proxy.most_bytes = 10
    assert refused(proxy.url, irises, "--concurrency", "1") == (
        "Rows 1 to 1 were not answered: 413 Request Entity Too Large; "
        "raise the limit of the service (ML_API_MAX_JSON_BYTES) or of the proxy in front of it."
    )


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
        # Eight seconds for a busy machine; the next try is fifteen away, and an answer might take a minute.
        assert process.wait(8) == 130
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
