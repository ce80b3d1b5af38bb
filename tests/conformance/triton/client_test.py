"""Everything that Triton's HTTP client can ask of a server with one model."""

from __future__ import annotations

import os

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

SETOSA = [5.1, 3.5, 1.4, 0.2]
VIRGINICA = [6.7, 3.0, 5.2, 2.3]
DATATYPES = {
    "BOOL": np.array([[True], [False]]),
    "UINT8": np.array([[0], [255]], np.uint8),
    "UINT16": np.array([[0], [65535]], np.uint16),
    "UINT32": np.array([[0], [2**32 - 1]], np.uint32),
    "UINT64": np.array([[0], [2**64 - 1]], np.uint64),
    "INT8": np.array([[-128], [127]], np.int8),
    "INT16": np.array([[-(2**15)], [2**15 - 1]], np.int16),
    "INT32": np.array([[-(2**31)], [2**31 - 1]], np.int32),
    "INT64": np.array([[-(2**63)], [2**63 - 1]], np.int64),
    "FP16": np.array([[0.5], [-65504]], np.float16),
    "FP32": np.array([[0.1], [3.0e38]], np.float32),
    "FP64": np.array([[0.1], [-1.5e308]]),
    "BYTES": np.array([["plain"], ["Zürich"]], dtype=object),
}


def connect(name: str) -> InferenceServerClient:
    return InferenceServerClient(os.environ[f"{name}_URL"].removeprefix("http://"))


@pytest.fixture(scope="module")
def iris():
    with connect("IRIS") as client:
        yield client


def matrix(rows, datatype="FP64", dtype=np.float64, *, binary=True) -> list[InferInput]:
    array = np.array(rows, dtype)
    tensor = InferInput("input", list(array.shape), datatype)
    tensor.set_data_from_numpy(array, binary_data=binary)
    return [tensor]


def labels(result) -> list[str]:
    return [label.decode() if isinstance(label, bytes) else label for label in result.as_numpy("predict")]


def test_health(iris):
    assert iris.is_server_live()
    assert iris.is_server_ready()
    assert iris.is_model_ready("iris")
    assert iris.is_model_ready("iris", "3")
    assert not iris.is_model_ready("other")


def test_metadata(iris):
    assert iris.get_server_metadata()["extensions"] == ["binary_tensor_data", "model_repository", "statistics"]
    metadata = iris.get_model_metadata("iris")
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}]
    assert [output["name"] for output in metadata["outputs"]] == ["predict", "predict_proba", "decision_function"]


def test_repository_index_and_statistics(iris):
    assert iris.get_model_repository_index() == [{"name": "iris", "version": "3", "state": "READY", "reason": ""}]
    for model in ("", "iris"):
        assert iris.get_inference_statistics(model)["model_stats"][0]["name"] == "iris"


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
@pytest.mark.parametrize(("datatype", "dtype"), [("FP64", np.float64), ("FP32", np.float32)])
def test_infer_with_json_and_binary_tensors(iris, binary_in, binary_out, datatype, dtype):
    outputs = None
    if binary_out is not None:
        names = ("predict", "predict_proba")
        outputs = [InferRequestedOutput(name, binary_data=binary_out) for name in names]
    result = iris.infer(
        "iris", matrix([SETOSA, VIRGINICA], datatype, dtype, binary=binary_in), outputs=outputs, request_id="7"
    )
    assert result.get_response()["id"] == "7"
    assert labels(result) == ["setosa", "virginica"]
    assert result.as_numpy("predict_proba").shape == (2, 3)
    assert (result.as_numpy("decision_function") is None) == (outputs is not None)


@pytest.mark.parametrize(("datatype", "dtype"), [("FP16", np.float16), ("INT64", np.int64)])
def test_infer_with_other_numbers(iris, datatype, dtype):
    assert labels(iris.infer("iris", matrix([[7, 3, 5, 2]], datatype, dtype))) == ["virginica"]


@pytest.mark.parametrize("sent", [None, "gzip", "deflate"])
@pytest.mark.parametrize("wanted", [None, "gzip", "deflate"])
def test_compression_both_ways(iris, sent, wanted):
    result = iris.infer(
        "iris",
        matrix([SETOSA] * 200),
        request_compression_algorithm=sent,
        response_compression_algorithm=wanted,
    )
    assert labels(result) == ["setosa"] * 200


def test_asynchronous_infer_and_a_named_version(iris):
    result = iris.async_infer("iris", matrix([VIRGINICA]), model_version="3").get_result()
    assert labels(result) == ["virginica"]


def test_every_datatype_there_and_back_in_binary():
    inputs = []
    for name, array in DATATYPES.items():
        tensor = InferInput(f"in_{name.lower()}", list(array.shape), name)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    with connect("IDENTITY") as client:
        result = client.infer("identity", inputs)
    for name, array in DATATYPES.items():
        returned = result.as_numpy(f"out_{name.lower()}")
        if name == "BYTES":
            returned = np.array([[cell.decode() for cell in row] for row in returned], dtype=object)
        np.testing.assert_array_equal(returned, array)


def test_columns_of_several_kinds():
    columns = {
        "age": ("FP64", np.array([[30.0], [np.nan]])),
        "fare": ("FP64", np.array([[60.0], [7.0]])),
        "class": ("INT64", np.array([[1], [3]])),
        "port": ("BYTES", np.array([["C"], ["S"]], dtype=object)),
        "cabin": ("BYTES", np.array([["C"], ["E"]], dtype=object)),
    }
    inputs = []
    for name, (datatype, array) in columns.items():
        tensor = InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    with connect("PASSENGERS") as client:
        assert client.infer("passengers", inputs).as_numpy("predict").shape == (2,)


@pytest.mark.parametrize(
    ("ask", "status", "message"),
    [
        (lambda client: client.infer("other", matrix([SETOSA])), "404", "there is no such model here: this is iris"),
        (lambda client: client.get_model_metadata("other"), "404", "there is no such model here: this is iris"),
        (lambda client: client.infer("iris", matrix([[1, 2, 3]])), "400", "its shape does not fit [-1, 4]"),
        (lambda client: client.infer("iris", matrix([[1, 2, 3, np.nan]])), "400", "row 0, column 'petal width (cm)'"),
        (lambda client: client.load_model("iris"), "400", "a model is changed by a rollout"),
    ],
)
def test_errors_are_understood(iris, ask, status, message):
    with pytest.raises(InferenceServerException) as caught:
        ask(iris)
    assert caught.value.status() == status
    assert message in caught.value.message()
