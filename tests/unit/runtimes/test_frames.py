"""From tensors to the rows of an estimator."""

import numpy as np
import pandas as pd
import pytest

from service.bundle.signature import InputSpec
from service.runtimes.frames import RowBuilder

MATRIX = (InputSpec("input", "FP64", (-1, 2), ("a", "b")),)
COLUMNS = (InputSpec("age", "INT64", (-1, 1)), InputSpec("city", "BYTES", (-1, 1)))


def strings(*values):
    return np.array(values, dtype=object)


def test_a_matrix_stays_a_matrix():
    matrix = np.array([[1.0, 2.0]])
    assert RowBuilder(MATRIX, {}, dataframe=False).build({"input": matrix}) is matrix


def test_a_matrix_becomes_a_table_for_an_estimator_that_knows_names():
    rows = RowBuilder(MATRIX, {}, dataframe=True).build({"input": np.array([[1.0, 2.0]])})
    pd.testing.assert_frame_equal(rows, pd.DataFrame({"a": [1.0], "b": [2.0]}))


def test_columns_become_a_table():
    tensors = {"age": np.array([[1], [2]]), "city": strings("Bern", "Rome").reshape(2, 1)}
    rows = RowBuilder(COLUMNS, {}, dataframe=True).build(tensors)
    assert rows["age"].tolist() == [1, 2]
    assert rows["age"].dtype == np.int64
    assert rows["city"].tolist() == ["Bern", "Rome"]
    assert rows["city"].dtype == object


def test_columns_become_objects_for_an_estimator_that_knows_positions():
    tensors = {"age": np.array([[1]]), "city": strings("Bern").reshape(1, 1)}
    rows = RowBuilder(COLUMNS, {}, dataframe=False).build(tensors)
    assert rows.tolist() == [[1, "Bern"]]
    assert rows.dtype == object


def test_texts_stay_a_sequence():
    text = (InputSpec("text", "BYTES", (-1,)),)
    assert RowBuilder(text, {}, dataframe=False).build({"text": strings("a", "b")}).tolist() == ["a", "b"]


@pytest.mark.parametrize(("column_types", "missing"), [({}, np.nan), ({"city": "object"}, None)])
def test_a_missing_string_becomes_what_the_training_rows_had(column_types, missing):
    tensors = {"age": np.array([[1], [2]]), "city": strings("Bern", None).reshape(2, 1)}
    rows = RowBuilder(COLUMNS, column_types, dataframe=True).build(tensors)
    assert repr(rows["city"][1]) == repr(missing)


def test_a_column_gets_its_pandas_type_back():
    tensors = {"age": np.array([[1.0], [np.nan]]), "city": strings("Bern", None).reshape(2, 1)}
    rows = RowBuilder(COLUMNS, {"city": "category", "age": "Int64"}, dataframe=True).build(tensors)
    assert str(rows["city"].dtype) == "category"
    assert str(rows["age"].dtype) == "Int64"
    assert rows["age"].isna().tolist() == [False, True]
