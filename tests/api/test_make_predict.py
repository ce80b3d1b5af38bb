"""What `make predict` asks a model, whichever it is: the example in its manifest."""

import json

import numpy as np
import pytest

from tools.cluster.reach import make_question


@pytest.mark.parametrize("served", ["iris", "passengers", "texts", "diabetes", "identity"])
def test_the_model_is_asked_its_own_example(request, served):
    server = request.getfixturevalue(served)
    manifest = server.client.get("/model").json()["manifest"]
    question = make_question(manifest)
    body = server.client.get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]["content"]
    asked, shown = json.loads(question)["instances"], body["application/json"]["example"]["instances"][:1]
    # The document writes a number of 32 bits with the digits that people gave it.
    assert [in_32_bits(row) for row in asked] == [in_32_bits(row) for row in shown]
    answer = server.client.post("/predict", content=question)
    assert answer.status_code == 200, answer.text
    (first, *_) = manifest["example"]["outputs"][manifest["outputs"][0]["name"]]
    assert answer.json()["predictions"] == [pytest.approx(first) if served == "diabetes" else first]


def in_32_bits(row):
    """A row of the model of all datatypes, with its number of 32 bits as those bits hold it."""
    return {**row, "in_fp32": np.float32(row["in_fp32"])} if "in_fp32" in row else row
