"""Combinations that cannot work are refused with a sentence that says what to change."""

import pytest

SHA256 = "d" * 64
URI = "https://models.example.com/iris"
ON = {"enabled": True}
REFUSED = [
    ({"image": {"tag": "latest"}}, "image.tag must not be latest"),
    ({"env": {"ML_API_DRAIN_SECONDS": "1"}}, "env.ML_API_DRAIN_SECONDS would set a setting of the service twice"),
    ({"model": {"uri": URI}}, "model.uri needs model.sha256"),
    ({"model": {"uri": "file:///mnt/iris"}}, "model.uri needs model.sha256"),
    *(
        ({"model": {"uri": uri, "sha256": SHA256}}, f"model.uri names {host}, which in a pod is the pod itself")
        for uri, host in [
            ("http://localhost:8000/iris", "localhost"),
            ("oci://localhost:5000/models/iris:1", "localhost"),
            ("https://127.0.0.1/iris.tgz", "127.0.0.1"),
            ("http://127.1.2.3:8000/iris", "127.1.2.3"),
            ("http://[::1]:8000/iris", "[::1]"),
            ("http://LOCALHOST/iris", "LOCALHOST"),
        ]
    ),
    (
        {"model": {"uri": URI, "sha256": SHA256, "existingClaim": "models"}},
        "model.existingClaim and model.uri exclude each other",
    ),
    (
        {"model": {"existingClaim": "models", "imageVolume": {"reference": "iris:1"}}},
        "model.existingClaim and model.imageVolume.reference exclude each other",
    ),
    ({"model": {"subPath": "iris"}}, "model.subPath is a folder in"),
    ({"model": {"subPath": "iris", "uri": URI, "sha256": SHA256}}, "model.subPath is a folder in"),
    ({"autoscaling": ON, "keda": ON | {"triggers": [{}]}}, "autoscaling.enabled and keda.enabled exclude each other"),
    ({"autoscaling": ON | {"minReplicas": 11}}, "autoscaling.minReplicas (11) is above autoscaling.maxReplicas (10)"),
    ({"autoscaling": ON | {"targetCPUUtilizationPercentage": None}}, "autoscaling.enabled needs something to scale by"),
    (
        {"autoscaling": ON, "resources": {"requests": {"cpu": None}, "limits": {"cpu": None}}},
        "autoscaling.targetCPUUtilizationPercentage is a share of resources.requests.cpu",
    ),
    (
        {
            "autoscaling": ON | {"targetMemoryUtilizationPercentage": 80},
            "resources": {"requests": {"memory": None}, "limits": {"memory": None}},
        },
        "autoscaling.targetMemoryUtilizationPercentage is a share of resources.requests.memory",
    ),
    (
        {"keda": ON | {"triggers": [{}], "minReplicaCount": 11}},
        "keda.minReplicaCount (11) is above keda.maxReplicaCount (10)",
    ),
    ({"keda": ON}, "keda.enabled needs at least one entry in keda.triggers"),
    (
        {"terminationGracePeriodSeconds": 15},
        "terminationGracePeriodSeconds (15) must exceed config.drainSeconds + config.requestTimeoutSeconds (15)",
    ),
    ({"config": {"drainSeconds": 20}}, "terminationGracePeriodSeconds (30) must exceed"),
    (
        {"progressDeadlineSeconds": 300},
        "progressDeadlineSeconds (300) must exceed the time that probes.startup and minReadySeconds grant (300)",
    ),
    ({"probes": {"startup": {"failureThreshold": 400}}}, "progressDeadlineSeconds (600) must exceed"),
    ({"minReadySeconds": 400}, "progressDeadlineSeconds (600) must exceed"),
    (
        {"podDisruptionBudget": {"minAvailable": 1, "maxUnavailable": 1}},
        "podDisruptionBudget.minAvailable and podDisruptionBudget.maxUnavailable exclude each other",
    ),
    ({"podDisruptionBudget": {"minAvailable": 3}}, "podDisruptionBudget.minAvailable (3) of 3 pods"),
    ({"podDisruptionBudget": {"minAvailable": "100%"}}, "podDisruptionBudget.minAvailable (100%) of 3 pods"),
    ({"podDisruptionBudget": {"maxUnavailable": 0}}, "podDisruptionBudget.maxUnavailable 0"),
    ({"podDisruptionBudget": {"maxUnavailable": "0%"}}, "podDisruptionBudget.maxUnavailable 0"),
    ({"ingress": ON}, "ingress.enabled needs at least one entry in ingress.hosts"),
    ({"httpRoute": ON}, "httpRoute.enabled needs at least one gateway in httpRoute.parentRefs"),
]


@pytest.mark.parametrize(("values", "words"), REFUSED)
def test_a_combination_that_cannot_work_is_refused(refusal, values, words):
    assert f"- {words}" in refusal(values)


@pytest.mark.parametrize(
    "section", ["autoscaling", "keda", "ingress", "httpRoute", "serviceMonitor", "prometheusRule", "grafanaDashboard"]
)
def test_an_alias_has_no_pods_to_scale_expose_or_watch(refusal, section):
    message = refusal({"service": {"type": "ExternalName", "externalName": "a.example.com"}, section: ON})
    assert f"- {section}.enabled needs pods, and service.type ExternalName has none" in message


@pytest.mark.parametrize(("version", "works"), [("1.30.0", False), ("1.31.0", True), ("1.35.2-gke.100", True)])
def test_an_image_volume_needs_a_cluster_that_knows_it(render, refusal, version, works):
    values = {"model": {"imageVolume": {"reference": "iris:1"}}}
    if works:
        assert render(values, "--kube-version", version).kind("Deployment")
    else:
        assert "model.imageVolume needs Kubernetes 1.31 or later and this cluster is v1.30.0" in refusal(
            values, "--kube-version", version
        )


def test_a_name_that_no_service_may_have_is_refused(run_helm, chart):
    with pytest.raises(Exception, match="- 1234-ml-api would be the name of the Service, which must begin"):
        run_helm("template", "1234", chart, values={})
    assert run_helm("template", "1234", chart, values={"fullnameOverride": "iris"})


def test_every_problem_is_told_at_once(refusal):
    message = refusal({"image": {"tag": "latest"}, "ingress": ON, "keda": ON})
    assert message.count(" - ") == 3


def test_a_cluster_older_than_the_chart_supports_is_refused(refusal):
    assert "chart requires kubeVersion: >=1.27.0-0" in refusal({}, "--kube-version", "1.26.0")


@pytest.mark.parametrize(
    "values",
    [
        {"terminationGracePeriodSeconds": 16},
        {"progressDeadlineSeconds": 301},
        {"podDisruptionBudget": {"minAvailable": 2}},
        {"autoscaling": ON | {"minReplicas": 10}},
        {"autoscaling": ON, "resources": {"requests": {"cpu": None}}},
        {"replicaCount": 1, "podDisruptionBudget": {"minAvailable": 1}},
        {"probes": {"startup": None}, "progressDeadlineSeconds": 1},
        {"model": {"uri": "http://localhost.example.com/iris", "sha256": SHA256}},
        {"model": {"uri": "https://127.example.com/iris", "sha256": SHA256}},
        {"model": {"uri": "oci://registry.example.com/localhost/iris:1", "sha256": SHA256}},
        {"model": {"uri": "s3://localhost/iris", "sha256": SHA256}},
        {
            "model": {"uri": "http://localhost:8000/iris", "sha256": SHA256},
            "extraInitContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
        },
    ],
)
def test_what_is_just_within_the_bounds_is_rendered(render, values):
    assert render(values).one("Deployment")
