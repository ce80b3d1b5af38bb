"""Rows from CSV files."""

import gzip

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from service.errors import BundleError
from service.packing.rows import read_table, rows_for_estimator, rows_for_graph

NAMED = Ridge().fit(pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0]}), [0, 1])
NAMELESS = Ridge().fit(np.array([[1.0, 0.0], [2.0, 1.0]]), [0, 1])
VECTORIZER = TfidfVectorizer().fit(["one two"])


@pytest.fixture(name="read")
def _read(tmp_path):
    def read(content, estimator):
        path = tmp_path / "rows.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return rows_for_estimator(read_table(path), estimator, path)

    return read


def test_columns_are_picked_by_name_in_the_order_of_the_training(read):
    rows = read("target,b,a\nx,0.5,1\ny,1.5,2\n", NAMED)
    assert list(rows.data.columns) == ["a", "b"]
    assert rows.data.to_numpy().tolist() == [[1.0, 0.5], [2.0, 1.5]]
    assert rows.dropped == ("target",)


@pytest.mark.parametrize(
    ("content", "estimator", "name"), [("a,b,a\n1,2,3\n", NAMED, "a"), ("text,text\nx,y\n", VECTORIZER, "text")]
)
def test_a_column_that_the_model_takes_occurs_once(read, content, estimator, name):
    with pytest.raises(BundleError, match=rf"more than one column called {name}, which the model takes: leave the"):
        read(content, estimator)


def test_a_column_that_the_model_does_not_take_may_occur_twice(read):
    assert read("note,a,b,note\nx,1,2,y\n", NAMED).data.to_numpy().tolist() == [[1.0, 2.0]]


def test_json_is_told_to_be_no_csv(read):
    with pytest.raises(
        BundleError, match=r"rows\.csv has no rows: give at least one; it seems to be JSON, which is no"
    ):
        read('[{"a": 1, "b": 2}]\n', NAMED)


def test_a_compressed_file_that_is_cut_off_is_one_sentence(tmp_path):
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-9])
    with pytest.raises(BundleError, match=r"is no table of comma-separated values: Compressed file ended"):
        read_table(tmp_path / "rows.csv.gz")


def test_whole_numbers_are_read_as_floats_where_all_is_numeric(read):
    assert set(read("a,b\n1,2\n", NAMED).data.dtypes) == {np.dtype("float64")}


def test_strings_leave_whole_numbers_whole(read):
    assert str(read("a,b\n1,x\n", NAMED).data["a"].dtype) == "int64"


def test_a_mark_at_the_beginning_of_the_file_is_no_part_of_a_name(read):
    assert list(read(b"\xef\xbb\xbfa,b\n1,2\n", NAMED).data.columns) == ["a", "b"]


def test_an_estimator_without_names_takes_those_of_the_file_and_that_is_told(read):
    rows = read("height,width\n1,2\n", NAMELESS)
    assert list(rows.data.columns) == ["height", "width"]
    assert rows.assumption.startswith("Ridge does not know the names of its columns: they are taken from ")
    assert rows.assumption.endswith("rows.csv, whose columns must be in the order of the training.")


@pytest.mark.parametrize(
    ("content", "estimator"),
    [("b,a\n1,2\n", NAMED), ("1,2\n3,4\n", NAMELESS), ("text,label\ngood; really,1\n", VECTORIZER)],
    ids=["named", "no names at all", "texts"],
)
def test_nothing_is_told_of_names_that_are_sure(read, content, estimator):
    assert not read(content, estimator).assumption


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("estimator", [NAMED, NAMELESS], ids=["named", "nameless"])
def test_another_separator_than_a_comma_is_noticed(read, sign, word, estimator):
    with pytest.raises(BundleError, match=rf"; its columns seem to be separated by {word}: save it with commas\.$"):
        read(f"a{sign}b\n1,5{sign}2,5\n", estimator)


def test_lines_that_are_taken_for_texts_with_semicolons_in_their_name_are_told(read):
    assert (
        "taken for one text; its columns seem to be separated by semicolons"
        in read("id;text\n1;good\n", VECTORIZER).assumption
    )


def test_a_file_without_a_header_line_is_read_whole(read):
    rows = read("1,2\n3,4\n", NAMELESS)
    assert rows.data.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_numbers_that_occur_twice_in_the_first_row_make_it_no_header(read):
    assert read("0.5,0.5\n3,4\n", NAMELESS).data.tolist() == [[0.5, 0.5], [3.0, 4.0]]


def test_a_first_row_with_a_missing_number_is_no_header(tmp_path):
    (tmp_path / "rows.csv").write_text("0.5,\n3,4\n")
    assert len(read_table(tmp_path / "rows.csv")) == 2


@pytest.mark.parametrize(
    ("has_header", "texts"), [(None, ["two"]), (True, ["two"]), (False, ["one", "two"])], ids=["guess", "yes", "no"]
)
def test_a_file_of_texts_begins_with_a_header_unless_its_owner_says_otherwise(tmp_path, has_header, texts):
    path = tmp_path / "rows.csv"
    path.write_text("one\ntwo\n")
    told = []
    table = read_table(path, has_header=has_header, notify=told.append)
    assert rows_for_estimator(table, VECTORIZER, path).data == texts
    guess = f"Taking the first line of {path} for its header (one): say --no-header if it is a row."
    assert told == ([] if has_header is not None else [guess])


@pytest.mark.parametrize(
    ("content", "told"),
    [("height,port\n1.5,S\n", 0), ("22,S\n38,C\n", 1), ("1,2\n3,4\n", 1), ("text\n1\n", 0)],
    ids=["numbers below a name", "numbers below a number", "numbers", "text"],
)
def test_only_what_is_not_sure_is_told(tmp_path, content, told):
    (tmp_path / "rows.csv").write_text(content)
    notes = []
    read_table(tmp_path / "rows.csv", notify=notes.append)
    assert len(notes) == told


@pytest.mark.parametrize(
    ("content", "dropped"),
    [("anything\nfirst text\nsecond text\n", ()), ("label,text\n1,first text\n0,second text\n", ("label",))],
)
def test_texts_come_from_the_only_column_or_the_one_of_that_name(read, content, dropped):
    rows = read(content, VECTORIZER)
    assert rows.data == ["first text", "second text"]
    assert rows.dropped == dropped


def test_a_missing_text_is_empty(read):
    assert read('label,text\n1,one\n0,""\n', VECTORIZER).data == ["one", ""]


def test_a_graph_takes_all_columns_by_name_if_they_have_one():
    assert list(rows_for_graph(pd.DataFrame({"a": [1]})).data.columns) == ["a"]
    assert rows_for_graph(pd.DataFrame([[1]])).data.tolist() == [[1]]


@pytest.mark.parametrize(
    ("content", "estimator", "message"),
    [
        ("a,c\n1,2\n", NAMED, "lacks the columns b, which the model takes"),
        ("1,2\n3,4\n", NAMED, "has no header line, but the model knows its columns by name: add the line a,b"),
        ("a,b,c\n1,2,3\n", NAMELESS, "has 3 columns, but Ridge takes 2 without names: leave only the features"),
        ("a,b\nx,y\n", VECTORIZER, "has 2 columns: name the one with the texts 'text'"),
        ("a,b\n", NAMED, "has no rows: give at least one"),
        ("", NAMED, "is no table of comma-separated values: No columns to parse"),
        ("a\n1,2\n1,2,3\n", NAMED, "is no table of comma-separated values: Error tokenizing"),
        (b"a,b\n\xff\xfe,1\n", NAMED, "is no table of comma-separated values: 'utf-8' codec"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence(read, content, estimator, message):
    with pytest.raises(BundleError, match=message) as raised:
        read(content, estimator)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BundleError, match=r"Cannot read .*none\.csv: No such file or directory"):
        read_table(tmp_path / "none.csv")
