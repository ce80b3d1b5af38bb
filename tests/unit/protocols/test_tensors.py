"""From JSON values to tensors."""

from __future__ import annotations

import tracemalloc

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from service.bundle.datatypes import NUMPY_TYPES
from service.bundle.signature import InputSpec
from service.errors import InvalidInputError
from service.protocols.tensors import cast, check_finite, read_tensor

NUMBERS = [name for name in NUMPY_TYPES if name not in {"BYTES", "BOOL"}]
MATRIX = InputSpec("matrix", "FP64", (-1, 2), ("width", "height"))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def arrays(datatype: str, shape: tuple[int, ...]):
    """Arrays that JSON can hold."""
    if datatype == "BYTES":
        return hnp.arrays(object, shape, elements=st.text(st.characters(exclude_categories=["Cs"])))
    dtype = NUMPY_TYPES[datatype]
    finite = {"allow_nan": False, "allow_infinity": False} if dtype.kind == "f" else {}
    return hnp.arrays(dtype, shape, elements=hnp.from_dtype(dtype, **finite))


@given(st.data(), st.sampled_from(list(NUMPY_TYPES)), hnp.array_shapes(max_dims=3, max_side=3), st.booleans())
def test_what_numpy_wrote_as_json_is_read_back_as_it_was(data, datatype, shape, flat):
    array = data.draw(arrays(datatype, shape))
    sent = orjson.loads(orjson.dumps((array.reshape(-1) if flat else array).tolist()))
    tensor = read_tensor(sent, InputSpec("x", datatype, shape), shape)
    assert tensor.dtype == NUMPY_TYPES[datatype]
    np.testing.assert_array_equal(tensor, array)


@given(json_values, st.sampled_from(list(NUMPY_TYPES)), st.sampled_from([(-1,), (-1, 2), (2, 2), (-1, 1), (-1, 2, 2)]))
def test_anything_else_in_json_is_a_tensor_or_an_error_of_the_client(value, datatype, shape):
    spec = InputSpec("x", datatype, shape, nullable=("x",))
    try:
        tensor = read_tensor(value, spec, shape)
    except InvalidInputError as error:
        assert str(error).startswith("input 'x'")  # noqa: PT017  # it may also not be raised
    else:
        assert tensor.dtype == NUMPY_TYPES[datatype]
        assert len(tensor.shape) == len(shape)
        assert all(size in {-1, real} for size, real in zip(shape, tensor.shape, strict=True))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([[1, 2], [3, "4"]], "input 'matrix', row 1, column 'height' is a string where a number belongs"),
        ([[1, 2], [3, None]], "input 'matrix', row 1, column 'height' is null where a number belongs"),
        ([[1, 2], [True, 4]], "input 'matrix', row 1, column 'width' is a boolean where a number belongs"),
        ([[1, 2], [3, {}]], "input 'matrix', row 1, column 'height' is an object where a number belongs"),
        ([[1, 2], [3, [4]]], "input 'matrix', row 1, column 'height' is a list where a number belongs"),
        ([[1, 2], [3]], "input 'matrix', row 1 has 1 values where 2 belong: 'width', 'height'"),
        ([[1, 2], [3, 4, 5]], "input 'matrix', row 1 has 3 values where 2 belong: 'width', 'height'"),
        ([[1, 2], []], "input 'matrix', row 1 is empty"),
        ([[1, 2], 3], "input 'matrix', row 1 is a number where a list belongs: put each row into a list of its own"),
        ([], "input 'matrix' is empty"),
        ("12", "input 'matrix' is a string where a list belongs"),
        (None, "input 'matrix' is null where a list belongs"),
    ],
)
def test_a_wrong_element_is_named_with_its_row_and_column(data, message):
    with pytest.raises(InvalidInputError) as caught:
        read_tensor(data, MATRIX, MATRIX.shape)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("rows", "fixed", "message"),
    [
        (3, 1, "has 3 rows where 1 belongs, and the model takes no other number in a request"),
        (1, 2, "has 1 row where 2 belong, and the model takes no other number in a request"),
    ],
)
def test_another_number_of_rows_than_the_model_is_fixed_to_is_told_as_rows(rows, fixed, message):
    with pytest.raises(InvalidInputError, match=f"^input 'x' {message}$"):
        read_tensor([[1, 2]] * rows, InputSpec("x", "FP32", (fixed, 2)), (fixed, 2))


def test_a_flat_list_must_fill_its_shape():
    with pytest.raises(InvalidInputError, match="has 3 values where its shape needs 4"):
        read_tensor([1, 2, 3], MATRIX, (2, 2))


def test_an_element_of_a_flat_list_is_named_by_row_and_column_too():
    with pytest.raises(InvalidInputError, match="row 1, column 'width' is a string"):
        read_tensor([1, 2, "3", 4], MATRIX, (2, 2))


def test_a_deep_index_is_named_number_by_number():
    with pytest.raises(InvalidInputError, match="input 'x', row 0, column 1, index 0 is a string"):
        read_tensor([[[1], ["2"]]], InputSpec("x", "FP32", (-1, 2, 1)), (-1, 2, 1))


def test_a_long_string_among_numbers_takes_no_memory():
    # numpy would make room for a string of this length in each place: 16 GB.
    data = [[1.0, 2.0] for _ in range(2000)] + [["x" * 1_000_000, 1.0]]
    tracemalloc.start()
    with pytest.raises(InvalidInputError, match="row 2000, column 'width' is a string"):
        read_tensor(data, MATRIX, MATRIX.shape)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_missing_value_is_nan_where_the_model_knows_missing_values():
    spec = InputSpec("matrix", "FP32", (-1, 2), ("width", "height"), nullable=("height",))
    tensor = read_tensor([[1, None], [3, 4]], spec, spec.shape)
    np.testing.assert_array_equal(tensor, np.array([[1, np.nan], [3, 4]], np.float32))
    with pytest.raises(InvalidInputError, match="row 0, column 'width' is null"):
        read_tensor([[None, 1]], spec, spec.shape)


def test_a_missing_string_is_none_where_the_model_knows_missing_values():
    spec = InputSpec("word", "BYTES", (-1,), nullable=("word",))
    assert read_tensor(["a", None], spec, (-1,)).tolist() == ["a", None]


def test_no_integer_is_ever_missing():
    with pytest.raises(InvalidInputError, match="is null where a number belongs"):
        read_tensor([None], InputSpec("n", "INT64", (-1,), nullable=("n",)), (-1,))


@pytest.mark.parametrize(
    ("sent", "datatype"),
    [
        ([2**53 + 1, 1.0], "INT64"),
        ([-(2**63), 2.0, 2**63 - 1], "INT64"),
        ([2**64 - 1, 1.0], "UINT64"),
    ],
)
def test_a_float_among_them_costs_large_integers_no_digit(sent, datatype):
    tensor = read_tensor(sent, InputSpec("n", datatype, (-1,)), (-1,))
    assert tensor.dtype == NUMPY_TYPES[datatype]
    assert tensor.tolist() == sent


@pytest.mark.parametrize(
    ("sent", "problem"), [([2**53 + 1, 1.5], "row 1 is not an integer"), ([1, 1e300], "row 1 is out of the range")]
)
def test_a_float_that_is_none_of_the_integers_among_them_is_located(sent, problem):
    with pytest.raises(InvalidInputError, match=problem):
        read_tensor(sent, InputSpec("n", "INT64", (-1,)), (-1,))


@given(st.data(), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS))
def test_a_number_changes_its_datatype_only_without_changing_its_value(data, sent, wanted):
    array = data.draw(
        hnp.arrays(NUMPY_TYPES[sent], (3,), elements=hnp.from_dtype(NUMPY_TYPES[sent], allow_subnormal=False))
    )
    spec = InputSpec("x", wanted, (-1,))
    try:
        result = cast(array, spec)
    except InvalidInputError:
        finite = bool(np.isfinite(array).all())
        fits = finite and all(_holds(value, wanted) for value in array.tolist())
        assert not fits
    else:
        assert result.dtype == NUMPY_TYPES[wanted]
        if result.dtype.kind in "iu":
            assert result.tolist() == array.tolist()
        else:
            assert (
                np.isinf(result).tolist()
                == (np.isinf(array) if array.dtype.kind == "f" else np.zeros(3, bool)).tolist()
            )


def _holds(value: float, datatype: str) -> bool:
    dtype = NUMPY_TYPES[datatype]
    if dtype.kind in "iu":
        wide = isinstance(value, float) and abs(value) >= 2.0**63
        return not wide and value == int(value) and np.iinfo(dtype).min <= value <= np.iinfo(dtype).max
    with np.errstate(over="ignore"):
        return bool(np.isfinite(np.float64(value).astype(dtype)))


@pytest.mark.parametrize("sent", ["FP16", "FP32", "FP64"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 0.5])
@pytest.mark.parametrize("wanted", ["INT8", "INT64", "UINT64"])
def test_no_float_becomes_an_integer_by_accident(sent, value, wanted):
    with pytest.raises(InvalidInputError):
        cast(np.array([value], NUMPY_TYPES[sent]), InputSpec("x", wanted, (-1,)))


@pytest.mark.parametrize(("value", "datatype"), [(2.0**63, "INT64"), (-(2.0**63), "INT64"), (2.0**64, "UINT64")])
def test_a_float_that_may_have_been_an_integer_beyond_the_range_is_out_of_range(value, datatype):
    # The JSON library makes a float of an integer with more than 64 bits.
    with pytest.raises(InvalidInputError, match=f"row 0 is out of the range of {datatype}"):
        cast(np.array([value]), InputSpec("x", datatype, (-1,)))


@pytest.mark.parametrize("sent", ["FP16", "FP32", "FP64"])
@pytest.mark.parametrize("wanted", [name for name, dtype in NUMPY_TYPES.items() if dtype.kind in "iu"])
def test_a_float_just_outside_of_a_range_is_refused_and_one_at_its_end_is_not(sent, wanted):
    bounds, spec = np.iinfo(NUMPY_TYPES[wanted]), InputSpec("x", wanted, (-1,))
    with np.errstate(over="ignore"):
        outside, lowest = (np.array([end], NUMPY_TYPES[sent]) for end in (float(bounds.max) + 1, float(bounds.min)))
    if np.isfinite(outside).all():
        with pytest.raises(InvalidInputError, match=f"row 0 is out of the range of {wanted}"):
            cast(outside, spec)
    if np.isfinite(lowest).all() and bounds.bits < 64:
        assert cast(lowest, spec).tolist() == [bounds.min]


@pytest.mark.parametrize(("value", "datatype"), [(-128.0, "INT8"), (0.0, "UINT64"), (4294967295.0, "UINT32")])
def test_a_float_at_the_end_of_a_range_is_in_it(value, datatype):
    assert cast(np.array([value]), InputSpec("x", datatype, (-1,))).tolist() == [value]


@pytest.mark.parametrize(
    ("value", "problem"), [(np.nan, "is missing"), (np.inf, "is infinite"), (-np.inf, "is infinite")]
)
def test_nan_and_infinity_in_a_binary_tensor_are_located(value, problem):
    with pytest.raises(InvalidInputError, match=f"row 1, column 'height' {problem}"):
        check_finite(np.array([[1, 2], [3, value]]), MATRIX)


def test_nan_passes_where_the_model_knows_missing_values():
    check_finite(np.array([[np.nan, 1]]), InputSpec("m", "FP64", (-1, 2), ("a", "b"), nullable=("a",)))
    check_finite(np.array([np.nan]), InputSpec("a", "FP64", (-1,), nullable=("a",)))
    with pytest.raises(InvalidInputError, match="column 'b'"):
        check_finite(np.array([[1, np.nan]]), InputSpec("m", "FP64", (-1, 2), ("a", "b"), nullable=("a",)))
