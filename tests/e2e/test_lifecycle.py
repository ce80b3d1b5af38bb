"""Install, change the replicas, roll back, test: with Helm 4 and with Helm 3."""

import os

import pytest
from space import NAME, RELEASE, SMALL, Space, merge
from waiting import until


@pytest.fixture(params=["HELM", "HELM3"], ids=["helm4", "helm3"])
def any_space(request: pytest.FixtureRequest, space: Space) -> Space:
    """A namespace, once seen by Helm 4 and once by Helm 3."""
    helm = os.environ.get(request.param)
    assert helm, f"{request.param} must name a helm, as `make e2e` sets it"
    wanted = "v4." if request.param == "HELM" else "v3."
    found = space.with_helm(helm)
    assert found.kube.helm("version", "--template={{.Version}}").output.startswith(wanted)
    return found


def test_a_release_lives_from_install_to_uninstall(any_space: Space) -> None:
    space = any_space
    space.install({"replicaCount": 2})
    space.start_client()
    assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["setosa"]}
    first = space.pod_names()

    space.upgrade("--set=replicaCount=5")
    assert first < space.pod_names()
    assert len(space.pod_names()) == 5
    space.upgrade("--set=replicaCount=2")
    assert len(space.pod_names()) == 2

    space.upgrade("--set=config.podHeader=true")
    until(lambda: space.answering() == space.pod_names(), "requests come to every pod", 30)
    space.helm("rollback", RELEASE, "1", "--wait", "--timeout=120s")
    space.settle()
    assert space.ask(f"http://{NAME}/predict")[0]["pod"] is None

    space.helm("test", RELEASE)
    space.helm("uninstall", RELEASE, "--wait", "--timeout=60s")
    kinds = "deployments,services,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets"
    left = space.get(kinds, f"--selector=app.kubernetes.io/instance={RELEASE}")["items"]
    assert [item["metadata"]["name"] for item in left] == []


def test_helm_test_fails_on_a_release_that_is_never_ready(any_space: Space) -> None:
    probe = {"httpGet": {"path": "/nowhere", "port": "http"}}
    values = {"replicaCount": 1, "probes": {"readiness": probe}, "tests": {"timeoutSeconds": 5}}
    any_space.helm("install", RELEASE, *any_space.chart, values=merge(SMALL, values))
    tested = any_space.try_helm("test", RELEASE, "--logs", "--timeout=60s")
    assert not tested.ok
    assert "is not ready" in tested.output
