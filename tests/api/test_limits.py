"""How deep, how wide and how many: the last request that passes and the first that does not, over real sockets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from refusals import assert_refused

INFER = "/v2/models/iris/infer"
ROW = [5.1, 3.5, 1.4, 0.2]


@pytest.fixture(scope="module")
def tight(serve_for_all, iris_bundle):
    return serve_for_all(iris_bundle, max_json_depth=8, max_columns=4, max_elements=12).ready()


@pytest.fixture(scope="module")
def narrow(serve_for_all, iris_bundle):
    return serve_for_all(iris_bundle, max_columns=3).ready()


def nested(levels: int) -> object:
    return [nested(levels - 1)] if levels else 1


def tensor(rows: int, **members: object) -> dict[str, object]:
    return {"name": "input", "datatype": "FP64", "shape": [rows, 4], **members}


def in_json(rows: int) -> dict[str, object]:
    return {"json": {"inputs": [tensor(rows, data=[ROW] * rows)]}}


def in_binary(rows: int, datatype: str = "FP64") -> dict[str, object]:
    values = np.ones((rows, 4), {"FP64": np.float64, "INT8": np.int8}[datatype]).tobytes()
    sent = tensor(rows, datatype=datatype, parameters={"binary_data_size": len(values)})
    text = json.dumps({"inputs": [sent]}).encode()
    return {"content": text + values, "headers": {"inference-header-content-length": str(len(text))}}


def raw(rows: int) -> dict[str, object]:
    return {"content": np.ones((rows, 4)).tobytes(), "headers": {"inference-header-content-length": "0"}}


def instances(rows: int) -> dict[str, object]:
    return {"json": {"instances": [ROW] * rows}}


WAYS = [
    pytest.param("/predict", instances, id="predict"),
    pytest.param("/v1/models/iris:predict", instances, id="V1"),
    pytest.param(INFER, in_json, id="V2"),
    pytest.param(INFER, in_binary, id="V2, binary"),
    pytest.param(INFER, lambda rows: in_binary(rows, "INT8"), id="V2, binary, to be widened"),
    pytest.param(INFER, raw, id="V2, raw"),
]


@pytest.mark.parametrize(("path", "request_of"), WAYS)
def test_a_request_has_a_largest_number_of_values(tight, path, request_of):
    assert tight.client.post(path, **request_of(3)).status_code == 200
    message = assert_refused(tight.client.post(path, **request_of(4)), 413)
    assert message == "16 values are more than the 12 that one request may have: split it"


@pytest.mark.parametrize(("path", "request_of"), WAYS)
def test_a_row_has_a_largest_number_of_values(tight, narrow, path, request_of):
    assert tight.client.post(path, **request_of(1)).status_code == 200
    message = assert_refused(narrow.client.post(path, **request_of(1)), 400)
    assert message == "4 values in a row are more than the 3 that one may have"


def test_a_shape_that_is_far_from_true_is_no_reason_to_make_room(tight):
    sent = tensor(1, shape=[2**62, 4], data=ROW)
    assert_refused(tight.client.post(INFER, json={"inputs": [sent]}), 413)


def test_what_is_ignored_may_not_nest_without_end(tight):
    body = {"inputs": [tensor(1, data=[ROW])]}
    # The object around it is a level.
    assert tight.client.post(INFER, json=body | {"ignored": nested(7)}).status_code == 200
    message = assert_refused(tight.client.post(INFER, json=body | {"ignored": nested(8)}), 400)
    assert message == "the JSON nests more than 8 levels of lists and objects"
    assert tight.client.post(INFER, json=body | {"ignored": "[{" * 50}).status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/v1/models/iris:predict", INFER])
def test_by_default_json_may_nest_a_hundred_levels(iris, path):
    body = {"instances": nested(99)}
    assert "nests" not in assert_refused(iris.client.post(path, json=body), 400)
    body = {"instances": nested(100)}
    assert "nests more than 100 levels" in assert_refused(iris.client.post(path, json=body), 400)
