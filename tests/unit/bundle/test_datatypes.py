"""The datatypes of the protocol and numpy's."""

import numpy as np
import pytest

from service.bundle.datatypes import NUMPY_TYPES, datatype_of, is_float, is_integer


@pytest.mark.parametrize("datatype", NUMPY_TYPES)
def test_every_datatype_survives_the_way_to_numpy_and_back(datatype):
    assert datatype_of(NUMPY_TYPES[datatype]) == datatype


@pytest.mark.parametrize("dtype", ["U5", "S5", object, np.dtypes.StringDType()])
def test_strings_of_any_kind_are_bytes(dtype):
    assert datatype_of(np.dtype(dtype)) == "BYTES"


def test_the_byte_order_of_another_machine_does_not_matter():
    assert datatype_of(np.dtype(">f8")) == "FP64"


@pytest.mark.parametrize("dtype", ["complex128", "datetime64[s]"])
def test_what_the_protocol_does_not_have_is_refused(dtype):
    with pytest.raises(ValueError, match="there is no tensor datatype"):
        datatype_of(np.dtype(dtype))


def test_kinds_of_numbers_are_told_apart():
    assert [name for name in NUMPY_TYPES if is_float(name)] == ["FP16", "FP32", "FP64"]
    assert all(is_integer(name) == (NUMPY_TYPES[name].kind in "iu") for name in NUMPY_TYPES)
