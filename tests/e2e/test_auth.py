"""API keys from a Secret: for clients, `helm test` and Prometheus; replaced while the pods run."""

import pytest
from prometheus import RELOAD_SECONDS, Prometheus, find_prometheus
from space import NAME, RELEASE, Space
from waiting import until

OLD, NEW, METRICS = "the-old-key", "the-new-key", "the-key-of-prometheus"
STATUS = """
import sys, urllib.error, urllib.request
url, key = sys.argv[1:]
headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
request = urllib.request.Request(url, b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}', headers)
try:
    print(urllib.request.urlopen(request, timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def write_keys(space: Space, *keys: str) -> None:
    data = {"api-keys": "\n".join(["# who may ask", *keys, METRICS]), "prometheus": METRICS}
    space.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": data})


def status(space: Space, key: str = "", pod: str = NAME) -> int:
    """Ask for a prediction over a new connection and give the status."""
    port = "" if pod == NAME else ":8080"
    return int(space.python(STATUS, f"http://{pod}{port}/predict", key))


@pytest.mark.timeout(480)
def test_a_key_is_needed_and_is_replaced_without_a_restart(space: Space) -> None:
    write_keys(space, OLD)
    space.install({"replicaCount": 2, "auth": {"existingSecret": "keys"}})
    space.start_client()
    space.reach(f"http://{NAME}")
    assert status(space) == 401
    assert status(space, NEW) == 401
    assert status(space, OLD) == 200
    passed = space.helm("test", RELEASE, "--timeout=120s")
    assert passed.count("Succeeded") == 2

    write_keys(space, OLD, NEW)
    addresses = [pod["status"]["podIP"] for pod in space.pods()]
    until(lambda: {status(space, NEW, pod) for pod in addresses} == {200}, "every pod knows the new key", 180)
    assert {status(space, OLD, pod) for pod in addresses} == {200}
    write_keys(space, NEW)
    until(lambda: {status(space, OLD, pod) for pod in addresses} == {401}, "no pod takes the old key", 180)
    assert {status(space, NEW, pod) for pod in addresses} == {200}
    assert {pod["status"]["podIP"] for pod in space.pods()} == set(addresses)
    for pod in space.pods():
        assert pod["status"]["containerStatuses"][0]["restartCount"] == 0
        log = space.kubectl("logs", pod["metadata"]["name"])
        assert not [key for key in (OLD, NEW, METRICS) if key in log]


@pytest.fixture
def prometheus(space: Space) -> Prometheus:
    return find_prometheus(space)


@pytest.mark.timeout(600)
def test_prometheus_scrapes_with_the_key_of_its_own(space: Space, prometheus: Prometheus) -> None:
    write_keys(space, OLD)
    monitor = {"enabled": True, "interval": "5s", "labels": prometheus.monitor_labels}
    auth = {"existingSecret": "keys", "metricsKey": "prometheus"}
    space.install({"replicaCount": 1, "auth": auth, "serviceMonitor": monitor})
    series = f'up{{namespace="{space.name}",job="{NAME}"}} == 1'
    until(lambda: len(prometheus.query(series)) == 1, "the pod is scraped", RELOAD_SECONDS)
