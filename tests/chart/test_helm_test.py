"""What `helm test` runs."""

import tarfile

import pytest

from tools.base.paths import ROOT
from tools.release.version import SOURCE

VERSION = SOURCE.find(ROOT)
HOOK = {"helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded"}


def arguments(rendered) -> dict[str, list[str]]:
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["args"] for pod in rendered.kind("Pod")}


def test_one_pod_asks_by_the_short_name_and_one_by_the_full_name_for_two_pods(render):
    assert arguments(render()) == {
        "iris-ml-api-smoke": ["smoke", "http://iris-ml-api:80", "--timeout", "60"],
        "iris-ml-api-spread": ["smoke", "http://iris-ml-api.shop.svc:80", "--pods", "2", "--timeout", "60"],
    }


def test_port_and_patience_are_those_of_the_values(render):
    rendered = render({"service": {"port": 9000}, "tests": {"timeoutSeconds": 7}})
    assert arguments(rendered)["iris-ml-api-smoke"] == ["smoke", "http://iris-ml-api:9000", "--timeout", "7"]


@pytest.mark.parametrize(
    "values",
    [
        {"replicaCount": 1},
        {"autoscaling": {"enabled": True, "minReplicas": 1}},
        {"service": {"sessionAffinity": "ClientIP"}},
    ],
)
def test_nobody_looks_for_a_second_pod_where_none_would_be_met(render, values):
    assert list(arguments(render(values))) == ["iris-ml-api-smoke"]


@pytest.mark.parametrize(
    "values",
    [
        {"tests": {"enabled": False}},
        {"replicaCount": 0},
        {"keda": {"enabled": True, "minReplicaCount": 0, "triggers": [{"type": "cron"}]}},
    ],
)
def test_there_are_no_tests_where_there_may_be_no_pods(render, values):
    assert arguments(render(values)) == {}


def test_test_pods_are_hooks_that_no_selector_of_the_service_finds(render):
    rendered = render()
    selector = rendered.one("Service")["spec"]["selector"]
    for pod in rendered.kind("Pod"):
        assert pod["metadata"]["annotations"] == HOOK
        assert not pod["metadata"]["labels"].items() >= selector.items()
        assert pod["spec"]["restartPolicy"] == "Never"


def test_test_pods_may_reach_the_service_and_nothing_else(render):
    policy = next(item for item in render().kind("NetworkPolicy") if item["metadata"]["name"] == "iris-ml-api-test")
    # Helm 3 would ask for the logs of a hook that is no pod.
    assert "annotations" not in policy["metadata"]
    for pod in render().kind("Pod"):
        assert pod["metadata"]["labels"].items() >= policy["spec"]["podSelector"]["matchLabels"].items()
    assert policy["spec"]["ingress"] == []
    _, service = policy["spec"]["egress"]
    assert service["to"] == [{"podSelector": render().one("Deployment")["spec"]["selector"]}]
    assert service["ports"] == [{"protocol": "TCP", "port": 8080}]


def test_the_test_pods_have_resources_of_their_own(render):
    small = {"requests": {"cpu": "10m"}}
    for pod in render({"tests": {"resources": small}}).kind("Pod"):
        assert pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "10m"


def test_the_packaged_chart_holds_the_tests_and_leaves_out_what_is_only_for_developers(run_helm, chart, tmp_path):
    run_helm("package", chart, "--destination", tmp_path)
    with tarfile.open(tmp_path / f"ml-api-{VERSION}.tgz") as archive:
        names = set(archive.getnames())
    assert names >= {"ml-api/templates/tests/smoke.yaml", "ml-api/values.schema.json", "ml-api/README.md"}
    assert [name for name in names if name.startswith("ml-api/ci/")] == []
