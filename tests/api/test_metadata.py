"""What V1 and V2 tell of server and model."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from refusals import assert_refused


def test_the_server_names_itself_and_its_extensions(iris):
    assert iris.client.get("/v2").json() == {
        "name": "ml-api",
        "version": version("ml-api"),
        "extensions": ["binary_tensor_data", "model_repository", "statistics"],
    }


def test_the_server_names_itself_with_a_slash_at_the_end_too(iris):
    """The specification writes the path both ways."""
    assert iris.client.get("/v2/").json() == iris.client.get("/v2").json()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/models", {"models": ["iris"]}),
        ("/v1/models/iris", {"name": "iris", "ready": True}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models", {"models": ["iris"]}),
        ("/v2/models/iris/ready", {"name": "iris", "ready": True}),
        ("/v2/models/iris/versions/3/ready", {"name": "iris", "ready": True}),
    ],
)
def test_health_and_names_are_told_as_kserve_tells_them(iris, path, answer):
    response = iris.client.get(path)
    assert response.status_code == 200
    assert response.json() == answer


@pytest.mark.parametrize("path", ["/v2/models/iris", "/v2/models/iris/versions/3"])
def test_the_model_tells_its_real_inputs_and_outputs(iris, path):
    assert iris.client.get(path).json() == {
        "name": "iris",
        "versions": ["3"],
        "platform": "onnx_onnxv1",
        "inputs": [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}],
        "outputs": [
            {"name": "predict", "datatype": "BYTES", "shape": [-1]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 3]},
            {"name": "decision_function", "datatype": "FP64", "shape": [-1, 3]},
        ],
    }


def test_a_model_of_columns_tells_one_input_each(passengers):
    answer = passengers.client.get("/v2/models/passengers").json()
    assert answer["platform"] == "sklearn_joblib"
    assert [(spec["name"], spec["datatype"], spec["shape"]) for spec in answer["inputs"]] == [
        ("age", "FP64", [-1, 1]),
        ("fare", "FP64", [-1, 1]),
        ("class", "INT64", [-1, 1]),
        ("port", "BYTES", [-1, 1]),
        ("cabin", "BYTES", [-1, 1]),
    ]


@pytest.mark.parametrize("content", [b"", b'{"ready": true}'])
def test_the_repository_lists_the_one_model_with_and_without_a_body(iris, content):
    assert iris.client.post("/v2/repository/index", content=content).json() == [
        {"name": "iris", "version": "3", "state": "READY", "reason": ""}
    ]


@pytest.mark.parametrize("action", ["load", "unload"])
def test_a_model_is_changed_by_a_rollout_and_not_by_a_call(iris, action):
    response = iris.client.post(f"/v2/repository/models/iris/{action}")
    assert "rollout" in assert_refused(response, 400)


@pytest.mark.parametrize("path", ["/v2/models/stats", "/v2/models/iris/stats", "/v2/models/iris/versions/3/stats"])
def test_statistics_count_rows_and_calls_of_the_model(iris, path):
    def counts() -> dict:
        (answer,) = iris.client.get(path).json()["model_stats"]
        assert (answer["name"], answer["version"]) == ("iris", "3")
        return answer

    before = counts()
    iris.client.post("/predict", json={"instances": [[5.1, 3.5, 1.4, 0.2]] * 5})
    after = counts()
    assert after["inference_count"] == before["inference_count"] + 5
    assert after["execution_count"] == before["execution_count"] + 1
    assert after["last_inference"] > 0
    assert after["last_inference"] >= before["last_inference"]
    for stage in ("success", "compute_infer"):
        assert after["inference_stats"][stage]["count"] == before["inference_stats"][stage]["count"] + 1
        assert after["inference_stats"][stage]["ns"] > before["inference_stats"][stage]["ns"]


def test_the_manifest_is_told_with_its_digest(iris):
    answer = iris.client.get("/model").json()
    assert answer["sha256"] == iris.client.get("/readyz").json()["model"]["sha256"]
    assert answer["manifest"]["name"] == "iris"
    example = answer["manifest"]["example"]
    response = iris.client.post("/predict", json={"instances": example["inputs"]["input"]})
    assert response.json()["predictions"] == example["outputs"]["predict"]


def test_a_prefix_that_a_proxy_strips_or_leaves_is_no_hindrance(serve, iris_bundle):
    server = serve(iris_bundle, root_path="/models/a").ready()
    for prefix in ("", "/models/a"):
        request = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
        assert server.client.post(f"{prefix}/predict", json=request).json() == {"predictions": ["setosa"]}
        assert server.client.get(f"{prefix}/v2/models/iris").json()["name"] == "iris"
        assert server.client.get(f"{prefix}/v2/nothing").json().keys() == {"error"}
        assert server.client.get(f"{prefix}/").json() == {"status": "alive"}
        page = server.client.get(f"{prefix}/docs").text
        assert "/models/a/openapi.json" in page
    assert server.client.get("/models/a").json() == {"status": "alive"}, "the prefix alone is the root"
    assert server.client.get("/openapi.json").json()["servers"] == [{"url": "/models/a"}]
