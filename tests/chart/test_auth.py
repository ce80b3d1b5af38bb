"""API keys: one Secret for the service, its test pods and Prometheus."""

from __future__ import annotations

import pytest

SECRET = {"existingSecret": "iris-keys"}
MONITOR = {"serviceMonitor": {"enabled": True}}
FILE = {"name": "ML_API_API_KEY_FILE", "value": "/etc/ml-api/auth/api-keys"}


def pods(rendered) -> list[tuple[dict, dict]]:
    """The specs of all pods, the service's first, with the container that needs a key."""
    specs = [rendered.pod["spec"], *(pod["spec"] for pod in rendered.kind("Pod"))]
    return [(spec, spec["containers"][0]) for spec in specs]


def test_the_service_and_its_tests_read_the_same_file_of_the_same_secret(render):
    found = pods(render({"auth": SECRET}))
    assert len(found) == 3
    for spec, container in found:
        (volume,) = [volume for volume in spec["volumes"] if volume["name"] == "auth"]
        assert volume["secret"] == {"secretName": "iris-keys", "items": [{"key": "api-keys", "path": "api-keys"}]}
        (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "auth"]
        # A subPath would show the Secret as it was when the pod began.
        assert mount == {"name": "auth", "mountPath": "/etc/ml-api/auth", "readOnly": True}
        assert FILE in container["env"]


def test_the_keys_may_be_under_any_key_of_the_secret(render):
    for spec, _ in pods(render({"auth": SECRET | {"key": "clients.txt"}})):
        (volume,) = [volume for volume in spec["volumes"] if volume["name"] == "auth"]
        assert volume["secret"]["items"] == [{"key": "clients.txt", "path": "api-keys"}]


def test_without_a_secret_there_is_no_trace_of_keys(render):
    rendered = render(MONITOR)
    assert "ML_API_API_KEY_FILE" not in rendered.text
    assert [volume for spec, _ in pods(rendered) for volume in spec["volumes"] if volume["name"] == "auth"] == []
    assert "authorization" not in rendered.one("ServiceMonitor")["spec"]["endpoints"][0]


def test_the_container_that_fetches_the_model_sees_no_key(render):
    rendered = render({"auth": SECRET, "model": {"uri": "https://models.example.com/iris", "sha256": "d" * 64}})
    (fetch,) = rendered.pod["spec"]["initContainers"]
    assert FILE not in fetch["env"]
    assert "auth" not in [mount["name"] for mount in fetch["volumeMounts"]]


def test_prometheus_reads_one_key_of_the_same_secret(render):
    (endpoint,) = render({"auth": SECRET | {"metricsKey": "prometheus"}} | MONITOR).one("ServiceMonitor")["spec"][
        "endpoints"
    ]
    assert endpoint["authorization"] == {"type": "Bearer", "credentials": {"name": "iris-keys", "key": "prometheus"}}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"auth": SECRET} | MONITOR, "serviceMonitor.enabled needs auth.metricsKey"),
        ({"auth": {"metricsKey": "prometheus"}}, "auth.metricsKey is a key of the Secret auth.existingSecret"),
        ({"auth": SECRET | {"metricsKey": "api-keys"}}, "auth.metricsKey and auth.key are both api-keys"),
        ({"auth": {"existingSecret": "Iris Keys"}}, "/auth/existingSecret"),
        ({"auth": SECRET | {"key": ""}}, "/auth/key"),
        ({"auth": {"enabled": True}}, "enabled"),
    ],
)
def test_keys_that_would_not_work_are_refused(refusal, values, words):
    assert words in refusal(values)


def test_the_secret_may_be_taken_out_again(render):
    assert "ML_API_API_KEY_FILE" not in render({"auth": None}).text
