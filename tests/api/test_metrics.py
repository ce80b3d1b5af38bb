"""Metric names are an API, and labels have a small, fixed set of values."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

ROW = [5.1, 3.5, 1.4, 0.2]


def families(server) -> dict:
    response = server.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {family.name: family for family in text_string_to_metric_families(response.text)}


Series = dict[tuple[str, frozenset], float]


def series(server) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(server).values()
        for sample in family.samples
    }


def growth(before: Series, after: Series, name: str, **labels: str) -> float:
    key = (name, frozenset(labels.items()))
    return after.get(key, 0.0) - before.get(key, 0.0)


def test_the_names_are_those_that_the_documentation_promises(iris):
    names = {name for name in families(iris) if not name.startswith(("python_", "process_"))}
    assert names == {
        "http_requests",
        "http_request_size_bytes",
        "http_response_size_bytes",
        "http_request_duration_highr_seconds",
        "http_request_duration_seconds",
        "ml_api_requests_in_progress",
        "ml_api_inference_duration_seconds",
        "ml_api_inference_batch_rows",
        "ml_api_inference_queue_requests",
        "ml_api_requests_rejected",
        "ml_api_bundle_changed",
        "ml_api_model_info",
    }


def test_the_process_tells_its_memory_and_file_descriptors(iris):
    assert {"process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds"} <= families(iris).keys()


def test_the_model_is_told_by_its_labels(iris):
    (sample,) = families(iris)["ml_api_model_info"].samples
    model = iris.client.get("/readyz").json()["model"]
    assert (sample.labels, sample.value) == (model, 1)


def test_reasons_of_rejections_are_all_there_from_the_start(iris):
    samples = families(iris)["ml_api_requests_rejected"].samples
    reasons = {sample.labels["reason"] for sample in samples if sample.name.endswith("_total")}
    assert reasons == {"queue_full", "queue_timeout", "timeout", "memory"}


def test_labels_stay_few_whatever_is_asked(iris):
    for number in range(5):
        iris.client.get(f"/nothing/{number}")
        iris.client.post(f"/v2/models/model-{number}/infer")
        iris.client.post(f"/v1/models/model-{number}:predict")
        iris.client.get(f"/v2/models/model-{number}/versions/{number}")
        iris.client.request("DELETE", f"/v2/{number}")
        iris.client.request(("QUERY", "PROPFIND", "PURGE", "LOCK", "MKCOL")[number], "/predict")
        iris.client.post(f"/predict?outputs={number}", content=b"{}")
    handlers, methods, statuses = set(), set(), set()
    for sample in families(iris)["http_requests"].samples:
        handlers.add(sample.labels["handler"])
        methods.add(sample.labels["method"])
        statuses.add(sample.labels["status"])
    templates = {
        "none",
        "/v2/",
        *iris.client.get("/openapi.json").json()["paths"],
        "/openapi.json",
        "/docs",
        "/docs/{name}",
        "/page/{name}",
    }
    named = {
        "/predict",
        "/v1/models/{model}:predict",
        "/v2/models/{model}/infer",
        "/v2/models/{model}/versions/{version}/infer",
    }
    assert handlers <= templates | named
    assert statuses <= {"2xx", "3xx", "4xx", "5xx"}
    assert methods <= {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "other"}


@pytest.mark.parametrize(
    ("path", "handler", "body"),
    [
        ("/predict", "/predict", {"instances": [ROW]}),
        ("/v1/models/iris:predict", "/v1/models/{model}:predict", {"instances": [ROW]}),
        (
            "/v2/models/iris/infer",
            "/v2/models/{model}/infer",
            {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 4], "data": ROW}]},
        ),
    ],
)
def test_the_tensor_paths_feed_the_series_of_the_instrumentator(iris, path, handler, body):
    before = series(iris)
    response = iris.client.post(path, json=body)
    after = series(iris)
    for name, labels in {
        "http_requests_total": {"method": "POST", "status": "2xx", "handler": handler},
        "http_request_size_bytes_count": {"handler": handler},
        "http_response_size_bytes_count": {"handler": handler},
        "http_request_duration_seconds_count": {"method": "POST", "handler": handler},
        "http_request_duration_highr_seconds_count": {},
        "ml_api_inference_duration_seconds_count": {},
        "ml_api_inference_batch_rows_count": {},
    }.items():
        assert growth(before, after, name, **labels) == 1, name
    assert growth(before, after, "http_request_size_bytes_sum", handler=handler) == len(response.request.content)
    assert growth(before, after, "http_response_size_bytes_sum", handler=handler) == len(response.content)


@pytest.mark.parametrize("path", ["/v2/models/iris", "/v1/models", "/"])
def test_every_other_path_feeds_them_too(iris, path):
    handler = {"/v2/models/iris": "/v2/models/{model}"}.get(path, path)
    before = series(iris)
    iris.client.get(path)
    assert growth(before, series(iris), "http_requests_total", method="GET", status="2xx", handler=handler) == 1


def test_a_refusal_is_counted_as_one(iris):
    before = series(iris)
    iris.client.post("/predict", content=b"")
    labels = {"method": "POST", "status": "4xx", "handler": "/predict"}
    assert growth(before, series(iris), "http_requests_total", **labels) == 1


def test_probes_and_the_metrics_themselves_are_not_counted(iris):
    iris.client.get("/livez")
    handlers = {sample.labels["handler"] for sample in families(iris)["http_requests"].samples}
    assert not handlers & {"/livez", "/readyz", "/metrics"}


def test_nothing_is_in_progress_when_nobody_asks(iris):
    now = series(iris)
    assert now["ml_api_requests_in_progress", frozenset()] == 0
    assert now["ml_api_inference_queue_requests", frozenset()] == 0
