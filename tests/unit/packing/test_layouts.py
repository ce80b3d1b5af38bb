"""Which tensors stand for a user's rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from service.errors import BundleError
from service.packing.layouts import possible_layouts


def first(rows, feature_names=()):
    return next(possible_layouts(rows, feature_names))


def described(layout):
    return [(spec.name, spec.datatype, spec.shape, spec.features, spec.nullable) for spec in layout.inputs]


@pytest.mark.parametrize(
    ("rows", "datatype"),
    [
        (np.array([[1.5, 2.0]]), "FP64"),
        (np.array([[1.5, 2.0]], dtype=np.float32), "FP32"),
        (np.array([[1, 2]]), "INT64"),
        ([[1.5, 2.0]], "FP64"),
        (csr_array([[1.5, 0.0]]), "FP64"),
    ],
)
def test_a_table_of_numbers_is_one_matrix(rows, datatype):
    assert described(first(rows)) == [("input", datatype, (-1, 2), ("x0", "x1"), ())]


def test_a_matrix_gets_the_names_that_the_estimator_knows():
    assert first(np.ones((1, 2)), ("height", "width")).inputs[0].features == ("height", "width")
    assert first(np.ones((1, 2)), ("other",)).inputs[0].features == ("x0", "x1")


def test_a_dataframe_of_numbers_is_one_matrix_with_its_names():
    layout = first(pd.DataFrame({"age": [1, 2], "size": [0.5, np.nan]}))
    assert described(layout) == [("input", "FP64", (-1, 2), ("age", "size"), ("size",))]
    assert layout.rows == 2
    assert not layout.dataframe


def test_a_dataframe_of_numbers_may_also_go_to_the_estimator_as_one():
    layouts = list(possible_layouts(pd.DataFrame({"age": [1.0]}), ()))
    assert [(len(layout.inputs[0].features), layout.dataframe) for layout in layouts] == [
        (1, False),
        (1, True),
        (0, True),
    ]


def test_an_array_goes_to_the_estimator_as_a_table_only_if_it_knows_names():
    assert [layout.dataframe for layout in possible_layouts(np.ones((1, 2)), ())] == [False]
    assert [layout.dataframe for layout in possible_layouts(np.ones((1, 2)), ("a", "b"))] == [False, True]


@pytest.mark.parametrize("numbers", [[10**30, 1], [-(10**30), 1], [2**63, 1], [10**400, None], [10**400, 0.5]])
def test_an_integer_that_no_tensor_holds_is_told_with_its_column(numbers):
    with pytest.raises(BundleError, match=r"^The column 'size' holds integers beyond those of INT64"):
        first(pd.DataFrame({"size": numbers, "name": ["a", "b"]}))


def test_mixed_columns_are_one_tensor_each():
    frame = pd.DataFrame(
        {
            "whole": [1, 2],
            "small": np.array([1, 2], dtype=np.int8),
            "number": [0.5, np.nan],
            "flag": [True, False],
            "name": ["a", None],
            "object": pd.Series(["a", None], dtype=object),
            "kind": pd.Categorical(["x", np.nan]),
            "level": pd.Categorical([1, 2]),
            "masked": pd.array([1, None], dtype="Int64"),
        }
    )
    layout = first(frame)
    assert [(spec.name, spec.datatype) for spec in layout.inputs] == [
        ("whole", "INT64"),
        ("small", "INT64"),
        ("number", "FP64"),
        ("flag", "BOOL"),
        ("name", "BYTES"),
        ("object", "BYTES"),
        ("kind", "BYTES"),
        ("level", "INT64"),
        ("masked", "FP64"),
    ]
    assert {spec.shape for spec in layout.inputs} == {(-1, 1)}
    assert [spec.name for spec in layout.inputs if spec.nullable] == ["number", "name", "object", "kind", "masked"]
    assert layout.column_types == {"object": "object", "kind": "category", "level": "category", "masked": "Int64"}
    assert layout.tensors["name"].tolist() == [["a"], [None]]
    assert layout.dataframe


def test_an_array_of_objects_is_one_tensor_each_column():
    layout = first(np.array([[1, "a"], [2, "b"]], dtype=object))
    assert described(layout) == [("x0", "INT64", (-1, 1), (), ()), ("x1", "BYTES", (-1, 1), (), ())]
    assert not layout.dataframe
    assert first(np.array([["a"]]), ("city",)).inputs[0].name == "city"


def test_names_that_are_no_strings_become_strings():
    assert [spec.name for spec in first(pd.DataFrame({0: ["a"], 1: [2]})).inputs] == ["0", "1"]


@pytest.mark.parametrize("texts", [["one", "two"], np.array(["one", "two"]), pd.Series(["one", "two"])])
def test_a_sequence_of_texts_is_one_tensor_without_columns(texts):
    layout = first(texts)
    assert described(layout) == [("text", "BYTES", (-1,), (), ())]
    assert layout.tensors["text"].tolist() == ["one", "two"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.empty((0, 2)), "There are no rows"),
        (pd.DataFrame({"a": []}), "There are no rows"),
        ([], "There are no rows"),
        (np.ones((1, 2, 2)), "The rows have 3 dimensions"),
        (5, "The rows have 0 dimensions"),
        ([1.0, 2.0], "A sequence of rows must hold texts"),
        (pd.Series([1.0]), "A sequence of rows must hold texts"),
        (np.ones((1, 2), dtype=complex), "there is no tensor datatype for numpy's complex128"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "Two columns of the rows have the same name"),
        (pd.DataFrame({"day": pd.to_datetime(["2026-01-01"])}), "The column 'day' holds values of the kind datetime"),
        (pd.DataFrame({"flag": np.array([True, None])}), "The column 'flag' holds missing booleans"),
        (pd.DataFrame({"all": [1, "a"]}), "The column 'all' holds values of the kind mixed-integer"),
    ],
)
def test_what_no_tensor_can_carry_is_refused_with_the_way_out(rows, message):
    with pytest.raises(BundleError, match=message):
        list(possible_layouts(rows, ()))
