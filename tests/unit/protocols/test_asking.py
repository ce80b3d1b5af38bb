"""What is asked with: the example as people write it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bundle.manifest import Example, Manifest
from service.bundle.signature import InputSpec, OutputSpec, to_array, to_nested
from service.protocols.asking import example_inputs


def manifest_of(datatype: str, values: object) -> Manifest:
    inputs, outputs = (InputSpec("x", datatype, (-1,)),), (OutputSpec("predict", "FP64", (-1,)),)
    return Manifest(1, "m", "1", "onnx", "model.onnx", "0" * 64, inputs, outputs, Example({"x": values}, {}))


@pytest.mark.parametrize(("datatype", "width"), [("FP16", 16), ("FP32", 32), ("FP64", 64)])
def test_an_example_that_is_written_short_reads_back_to_the_same_numbers(datatype, width):
    @settings(max_examples=200)
    @given(st.lists(st.floats(width=width, allow_nan=False, allow_infinity=False), min_size=1))
    def check(values):
        array = to_array(values, datatype)
        written = example_inputs(manifest_of(datatype, to_nested(array)))["x"]
        assert np.array_equal(to_array(written, datatype), array)

    check()


def test_numbers_have_the_digits_that_people_gave_them_and_the_rest_stays():
    values = to_nested(np.array([14.23, 0.1, 1065.0, np.nan, 3e-7], np.float32))
    assert example_inputs(manifest_of("FP32", values)) == {"x": [14.23, 0.1, 1065.0, None, 3e-7]}
    assert example_inputs(manifest_of("BYTES", ["0.1", None])) == {"x": ["0.1", None]}
    assert example_inputs(manifest_of("INT64", [2**53 + 1])) == {"x": [2**53 + 1]}
