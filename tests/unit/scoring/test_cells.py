"""From the text of a cell to a value."""

import re

import pytest

from service.scoring.cells import Feature

BEYOND = "is not between -9223372036854775808 and 9223372036854775807, as INT64 is"


@pytest.mark.parametrize(
    ("datatype", "text", "value"),
    [
        ("INT64", "9223372036854775807", 2**63 - 1),
        ("INT64", " -9223372036854775808 ", -(2**63)),
        ("UINT64", "18446744073709551615", 2**64 - 1),
        ("INT8", "+5", 5),
        ("INT8", f"-{'0' * 5000}5", -5),
        ("INT8", "5.0", 5),
        ("INT64", "1e3", 1000),
        ("FP64", "1e3", 1000.0),
        ("BOOL", "True", True),
        ("BYTES", " 5 ", " 5 "),
    ],
    ids=["largest", "smallest", "unsigned", "plus", "zeros", "point", "exponent", "number", "truth", "text"],
)
def test_a_cell_is_read_as_its_column_says(datatype, text, value):
    read = Feature("size", datatype, nullable=False).read(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("datatype", "text", "what"),
    [
        ("INT64", "99999999999999999999", BEYOND),
        ("INT64", "9223372036854775808", BEYOND),
        ("INT64", "-" + "9" * 5000, BEYOND),
        ("INT64", "1e300", BEYOND),
        ("UINT8", "-1", "is not between 0 and 255, as UINT8 is"),
        ("INT64", "+-5", "is no number"),
        ("INT64", "5.5", "is no integer"),
        ("INT64", "1_000", "is no number"),
        ("INT64", "", "is missing, and the model takes no missing value there"),
        ("FP64", "1e999", "is not finite"),
        ("BOOL", "2", "is neither true nor false"),
    ],
    ids=[
        "20 digits",
        "one more",
        "5000 digits",
        "exponent",
        "negative",
        "signs",
        "fraction",
        "underscore",
        "nothing",
        "infinite",
        "truth",
    ],
)
def test_a_cell_that_no_model_takes_is_told_in_our_words(datatype, text, what):
    with pytest.raises(ValueError, match=f"^{re.escape(what)}$"):
        Feature("size", datatype, nullable=False).read(text)
