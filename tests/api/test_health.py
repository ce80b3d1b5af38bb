"""Probes: alive from the start, ready only when the model has answered its example."""

from __future__ import annotations

import signal

import pytest
from refusals import assert_refused


def test_the_root_says_alive_as_kserves_servers_do(iris):
    assert iris.client.get("/").json() == {"status": "alive"}


def test_livez_says_alive(iris):
    assert iris.client.get("/livez").json() == {"status": "alive"}


def test_readyz_says_which_model_and_pod_answer(iris):
    response = iris.client.get("/readyz")
    assert response.status_code == 200
    answer = response.json()
    assert len(answer["model"].pop("sha256")) == 64
    assert answer == {
        "status": "ready",
        "model": {"name": "iris", "version": "3", "format": "onnx"},
        "pod": "pod-7",
    }


def test_every_answer_names_the_pod_when_asked_to(iris):
    assert iris.client.get("/livez").headers["x-served-by"] == "pod-7"
    assert iris.client.post("/predict", json={"instances": [[1, 2, 3, 4]]}).headers["x-served-by"] == "pod-7"


def test_no_answer_names_the_pod_or_the_server_software_otherwise(identity):
    response = identity.client.get("/readyz")
    assert "pod" not in response.json()
    assert "x-served-by" not in response.headers
    assert "server" not in response.headers


@pytest.fixture
def loading(serve_controlled, gates):
    """A server whose model stands at a gate while it is unpickled."""
    gate = gates("loading")
    server = serve_controlled().listen()
    gate.wait_until_reached()
    return server, gate


def test_a_server_is_alive_but_not_ready_while_its_model_loads(loading):
    server, gate = loading
    assert server.client.get("/livez").status_code == 200
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "starting"})
    assert server.client.get("/v2/health/live").json() == {"live": True}
    assert (server.client.get("/v2/health/ready").status_code, server.client.get("/v1/models").json()) == (
        503,
        {"models": []},
    )
    assert server.client.get("/v2/models").json() == {"models": []}
    assert server.client.post("/v2/repository/index").json() == []
    for method, path in [
        ("POST", "/predict"),
        ("POST", "/v1/models/controlled:predict"),
        ("POST", "/v2/models/controlled/infer"),
        ("POST", "/v2/models/controlled/versions/1/infer"),
        ("GET", "/v1/models/controlled"),
        ("GET", "/v2/models/controlled"),
        ("GET", "/v2/models/controlled/ready"),
        ("GET", "/v2/models/stats"),
        ("GET", "/model"),
    ]:
        response = server.client.request(method, path, content=b"{}" if method == "POST" else None)
        assert assert_refused(response, 503) == "the model is still loading: try again soon"
        assert response.headers["retry-after"] == "1"
    assert server.client.get("/openapi.json").json()["info"]["title"] == "ml-api"
    assert server.client.get("/docs").status_code == 200
    assert server.client.get("/metrics").status_code == 200

    gate.open()
    server.ready()
    assert server.client.post("/predict", json={"instances": [[0, 0, 7]]}).json() == {"predictions": [7.0]}


def test_a_server_whose_model_never_loads_stops_all_the_same(loading):
    server, gate = loading
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    gate.open()
