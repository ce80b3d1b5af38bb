"""The Open Inference Protocol V2: the infer call with JSON and binary tensors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from identity import VALUES
from refusals import MARKER, assert_refused

INFER = "/v2/models/iris/infer"
ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
FEATURES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
LENGTH = "inference-header-content-length"


def tensor(name="input", datatype="FP64", shape=(2, 4), data=ROWS) -> dict[str, object]:
    return {"name": name, "datatype": datatype, "shape": list(shape), "data": data}


def infer(server, path=INFER, **request) -> dict:
    response = server.client.post(path, json=request)
    assert response.status_code == 200, response.text
    return response.json()


def labels(answer: dict) -> list[str]:
    return next(output["data"] for output in answer["outputs"] if output["name"] == "predict")


def test_all_outputs_come_with_name_shape_datatype_and_data_and_nothing_is_null(iris):
    answer = infer(iris, inputs=[tensor()])
    assert answer.keys() == {"model_name", "model_version", "outputs"}
    assert (answer["model_name"], answer["model_version"]) == ("iris", "3")
    described = [(output["name"], output["datatype"], output["shape"]) for output in answer["outputs"]]
    assert described == [
        ("predict", "BYTES", [2]),
        ("predict_proba", "FP64", [2, 3]),
        ("decision_function", "FP64", [2, 3]),
    ]
    assert all(output.keys() == {"name", "datatype", "shape", "data"} for output in answer["outputs"])
    assert labels(answer) == ["setosa", "virginica"]
    assert "null" not in json.dumps(answer)


@pytest.mark.parametrize("data", [ROWS, [*ROWS[0], *ROWS[1]]], ids=["nested", "flat"])
@pytest.mark.parametrize("name", ["input", "input-0", "anything"])
@pytest.mark.parametrize("datatype", ["FP64", "FP32", "FP16"])
def test_one_matrix_comes_under_any_name_and_as_any_float(iris, data, name, datatype):
    assert labels(infer(iris, inputs=[tensor(name, datatype, data=data)])) == ["setosa", "virginica"]


@pytest.mark.parametrize("datatype", ["INT64", "INT8", "UINT8"])
def test_integers_are_taken_for_floats(iris, datatype):
    assert labels(infer(iris, inputs=[tensor(datatype=datatype, shape=(1, 4), data=[7, 3, 5, 2])])) == ["virginica"]


@pytest.mark.parametrize("shape", [(2, 1), (2,)])
def test_one_tensor_for_each_feature_makes_up_the_matrix(iris, shape):
    inputs = [tensor(name, shape=shape, data=[row[i] for row in ROWS]) for i, name in enumerate(FEATURES)]
    assert labels(infer(iris, inputs=inputs[::-1])) == ["setosa", "virginica"]


def test_a_wrong_tensor_of_a_feature_is_located(iris):
    inputs = [tensor(name, shape=(2, 1), data=[1.0, None]) for name in FEATURES]
    response = iris.client.post(INFER, json={"inputs": inputs})
    assert assert_refused(response, 400) == "input 'sepal length (cm)', row 1 is null where a number belongs"


@pytest.mark.parametrize("wanted", [["predict"], ["decision_function", "predict"], ["predict_proba"]])
def test_outputs_come_as_chosen_and_in_that_order(iris, wanted):
    answer = infer(iris, inputs=[tensor()], outputs=[{"name": name} for name in wanted])
    assert [output["name"] for output in answer["outputs"]] == wanted


def test_the_id_is_echoed(iris):
    assert infer(iris, id="Zürich-1", inputs=[tensor()])["id"] == "Zürich-1"
    assert infer(iris, id="", inputs=[tensor()])["id"] == ""


def test_the_version_may_be_named(iris):
    assert labels(infer(iris, "/v2/models/iris/versions/3/infer", inputs=[tensor()])) == ["setosa", "virginica"]


def test_members_that_the_protocol_does_not_know_are_ignored(iris):
    assert infer(iris, inputs=[{**tensor(), "more": 1}], more=1, parameters={"more": 1})["model_name"] == "iris"


def column_tensors(**changes) -> list[dict[str, object]]:
    columns = {
        "age": ("FP64", [30.0, None]),
        "fare": ("FP64", [60.0, 7.0]),
        "class": ("INT64", [1, 3]),
        "port": ("BYTES", ["C", "S"]),
        "cabin": ("BYTES", [None, "E"]),
    } | changes
    return [tensor(name, datatype, (2, 1), data) for name, (datatype, data) in columns.items()]


def test_columns_of_several_kinds_come_one_tensor_each_with_null_for_a_missing_value(passengers):
    answer = infer(passengers, "/v2/models/passengers/infer", inputs=column_tensors())
    records = [
        {"age": 30.0, "fare": 60.0, "class": 1, "port": "C", "cabin": None},
        {"age": None, "fare": 7.0, "class": 3, "port": "S", "cabin": "E"},
    ]
    assert labels(answer) == passengers.client.post("/predict", json={"instances": records}).json()["predictions"]


def test_columns_of_several_kinds_do_not_fit_into_one_matrix(passengers):
    response = passengers.client.post("/v2/models/passengers/infer", json={"inputs": [tensor()]})
    assert "one tensor for each: 'age', 'fare'" in assert_refused(response, 400)


def test_a_float_column_that_is_not_integral_is_refused_where_integers_belong(passengers):
    inputs = column_tensors(**{"class": ("FP32", [1.0, 2.5])})
    response = passengers.client.post("/v2/models/passengers/infer", json={"inputs": inputs})
    assert assert_refused(response, 400) == "input 'class', row 1 is not an integer"
    assert infer(passengers, "/v2/models/passengers/infer", inputs=column_tensors(**{"class": ("FP32", [1.0, 2.0])}))


# The binary tensor data extension.


def pack(datatype: str, array: np.ndarray) -> bytes:
    """Write a tensor as Triton's documentation says."""
    if datatype != "BYTES":
        return array.astype(array.dtype.newbyteorder("<")).tobytes()
    encoded = [text.encode() for text in array.reshape(-1)]
    return b"".join(len(text).to_bytes(4, "little") + text for text in encoded)


def unpack(datatype: str, content: bytes, array: np.ndarray) -> np.ndarray:
    if datatype != "BYTES":
        return np.frombuffer(content, array.dtype.newbyteorder("<")).reshape(array.shape)
    texts = []
    while content:
        size = int.from_bytes(content[:4], "little")
        texts.append(content[4 : 4 + size].decode())
        content = content[4 + size :]
    return np.array(texts, dtype=object).reshape(array.shape)


def binary(request: dict, *tails: bytes) -> dict:
    text = json.dumps(request).encode()
    return {"content": b"".join([text, *tails]), "headers": {LENGTH: str(len(text))}}


def described(datatype: str, *, size: int | None) -> dict[str, object]:
    array = VALUES[datatype]
    item: dict[str, object] = {"name": f"in_{datatype.lower()}", "datatype": datatype, "shape": list(array.shape)}
    return item | ({"data": array.tolist()} if size is None else {"parameters": {"binary_data_size": size}})


def parse(response) -> dict[str, tuple[dict, bytes]]:
    assert response.status_code == 200, response.text
    length = int(response.headers.get(LENGTH, len(response.content)))
    answer, rest = json.loads(response.content[:length]), response.content[length:]
    outputs = {}
    for output in answer["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size", 0)
        outputs[output["datatype"]] = (output, rest[:size])
        rest = rest[size:]
    assert rest == b""
    return outputs


def test_every_datatype_goes_in_and_out_as_raw_bytes(identity):
    tails = {datatype: pack(datatype, array) for datatype, array in VALUES.items()}
    inputs = [described(datatype, size=len(tail)) for datatype, tail in tails.items()]
    request = binary({"inputs": inputs, "parameters": {"binary_data_output": True}}, *tails.values())
    response = identity.client.post("/v2/models/identity/infer", **request)
    assert response.headers["content-type"] == "application/octet-stream"
    for datatype, (output, content) in parse(response).items():
        assert "data" not in output
        np.testing.assert_array_equal(unpack(datatype, content, VALUES[datatype]), VALUES[datatype])
        assert output["shape"] == [2, 1]


def test_every_datatype_goes_in_and_out_as_json(identity):
    response = identity.client.post(
        "/v2/models/identity/infer", json={"inputs": [described(datatype, size=None) for datatype in VALUES]}
    )
    assert LENGTH not in response.headers
    for datatype, (output, content) in parse(response).items():
        assert content == b""
        # The shortest decimal that gives this very FP32 or FP16 is enough.
        assert np.array(output["data"], VALUES[datatype].dtype).tolist() == VALUES[datatype].reshape(-1).tolist()


def test_json_and_raw_bytes_may_be_mixed_in_and_out(identity):
    raw = {"FP32", "BYTES", "BOOL"}
    tails = {datatype: pack(datatype, VALUES[datatype]) for datatype in VALUES if datatype in raw}
    inputs = [described(datatype, size=len(tails[datatype]) if datatype in raw else None) for datatype in VALUES]
    wanted = [{"name": f"out_{name.lower()}", "parameters": {"binary_data": name == "INT8"}} for name in VALUES]
    request = binary({"inputs": inputs, "outputs": wanted, "parameters": {"binary_data_output": True}}, *tails.values())
    outputs = parse(identity.client.post("/v2/models/identity/infer", **request))
    assert {datatype for datatype, (output, _) in outputs.items() if "data" not in output} == {"INT8"}
    assert outputs["BYTES"][0]["data"] == VALUES["BYTES"].reshape(-1).tolist()
    assert outputs["INT8"][1] == pack("INT8", VALUES["INT8"])


def test_a_raw_binary_request_is_one_tensor_and_nothing_else(iris):
    content = np.array(ROWS).tobytes()
    response = iris.client.post(INFER, content=content, headers={LENGTH: "0"})
    length = int(response.headers[LENGTH])
    answer = json.loads(response.content[:length])
    assert [output["shape"] for output in answer["outputs"]] == [[2], [2, 3], [2, 3]]
    assert response.content[length:].startswith(b"\x06\0\0\0setosa\x09\0\0\0virginica")


def test_a_raw_binary_request_may_be_one_text(texts):
    response = texts.client.post("/v2/models/texts/infer", content=b"\x04\0\0\0good", headers={LENGTH: "0"})
    length = int(response.headers[LENGTH])
    assert response.content[length : length + 8] == (1).to_bytes(8, "little")


def test_a_raw_binary_request_needs_a_model_with_one_input(passengers):
    response = passengers.client.post("/v2/models/passengers/infer", content=b"12345678", headers={LENGTH: "0"})
    assert "one input" in assert_refused(response, 400)


RAW = np.array(ROWS).tobytes()
MISSING = np.array([[1, 2, np.nan, 4]]).tobytes()
INFINITE = np.array([[1, 2, 3, -np.inf]]).tobytes()


def binary_matrix(content: bytes, *, size: int, shape=(2, 4), datatype="FP64") -> dict:
    item = {"name": "input", "datatype": datatype, "shape": list(shape), "parameters": {"binary_data_size": size}}
    return binary({"inputs": [item]}, content)


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (binary_matrix(RAW[:-1], size=64), "'binary_data_size' is larger than the 63 bytes that are left"),
        (binary_matrix(RAW + b"x", size=64), "1 bytes behind the JSON belong to no input"),
        (binary_matrix(RAW, size=63), "63 bytes where its shape and datatype need 64"),
        (binary_matrix(RAW, size=0), "0 bytes where its shape and datatype need 64"),
        (binary_matrix(RAW, size=2**63), "'binary_data_size' is larger than"),
        (binary_matrix(RAW, size=-1), "'binary_data_size' is no number of bytes"),
        (binary_matrix(RAW, size=MARKER), "'binary_data_size' is no number of bytes"),
        (binary_matrix(RAW, size=True), "'binary_data_size' is no number of bytes"),
        (binary_matrix(RAW, size=64, shape=(2**40, 4)), "64 bytes where its shape and datatype need"),
        (binary_matrix(RAW, size=64, shape=(1, 4)), "64 bytes where its shape and datatype need 32"),
        (binary_matrix(RAW, size=64, datatype="FP32"), "64 bytes where its shape and datatype need 32"),
        (binary_matrix(RAW, size=64, datatype="BYTES"), "the datatype BYTES was sent where FP64 belongs"),
        (binary_matrix(MISSING, size=32, shape=(1, 4)), "row 0, column 'petal length (cm)' is missing"),
        (binary_matrix(INFINITE, size=32, shape=(1, 4)), "row 0, column 'petal width (cm)' is infinite"),
        ({"content": RAW, "headers": {LENGTH: "65"}}, "not a number of bytes within the body"),
        ({"content": RAW, "headers": {LENGTH: "-1"}}, "not a number of bytes within the body"),
        ({"content": RAW, "headers": {LENGTH: MARKER}}, "not a number of bytes within the body"),
        ({"content": RAW, "headers": {LENGTH: "9" * 30}}, "not a number of bytes within the body"),
        ({"content": RAW, "headers": {LENGTH: "10"}}, "is not JSON"),
        ({"content": RAW[:-1], "headers": {LENGTH: "0"}}, "63 bytes are no whole number of rows of 32 bytes"),
        ({"content": b"", "headers": {LENGTH: "0"}}, "0 bytes are no whole number of rows"),
        ({"content": b"", "headers": {}}, "the body is empty"),
    ],
)
def test_a_wrong_binary_request_is_refused(iris, request_, problem):
    assert problem in assert_refused(iris.client.post(INFER, **request_), 400)


@pytest.mark.parametrize(
    ("content", "shape", "problem"),
    [
        (b"\x04\0\0\0good\x03\0\0\0bad", [1], ": 7 bytes are left over"),
        (b"\x04\0\0\0good", [2], ", string 1: its length is cut off"),
        (b"\x04\0\0\0goo", [1], ", string 0 is longer than the bytes that are left"),
        (b"\xff\xff\xff\xffgood", [1], ", string 0 is longer than the bytes that are left"),
        (b"\x02\0\0\0\xff\xfe", [1], ", string 0 is not UTF-8"),
        (b"\x04\0\0\0good", [2**61], ": too few bytes for the 2305843009213693952 strings of its shape"),
        (b"", [1], ": too few bytes for the 1 strings of its shape"),
    ],
)
def test_wrong_strings_in_raw_bytes_are_located(texts, content, shape, problem):
    item = {"name": "text", "datatype": "BYTES", "shape": shape, "parameters": {"binary_data_size": len(content)}}
    response = texts.client.post("/v2/models/texts/infer", **binary({"inputs": [item]}, content))
    assert assert_refused(response, 400) == f"input 'text'{problem}"
