"""The V2 codec: whatever comes in is an inference or an error of the client."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity import VALUES, write_identity

from service.bundle.manifest import Example, Manifest
from service.bundle.signature import InputSpec, OutputSpec
from service.errors import InvalidInputError, RequestError
from service.protocols.call import Bounds, Call
from service.protocols.v2 import HEADER_LENGTH, V2Codec

BOUNDS = Bounds(rows=100, columns=50, elements=1000, json_bytes=10_000, json_depth=20)
NAMES = ["x", "in_fp32", "in_bytes", "out_fp32", "predict", "number", "text", ""]

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=5)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(NAMES) | anything,
        "datatype": st.sampled_from(["FP32", "FP64", "BYTES", "BOOL", "INT64"]) | anything,
        "shape": st.lists(st.integers(-1, 3) | st.integers(), max_size=3) | anything,
        "data": st.lists(st.integers(0, 3) | st.text(max_size=2) | st.lists(st.integers(0, 3)), max_size=6) | anything,
        "parameters": st.fixed_dictionaries({}, optional={"binary_data_size": st.integers(-1, 20) | anything}),
    },
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "id": anything,
        "inputs": st.lists(tensors, max_size=3) | anything,
        "outputs": st.lists(st.fixed_dictionaries({"name": st.sampled_from(NAMES) | anything}), max_size=3) | anything,
        "parameters": st.dictionaries(st.sampled_from(["timeout", "binary_data_output", "x"]), anything) | anything,
    },
)


def manifest(inputs: tuple[InputSpec, ...]) -> Manifest:
    outputs = (OutputSpec("predict", "FP64", (-1,)),)
    example = Example({spec.name: [] for spec in inputs}, {"predict": []})
    return Manifest(1, "m", "1", "onnx", "model.onnx", "0" * 64, inputs, outputs, example)


MODELS = {
    "matrix": (InputSpec("x", "FP64", (-1, 2), ("number", "text"), nullable=("text",)),),
    "columns": (InputSpec("number", "INT64", (-1, 1)), InputSpec("text", "BYTES", (-1, 1), nullable=("text",))),
    "numbers": (InputSpec("number", "INT64", (-1, 1)), InputSpec("text", "FP32", (-1, 1))),
    "text": (InputSpec("text", "BYTES", (-1,)),),
    "flag": (InputSpec("number", "BOOL", (-1, 1)),),
    "image": (InputSpec("x", "FP32", (-1, -1, -1, 3)),),
}


@pytest.fixture(params=MODELS, scope="module")
def codec(request) -> V2Codec:
    return V2Codec(manifest(MODELS[request.param]), BOUNDS)


def decode(codec: V2Codec, body: bytes, **headers: str):
    raw = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    decoded = codec.decode(Call(body, raw, b""))
    rows = {len(tensor) for tensor in decoded.inference.tensors.values()}
    assert rows == {decoded.inference.rows}
    return decoded


@settings(max_examples=100)
@given(request=requests, tail=st.binary(max_size=20))
def test_any_json_is_an_inference_or_an_error_of_the_client(codec, request, tail):
    text = json.dumps(request).encode()
    try:
        decode(codec, text + tail, inference_header_content_length=str(len(text)))
    except RequestError as error:
        assert len(str(error)) < 400  # noqa: PT017  # it may also not be raised


@given(body=st.binary(max_size=60), length=st.integers(-1, 70) | st.text("0123456789-+ ", max_size=20))
def test_any_bytes_are_an_inference_or_an_error_of_the_client(codec, body, length):
    with pytest.raises(RequestError) if length not in (0, "0") else _whatever():
        decode(codec, body, inference_header_content_length=str(length))


class _whatever:  # noqa: N801  # reads as a phrase
    def __enter__(self) -> None: ...

    def __exit__(self, kind, error, traceback) -> bool:
        return kind is None or issubclass(kind, RequestError)


def test_a_matrix_of_numbers_may_stand_for_columns_of_several_number_types():
    columns = V2Codec(manifest(MODELS["numbers"]), BOUNDS)
    body = json.dumps({"inputs": [{"name": "any", "datatype": "FP64", "shape": [2, 2], "data": [1, 0.5, 2, 1.5]}]})
    tensors = decode(columns, body.encode()).inference.tensors
    assert tensors["number"].tolist() == [[1], [2]]
    assert tensors["number"].dtype == np.int64
    assert tensors["text"].tolist() == [[0.5], [1.5]]
    assert tensors["text"].dtype == np.float32


def test_a_matrix_of_large_integers_costs_its_columns_no_digit():
    columns = V2Codec(manifest(MODELS["numbers"]), BOUNDS)
    body = json.dumps({"inputs": [{"name": "any", "datatype": "INT64", "shape": [1, 2], "data": [2**53 + 1, 2]}]})
    tensors = decode(columns, body.encode()).inference.tensors
    assert tensors["number"].tolist() == [[2**53 + 1]]
    assert tensors["text"].tolist() == [[2.0]]


def test_a_matrix_that_does_not_fit_a_column_is_located():
    columns = V2Codec(manifest(MODELS["numbers"]), BOUNDS)
    body = json.dumps({"inputs": [{"name": "any", "datatype": "FP64", "shape": [2, 2], "data": [1, 0.5, 2.5, 1.5]}]})
    with pytest.raises(InvalidInputError, match="input 'number', row 1 is not an integer"):
        decode(columns, body.encode())


def test_more_rows_than_allowed_are_refused_before_any_is_read():
    texts = {"name": "text", "datatype": "BYTES", "shape": [101], "parameters": {"binary_data_size": 404}}
    body = json.dumps({"inputs": [texts]}).encode()
    with pytest.raises(InvalidInputError, match="101 rows are more than the 100"):
        decode(
            V2Codec(manifest(MODELS["text"]), BOUNDS),
            body + b"\xff" * 404,
            inference_header_content_length=str(len(body)),
        )


@pytest.mark.parametrize("model", ["columns", "image"])
def test_a_raw_binary_request_needs_one_input_of_one_variable_dimension(model):
    with pytest.raises(InvalidInputError, match="a raw binary request needs"):
        decode(V2Codec(manifest(MODELS[model]), BOUNDS), b"12345678", inference_header_content_length="0")


@given(st.sets(st.sampled_from(sorted(VALUES))), st.sets(st.sampled_from(sorted(VALUES))))
def test_tensors_come_out_as_they_went_in_whichever_of_them_are_raw_bytes(identity_manifest, raw_in, raw_out):
    codec = V2Codec(identity_manifest, BOUNDS)
    inputs, tails = [], []
    for name, array in VALUES.items():
        item = {"name": f"in_{name.lower()}", "datatype": name, "shape": list(array.shape)}
        if name in raw_in:
            content = array.tobytes() if name != "BYTES" else b"".join(_pack(text) for text in array[:, 0])
            tails.append(content)
            item["parameters"] = {"binary_data_size": len(content)}
        else:
            item["data"] = array.tolist()
        inputs.append(item)
    outputs = [{"name": f"out_{name.lower()}", "parameters": {"binary_data": name in raw_out}} for name in VALUES]
    text = json.dumps({"id": "7", "inputs": inputs, "outputs": outputs}).encode()
    call = Call(b"".join([text, *tails]), {HEADER_LENGTH: str(len(text)).encode()}, b"")
    decoded = codec.decode(call)
    results = {name.replace("in_", "out_"): tensor for name, tensor in decoded.inference.tensors.items()}
    for name, array in VALUES.items():
        np.testing.assert_array_equal(results[f"out_{name.lower()}"], array)
    answer = codec.encode(decoded, results)
    length = int(dict(answer.headers).get(HEADER_LENGTH, len(answer.body)))
    parsed = json.loads(answer.body[:length])
    assert parsed["id"] == "7"
    sizes = [output.get("parameters", {}).get("binary_data_size", 0) for output in parsed["outputs"]]
    assert sum(sizes) == len(answer.body) - length
    assert {output["datatype"] for output in parsed["outputs"] if "data" not in output} == raw_out


def _pack(text: str) -> bytes:
    return len(text.encode()).to_bytes(4, "little") + text.encode()


@pytest.fixture(scope="module")
def identity_manifest(tmp_path_factory) -> Manifest:
    return write_identity(tmp_path_factory.mktemp("v2") / "identity").manifest
