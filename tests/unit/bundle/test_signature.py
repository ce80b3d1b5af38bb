"""Signatures, and tensors as JSON."""

import numpy as np
import pytest

from service.bundle.signature import InputSpec, OutputSpec, Signature, to_array, to_nested

MATRIX = InputSpec("input", "FP64", (-1, 2), ("height", "width"))
COLUMN = InputSpec("city", "BYTES", (-1, 1))
PREDICT = OutputSpec("predict", "INT64", (-1,))


def test_the_features_of_a_matrix_are_its_columns():
    assert Signature((MATRIX,), (PREDICT,)).features == ("height", "width")


def test_the_features_of_columns_are_their_names():
    assert Signature((COLUMN, InputSpec("age", "INT64", (-1, 1))), (PREDICT,)).features == ("city", "age")


def test_outputs_keep_their_order():
    assert Signature((MATRIX,), (PREDICT, OutputSpec("a", "FP32", (-1,)))).output_names == ("predict", "a")


@pytest.mark.parametrize(
    ("input_shape", "output_shape", "batchable"),
    [((-1, 2), (-1,), True), ((1, 2), (-1,), False), ((-1, 2), (1,), False), ((-1, 2), (), False)],
)
def test_rows_can_be_joined_only_when_every_first_dimension_is_variable(input_shape, output_shape, batchable):
    signature = Signature((InputSpec("a", "FP32", input_shape),), (OutputSpec("b", "FP32", output_shape),))
    assert signature.is_batchable is batchable


@pytest.mark.parametrize(("shape", "rows"), [((-1, 2), 0), ((4, 2), 4), ((), 0)])
def test_a_first_dimension_that_is_fixed_tells_how_many_rows_a_request_has(shape, rows):
    assert Signature((InputSpec("a", "FP32", shape),), (PREDICT,)).fixed_rows == rows


@pytest.mark.parametrize(
    ("array", "datatype", "nested"),
    [
        (np.array([[1.5, np.nan]]), "FP64", [[1.5, None]]),
        (np.array([1.5, np.nan], dtype=np.float32), "FP32", [1.5, None]),
        (np.array([2**53 + 1]), "INT64", [2**53 + 1]),
        (np.array([True, False]), "BOOL", [True, False]),
        (np.array([["Zürich"], [None]], dtype=object), "BYTES", [["Zürich"], [None]]),
    ],
)
def test_a_tensor_survives_the_way_to_json_and_back(array, datatype, nested):
    assert to_nested(array) == nested
    back = to_array(nested, datatype)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_an_infinite_number_becomes_null():
    assert to_nested(np.array([np.inf, 1.0])) == [None, 1.0]
