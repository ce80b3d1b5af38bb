"""The codecs of ``/predict`` and V1."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bundle.signature import InputSpec, OutputSpec, Signature
from service.engine.inference import Inference
from service.errors import RequestError
from service.protocols.call import Bounds, Call, Decoded
from service.protocols.predict import PredictCodec, V1Codec

BOUNDS = Bounds(rows=100, columns=50, elements=1000, json_bytes=10_000, json_depth=20)
OUTPUTS = (OutputSpec("predict", "FP64", (-1,)), OutputSpec("predict_proba", "FP64", (-1, 2)))
SIGNATURES = {
    "matrix": Signature((InputSpec("x", "FP64", (-1, 2), ("a", "b"), nullable=("b",)),), OUTPUTS),
    "columns": Signature((InputSpec("a", "INT64", (-1, 1)), InputSpec("b", "BYTES", (-1, 1))), OUTPUTS),
    "text": Signature((InputSpec("a", "BYTES", (-1,)),), OUTPUTS),
    "many": Signature(tuple(InputSpec(f"c{number}", "FP64", (-1, 1)) for number in range(15)), OUTPUTS),
}

cells = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=3)
records = st.dictionaries(st.sampled_from(["a", "b", "c"]), cells, max_size=3)
rows = st.lists(cells | st.lists(cells, max_size=3) | records, max_size=4)
bodies = st.fixed_dictionaries({}, optional={"instances": rows | cells | records, "inputs": rows | cells})


@pytest.fixture(params=SIGNATURES, scope="module")
def codec(request) -> PredictCodec:
    return PredictCodec(SIGNATURES[request.param], BOUNDS, "ab" * 32)


@settings(max_examples=150)
@given(body=bodies, query=st.sampled_from([b"", b"outputs=predict_proba"]) | st.binary(max_size=20))
def test_any_json_is_an_inference_or_an_error_of_the_client(codec, body, query):
    try:
        decoded = codec.decode(Call(orjson.dumps(body), {}, query))
    except RequestError as error:
        assert len(str(error)) < 400  # noqa: PT017  # it may also not be raised
    else:
        assert {len(tensor) for tensor in decoded.inference.tensors.values()} == {decoded.inference.rows}


def test_of_many_features_only_the_first_ones_are_named_in_an_error():
    with pytest.raises(RequestError) as caught:
        PredictCodec(SIGNATURES["many"], BOUNDS, "ab" * 32).decode(Call(b'{"instances": [[1]]}', {}, b""))
    assert str(caught.value).endswith("'c8', 'c9' and 5 more")


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("matrix", "a list of 2 values: 'a', 'b'"),
        ("columns", "a list of 2 values: 'a', 'b'"),
        ("text", "one value"),
    ],
)
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[[70]]", "the body is a list where an object belongs"),
        (b'{"rows": [[70]]}', "the body needs the member 'instances', a list of rows, and no other"),
    ],
    ids=["list", "other member"],
)
def test_a_body_of_another_form_is_told_the_form(kind, row, body, problem):
    with pytest.raises(RequestError) as caught:
        PredictCodec(SIGNATURES[kind], BOUNDS, "ab" * 32).decode(Call(body, {}, b""))
    assert str(caught.value) == f'{problem}: send {{"instances": [ROW, ...]}}, each ROW {row}'


def test_a_number_that_the_model_could_not_give_is_null():
    decoded = Decoded(Inference({}, ("predict",), 2))
    answer = V1Codec(SIGNATURES["matrix"], BOUNDS).encode(decoded, {"predict": np.array([1.5, np.nan])})
    assert answer.body == b'{"predictions":[1.5,null]}'


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint64, np.bool_])
def test_an_answer_of_any_datatype_is_written(dtype):
    decoded = Decoded(Inference({}, ("predict",), 2))
    answer = V1Codec(SIGNATURES["matrix"], BOUNDS).encode(decoded, {"predict": np.array([[0, 1]], dtype).T})
    assert orjson.loads(answer.body) == {"predictions": [[0], [1]]}
