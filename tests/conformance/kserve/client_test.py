"""KServe's REST client, V1 and V2."""

from __future__ import annotations

import asyncio
import os

import httpx
import numpy as np
import pytest
from kserve import InferenceRESTClient, InferInput, InferOutput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from kserve.protocol.rest.v2_datamodels import InferenceResponse

URL = os.environ["IRIS_URL"]
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])


def run(protocol, ask):
    async def asked():
        client = InferenceRESTClient(RESTConfig(protocol=protocol, retries=0))
        try:
            return await ask(client)
        finally:
            await client.close()

    return asyncio.run(asked())


def request(*, binary: bool, **more) -> InferRequest:
    tensor = InferInput("input-0", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS, binary_data=binary)
    return InferRequest(model_name="iris", infer_inputs=[tensor], **more)


def test_health():
    assert run("v2", lambda client: client.is_server_live(URL))
    assert run("v2", lambda client: client.is_server_ready(URL))
    assert run("v2", lambda client: client.is_model_ready(URL, "iris"))
    assert run("v1", lambda client: client.is_model_ready(URL, "iris"))
    assert not run("v2", lambda client: client.is_model_ready(URL, "other"))


@pytest.mark.parametrize("member", ["instances", "inputs"])
def test_predict_over_v1(member):
    answer = run("v1", lambda client: client.infer(URL, {member: ROWS.tolist()}, model_name="iris"))
    assert answer == {"predictions": ["setosa", "virginica"]}


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
def test_infer_over_v2(binary_in, binary_out):
    outputs = None
    if binary_out is not None:
        outputs = [RequestedOutput(name, {"binary_data": binary_out}) for name in ("predict_proba", "predict")]
    asked = request(binary=binary_in, request_id="7", request_outputs=outputs)
    answer = run("v2", lambda client: client.infer(URL, asked, model_name="iris"))
    assert answer.id == "7"
    found: dict[str, InferOutput] = {output.name: output for output in answer.outputs}
    assert len(found) == (3 if outputs is None else 2)
    assert found["predict_proba"].as_numpy().shape == (2, 3)
    texts = [text.decode() if isinstance(text, bytes) else text for text in found["predict"].as_numpy().tolist()]
    assert texts == ["setosa", "virginica"]


def test_an_answer_fits_kserves_own_model_of_it():
    # The protocol has the id in an answer only if there was one in the request; KServe's model always wants it.
    body = {"id": "7", "inputs": [{"name": "x", "datatype": "FP64", "shape": [2, 4], "data": ROWS.tolist()}]}
    answer = httpx.post(f"{URL}/v2/models/iris/infer", json=body)
    InferenceResponse.model_validate_json(answer.content)


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_an_unknown_model_is_not_found(protocol):
    asked = {"instances": ROWS.tolist()} if protocol == "v1" else request(binary=False)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        run(protocol, lambda client: client.infer(URL, asked, model_name="other"))
    assert caught.value.response.status_code == 404
    assert caught.value.response.json().keys() == {"error"}
