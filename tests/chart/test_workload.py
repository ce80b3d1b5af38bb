"""The Deployment: image, safety, probes, rollout and placement."""

import pytest

from tools.base.paths import ROOT
from tools.release.version import SOURCE

VERSION = SOURCE.find(ROOT)
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
DIGEST = "sha256:" + "c" * 64


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({}, f"ml-api:{VERSION}"),
        ({"image": {"registry": "localhost:5000"}}, f"localhost:5000/ml-api:{VERSION}"),
        ({"image": {"registry": "localhost:5000/"}}, f"localhost:5000/ml-api:{VERSION}"),
        ({"global": {"imageRegistry": "hub.example.com"}}, f"hub.example.com/ml-api:{VERSION}"),
        (
            {"global": {"imageRegistry": "hub.example.com"}, "image": {"registry": "own.example.com"}},
            f"own.example.com/ml-api:{VERSION}",
        ),
        ({"image": {"repository": "flowers/iris", "tag": "7"}}, "flowers/iris:7"),
        ({"image": {"tag": "7", "digest": DIGEST}}, f"ml-api:7@{DIGEST}"),
    ],
)
def test_the_image_is_put_together_from_its_parts(render, values, image):
    rendered = render(values)
    assert rendered.container["image"] == image
    assert {pod["spec"]["containers"][0]["image"] for pod in rendered.kind("Pod")} == {image}


def test_pull_policy_and_pull_secrets_reach_every_pod(render):
    rendered = render({"image": {"pullPolicy": "Always"}, "imagePullSecrets": [{"name": "mine"}]})
    for spec in [rendered.pod["spec"], *(pod["spec"] for pod in rendered.kind("Pod"))]:
        assert spec["imagePullSecrets"] == [{"name": "mine"}]
        assert spec["containers"][0]["imagePullPolicy"] == "Always"


@pytest.mark.parametrize("values", [{}, {"model": {"uri": "https://m.example.com/iris", "sha256": "d" * 64}}])
def test_every_container_keeps_to_the_restricted_level(render, values):
    rendered = render(values)
    for spec in [rendered.pod["spec"], *(pod["spec"] for pod in rendered.kind("Pod"))]:
        assert spec["securityContext"].items() >= {"runAsNonRoot": True, "runAsUser": 10001, "fsGroup": 10001}.items()
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"] == RESTRICTED
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
            assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108 - in the pod
            for bound in ("requests", "limits"):
                assert set(container["resources"][bound]) == {"cpu", "memory", "ephemeral-storage"}


def test_a_hundredth_of_ten_cores_is_requested(render):
    assert render().container["resources"]["requests"]["cpu"] == "100m"


def test_the_port_has_the_name_that_service_and_probes_use(render):
    container = render().container
    assert container["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
    assert {probe["port"] for probe in probes.values()} == {"http"}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/readyz",
        "readiness": "/readyz",
        "liveness": "/livez",
    }


def test_a_probe_can_be_tuned_and_left_out(render):
    container = render({"probes": {"readiness": {"periodSeconds": 1}, "liveness": None}}).container
    assert container["readinessProbe"]["periodSeconds"] == 1
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert "livenessProbe" not in container


def test_a_rollout_takes_no_pod_away_before_a_new_one_is_ready(render):
    spec = render().one("Deployment")["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
    startup = render().container["startupProbe"]
    assert spec["progressDeadlineSeconds"] > startup["periodSeconds"] * startup["failureThreshold"]
    assert render().pod["spec"]["terminationGracePeriodSeconds"] == 30


def test_recreate_is_not_mixed_with_the_bounds_of_a_rolling_update(render):
    assert render({"strategy": {"type": "Recreate"}}).one("Deployment")["spec"]["strategy"] == {"type": "Recreate"}


def test_rollout_values_reach_the_deployment(render):
    values = {
        "minReadySeconds": 3,
        "progressDeadlineSeconds": 700,
        "revisionHistoryLimit": 2,
        "terminationGracePeriodSeconds": 40,
    }
    rendered = render(values)
    spec = rendered.one("Deployment")["spec"]
    found = {name: spec.get(name, rendered.pod["spec"].get(name)) for name in values}
    assert found == values


def test_extra_containers_and_volumes_reach_the_pods(render):
    volume = {"name": "ca", "configMap": {"name": "ca"}}
    mount = {"name": "ca", "mountPath": "/etc/ca", "readOnly": True}
    first, beside = {"name": "first", "image": "busybox:1.37"}, {"name": "beside", "image": "busybox:1.37"}
    rendered = render(
        {
            "extraVolumes": [volume],
            "extraVolumeMounts": [mount],
            "extraInitContainers": [first],
            "extraContainers": [beside],
            "model": {"uri": "https://m.example.com/iris", "sha256": "d" * 64},
        }
    )
    spec = rendered.pod["spec"]
    assert volume in spec["volumes"]
    assert mount in rendered.container["volumeMounts"]
    assert spec["initContainers"][0] == first
    assert mount in spec["initContainers"][1]["volumeMounts"]
    assert spec["containers"][1] == beside


def test_extra_objects_are_rendered_as_templates(render):
    extra = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "{{ .Release.Name }}-more"}}
    assert render({"extraObjects": [extra]}).one("Secret")["metadata"] == {"name": "iris-more"}


@pytest.mark.parametrize(
    ("values", "account"),
    [
        ({}, "iris-ml-api"),
        ({"serviceAccount": {"name": "mine"}}, "mine"),
        ({"serviceAccount": {"create": False}}, "default"),
        ({"serviceAccount": {"create": False, "name": "theirs"}}, "theirs"),
    ],
)
def test_pods_run_under_the_release_s_own_account_or_the_one_named(render, values, account):
    rendered = render(values)
    assert rendered.pod["spec"]["serviceAccountName"] == account
    made = [item["metadata"]["name"] for item in rendered.kind("ServiceAccount")]
    assert made == ([account] if values.get("serviceAccount", {}).get("create", True) else [])


def test_no_token_is_mounted_unless_asked_for(render):
    assert render().one("ServiceAccount")["automountServiceAccountToken"] is False
    asked = render({"serviceAccount": {"automountServiceAccountToken": True}})
    assert asked.one("ServiceAccount")["automountServiceAccountToken"] is True
    assert asked.pod["spec"]["automountServiceAccountToken"] is True
