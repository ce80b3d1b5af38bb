"""What `make predict` asks a model, whichever it is: the example in its manifest."""

import json

import pytest

from tools.cluster.reach import make_question


@pytest.mark.parametrize("served", ["iris", "passengers", "texts", "diabetes", "identity"])
def test_the_model_is_asked_its_own_example(request, served):
    server = request.getfixturevalue(served)
    manifest = server.client.get("/model").json()["manifest"]
    question = make_question(manifest)
    body = server.client.get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert json.loads(question)["instances"] == body["application/json"]["example"]["instances"][:1]
    answer = server.client.post("/predict", content=question)
    assert answer.status_code == 200, answer.text
    (first, *_) = manifest["example"]["outputs"][manifest["outputs"][0]["name"]]
    assert answer.json()["predictions"] == [pytest.approx(first) if served == "diabetes" else first]
